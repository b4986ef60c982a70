//! Reads a library's file, once and as a whole: what was read is what is checked and what runs.
//!
//! A file that is written meanwhile is read again. What nobody can tell is that a writer has stopped halfway through a file that
//! has its full length, for longer than file systems count in; a hash in the configuration tells, and who renames a file into its
//! place does not have the question.

use std::fs::File;
use std::io;
use std::path::Path;
use std::thread;
use std::time::{Duration, SystemTime};

use rustix::fs::{FileType, Mode, OFlags, Stat, fstat, openat};
use sha2::{Digest, Sha256};

use super::buffer::Buffer;
use super::config::hex;
use super::find::{Found, Problem, find};
use super::policy::LibraryPolicy;
use super::trust;
use crate::error::{Error, Kind};

/// The largest file that is read: a sparse file may be larger than the memory.
const MAX_SIZE: u64 = 1 << 30;

/// How often a file is read that changes meanwhile, and how long it has between two of them.
const ATTEMPTS: u32 = 5;
const PAUSE: Duration = Duration::from_millis(100);

/// Longer than the time that file systems count in: what was written within it has one time.
const TICK: Duration = Duration::from_millis(20);

/// Reads the library at `original` into `bytes`, if `policy` allows it.
pub(super) fn into(bytes: &mut Buffer, original: &Path, policy: &LibraryPolicy) -> Result<(), Error> {
    with(original, policy, |file, size| {
        // One byte more: then it has grown.
        bytes.fill(file, size + 1).map_err(|error| Problem::failed("cannot be read", error))?;
        Ok((bytes.len() as u64 == size).then_some(()))
    })
}

/// What `take` makes of the open file of the library at `original`, which has so many bytes, if `policy` allows it; nothing if it
/// finds that there are more or less.
pub(super) fn with<T>(
    original: &Path,
    policy: &LibraryPolicy,
    mut take: impl FnMut(&mut File, u64) -> Result<Option<T>, Problem>,
) -> Result<T, Error> {
    whole(|| attempt(original, policy, &mut take)).map_err(|problem| problem.of(original))
}

/// The SHA-256 of the `bytes` of the library at `original`, if one is `expected`: then it has to be that one.
pub(super) fn expect(original: &Path, bytes: &[u8], expected: Option<[u8; 32]>) -> Result<Option<[u8; 32]>, Error> {
    let Some(expected) = expected else { return Ok(None) };
    let found = sha256(bytes);
    if found == expected {
        return Ok(Some(found));
    }
    let what = format!(
        "its SHA-256 is {}, the configuration expects {}; if the file is the right one, write its hash into the configuration",
        hex(&found),
        hex(&expected)
    );
    Err(Problem::new(Kind::Refused, what).of(original))
}

/// The SHA-256 of a library.
pub(super) fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// What one of several attempts gives.
fn whole<T>(mut attempt: impl FnMut() -> Result<Option<T>, Problem>) -> Result<T, Problem> {
    for number in 0..ATTEMPTS {
        if number > 0 {
            thread::sleep(PAUSE);
        }
        if let Some(whole) = attempt()? {
            return Ok(whole);
        }
    }
    let what = format!(
        "is being written: it has changed each of the {ATTEMPTS} times that it was read; try again when it is complete, and install \
         libraries under another name in the same folder, then rename them"
    );
    Err(Problem::new(Kind::Refused, what))
}

/// The content of a file that is only looked at.
#[cfg(feature = "cli")]
#[derive(Debug)]
pub(crate) struct Content {
    pub(crate) bytes: Buffer,
    /// The SHA-256 of the bytes.
    pub(crate) hash: [u8; 32],
}

/// Reads any regular file, whoever may write it: nothing of it is going to run.
#[cfg(feature = "cli")]
pub(crate) fn read_only(original: &Path) -> Result<Content, Error> {
    let mut bytes = Buffer::default();
    into(&mut bytes, original, &LibraryPolicy::new().check_permissions(false))?;
    let hash = sha256(&bytes);
    Ok(Content { bytes, hash })
}

