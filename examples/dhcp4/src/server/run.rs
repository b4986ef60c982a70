//! The loop of the server.

use std::{
    net::SocketAddrV4,
    path::{Path, PathBuf},
    sync::{
        Arc,
        mpsc::{self, Receiver, RecvTimeoutError},
    },
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use hooks::{Hooks, Prepared};

use super::{
    ServerError,
    changes::{Asker, Changes},
    commands::Begun,
    control::{Control, Event},
    interfaces,
    listener::Listener,
};
use crate::{
    channel::{Connections, ControlListener},
    config::{Config, LibraryPaths},
    engine::{Engine, Outgoing},
};

/// How many events are dealt with before the leases are made durable and the answers leave.
const BURST: usize = 64;

/// How many events can wait.
const QUEUE: usize = 1024;

/// The longest time without a look at the clock.
const NAP: Duration = Duration::from_secs(60);

/// The engine with its sockets, its clock and its thread.
///
/// One thread decides; each socket has a thread that only reads. The server takes a burst of packets, makes the leases of
/// the burst durable once, and then sends the answers.
#[derive(Debug)]
pub struct Server {
    pub(crate) engine: Engine,
    listeners: Vec<Listener>,
    pub(super) control: Control,
    control_socket: Option<ControlListener>,
    connections: Arc<Connections>,
    events: Receiver<Event>,
    pub(super) changes: Changes,
    /// The file of the configuration, if there is one.
    pub(super) file: Option<PathBuf>,
    /// Since when the server is there.
    pub(super) started: Instant,
    /// Since when it has its configuration.
    pub(super) configured: Instant,
    /// False when it is to end.
    pub(crate) running: bool,
}

impl Server {
    /// A server with the configuration of the file, which it reads again when it is told to; shared libraries are where
    /// `paths` says.
    pub fn from_file(file: &Path, paths: &LibraryPaths, hooks: Hooks) -> Result<Self, ServerError> {
        let mut server = Self::new(Config::load_with(file, paths)?, hooks)?;
        server.file = Some(file.to_owned());
        Ok(server)
    }

    /// A server with this configuration: libraries loaded, lease file read, sockets open.
    pub fn new(config: Config, hooks: Hooks) -> Result<Self, ServerError> {
        let mut listeners = open(&config)?;
        let connections = Arc::default();
        let mut control_socket = open_control_socket(&config, &connections)?;
        let engine = Engine::start(config, hooks)?;
        let (sender, events) = mpsc::sync_channel(QUEUE);
        let waker = sender.clone();
        // A full queue means that the server is awake, and it looks at the resumed answers after every packet.
        engine.resume_queue().set_waker(move || drop(waker.try_send(Event::Resumed)));
        for listener in &mut listeners {
            listener.start(sender.clone())?;
        }
        let control = Control { events: sender };
        if let Some(socket) = &mut control_socket {
            start(socket, &control)?;
        }
        let now = Instant::now();
        Ok(Self {
            engine,
            listeners,
            control,
            control_socket,
            connections,
            events,
            changes: Changes::default(),
            file: None,
            started: now,
            configured: now,
            running: true,
        })
    }

    /// A server around the engine that hears nobody: it only takes commands, from whoever calls it.
    #[cfg(any(test, fuzzing))]
    pub(crate) fn without_sockets(engine: Engine, file: PathBuf) -> Self {
        let (sender, events) = mpsc::sync_channel(QUEUE);
        let now = Instant::now();
        Self {
            engine,
            listeners: Vec::new(),
            control: Control { events: sender },
            control_socket: None,
            connections: Arc::default(),
            events,
            changes: Changes::default(),
            file: Some(file),
            started: now,
            configured: now,
            running: true,
        }
    }

    /// Where the server listens: for each interface the address that identifies the server, and the port.
    pub fn addresses(&self) -> Vec<SocketAddrV4> {
        self.listeners.iter().map(|listener| SocketAddrV4::new(listener.link.address, listener.link.port)).collect()
    }

    /// What stops the server.
    pub fn control(&self) -> Control {
        self.control.clone()
    }

    /// Answers packets until it is stopped.
    pub fn run(mut self) -> Result<(), ServerError> {
        while self.running {
            let mut next = match self.events.recv_timeout(self.patience()) {
                Ok(event) => Some(event),
                Err(RecvTimeoutError::Timeout) => None,
                Err(RecvTimeoutError::Disconnected) => break,
            };
            self.engine.tick(now());
            let mut outgoing = Vec::new();
            let mut left = BURST;
            while let Some(event) = next.take() {
                match event {
                    Event::Datagram { link, datagram, source } => {
                        outgoing.extend(self.engine.handle(&datagram, &link, source, now()));
                    }
                    Event::Resumed => outgoing.extend(self.engine.take_resumed()),
                    Event::Command { command, answer } => match self.begin(&command) {
                        // Whoever has given the command may have gone away.
                        Begun::Answered(text) => drop(answer.send(text)),
                        Begun::Change(change) => self.add(change, Asker::Client { command, answer }),
                    },
                    Event::Reload => match self.reading_again() {
                        Ok(change) => self.add(change, Asker::Signal),
                        Err(error) => tracing::error!("the old configuration stays in use: {error}"),
                    },
                    Event::Prepared { change, asker } => {
                        self.commit(change, asker);
                        self.changes.done();
                    }
                    Event::Stop => self.running = false,
                }
                if !self.running {
                    break;
                }
                left -= 1;
                if left > 0 {
                    next = self.events.try_recv().ok();
                }
            }
            self.send(outgoing);
        }
        self.close()
    }

    fn patience(&self) -> Duration {
        let due = self.engine.next_deadline().map(|deadline| Duration::from_secs(deadline.saturating_sub(now())));
        due.unwrap_or(NAP).min(NAP)
    }

    /// Makes the leases durable and sends the answers; without the one there is no acknowledgement either.
    fn send(&mut self, outgoing: Vec<Outgoing>) {
        let durable = self.engine.commit();
        if let Err(error) = &durable {
            tracing::error!("leases are not acknowledged: {error}");
        }
        for answer in outgoing {
            if answer.durable && durable.is_err() {
                continue;
            }
            let listener = self.listeners.iter().find(|listener| listener.link.interface == answer.interface);
            match listener.map(|listener| listener.send(&answer.datagram, answer.destination)) {
                Some(Ok(())) => {}
                Some(Err(error)) => tracing::warn!(destination = %answer.destination, "answer not sent: {error}"),
                None => tracing::warn!(interface = answer.interface, "answer not sent: the interface is not in use"),
            }
        }
    }

    /// Takes another configuration; on an error the old one stays in use, with its sockets and libraries.
    pub(super) fn take(&mut self, config: Config, libraries: Prepared) -> Result<(), ServerError> {
        let old = self.engine.config();
        let moved = old.interfaces != config.interfaces || old.port != config.port;
        let moved_control = old.control_socket != config.control_socket;
        // All that can fail comes first.
        let mut listeners = if moved { open(&config)? } else { Vec::new() };
        for listener in &mut listeners {
            listener.start(self.control.events.clone())?;
        }
        let mut control_socket = if moved_control { open_control_socket(&config, &self.connections)? } else { None };
        if let Some(socket) = &mut control_socket {
            start(socket, &self.control)?;
        }
        self.engine.reconfigure_with(config, libraries)?;
        if moved {
            self.listeners = listeners;
        }
        if moved_control {
            self.control_socket = control_socket;
        }
        self.configured = Instant::now();
        Ok(())
    }

    fn close(self) -> Result<(), ServerError> {
        let Self { engine, listeners, events, changes, control_socket, connections, .. } = self;
        drop(listeners);
        // Commands that wait are told that the server ends.
        drop(events);
        changes.end();
        drop(control_socket);
        connections.wait();
        let statistics: Vec<String> =
            engine.statistics().iter().map(|(name, value)| format!("{name}={value}")).collect();
        tracing::info!("the server ends: {}", statistics.join(" "));
        if engine.stop() { Ok(()) } else { Err(ServerError::StillInUse) }
    }
}

fn open(config: &Config) -> Result<Vec<Listener>, ServerError> {
    let found = interfaces::find(&config.interfaces)?;
    found.iter().map(|found| Listener::open(found, config.port)).collect()
}

fn open_control_socket(
    config: &Config,
    connections: &Arc<Connections>,
) -> Result<Option<ControlListener>, ServerError> {
    let socket = config.control_socket.as_ref();
    Ok(socket.map(|socket| ControlListener::open(&socket.path, connections)).transpose()?)
}

/// Has the commands of the socket answered by the server of this control.
fn start(socket: &mut ControlListener, control: &Control) -> Result<(), ServerError> {
    let control = control.clone();
    socket.start(move |command| control.command(command)).map_err(ServerError::Thread)
}

/// Seconds since 1970; 0 if the clock of the machine is set to an earlier time.
pub(super) fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}
