//! Copies a library to a private place, so that the bytes that are checked are the bytes that run.

use std::ffi::OsStr;
use std::fs::{OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use rustix::process::{Resource, getrlimit};
use tempfile::TempDir;

use super::find::{failed, find};
use super::policy::LibraryPolicy;
use super::read::Content;
use crate::error::Error;

/// A private copy; removed when dropped.
#[derive(Debug)]
pub(crate) struct Staged {
    /// The directory, readable by nobody else, that holds only the copy.
    _directory: TempDir,
    /// The copy.
    pub(crate) path: PathBuf,
}

impl Content<'_> {
    /// Writes what was read to a private place.
    pub(crate) fn stage(&self, policy: &LibraryPolicy) -> Result<Staged, Error> {
        // The dynamic linker takes a path that it has seen for the image that it has: a random name might come again.
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let name = self.original.file_name().unwrap_or(OsStr::new("library"));
        let staging = policy.staging();
        let place =
            format!("the folder `{}` of private copies (see `LibraryPolicy::staging_directory`)", staging.display());
        let found = find(self.original, &staging, policy.check_permissions)
            .map_err(|error| Error::new(error.kind(), format!("{error} ({place})")))?;
        // Relaxed: only each number counts, not their order.
        let prefix = format!("hooks-{}-", NUMBER.fetch_add(1, Ordering::Relaxed));
        let mut directory = tempfile::Builder::new();
        let directory = directory
            .prefix(&prefix)
            .permissions(Permissions::from_mode(0o700))
            .tempdir_in(&found.path)
            .map_err(|error| failed(self.original, &format!("in {place} none can be made"), error))?;
        let path = directory.path().join(name);
        write(&path, &self.bytes).map_err(|error| {
            let what = format!("its private copy cannot be written into {place}");
            failed(self.original, &what, error)
        })?;
        Ok(Staged { _directory: directory, path })
    }
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
