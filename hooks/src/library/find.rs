//! Finds a library's file folder by folder, so that what was looked at is what is opened.

use std::ffi::{OsStr, OsString};
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags, fstat, openat, readlinkat, statat};

use super::trust;
use crate::error::{Error, Kind};

/// As many as Linux follows.
const MAX_LINKS: usize = 40;

/// To look into a folder it need not be readable, where the system has a way to say so.
#[cfg(any(target_os = "linux", target_os = "android", target_os = "freebsd"))]
const LOOK: OFlags = OFlags::PATH;
#[cfg(not(any(target_os = "linux", target_os = "android", target_os = "freebsd")))]
const LOOK: OFlags = OFlags::RDONLY;

/// Why something on the way to a library is not to be used.
#[derive(Debug)]
pub(super) struct Problem {
    pub(super) kind: Kind,
    pub(super) what: String,
    pub(super) source: Option<io::Error>,
}

impl Problem {
    pub(super) fn new(kind: Kind, what: impl Into<String>) -> Problem {
        Problem { kind, what: what.into(), source: None }
    }

    /// With the system's own words.
    pub(super) fn failed(what: &str, error: impl Into<io::Error>) -> Problem {
        let error = error.into();
        Problem { kind: Kind::NotFound, what: format!("{what}: {error}"), source: Some(error) }
    }

    /// The error for the library at `original`.
    pub(super) fn of(self, original: &Path) -> Error {
        let error = Error::new(self.kind, format!("library `{}`: {}", original.display(), self.what));
        match self.source {
            Some(source) => error.with_source(source),
            None => error,
        }
    }
}

/// A way that has been gone.
#[derive(Debug)]
pub(super) struct Found {
    /// The folder at its end, or the one that has the file.
    pub(super) folder: OwnedFd,
    /// The file in that folder.
    pub(super) file: Option<OsString>,
    /// Where all of it is without links.
    pub(super) path: PathBuf,
}

/// A step on the way.
enum Step {
    Root,
    Up,
    Into(OsString),
}

/// Goes the way `path` to a file or a folder; `check` looks at who could change it.
pub(super) fn find(path: &Path, check: bool) -> Result<Found, Problem> {
    if path.as_os_str().is_empty() {
        return Err(Problem::new(Kind::NotFound, "cannot be found: its path is empty"));
    }
    let absolute = std::env::current_dir().map(|current| current.join(path));
    let absolute =
        absolute.map_err(|error| Problem::failed("is relative, and the working directory is not there", error))?;
    let mut rest = Vec::new();
    push(&mut rest, absolute.as_os_str());
    let mut here = PathBuf::new();
    let mut links = 0;
    let missing = |at: &Path, error| {
        let what = if at == absolute { "cannot be found" } else { &*format!("cannot be found: `{}`", at.display()) };
        Problem::failed(what, error)
    };
    let trusted = |at: &Path, stat: &_| match check {
        true => trust::check(at, stat).map_err(|what| Problem::new(Kind::Refused, what)),
        false => Ok(()),
    };
    let mut folder = openat(CWD, "/", LOOK | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())
        .map_err(|error| missing(Path::new("/"), error))?;
    while let Some(step) = rest.pop() {
        let name = match step {
            Step::Root => {
                here = PathBuf::from("/");
                OsString::from("/")
            }
            Step::Up => {
                here.pop();
                OsString::from("..")
            }
            Step::Into(name) => {
                here.push(&name);
                let stat = statat(&folder, &name, AtFlags::SYMLINK_NOFOLLOW).map_err(|error| missing(&here, error))?;
                match FileType::from_raw_mode(stat.st_mode) {
                    FileType::Symlink => {
                        trusted(&here, &stat)?;
                        links += 1;
                        if links > MAX_LINKS {
                            let what = format!("is reached by more than {MAX_LINKS} links, or by links in a circle");
                            return Err(Problem::new(Kind::NotFound, what));
                        }
                        let target = readlinkat(&folder, &name, Vec::new()).map_err(|error| missing(&here, error))?;
                        here.pop();
                        push(&mut rest, OsStr::from_bytes(target.as_bytes()));
                        continue;
                    }
                    FileType::Directory => name,
                    _ if rest.is_empty() && !names_folder(path) => {
                        return Ok(Found { folder, file: Some(name), path: here });
                    }
                    _ => return Err(missing(&here, rustix::io::Errno::NOTDIR)),
                }
            }
        };
        let flags = LOOK | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        folder = openat(&folder, &name, flags, Mode::empty()).map_err(|error| missing(&here, error))?;
        trusted(&here, &fstat(&folder).map_err(|error| missing(&here, error))?)?;
    }
    Ok(Found { folder, file: None, path: here })
}

