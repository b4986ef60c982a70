//! Copies a library to a private place, so that the bytes that are checked are the bytes that run.

use std::ffi::{OsStr, OsString};
use std::fs::{OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use rustix::process::{Resource, getrlimit};
use tempfile::TempDir;

use super::find::{Problem, find};
use super::policy::LibraryPolicy;
use crate::error::{Error, Kind};

/// A private copy; removed when dropped.
#[derive(Debug)]
pub(crate) struct Staged {
    /// The directory, readable by nobody else, that holds only the copy.
    _directory: TempDir,
    /// The copy.
    pub(crate) path: PathBuf,
}

/// Writes the `bytes` of the library at `original` to a private place.
pub(super) fn stage(original: &Path, bytes: &[u8], policy: &LibraryPolicy) -> Result<Staged, Error> {
    // The dynamic linker takes a path that it has seen for the image that it has: a random name might come again.
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    let name = original.file_name().unwrap_or(OsStr::new("library"));
    let staging = policy.staging();
    let place =
        format!("the folder `{}` of private copies (see `LibraryPolicy::staging_directory`)", staging.display());
    let failed = |what: String, error| Problem::failed(&what, error).of(original);
    let found = find(&staging, policy.check_permissions).map_err(|problem| {
        let what = format!("{place}: {}", problem.what);
        Problem { what, ..problem }.of(original)
    })?;
    if found.file.is_some() {
        return Err(Problem::new(Kind::NotFound, format!("{place} is not a folder")).of(original));
    }
    // Relaxed: only each number counts, not their order.
    let prefix = format!("hooks-{}-", NUMBER.fetch_add(1, Ordering::Relaxed));
    let mut directory = tempfile::Builder::new();
    let directory = directory.prefix(&prefix).permissions(Permissions::from_mode(0o700)).tempdir_in(&found.path);
    let directory = directory.map_err(|error| failed(format!("no folder can be made in {place}"), error))?;
    // The dynamic linker would take `$LIB` in a path for something of its own.
    let name = OsString::from_vec(name.as_bytes().iter().map(|&byte| if byte == b'$' { b'_' } else { byte }).collect());
    let path = directory.path().join(name);
    write(&path, bytes).map_err(|error| failed(format!("its private copy cannot be written into {place}"), error))?;
    Ok(Staged { _directory: directory, path })
}

fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    // To write more would not fail but end the process.
    if let Some(limit) = getrlimit(Resource::Fsize).current.filter(|limit| *limit < bytes.len() as u64) {
        let text = format!("it has {} bytes, and this process may write files of {limit} (ulimit -f)", bytes.len());
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, text));
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o400).open(path)?;
    file.write_all(bytes)
}
