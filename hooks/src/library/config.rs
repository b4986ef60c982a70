//! What a configuration says of a library: where it comes from, and what it is loaded with.

use std::path::PathBuf;

use serde_json::Value;

use crate::error::{Error, Kind};

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

/// One entry of the list of libraries to load.
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
    /// The SHA-256 that its file must have.
    pub(crate) sha256: Option<[u8; 32]>,
}

impl LibraryConfig {
    /// A library without parameters.
    pub fn new(source: Source) -> LibraryConfig {
        LibraryConfig { source, parameters: Value::Object(serde_json::Map::new()), sha256: None }
    }

    /// The same with these parameters, any JSON value that the plugin's `Parameters` accept.
    #[must_use]
    pub fn parameters(mut self, parameters: Value) -> LibraryConfig {
        self.parameters = parameters;
        self
    }

    /// The same with the SHA-256 of the file: any other file is refused before anything in it is looked at.
    ///
    /// A plugin that is compiled in has no file, and is refused with it. [`parse_sha256`](crate::parse_sha256) reads the hash from
    /// text.
    ///
    /// ```
    /// use hooks::{LibraryConfig, Source};
    ///
    /// let text = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
    /// let library = LibraryConfig::new(Source::File("/usr/lib/server/libdeny_list.so".into()))
    ///     .sha256(hooks::parse_sha256(text)?);
    /// # Ok::<(), hooks::Error>(())
    /// ```
    #[must_use]
    pub fn sha256(mut self, hash: [u8; 32]) -> LibraryConfig {
        self.sha256 = Some(hash);
        self
    }

    /// The SHA-256 that its file must have, if one is set.
    pub fn expected_sha256(&self) -> Option<[u8; 32]> {
        self.sha256
    }

    /// Where the plugin comes from.
    pub fn source(&self) -> &Source {
        &self.source
    }
}

/// The SHA-256 that is written in `text` as 64 hexadecimal digits, as `sha256sum` writes it.
///
/// # Errors
///
/// If it is not that: the error says what is wrong with it.
///
/// ```
/// let error = hooks::parse_sha256("9f86d0").unwrap_err();
/// assert_eq!(error.to_string(), "the SHA-256 `9f86d0` has 6 digits; expected 64 hexadecimal digits, as `sha256sum` writes them");
/// ```
pub fn parse_sha256(text: &str) -> Result<[u8; 32], Error> {
    const EXPECTED: &str = "expected 64 hexadecimal digits, as `sha256sum` writes them";
    let wrong = |what: String| Error::new(Kind::Refused, format!("the SHA-256 `{text}` {what}; {EXPECTED}"));
    let digits: Vec<u8> = text
        .chars()
        .map(|digit| digit.to_digit(16).map(|digit| digit as u8).ok_or_else(|| wrong(format!("contains {digit:?}"))))
        .collect::<Result<_, _>>()?;
    let hash: Vec<u8> = digits.chunks_exact(2).filter_map(|pair| Some(pair.first()? << 4 | pair.last()?)).collect();
    match hash.try_into() {
        Ok(hash) if digits.len() == 64 => Ok(hash),
        _ => Err(wrong(format!("has {} digits", digits.len()))),
    }
}

/// A hash as it is written.
pub(crate) fn hex(hash: &[u8]) -> String {
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_read_as_it_is_written() {
        let hash: [u8; 32] = std::array::from_fn(|i| (i * 9) as u8);
        assert_eq!(parse_sha256(&hex(&hash)).unwrap(), hash);
        assert_eq!(parse_sha256(&hex(&hash).to_uppercase()).unwrap(), hash);
    }

    #[test]
    fn a_hash_with_a_mistake_is_refused_in_words() {
        let hash = "0".repeat(62);
        for (text, expected) in [
            (String::new(), "has 0 digits"),
            (format!("{hash}0"), "has 63 digits"),
            (format!("{hash}000"), "has 65 digits"),
            (format!("{hash}0000"), "has 66 digits"),
            (format!("{hash}0g"), "contains 'g'"),
            (format!("{hash}é"), "contains 'é'"),
            (format!(" {hash}00"), "contains ' '"),
            (format!("+{hash}0"), "contains '+'"),
        ] {
            let error = parse_sha256(&text).unwrap_err().to_string();
            assert!(error.contains(expected) && error.contains("expected 64 hexadecimal digits"), "{error}");
        }
    }
}