/// Whether only a folder can have this path, as `x/` and `x/.`; `Path` itself does not tell.
fn names_folder(path: &Path) -> bool {
    let bytes = path.as_os_str().as_bytes();
    bytes.ends_with(b"/") || bytes.ends_with(b"/.")
}

/// Puts the steps of `path` before `rest`, whose last is the next.
fn push(rest: &mut Vec<Step>, path: &OsStr) {
    let bytes = path.as_bytes();
    for name in bytes.split(|byte| *byte == b'/').rev() {
        match name {
            b"" | b"." => {}
            b".." => rest.push(Step::Up),
            name => rest.push(Step::Into(OsStr::from_bytes(name).to_owned())),
        }
    }
    if bytes.starts_with(b"/") {
        rest.push(Step::Root);
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::*;

    fn found(path: &Path) -> Result<Found, Problem> {
        find(path, false)
    }

    #[test]
    fn links_and_dots_are_followed_as_the_system_does() {
        let folder = tempfile::tempdir().unwrap();
        let real = folder.path().canonicalize().unwrap();
        fs::create_dir_all(real.join("a/b")).unwrap();
        fs::write(real.join("a/libx.so.1.2"), "").unwrap();
        symlink("libx.so.1.2", real.join("a/libx.so.1")).unwrap();
        symlink("libx.so.1", real.join("a/libx.so")).unwrap();
        symlink(real.join("a/b"), real.join("absolute")).unwrap();
        symlink("absolute/../libx.so", real.join("libx.so")).unwrap();
        for path in ["a/libx.so.1.2", "a/libx.so", "a/./b//..//libx.so", "absolute/../libx.so.1", "libx.so"] {
            let path = real.join(path);
            let found = found(&path).unwrap();
            assert_eq!(found.path, path.canonicalize().unwrap());
            assert_eq!(found.file.as_deref(), Some(OsStr::new("libx.so.1.2")));
        }
        let found = found(&real.join("absolute/..")).unwrap();
        assert_eq!((found.path, found.file), (real.join("a"), None));
        let root = find(Path::new("/../.."), false).unwrap();
        assert_eq!((root.path, root.file), (PathBuf::from("/"), None));
    }

    #[test]
    fn what_cannot_be_found_names_the_place() {
        let folder = tempfile::tempdir().unwrap();
        let real = folder.path().canonicalize().unwrap();
        symlink("circle", real.join("circle")).unwrap();
        symlink("nowhere/libx.so", real.join("dangling")).unwrap();
        fs::write(real.join("file"), "").unwrap();
        let error = found(&real.join("circle")).unwrap_err().what;
        assert!(error.contains("more than 40 links, or by links in a circle"), "{error}");
        let error = found(&real.join("dangling")).unwrap_err().what;
        assert!(error.contains("cannot be found: `") && error.contains("nowhere`: No such file"), "{error}");
        let error = found(&real.join("file/libx.so")).unwrap_err().what;
        assert!(error.contains("file`: Not a directory"), "{error}");
        for path in ["file/", "file/."] {
            let error = found(&real.join(path)).unwrap_err().what;
            assert!(error.contains("Not a directory"), "{error}");
        }
        let error = found(Path::new("")).unwrap_err().what;
        assert!(error.contains("its path is empty"), "{error}");
        let error = found(&real.join("a\0b")).unwrap_err().what;
        assert!(error.contains("cannot be found"), "{error}");
        let error = found(&real.join("n".repeat(300))).unwrap_err().what;
        assert!(error.contains("File name too long"), "{error}");
    }
}
