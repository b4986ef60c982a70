//! Copies libraries to a private place, so that the bytes that are checked are the bytes that run.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Read, Write};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use rustix::process::{Resource, getrlimit};
use tempfile::TempDir;

use super::bytes::{Bytes, Sample};
use super::find::{Problem, find};
use super::policy::LibraryPolicy;
use crate::error::{Error, Kind};

/// Where the private copies of one list go: a folder that nobody else can look into, made for the first of them.
#[derive(Debug)]
pub(crate) struct Staging<'a> {
    policy: &'a LibraryPolicy,
    folder: Mutex<Option<Arc<Folder>>>,
}

/// A folder of private copies; removed when dropped.
#[derive(Debug)]
struct Folder(TempDir);

/// A private copy; removed when dropped, and its folder with the last one.
#[derive(Debug)]
pub(crate) struct Staged {
    /// The copy.
    pub(crate) path: PathBuf,
    /// What is in it.
    pub(super) bytes: Arc<Bytes>,
    _folder: Arc<Folder>,
}

impl Drop for Folder {
    fn drop(&mut self) {
        // Usually it is empty, so that nobody need look what is in it.
        self.0.disable_cleanup(fs::remove_dir(self.0.path()).is_ok());
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        // What cannot be removed now goes with the folder.
        let _ = fs::remove_file(&self.path);
    }
}

impl<'a> Staging<'a> {
    pub(crate) fn new(policy: &'a LibraryPolicy) -> Staging<'a> {
        Staging { policy, folder: Mutex::new(None) }
    }

    /// Writes the `content` of the library at `original` to a private place.
    pub(super) fn copy(&self, original: &Path, content: Content<'_>) -> Result<Staged, Error> {
        let folder = self.folder().map_err(|problem| problem.of(original))?;
        // The dynamic linker would take `$LIB` in a path for something of its own.
        let name = original.file_name().unwrap_or(OsStr::new("library")).as_bytes();
        let name = name.iter().map(|&byte| if byte == b'$' { b'_' } else { byte }).collect();
        let path = folder.0.path().join(OsString::from_vec(name));
        match write(&path, content) {
            Ok(bytes) => Ok(Staged { path, bytes: Arc::new(bytes), _folder: folder }),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => self.copy_alone(original, content),
            Err(error) => {
                let place = place(&self.policy.staging());
                Err(Problem::failed(&format!("its private copy cannot be written into {place}"), error).of(original))
            }
        }
    }

    /// As [`Self::copy`], into a folder that holds only this copy.
    pub(super) fn copy_alone(&self, original: &Path, content: Content<'_>) -> Result<Staged, Error> {
        Staging::new(self.policy).copy(original, content)
    }

    /// The folder of the copies.
    fn folder(&self) -> Result<Arc<Folder>, Problem> {
        // The dynamic linker takes a path that it has seen for the image that it has: a random name might come again.
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let mut made = self.folder.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(folder) = &*made {
            return Ok(Arc::clone(folder));
        }
        let staging = self.policy.staging();
        let place = place(&staging);
        let found = find(&staging, self.policy.check_permissions);
        let found = found.map_err(|problem| Problem { what: format!("{place}: {}", problem.what), ..problem })?;
        if found.file.is_some() {
            return Err(Problem::new(Kind::NotFound, format!("{place} is not a folder")));
        }
        // Relaxed: only each number counts, not their order.
        let prefix = format!("hooks-{}-", NUMBER.fetch_add(1, Ordering::Relaxed));
        let mut folder = tempfile::Builder::new();
        let folder = folder.prefix(&prefix).permissions(Permissions::from_mode(0o700)).tempdir_in(&found.path);
        let folder = folder.map_err(|error| Problem::failed(&format!("no folder can be made in {place}"), error))?;
        Ok(Arc::clone(made.insert(Arc::new(Folder(folder)))))
    }
}

/// What `staging` is called in errors.
fn place(staging: &Path) -> String {
    format!("the folder `{}` of private copies (see `LibraryPolicy::staging_directory`)", staging.display())
}

fn write(path: &Path, content: Content<'_>) -> io::Result<Bytes> {
    let length = content.length();
    // To write more would not fail but end the process.
    if let Some(limit) = getrlimit(Resource::Fsize).current.filter(|limit| *limit < length) {
        let text = format!("it has {length} bytes, and this process may write files of {limit} (ulimit -f)");
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, text));
    }
    let mut file = OpenOptions::new().read(true).write(true).create_new(true).mode(0o400).open(path)?;
    let length = usize::try_from(length).map_err(|_| io::ErrorKind::OutOfMemory);
    let written = content.write(&mut file).and_then(|()| Bytes::of(&file, length?, content.sample()));
    written.inspect_err(|_| {
        let _ = fs::remove_file(path);
    })
}

