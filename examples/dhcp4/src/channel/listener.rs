//! Accepts connections: a thread that accepts, and one for each connection.

use std::{
    io::{ErrorKind, Write},
    os::unix::net::{UnixListener, UnixStream},
    path::Path,
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use socket2::SockRef;

use super::{
    connection::{self, PATIENCE},
    message::{Answer, Command},
    path::{self, SocketError, SocketFile},
};

/// How many connections are served at a time.
const MAX_CONNECTIONS: usize = 64;

/// How long the thread waits for a client before it looks whether it should end.
const NAP: Duration = Duration::from_millis(200);

/// Gives the answer to a command as JSON.
type Handler = Arc<dyn Fn(Command) -> String + Send + Sync>;

/// The control socket and its threads. Dropping it removes the socket; connections that are open end by themselves.
#[derive(Debug)]
pub(crate) struct ControlListener {
    listener: Option<UnixListener>,
    connections: Arc<Connections>,
    stop: Arc<AtomicBool>,
    accepting: Option<JoinHandle<()>>,
    _file: SocketFile,
}

/// The connections that are open.
#[derive(Debug, Default)]
pub(crate) struct Connections {
    open: Mutex<usize>,
    closed: Condvar,
}

/// One of the connections that are open.
struct Place(Arc<Connections>);

impl ControlListener {
    /// Makes the socket; clients can connect, and wait.
    pub(crate) fn open(path: &Path, connections: &Arc<Connections>) -> Result<Self, SocketError> {
        let (listener, file) = path::open(path)?;
        Ok(Self {
            listener: Some(listener),
            connections: Arc::clone(connections),
            stop: Arc::default(),
            accepting: None,
            _file: file,
        })
    }

    /// Starts to serve; `handler` is called on the threads of the connections.
    pub(crate) fn start(
        &mut self,
        handler: impl Fn(Command) -> String + Send + Sync + 'static,
    ) -> Result<(), std::io::Error> {
        let Some(listener) = self.listener.take() else { return Ok(()) };
        SockRef::from(&listener).set_read_timeout(Some(NAP))?;
        let (stop, connections) = (Arc::clone(&self.stop), Arc::clone(&self.connections));
        let handler: Handler = Arc::new(handler);
        let accepting = thread::Builder::new()
            .name("dhcp4 control".into())
            .spawn(move || accept(&listener, &stop, &connections, &handler))?;
        self.accepting = Some(accepting);
        Ok(())
    }
}

impl Drop for ControlListener {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(accepting) = self.accepting.take()
            && accepting.join().is_err()
        {
            tracing::error!("the thread of the control socket has panicked");
        }
    }
}

impl Connections {
    /// Waits until all connections are closed, or have used up their time.
    pub(crate) fn wait(&self) {
        drop(self.closed.wait_timeout_while(self.lock(), PATIENCE, |open| *open > 0));
    }

    fn enter(self: &Arc<Self>) -> Option<Place> {
        let mut open = self.lock();
        if *open >= MAX_CONNECTIONS {
            return None;
        }
        *open += 1;
        Some(Place(Arc::clone(self)))
    }

    fn lock(&self) -> MutexGuard<'_, usize> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        *self.0.lock() -= 1;
        self.0.closed.notify_all();
    }
}

fn accept(listener: &UnixListener, stop: &Arc<AtomicBool>, connections: &Arc<Connections>, handler: &Handler) {
    while !stop.load(Ordering::Relaxed) {
        let stream = match listener.accept() {
            Ok((stream, _)) => stream,
            Err(error) => {
                let expected = matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut);
                if !expected && error.kind() != ErrorKind::Interrupted {
                    tracing::warn!("control socket: no connection can be accepted: {error}");
                    thread::sleep(NAP);
                }
                continue;
            }
        };
        let Some(place) = connections.enter() else {
            refuse(&stream, &format!("{MAX_CONNECTIONS} connections are open, and no more are served; try again"));
            continue;
        };
        let (stop, handler) = (Arc::clone(stop), Arc::clone(handler));
        let serve = move || {
            connection::serve(&stream, &stop, |command| handler(command));
            // The client sees the end of the connection before another one takes its place.
            drop(stream);
            drop(place);
        };
        if let Err(error) = thread::Builder::new().name("dhcp4 command".into()).spawn(serve) {
            tracing::warn!("control socket: no thread for a connection: {error}");
        }
    }
}

/// Answers a client that is not served; what does not fit into its buffer is lost.
fn refuse(mut stream: &UnixStream, problem: &str) {
    tracing::warn!("control socket: {problem}");
    let answer = format!("{}\n", Answer::error(problem).to_json());
    if stream.set_nonblocking(true).and_then(|()| stream.write_all(answer.as_bytes())).is_err() {
        tracing::debug!("control socket: a refused client has not been told");
    }
}
