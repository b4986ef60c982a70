//! A DHCPv4 server that is extended by hook libraries.
//!
//! [`Engine`] decides what is answered to a datagram; it knows no sockets and no clock. [`server`] gives it both.

#![forbid(unsafe_code)]

pub mod channel;
mod config;
mod codec;
mod leases;
mod engine;
pub mod server;
pub mod cli;
pub mod demo;
pub mod hook_points;
#[cfg(test)]
mod testing;
#[cfg(any(test, fuzzing))]
#[doc(hidden)]
pub mod fuzzing;

pub use codec::{DecodeError, EncodeError, decode, encode};
pub use config::{
    Config, ConfigError, ConfigProblem, ControlSocket, Fsync, Interface, LeaseDatabase, Library, LibraryPaths,
};
pub use engine::{ConfigureError, Engine, Link, Outgoing, ResumeQueue, Statistics};
pub use leases::{AddError, Bindings, Client, FileError, LeaseStore, Refusal};