/// What is to be copied.
#[derive(Clone, Copy, Debug)]
pub(super) enum Content<'a> {
    /// What has been read.
    Bytes(&'a [u8]),
    /// The rest of an open file, and how many bytes that is.
    File(&'a File, u64),
}

impl Content<'_> {
    fn length(self) -> u64 {
        match self {
            Content::Bytes(bytes) => bytes.len() as u64,
            Content::File(_, length) => length,
        }
    }

    fn sample(self) -> Option<Sample> {
        match self {
            Content::Bytes(bytes) => Some(Sample::of(bytes)),
            Content::File(..) => None,
        }
    }

    fn write(self, copy: &mut File) -> io::Result<()> {
        let (file, length) = match self {
            Content::Bytes(bytes) => return copy.write_all(bytes),
            Content::File(file, length) => (file, length),
        };
        // Where the system can, the bytes do not pass through this process.
        let copied = io::copy(&mut file.take(length), copy)?;
        if copied == length { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_goes_with_the_last_copy() {
        let place = tempfile::tempdir().unwrap();
        let policy = LibraryPolicy::new().check_permissions(false).staging_directory(place.path());
        let staging = Staging::new(&policy);
        let originals = ["/a/libx.so", "/a/liby.so", "/a/$LIB.so", "/.."];
        let copies = originals.map(|path| staging.copy(Path::new(path), Content::Bytes(path.as_bytes())).unwrap());
        drop(staging);
        let folder = copies[0].path.parent().unwrap().to_owned();
        for (copy, (original, name)) in
            copies.into_iter().zip(originals.into_iter().zip(["libx.so", "liby.so", "_LIB.so", "library"]))
        {
            assert_eq!(copy.path, folder.join(name));
            assert_eq!(fs::read(&copy.path).unwrap(), original.as_bytes());
            let path = copy.path.clone();
            drop(copy);
            assert!(!path.exists());
        }
        assert_eq!(fs::read_dir(place.path()).unwrap().count(), 0);
    }

    #[test]
    fn what_has_the_same_name_or_is_to_be_alone_has_a_folder_of_its_own() {
        let place = tempfile::tempdir().unwrap();
        let policy = LibraryPolicy::new().check_permissions(false).staging_directory(place.path());
        let staging = Staging::new(&policy);
        let first = staging.copy(Path::new("/a/libx.so"), Content::Bytes(b"first")).unwrap();
        let second = staging.copy(Path::new("/b/libx.so"), Content::Bytes(b"second")).unwrap();
        let alone = staging.copy_alone(Path::new("/b/liby.so"), Content::Bytes(b"alone")).unwrap();
        for (copy, content) in [(&first, "first"), (&second, "second"), (&alone, "alone")] {
            assert_eq!(fs::read(&copy.path).unwrap(), content.as_bytes());
            assert_eq!(fs::read_dir(copy.path.parent().unwrap()).unwrap().count(), 1);
        }
        assert_eq!(fs::read_dir(place.path()).unwrap().count(), 3);
        drop((staging, first, second, alone));
        assert_eq!(fs::read_dir(place.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_file_is_copied_whole_or_not_at_all() {
        let place = tempfile::tempdir().unwrap();
        let policy = LibraryPolicy::new().check_permissions(false).staging_directory(place.path());
        let (staging, original) = (Staging::new(&policy), place.path().join("libx.so"));
        let content = b"content".repeat(100_000);
        fs::write(&original, &content).unwrap();
        let length = content.len() as u64;
        let copy = |length| staging.copy(&original, Content::File(&File::open(&original).unwrap(), length));
        let staged = copy(length).unwrap();
        assert!(fs::read(&staged.path).unwrap() == content && staged.bytes.looked_at(|bytes| bytes == content));
        // It has become shorter since its length was looked at.
        let error = copy(length + 1).unwrap_err();
        assert!(error.to_string().contains("libx.so`: its private copy cannot be written into"), "{error}");
        drop((staged, staging));
        assert_eq!(fs::read_dir(place.path()).unwrap().count(), 1);
    }
}
