//! The server: sockets, clock and signals around the engine.

mod error;
mod interfaces;
mod listener;
mod change;
mod changes;
mod control;
mod commands;
mod run;

pub use control::Control;
pub use error::ServerError;
pub use run::Server;
