//! All that crosses the boundary between a host and a library.
//!
//! ```text
//!   host                                      library
//!   ----                                      -------
//!   reads section `.hooks` of the file  <---  records: fingerprint, plugin, hook points, callouts   (record, decode)
//!   compares layouts                          (compare)
//!   opens, calls `hooks_library_1`      --->  binds HostApi: heap, log, handle functions            (HostApi)
//!                                       <---  LibraryTable: plugin, callouts, hook points           (LibraryTable)
//!   writes index and idle word          --->  HookPoint statics of the library
//!   load, callouts, unload, drop        --->  extern "C" functions that never unwind                (guard)
//! ```
//!
//! INVARIANT: only this module, `HookPoint` and the generated argument structs are `#[repr(C)]`; a change of any of them
//! changes `PROTOCOL`.

pub(crate) mod compare;
pub(crate) mod decode;
pub(crate) mod encode;
pub mod guard;
pub(crate) mod heap;
pub(crate) mod layout;
pub(crate) mod record;
mod types;

use std::ffi::c_void;

use crate::point::HookPoint;

/// The number of the layout of everything in this module.
pub(crate) const PROTOCOL: u32 = 1;
/// The version of this crate.
pub(crate) const FRAMEWORK_VERSION: &str = env!("CARGO_PKG_VERSION");
/// Release and commit of the compiler.
pub(crate) const RUSTC: &str = env!("HOOKS_RUSTC");
/// The target triple.
pub(crate) const TARGET: &str = env!("HOOKS_TARGET");
/// The symbol that a library exports; the number is the protocol's.
pub(crate) const ENTRY: &str = "hooks_library_1";

/// The entry function of a library.
pub(crate) type Entry = unsafe extern "C" fn(host: &'static HostApi) -> *const LibraryTable;

/// A text that is lent for the time of one call.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct Text {
    pointer: *const u8,
    length: usize,
}

impl Text {
    /// Lends `text`.
    pub const fn new(text: &str) -> Text {
        Text { pointer: text.as_ptr(), length: text.len() }
    }

    /// The text, with what is not UTF-8 replaced.
    ///
    /// # Safety
    ///
    /// What was given to [`Text::new`] must live as long as `'a`.
    #[expect(unsafe_code, reason = "rebuilds a slice from the pointer and the length that crossed the boundary")]
    pub unsafe fn get<'a>(self) -> std::borrow::Cow<'a, str> {
        // SAFETY: both come from one `&str`, which the caller promises to be alive.
        let bytes = unsafe { std::slice::from_raw_parts(self.pointer, self.length) };
        String::from_utf8_lossy(bytes)
    }
}

/// Where a function of the other side puts a text that it makes.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct Sink {
    context: *mut c_void,
    write: unsafe extern "C" fn(context: *mut c_void, text: Text),
}

impl Sink {
    /// A sink that keeps what was written in `target`.
    pub(crate) fn new(target: &mut String) -> Sink {
        #[expect(unsafe_code, reason = "gets its context back as the pointer that crossed the boundary")]
        unsafe extern "C" fn write(context: *mut c_void, text: Text) {
            // SAFETY: `context` is the `&mut String` of `new`, which outlives the call that lends the sink.
            let target = unsafe { &mut *context.cast::<String>() };
            // SAFETY: the writer lends its text for this call.
            target.push_str(&unsafe { text.get() });
        }
        Sink { context: std::ptr::from_mut(target).cast(), write }
    }

    /// Writes `text` to the other side.
    #[expect(unsafe_code, reason = "calls the function pointer of the other side")]
    pub(crate) fn write(&mut self, text: &str) {
        // SAFETY: a sink is only lent, so its target is alive; `write` was made for `context` by `new`.
        unsafe { (self.write)(self.context, Text::new(text)) }
    }
}

/// What the host offers to a library, and to itself: functions that never unwind.
#[derive(Debug)]
#[repr(C)]
pub struct HostApi {
    /// The size of this struct.
    pub size: usize,
    /// [`PROTOCOL`] of the host.
    pub protocol: u32,
    /// The host's heap.
    pub heap: heap::Heap,
    /// Whether the host's log takes lines of this level (1 error … 5 trace).
    pub log_enabled: extern "C" fn(level: u32) -> bool,
    /// Writes a line to the host's log: level, library, target, message with fields.
    pub log: extern "C" fn(level: u32, library: Text, target: Text, message: Text),
    /// The functions of a callout handle.
    pub handle: crate::dispatch::HandleApi,
    /// The functions of tickets and parked calls.
    pub park: crate::park::ParkApi,
}

/// What a library offers to the host.
#[derive(Debug)]
#[repr(C)]
pub struct LibraryTable {
    /// The size of this struct.
    pub size: usize,
    /// [`PROTOCOL`] of the library.
    pub protocol: u32,
    /// Why the library cannot be used, or an empty text.
    pub error: Text,
    /// The functions of the plugin.
    pub plugin: crate::plugin::PluginApi,
    /// The callouts.
    pub callouts: *const crate::callout::CalloutEntry,
    /// Their number.
    pub callout_count: usize,
    /// The hook points that are linked into the library.
    pub points: *const &'static HookPoint,
    /// Their number.
    pub point_count: usize,
}