/// What `take` makes of the file; nothing if it has changed meanwhile.
fn attempt<T>(
    original: &Path,
    policy: &LibraryPolicy,
    take: &mut impl FnMut(&mut File, u64) -> Result<Option<T>, Problem>,
) -> Result<Option<T>, Problem> {
    let Found { folder, file, path } = find(original, policy.check_permissions)?;
    let Some(name) = file else { return Err(irregular(FileType::Directory)) };
    policy.admit(&path).map_err(|what| Problem::new(Kind::Refused, what))?;
    // A device may do something when it is opened, so it is looked at before; a FIFO that takes the file's place does not block.
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let stat = rustix::fs::statat(&folder, &name, rustix::fs::AtFlags::SYMLINK_NOFOLLOW);
    require_regular(&stat.map_err(|error| Problem::failed("cannot be found", error))?)?;
    let file = openat(&folder, &name, flags, Mode::empty());
    let mut file = File::from(file.map_err(|error| Problem::failed("cannot be opened", error))?);
    let before = fstat(&file).map_err(|error| Problem::failed("cannot be looked at", error))?;
    require_regular(&before)?;
    if policy.check_permissions {
        trust::check(&path, &before).map_err(|what| Problem::new(Kind::Refused, what))?;
    }
    let before = settled(&file, before).map_err(|error| Problem::failed("cannot be looked at", error))?;
    let size = u64::try_from(before.st_size).unwrap_or_default();
    if size > MAX_SIZE {
        let what = format!("has {size} bytes; expected a shared library of at most {MAX_SIZE}");
        return Err(Problem::new(Kind::NotFound, what));
    }
    let taken = take(&mut file, size)?;
    let after = fstat(&file).map_err(|error| Problem::failed("cannot be looked at", error))?;
    Ok(taken.filter(|_| is_same(&before, &after)))
}

/// What the file looks like when whatever is written from now on gives it another time.
fn settled(file: &File, stat: Stat) -> io::Result<Stat> {
    let age = file.metadata()?.modified().ok().and_then(|time| SystemTime::now().duration_since(time).ok());
    let Some(left) = age.and_then(|age| TICK.checked_sub(age)) else { return Ok(stat) };
    thread::sleep(left);
    Ok(fstat(file)?)
}

/// Whether nobody has written between the two. Another number of links means only that its name was taken or given.
fn is_same(before: &Stat, after: &Stat) -> bool {
    let content = |stat: &Stat| (stat.st_size, stat.st_mtime, stat.st_mtime_nsec);
    let state = |stat: &Stat| (stat.st_ctime, stat.st_ctime_nsec);
    content(before) == content(after) && (before.st_nlink != after.st_nlink || state(before) == state(after))
}

fn require_regular(stat: &Stat) -> Result<(), Problem> {
    match FileType::from_raw_mode(stat.st_mode) {
        FileType::RegularFile => Ok(()),
        other => Err(irregular(other)),
    }
}

fn irregular(found: FileType) -> Problem {
    let found = match found {
        FileType::Directory => "a folder",
        FileType::Fifo => "a FIFO",
        FileType::Socket => "a socket",
        FileType::CharacterDevice | FileType::BlockDevice => "a device",
        _ => "something else",
    };
    let what = format!("is not a regular file but {found}; expected a shared library");
    Problem::new(Kind::NotFound, what)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::FileExt;

    use super::*;

    #[test]
    fn what_changes_is_read_again_and_at_last_refused() {
        let mut results = vec![Some(b"whole".to_vec()), None, None];
        assert_eq!(whole(|| Ok(results.pop().flatten())).unwrap(), b"whole");
        let mut attempts = 0;
        let problem = whole(|| {
            attempts += 1;
            Ok(None::<()>)
        });
        let what = problem.unwrap_err().what;
        assert!(
            attempts == ATTEMPTS && what.contains("is being written: it has changed each of the 5 times"),
            "{what}"
        );
    }

    #[test]
    fn each_change_is_seen() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x");
        std::fs::write(&path, "content").unwrap();
        let file = File::options().read(true).write(true).open(&path).unwrap();
        let now = || settled(&file, fstat(&file).unwrap()).unwrap();
        let before = now();
        assert!(is_same(&before, &now()));
        // The same bytes at the same place.
        file.write_all_at(b"t", 3).unwrap();
        assert!(!is_same(&before, &now()));
        let before = now();
        file.set_len(100).unwrap();
        assert!(!is_same(&before, &now()));
        // Another file takes its name: what is open is as it was.
        let before = now();
        std::fs::write(folder.path().join("y"), "other").unwrap();
        std::fs::rename(folder.path().join("y"), &path).unwrap();
        assert!(is_same(&before, &now()));
    }
}
