//! Copies a library to a private place, so that the bytes that are checked are the bytes that run.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use tempfile::TempDir;

use crate::error::{Error, Kind};

/// The largest file that is read: a sparse file may be larger than the memory.
const MAX_SIZE: u64 = 1 << 30;

/// The content of a library's file, read once.
#[derive(Debug)]
pub(crate) struct Content<'a> {
    original: &'a Path,
    pub(crate) bytes: Vec<u8>,
    /// The SHA-256 of the bytes.
    pub(crate) hash: [u8; 32],
}

/// A private copy; removed when dropped.
#[derive(Debug)]
pub(crate) struct Staged {
    /// The directory, readable by nobody else, that holds only the copy.
    _directory: TempDir,
    /// The copy.
    pub(crate) path: PathBuf,
}

fn refuse(original: &Path, what: &str) -> Error {
    Error::new(Kind::NotFound, format!("library `{}`: {what}", original.display()))
}

fn failed(original: &Path, what: &str, error: std::io::Error) -> Error {
    refuse(original, &format!("{what}: {error}")).with_source(error)
}

/// Reads `original`.
pub(crate) fn read(original: &Path) -> Result<Content<'_>, Error> {
    // Asked before opening: to open a FIFO would wait for its writer.
    let metadata = fs::metadata(original).map_err(|error| failed(original, "cannot be found", error))?;
    if !metadata.is_file() {
        return Err(refuse(original, "is not a regular file; expected a shared library"));
    }
    let mut bytes = Vec::new();
    let file = File::open(original).map_err(|error| failed(original, "cannot be opened", error))?;
    if metadata.len() > MAX_SIZE {
        let what = format!("has {} bytes; expected a shared library of at most {MAX_SIZE}", metadata.len());
        return Err(refuse(original, &what));
    }
    // It may grow meanwhile.
    file.take(MAX_SIZE).read_to_end(&mut bytes).map_err(|error| failed(original, "cannot be read", error))?;
    let hash = Sha256::digest(&bytes).into();
    Ok(Content { original, bytes, hash })
}

impl Content<'_> {
    /// Writes what was read to a private place.
    pub(crate) fn stage(&self) -> Result<Staged, Error> {
        let name = self.original.file_name().ok_or_else(|| refuse(self.original, "has no file name"))?;
        let directory = tempfile::Builder::new().prefix("hooks-").tempdir();
        let directory = directory
            .map_err(|error| failed(self.original, "no directory for its private copy could be made", error))?;
        let path = directory.path().join(name);
        fs::write(&path, &self.bytes).map_err(|error| {
            let what = format!("its private copy `{}` could not be written", path.display());
            failed(self.original, &what, error)
        })?;
        Ok(Staged { _directory: directory, path })
    }
}
