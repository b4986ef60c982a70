//! The parameters as they are spelled in the configuration.

use std::path::PathBuf;

use serde::Deserialize;

use crate::rotation::Rotation;

const DEFAULT_QUEUE: usize = 10_000;
const MAX_QUEUE: usize = 1_000_000;
const DEFAULT_KEEP: u32 = 9;
const MAX_KEEP: u32 = 1000;
/// The longest record fits.
const MIN_BYTES: u64 = 4096;

/// What the configuration gives.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Parameters {
    path: PathBuf,
    max_bytes: Option<u64>,
    keep: Option<u32>,
    queue: Option<usize>,
}

/// The checked parameters.
#[derive(Debug)]
pub(crate) struct Settings {
    /// The absolute path of the log.
    pub(crate) path: PathBuf,
    /// When a new file begins, if ever.
    pub(crate) rotation: Option<Rotation>,
    /// How many records may wait for the disk.
    pub(crate) queue: usize,
}

impl Parameters {
    /// The settings, or the parameter that cannot be used.
    pub(crate) fn check(self) -> Result<Settings, String> {
        let rotation = match (self.max_bytes, self.keep) {
            (None, None) => None,
            (None, Some(_)) => {
                return Err(
                    "`keep` without `max-bytes` keeps nothing, because no new file ever begins; set `max-bytes` too \
                            or leave `keep` out"
                        .to_owned(),
                );
            }
            (Some(max_bytes), _) if max_bytes < MIN_BYTES => {
                return Err(format!("`max-bytes`: expected {MIN_BYTES} or more, found {max_bytes}"));
            }
            (Some(max_bytes), keep) => {
                Some(Rotation { max_bytes, keep: within("keep", keep.unwrap_or(DEFAULT_KEEP), 1, MAX_KEEP)? })
            }
        };
        // Whoever changes the working directory later does not move the log.
        let path = std::path::absolute(&self.path)
            .map_err(|error| format!("`path`: expected the path of a file, found {:?} ({error})", self.path))?;
        Ok(Settings { path, rotation, queue: within("queue", self.queue.unwrap_or(DEFAULT_QUEUE), 1, MAX_QUEUE)? })
    }
}

fn within<T: PartialOrd + std::fmt::Display>(name: &str, found: T, least: T, most: T) -> Result<T, String> {
    if least <= found && found <= most {
        return Ok(found);
    }
    Err(format!("`{name}`: expected a number from {least} to {most}, found {found}"))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn check(parameters: Value) -> Result<Settings, String> {
        serde_json::from_value::<Parameters>(parameters).map_err(|error| error.to_string())?.check()
    }

    #[test]
    fn defaults_fill_in_what_is_left_out() {
        let settings = check(json!({"path": "/var/log/leases"})).unwrap();
        assert_eq!((settings.queue, settings.rotation), (10_000, None));
        assert_eq!(settings.path, PathBuf::from("/var/log/leases"));
        let settings = check(json!({"path": "leases", "max-bytes": 4096, "queue": 1})).unwrap();
        assert_eq!((settings.queue, settings.rotation), (1, Some(Rotation { max_bytes: 4096, keep: 9 })));
        assert!(settings.path.is_absolute());
    }

    #[test]
    fn what_cannot_be_used_is_named() {
        let cases = [
            (json!({}), "missing field `path`"),
            (json!({"path": ""}), "`path`: expected"),
            (json!({"path": "x", "rotate": 1}), "unknown field `rotate`"),
            (json!({"path": "x", "max-bytes": 4095}), "`max-bytes`: expected 4096 or more, found 4095"),
            (json!({"path": "x", "max-bytes": -1}), "-1"),
            (json!({"path": "x", "keep": 3}), "set `max-bytes` too"),
            (json!({"path": "x", "max-bytes": 4096, "keep": 0}), "`keep`: expected a number from 1 to 1000, found 0"),
            (json!({"path": "x", "queue": 0}), "`queue`: expected"),
            (json!({"path": "x", "queue": 1_000_001}), "found 1000001"),
        ];
        for (parameters, expected) in cases {
            let error = check(parameters).unwrap_err();
            assert!(error.contains(expected), "{error}");
        }
    }
}
