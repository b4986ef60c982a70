//! What reaches the server besides datagrams.

use std::{
    net::SocketAddrV4,
    sync::{
        Arc,
        mpsc::{self, SyncSender},
    },
    thread,
};

use signal_hook::{
    consts::{SIGHUP, SIGINT, SIGTERM},
    iterator::{Handle, Signals},
};

use super::{ServerError, change::PreparedChange, changes::Asker};
use crate::{
    channel::{Answer, Command},
    engine::Link,
};

/// What the server waits for.
#[derive(Debug)]
pub(super) enum Event {
    /// A datagram has been received.
    Datagram { link: Arc<Link>, datagram: Vec<u8>, source: SocketAddrV4 },
    /// A parked answer has been resumed.
    Resumed,
    /// A command has been given on the control socket.
    Command { command: Command, answer: SyncSender<String> },
    /// A change of the configuration has been prepared.
    Prepared { change: PreparedChange, asker: Asker },
    /// The configuration is to be read again.
    Reload,
    /// The server is to end.
    Stop,
}

/// Stops the server or makes it read its configuration again, from any thread.
#[derive(Debug, Clone)]
pub struct Control {
    pub(super) events: SyncSender<Event>,
}

impl Control {
    /// Ends the server after the packets that it has already received.
    pub fn stop(&self) {
        // An error means that the server has ended already.
        let _ = self.events.send(Event::Stop);
    }

    /// Makes the server read its configuration again, when the changes that it has been given before are done.
    pub fn reload(&self) {
        let _ = self.events.send(Event::Reload);
    }

    /// Has the server answer the command, and waits for the answer.
    pub(super) fn command(&self, command: Command) -> String {
        let (answer, answered) = mpsc::sync_channel(1);
        let sent = self.events.send(Event::Command { command, answer });
        let answered = sent.ok().and_then(|()| answered.recv().ok());
        answered.unwrap_or_else(|| Answer::error("the server ends; the command was not carried out").to_json())
    }

    /// Stops the server at SIGTERM and SIGINT and makes it read its configuration again at SIGHUP.
    pub fn follow_signals(&self) -> Result<Handle, ServerError> {
        let mut signals = Signals::new([SIGTERM, SIGINT, SIGHUP]).map_err(ServerError::Signals)?;
        let (handle, control) = (signals.handle(), self.clone());
        let follow = move || {
            for signal in signals.forever() {
                if signal == SIGHUP { control.reload() } else { control.stop() }
            }
        };
        thread::Builder::new().name("dhcp4 signals".into()).spawn(follow).map_err(ServerError::Thread)?;
        Ok(handle)
    }
}
