//! Copies a library to a private place, so that the bytes that are checked are the bytes that run.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use tempfile::TempDir;

use crate::error::{Error, Kind};

/// A private copy; removed when dropped.
#[derive(Debug)]
pub(crate) struct Staged {
    /// The directory, readable by nobody else, that holds only the copy.
    _directory: TempDir,
    /// The copy.
    pub(crate) path: PathBuf,
    /// Its content.
    pub(crate) bytes: Vec<u8>,
    /// The content's SHA-256.
    pub(crate) hash: [u8; 32],
}

/// Reads `original` once and writes what was read to a private place.
pub(crate) fn stage(original: &Path) -> Result<Staged, Error> {
    let refuse = |what: &str| Error::new(Kind::NotFound, format!("library `{}`: {what}", original.display()));
    let failed = |what: &str, error: std::io::Error| refuse(&format!("{what}: {error}")).with_source(error);

    // Asked before opening: to open a FIFO would wait for its writer.
    let metadata = fs::metadata(original).map_err(|error| failed("cannot be found", error))?;
    if !metadata.is_file() {
        return Err(refuse("is not a regular file; expected a shared library"));
    }
    let mut bytes = Vec::new();
    let mut file = File::open(original).map_err(|error| failed("cannot be opened", error))?;
    file.read_to_end(&mut bytes).map_err(|error| failed("cannot be read", error))?;

    let name = original.file_name().ok_or_else(|| refuse("has no file name"))?;
    let directory = tempfile::Builder::new().prefix("hooks-").tempdir();
    let directory = directory.map_err(|error| failed("no directory for its private copy could be made", error))?;
    let path = directory.path().join(name);
    let copied = fs::write(&path, &bytes);
    copied.map_err(|error| failed(&format!("its private copy `{}` could not be written", path.display()), error))?;
    let hash = Sha256::digest(&bytes).into();
    Ok(Staged { _directory: directory, path, bytes, hash })
}
