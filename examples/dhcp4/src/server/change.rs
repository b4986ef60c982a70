//! A change of the configuration: what takes long is prepared on any thread, and the thread that decides only has to take it.

use std::path::PathBuf;

use hooks::{Hooks, Prepared};

use super::ServerError;
use crate::config::{Config, LibraryPaths};

/// What is to become of a configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Goal {
    /// It is only checked.
    Test,
    /// It is used instead of the one in use.
    Set,
    /// As `Set`, and it is that of the server's file.
    Reload,
}

/// A configuration that somebody wants checked or used.
#[derive(Debug)]
pub(super) struct Change {
    pub(super) goal: Goal,
    /// Its text, or nothing if it is in the file.
    pub(super) text: Option<String>,
    /// The file that is read or at whose directory relative paths start.
    pub(super) file: PathBuf,
    pub(super) paths: LibraryPaths,
    pub(super) hooks: Hooks,
}

/// A change up to the point where the server that runs is touched.
#[derive(Debug)]
pub(super) struct PreparedChange {
    pub(super) goal: Goal,
    pub(super) result: Result<Ready, ServerError>,
}

/// A configuration that can be used, as far as that is known.
#[derive(Debug)]
pub(super) enum Ready {
    /// It was to be checked.
    Checked(Box<Config>),
    /// It is to be used, with these libraries.
    ToTake(Box<Config>, Prepared),
}

impl Change {
    /// Reads and checks the configuration; reads, checks and opens its libraries if they are to be used.
    pub(super) fn prepare(self) -> PreparedChange {
        PreparedChange { goal: self.goal, result: self.ready() }
    }

    fn ready(&self) -> Result<Ready, ServerError> {
        let config = match &self.text {
            Some(text) => Config::parse_with(text, &self.file, &self.paths)?,
            None => Config::load_with(&self.file, &self.paths)?,
        };
        if self.goal == Goal::Test {
            config.check_libraries(&self.hooks)?;
            return Ok(Ready::Checked(Box::new(config)));
        }
        let libraries = config.prepare_libraries(&self.hooks)?;
        Ok(Ready::ToTake(Box::new(config), libraries))
    }
}
