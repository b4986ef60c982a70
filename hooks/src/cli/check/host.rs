//! The server's executable: its records have its hook points as its compiler saw them, and how it was built.

use std::path::{Path, PathBuf};

use crate::abi::info::{BuildInfo, Records};
use crate::inspect::{self, FileKind, LibraryFile};
use crate::library::read;

/// A server's executable.
#[derive(Debug)]
pub(super) struct Host {
    pub(super) file: PathBuf,
    pub(super) library: LibraryFile,
    pub(super) records: Records,
}

/// Reads the executable at `path`.
pub(super) fn read(path: &Path) -> Result<Host, String> {
    let content = read::read_only(path).map_err(|error| format!("--host: {error}").replace("library `", "`"))?;
    let named = |text: &str| format!("--host: `{}` {text}", path.display());
    let (library, records) = inspect::read(&content.bytes, &content.hash).map_err(|error| named(&error.to_string()))?;
    match (&library.problem, library.kind) {
        (_, FileKind::Program) if !records.builds.is_empty() => Ok(Host { file: path.to_owned(), library, records }),
        (Some(problem), FileKind::Program) => {
            Err(named(&format!("{problem}, or use the command of the server's version of hooks")))
        }
        (_, FileKind::Plugin | FileKind::CLibrary) => {
            Err(named("is a hook library; name the server's executable, and the library in the configuration"))
        }
        _ => Err(named("has no section `.hooks`, so it is no server with hook points; name the server's executable")),
    }
}

impl Host {
    /// How it was built.
    pub(super) fn build(&self) -> Option<&BuildInfo> {
        self.records.builds.first()
    }
}
