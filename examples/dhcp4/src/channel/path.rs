//! The file of the control socket: made for one server, readable by nobody else, and removed with it.

use std::{
    fs::{self, File, OpenOptions, Permissions, TryLockError},
    io,
    os::{
        fd::OwnedFd,
        unix::{
            fs::{FileTypeExt, MetadataExt, OpenOptionsExt, PermissionsExt},
            net::UnixListener,
        },
    },
    path::{Path, PathBuf},
};

use socket2::{Domain, SockAddr, Socket, Type};
use thiserror::Error;

/// Only the user of the server may connect.
const MODE: u32 = 0o600;

/// How many connections may wait until they are accepted.
const BACKLOG: i32 = 64;

/// Why the control socket cannot be opened.
#[derive(Debug, Error)]
#[error("the control socket {}: {problem}", .path.display())]
pub struct SocketError {
    path: PathBuf,
    problem: String,
}

/// The listening socket with its file and the lock beside it.
#[derive(Debug)]
pub(super) struct SocketFile {
    path: PathBuf,
    /// Which file it is: somebody may have put another one in its place.
    identity: Option<(u64, u64)>,
    /// Held while the server lives; the file stays, because to remove it would let two servers lock two files.
    _lock: File,
}

/// Makes the socket. The file of a dead server is replaced, that of a living one is an error.
pub(super) fn open(path: &Path) -> Result<(UnixListener, SocketFile), SocketError> {
    let fail = |problem: String| SocketError { path: path.to_owned(), problem };
    let lock = lock(path).map_err(fail)?;
    if let Ok(found) = fs::symlink_metadata(path) {
        if !found.file_type().is_socket() {
            return Err(fail("there is a file of another kind; name another path or remove it".to_owned()));
        }
        if answers(path) {
            return Err(fail("another program listens there; name another path or end it".to_owned()));
        }
        fs::remove_file(path).map_err(|error| fail(format!("cannot remove what a dead server has left: {error}")))?;
        tracing::info!("the control socket {} of a dead server was replaced", path.display());
    }
    let listener = bind(path).map_err(|error| fail(format!("{error}; its directory must exist and be writable")))?;
    let identity = fs::symlink_metadata(path).ok().map(|made| (made.dev(), made.ino()));
    Ok((listener, SocketFile { path: path.to_owned(), identity, _lock: lock }))
}

/// Locks the file beside the socket, so that of two servers that start one replaces the socket of a dead third.
fn lock(path: &Path) -> Result<File, String> {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    let shown = Path::new(&name).display();
    let file = OpenOptions::new().create(true).truncate(false).write(true).mode(MODE).open(&name);
    let file =
        file.map_err(|error| format!("cannot open {shown}: {error}; its directory must exist and be writable"))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => {
            Err(format!("another server uses it (it holds {shown}); name another path or end that server"))
        }
        Err(TryLockError::Error(error)) => Err(format!("cannot lock {shown}: {error}")),
    }
}

fn bind(path: &Path) -> io::Result<UnixListener> {
    let socket = Socket::new(Domain::UNIX, Type::STREAM, None)?;
    // The file gets the mode of the socket, so that there is no moment in which others can connect.
    let socket = File::from(OwnedFd::from(socket));
    socket.set_permissions(Permissions::from_mode(MODE))?;
    let socket = Socket::from(OwnedFd::from(socket));
    socket.bind(&SockAddr::unix(path)?)?;
    // Where a system ignores the mode of the socket.
    fs::set_permissions(path, Permissions::from_mode(MODE))?;
    socket.listen(BACKLOG)?;
    Ok(OwnedFd::from(socket).into())
}

/// Whether somebody listens there.
fn answers(path: &Path) -> bool {
    let connect = || {
        let socket = Socket::new(Domain::UNIX, Type::STREAM, None)?;
        // A listener whose backlog is full would make us wait.
        socket.set_nonblocking(true)?;
        socket.connect(&SockAddr::unix(path)?)
    };
    match connect() {
        Ok(()) => true,
        Err(error) => error.kind() == io::ErrorKind::WouldBlock,
    }
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        let now = fs::symlink_metadata(&self.path).ok().map(|found| (found.dev(), found.ino()));
        if now.is_some()
            && now == self.identity
            && let Err(error) = fs::remove_file(&self.path)
        {
            tracing::warn!("the control socket {} cannot be removed: {error}", self.path.display());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::net::UnixStream;

    use super::*;

    #[test]
    fn the_socket_is_for_its_user_alone_and_goes_with_its_server() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("control");
        let (_listener, file) = open(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        UnixStream::connect(&path).unwrap();
        let error = open(&path).unwrap_err().to_string();
        assert!(error.contains("another server uses it"), "{error}");
        UnixStream::connect(&path).expect("the first server still has its socket");
        drop(file);
        assert!(!path.exists());
    }

    #[test]
    fn only_the_socket_of_a_dead_server_is_replaced() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("control");
        // A listener without the lock is another program; when it is dead, its socket stays.
        let other = UnixListener::bind(&path).unwrap();
        let error = open(&path).unwrap_err().to_string();
        assert!(error.contains("another program listens"), "{error}");
        drop(other);
        assert!(UnixStream::connect(&path).is_err() && path.exists());
        let (_listener, file) = open(&path).unwrap();
        UnixStream::connect(&path).unwrap();
        // What is not this server's is left alone at the end.
        fs::remove_file(&path).unwrap();
        fs::write(&path, "mine").unwrap();
        drop(file);
        assert_eq!(fs::read_to_string(&path).unwrap(), "mine");
        let error = open(&path).unwrap_err().to_string();
        assert!(error.contains("a file of another kind"), "{error}");
        assert!(open(&directory.path().join("nowhere/control")).unwrap_err().to_string().contains("must exist"));
    }
}
