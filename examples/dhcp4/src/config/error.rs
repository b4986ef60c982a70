//! What can be wrong with a configuration.

use std::{fmt, path::PathBuf};

/// Why a configuration cannot be used: the file, the place in it, what was expected and found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError {
    pub(super) file: PathBuf,
    pub(super) place: String,
    pub(super) problem: String,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.file.display())?;
        if !self.place.is_empty() {
            write!(f, "{}: ", self.place)?;
        }
        f.write_str(&self.problem)
    }
}

impl std::error::Error for ConfigError {}

/// A problem and the JSON path of the element that has it.
#[derive(Debug)]
pub(super) struct Problem {
    pub(super) path: String,
    pub(super) text: String,
}

/// A problem at the JSON path.
pub(super) fn problem<T>(path: impl Into<String>, text: impl Into<String>) -> Result<T, Problem> {
    Err(Problem { path: path.into(), text: text.into() })
}
