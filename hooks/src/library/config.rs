//! What a configuration says of a library: where it comes from, and what it is loaded with.

use std::path::PathBuf;
use std::str::FromStr;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::error::{Error, Kind};
use crate::failure::FailurePolicy;

/// What stands before the name of a plugin that is compiled in.
const BUILTIN: &str = "builtin:";

/// Where a plugin comes from.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Source {
    /// A shared library: a plugin in Rust, or a plain C library that uses the header [`hooks.h`](crate::c_header).
    File(PathBuf),
    /// A plugin that is compiled into this binary, by its package's name.
    Builtin(String),
}

impl std::fmt::Display for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Source::File(path) => write!(f, "`{}`", path.display()),
            Source::Builtin(name) => write!(f, "the built-in plugin `{name}`"),
        }
    }
}

impl FromStr for Source {
    type Err = Error;

    /// The source as a configuration names it: a path, or `builtin:` and the name of a plugin's package.
    ///
    /// ```
    /// use hooks::Source;
    ///
    /// assert_eq!("builtin:lease-log".parse::<Source>()?, Source::Builtin("lease-log".to_owned()));
    /// assert_eq!("lib/libx.so".parse::<Source>()?, Source::File("lib/libx.so".into()));
    /// # Ok::<(), hooks::Error>(())
    /// ```
    fn from_str(text: &str) -> Result<Source, Error> {
        let wrong = |expected: &str| Err(Error::new(Kind::NotFound, format!("expected {expected}, found \"{text}\"")));
        match text.strip_prefix(BUILTIN) {
            Some(name) if name.trim().is_empty() => {
                wrong("`builtin:` and the name of a plugin that is compiled in, as in \"builtin:lease-log\"")
            }
            Some(name) => Ok(Source::Builtin(name.to_owned())),
            None if text.trim().is_empty() || text.contains('\0') => {
                wrong("the path of a shared library, or `builtin:` and the name of a plugin that is compiled in")
            }
            None => Ok(Source::File(text.into())),
        }
    }
}

/// One entry of the list of libraries to load.
///
/// In a configuration it is a map with the keys `library` (a path, or `builtin:` and the name of a plugin's package) and, if the
/// plugin takes any, `parameters`; also `on-failure`, a [`FailurePolicy`]. Other keys are errors. A path that is not absolute is taken as it is, so it begins in the
/// working directory of the process.
///
/// ```
/// # use hooks::{LibraryConfig, Source};
/// let libraries: Vec<LibraryConfig> = serde_json::from_str(
///     r#"[
///         {"library": "/usr/lib/server/libdeny_list.so", "parameters": {"deny": ["02:00:00:00:00:66"]}},
///         {"library": "builtin:lease-log"}
///     ]"#,
/// )?;
/// assert_eq!(libraries[1].source(), &Source::Builtin("lease-log".to_owned()));
/// # Ok::<(), serde_json::Error>(())
/// ```
///
/// ```
/// use hooks::{LibraryConfig, Source};
///
/// let library = LibraryConfig::new(Source::File("/usr/lib/server/libdeny_list.so".into()))
///     .parameters(serde_json::json!({"deny": ["02:00:00:00:00:66"]}));
/// assert_eq!(library.source().to_string(), "`/usr/lib/server/libdeny_list.so`");
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct LibraryConfig {
    pub(crate) source: Source,
    pub(crate) parameters: Value,
    pub(crate) failure_policy: FailurePolicy,
}

impl LibraryConfig {
    /// A library without parameters.
    pub fn new(source: Source) -> LibraryConfig {
        let parameters = Value::Object(serde_json::Map::new());
        LibraryConfig { source, parameters, failure_policy: FailurePolicy::default() }
    }

    /// The same with these parameters, any JSON value that the plugin's `Parameters` accept.
    #[must_use]
    pub fn parameters(mut self, parameters: Value) -> LibraryConfig {
        self.parameters = parameters;
        self
    }

    /// The same with what is done when one of its callouts fails.
    ///
    /// It may change in a reload that keeps the library with its state, and then holds from the end of that reload on.
    #[must_use]
    pub fn failure_policy(mut self, policy: FailurePolicy) -> LibraryConfig {
        self.failure_policy = policy;
        self
    }

    /// Where the plugin comes from.
    pub fn source(&self) -> &Source {
        &self.source
    }
}

impl<'de> Deserialize<'de> for LibraryConfig {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<LibraryConfig, D::Error> {
        #[derive(Deserialize)]
        #[serde(rename_all = "kebab-case", deny_unknown_fields)]
        struct Entry {
            library: String,
            parameters: Option<Value>,
            #[serde(default)]
            on_failure: FailurePolicy,
        }
        let Entry { library, parameters, on_failure } = Entry::deserialize(deserializer)?;
        let source = library.parse().map_err(|error: Error| D::Error::custom(format!("`library`: {error}")))?;
        let config = LibraryConfig::new(source).failure_policy(on_failure);
        Ok(match parameters {
            Some(parameters) => config.parameters(parameters),
            None => config,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::FailureAction;

    fn read(text: &str) -> Result<LibraryConfig, String> {
        serde_json::from_str(text).map_err(|error| error.to_string())
    }

    #[test]
    fn entries_of_a_configuration() {
        let file = LibraryConfig::new(Source::File("a/libx.so".into()));
        assert_eq!(read(r#"{"library": "a/libx.so"}"#), Ok(file.clone()));
        let parameters = serde_json::json!({"one": [1]});
        assert_eq!(read(r#"{"parameters": {"one": [1]}, "library": "a/libx.so"}"#), Ok(file.parameters(parameters)));
        let builtin = LibraryConfig::new(Source::Builtin("x".to_owned()));
        assert_eq!(read(r#"{"library": "builtin:x"}"#), Ok(builtin.clone()));
        let lax = builtin.failure_policy(FailurePolicy::new(FailureAction::Continue));
        assert_eq!(read(r#"{"library": "builtin:x", "on-failure": {"action": "continue"}}"#), Ok(lax));
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (text, expected) in [
            ("{}", "missing field `library`"),
            (r#"{"library": ""}"#, "`library`: expected the path of a shared library"),
            (r#"{"library": "a\u0000b"}"#, "`library`: expected the path of a shared library"),
            (r#"{"library": "builtin: "}"#, "`library`: expected `builtin:` and the name"),
            (r#"{"library": 7}"#, "expected a string"),
            (r#"{"library": "x", "libary": "y"}"#, "unknown field `libary`, expected"),
            (r#"{"library": "x", "library": "y"}"#, "duplicate field `library`"),
            (r#"{"library": "x", "on-failure": {"action": "explode"}}"#, "unknown variant `explode`"),
            ("[]", "missing field `library`"),
        ] {
            let error = read(text).unwrap_err();
            assert!(error.contains(expected) || text == "[]", "{error}");
        }
    }
}
