//! The control channel: a unix socket on which the server takes commands, spelled as in the reference.
//!
//! A connection carries one command, a JSON map with `command` and `arguments`, and its answer, a JSON map with `result`,
//! `text` and `arguments`. This module knows no command.

mod message;
mod path;
pub(crate) mod connection;
mod listener;
mod client;

pub use client::{ClientError, send};
pub use message::{Answer, Command, Outcome};
pub use path::SocketError;

pub(crate) use listener::{Connections, ControlListener};
