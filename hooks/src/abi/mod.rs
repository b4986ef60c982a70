//! All that crosses the boundary between a host and a library.
//!
//! ```text
//!   host                                      library
//!   ----                                      -------
//!   reads section `.hooks` of the file  <---  records: fingerprint, plugin, hook points, callouts   (record, decode)
//!   compares layouts                          (compare)
//!   opens, calls `hooks_library_6`      --->  binds HostApi: heap, log, handle functions            (HostApi)
//!                                       <---  LibraryTable: plugin, callouts, hook points           (LibraryTable)
//!   writes index and idle word          --->  HookPoint statics of the library
//!   load, callouts, unload, drop        --->  extern "C" functions that never unwind                (guard)
//! ```
//!
//! INVARIANT: only this module and the generated argument structs are `#[repr(C)]`; a change of any of them changes `PROTOCOL`.
//! Nothing here depends on the rest of the crate.

pub(crate) mod access;
mod build;
pub(crate) mod callout;
pub(crate) mod calls;
pub(crate) mod compare;
pub(crate) mod counted;
pub(crate) mod decode;
pub(crate) mod encode;
pub(crate) mod guard;
mod hash;
pub(crate) mod heap;
pub(crate) mod info;
pub(crate) mod layout;
pub(crate) mod log;
pub(crate) mod panics;
pub(crate) mod point;
pub(crate) mod record;
mod tables;
mod text;
mod types;

pub(crate) use tables::{
    Found, GIVEN_UP, HandOverApi, HandleApi, LibraryApi, ParkApi, PluginApi, RESOLVED_DROPPED, RESOLVED_RESUMED,
    Registration, Run, Space, Value,
};
pub use tables::{Head, HostApi, LibraryTable};
pub(crate) use text::{Sink, Text};

/// The number of the layout of everything in this module.
pub(crate) const PROTOCOL: u32 = 6;
/// The sizes that belong to this protocol. Whoever changes one of these tables changes [`PROTOCOL`], [`ENTRY`],
/// the names of the slices, and this.
#[cfg(target_pointer_width = "64")]
const _: () = assert!(
    size_of::<Head>() == 40
        && size_of::<HandleApi>() == 208
        && size_of::<LibraryTable>() == 104
        && size_of::<HostApi>() == 456,
    "a table of the boundary has changed, so the protocol has another number"
);
/// The version of this crate.
pub(crate) const FRAMEWORK_VERSION: &str = env!("CARGO_PKG_VERSION");
/// Release and commit of the compiler.
pub(crate) const RUSTC: &str = env!("HOOKS_RUSTC");
/// The target triple.
pub(crate) const TARGET: &str = env!("HOOKS_TARGET");
/// The symbol that a library exports; the number is the protocol's.
pub(crate) const ENTRY: &str = "hooks_library_6";

/// The entry function of a library.
pub(crate) type Entry = unsafe extern "C" fn(host: &'static HostApi) -> *const LibraryTable;

/// What a thunk returns when its callout panicked or returned an error; the message has been given to the handle.
pub(crate) const FAILED: u32 = 0x100;
/// Marks the result of a whole call, where the answer of its one callout could stand as well.
pub(crate) const RESULT: u32 = 0x200;
