//! Plain C libraries: shared libraries without this framework's records, which use the header `hooks.h`.
//!
//! A library is one if its file has no section `.hooks` and itself defines the function `version`. Its functions that are named as
//! hook points are attached; only symbols that lie in the file itself count, so that a hook point called `sqrt` never picks up
//! the mathematics library. All that C touches (handle, library, ticket) is a pointer to a table of functions with its own data
//! behind it; the inline functions of the header call through it, so a library needs no symbol of the host.
//!
//! The table, and with it the header, is declared in `table.rs`; `constants.rs` has the numbers.

mod arguments;
mod boundary;
mod callout;
mod constants;
mod context;
mod extra;
pub(crate) mod file;
mod handle;
mod header;
mod image;
mod library;
mod load;
mod park;
pub(crate) mod path;
mod place;
mod table;
mod types;

pub use header::c_header;
pub(crate) use image::Image;
pub(crate) use load::{code, name, open};
