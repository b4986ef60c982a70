//! Why the server cannot start or go on.

use std::{io, net::Ipv4Addr};

use thiserror::Error;

use crate::{channel::SocketError, config::ConfigError, engine::ConfigureError};

/// Why the server cannot start, or keeps its old configuration.
#[derive(Debug, Error)]
pub enum ServerError {
    /// The configuration has a mistake.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The engine does not take the configuration.
    #[error(transparent)]
    Configure(#[from] ConfigureError),
    /// The interfaces of the machine cannot be listed.
    #[error("cannot list the interfaces: {0}")]
    Interfaces(io::Error),
    /// The interface does not exist or has no IPv4 address.
    #[error("interface `{name}` does not exist or has no IPv4 address; this machine has: {known}")]
    NoInterface {
        /// The name in the configuration.
        name: String,
        /// The names and addresses that exist.
        known: String,
    },
    /// The address is not one of the interface.
    #[error("interface `{name}` does not have the address {address}; this machine has: {known}")]
    NoAddress {
        /// The name in the configuration.
        name: String,
        /// The address in the configuration.
        address: Ipv4Addr,
        /// The names and addresses that exist.
        known: String,
    },
    /// A socket cannot be opened.
    #[error("interface `{interface}`: cannot {action}: {cause}{hint}")]
    Socket {
        /// The interface.
        interface: String,
        /// What failed.
        action: &'static str,
        /// Why.
        cause: io::Error,
        /// The way out, if it is known.
        hint: &'static str,
    },
    /// The control socket cannot be opened.
    #[error(transparent)]
    ControlSocket(#[from] SocketError),
    /// The server was started without a file.
    #[error("the server was started without a file of its configuration, so there is none to read again")]
    NoFile,
    /// A thread cannot be started.
    #[error("cannot start a thread: {0}")]
    Thread(io::Error),
    /// A configuration was being prepared.
    #[error("the configuration could not be prepared: its thread has panicked, see the log")]
    Panicked,
    /// Signals cannot be received.
    #[error("cannot receive signals: {0}")]
    Signals(io::Error),
    /// Hook libraries are still in use at the end.
    #[error("some hook libraries are still used by parked answers and were not unloaded")]
    StillInUse,
}
