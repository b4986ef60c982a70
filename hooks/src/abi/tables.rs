//! The tables of functions that the two sides offer to each other.

use std::ffi::c_void;
use std::sync::atomic::AtomicPtr;

use super::callout::{CalloutEntry, Thunk};
use super::calls::CallTable;
use super::counted::Counted;
use super::heap::Heap;
use super::log::LogApi;
use super::point::HookPoint;
use super::{Sink, Text};

/// What the host offers to a library, and to itself: functions that never unwind.
#[derive(Debug)]
#[repr(C)]
pub struct HostApi {
    /// The size of this struct.
    pub size: usize,
    /// `PROTOCOL` of the host.
    pub protocol: u32,
    /// The host's heap.
    pub heap: Heap,
    /// The host's log.
    pub log: LogApi,
    /// The functions of a callout handle.
    pub handle: HandleApi,
    /// The functions of tickets and parked calls.
    pub park: ParkApi,
    /// The functions of a library handle.
    pub library: LibraryApi,
}

/// What a library offers to the host.
#[derive(Debug)]
#[repr(C)]
pub struct LibraryTable {
    /// The size of this struct.
    pub size: usize,
    /// `PROTOCOL` of the library.
    pub protocol: u32,
    /// Why the library cannot be used, or an empty text.
    pub error: Text,
    /// The functions of the plugin.
    pub plugin: PluginApi,
    /// The callouts.
    pub callouts: *const CalloutEntry,
    /// Their number.
    pub callout_count: usize,
    /// The hook points that are linked into the library.
    pub points: *const &'static HookPoint,
    /// Their number.
    pub point_count: usize,
}

/// The part of a handle that a library may touch: the functions to work on it, and where calls find their callouts.
#[derive(Debug)]
#[repr(C)]
pub struct Head {
    /// The functions of the host that made the handle.
    pub api: &'static HostApi,
    /// Where the table for the next call is; `ASK` if the host has to be asked.
    pub(crate) calls: *const AtomicPtr<CallTable>,
    /// The table of the last call whose callout was called without asking the host.
    pub(crate) table: *const CallTable,
    /// The context key that was asked for last by the callout that is running, or null.
    pub(crate) key: *const c_void,
    /// Its value, of the key's type.
    pub(crate) value: *mut c_void,
}

/// The functions of a callout handle. All take the handle's head; none unwinds.
#[derive(Debug)]
#[repr(C)]
pub struct HandleApi {
    pub(crate) call: unsafe extern "C" fn(*mut Head, index: u32, arguments: *mut c_void) -> u32,
    /// What comes of a call that was answered through a table.
    pub(crate) settle: unsafe extern "C" fn(*mut Head, word: u32, arguments: *mut c_void, answer: u32) -> u32,
    pub(crate) present: unsafe extern "C" fn(*mut Head, index: u32) -> bool,
    pub(crate) failed: unsafe extern "C" fn(*mut Head, message: Text),
    pub(crate) lent: unsafe extern "C" fn(*mut Head) -> *const c_void,
    pub(crate) argument:
        unsafe extern "C" fn(*const c_void, name: Text, hash: &[u64; 2], mutable: bool, &mut Sink) -> Found,
    pub(crate) argument_names: unsafe extern "C" fn(*const c_void, &mut Sink),
    pub(crate) status: unsafe extern "C" fn(*mut Head) -> u32,
    pub(crate) set_status: unsafe extern "C" fn(*mut Head, status: u32, &mut Sink) -> bool,
    pub(crate) override_failure: unsafe extern "C" fn(*mut Head, status: u32, &mut Sink) -> bool,
    pub(crate) hook: unsafe extern "C" fn(*mut Head) -> Text,
    pub(crate) library: unsafe extern "C" fn(*mut Head) -> Text,
    pub(crate) park: unsafe extern "C" fn(*mut Head, &mut Sink) -> *const c_void,
    pub(crate) parking_lot: unsafe extern "C" fn(*mut Head, &mut Sink) -> *const c_void,
    pub(crate) take_parked: unsafe extern "C" fn(*mut Head) -> *const c_void,
    pub(crate) set_value: unsafe extern "C" fn(*mut Head, space: Space, name: Text, value: Value, &mut Sink) -> bool,
    /// The value, or null if it cannot be had, or not be set: then `value` or `set_value` says why.
    pub(crate) find:
        unsafe extern "C" fn(*mut Head, space: Space, name: Text, hash: &[u64; 2], to_set: bool) -> *mut c_void,
    /// The value of the context, or null; the key always comes with the same name.
    pub(crate) context: unsafe extern "C" fn(*mut Head, key: *const c_void, name: Text) -> *mut c_void,
    pub(crate) value:
        unsafe extern "C" fn(*mut Head, space: Space, name: Text, hash: &[u64; 2], error: &mut Sink) -> Found,
    pub(crate) delete_value: unsafe extern "C" fn(*mut Head, space: Space, name: Text) -> bool,
    pub(crate) delete_values: unsafe extern "C" fn(*mut Head, space: Space),
    pub(crate) value_names: unsafe extern "C" fn(*mut Head, space: Space, &mut Sink) -> bool,
    pub(crate) reset_status: unsafe extern "C" fn(*mut Head),
    pub(crate) library_handle: unsafe extern "C" fn(*mut Head) -> *const Counted,
    pub(crate) call_by_index: unsafe extern "C" fn(*mut Head, index: u32, &mut Sink) -> u32,
    pub(crate) drop: unsafe extern "C" fn(*mut Head),
}

/// Which of a handle's stores is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(transparent)]
pub(crate) struct Space(pub(crate) u32);

impl Space {
    /// The extra arguments, which all callouts share.
    pub(crate) const ARGUMENTS: Space = Space(0);
    /// The context of the library whose callout is running.
    pub(crate) const CONTEXT: Space = Space(1);
}

/// An owned value that a handle stores, with how to drop it.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct Value {
    pub(crate) pointer: *mut c_void,
    /// Drops the value; never unwinds.
    pub(crate) drop: unsafe extern "C" fn(*mut c_void),
    pub(crate) hash: [u64; 2],
    pub(crate) type_name: Text,
}

/// The functions of a library handle. All take the counted registrations that the handle holds; none unwinds.
#[derive(Debug)]
#[repr(C)]
pub struct LibraryApi {
    pub(crate) name: unsafe extern "C" fn(library: *const c_void) -> Text,
    /// Registers `count` callouts, which begin at the second argument, or none of them.
    pub(crate) register:
        unsafe extern "C" fn(library: *const c_void, *const Registration, count: usize, &mut Sink) -> bool,
    pub(crate) deregister: unsafe extern "C" fn(library: *const c_void, hook: Text, identity: *const c_void) -> bool,
    pub(crate) deregister_all: unsafe extern "C" fn(library: *const c_void, hook: Text, &mut Sink) -> bool,
    pub(crate) register_hook: unsafe extern "C" fn(name: Text, file: Text, line: u32, &mut Sink) -> u32,
}

/// What a callout is that a library handle registers; lent for one call.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct Registration {
    /// The hook point's name.
    pub(crate) hook: Text,
    /// The callout's own.
    pub(crate) name: Text,
    pub(crate) file: Text,
    pub(crate) line: u32,
    pub(crate) thunk: Thunk,
    /// A function's record, or a closure's address: what is the same for one callout and for no other.
    pub(crate) identity: *const c_void,
    /// The closure, or null for a function, which takes the library's state.
    pub(crate) closure: *const Counted,
    /// The hook point as the closure's binary knows it, or null if it takes its arguments by name.
    pub(crate) point: *const HookPoint,
    /// Whether it cannot reach the handle of the call.
    pub(crate) is_plain: bool,
    /// Whether a function takes the root of its plugin.
    pub(crate) takes_state: bool,
    /// Whether it outlives the set of libraries; for the component's own.
    pub(crate) across_loads: bool,
}

/// A pointer to an argument's value, or none.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct Found {
    pub(crate) value: *mut c_void,
}

impl Found {
    pub(crate) const NONE: Found = Found { value: std::ptr::null_mut() };
}

/// The functions of tickets, parked calls and parking lots; none unwinds.
#[derive(Debug)]
#[repr(C)]
pub struct ParkApi {
    /// Resolves a ticket, which ends.
    pub(crate) resolve: unsafe extern "C" fn(ticket: *const c_void, how: u32),
    /// Has `run` called once with `context` when the call ends.
    pub(crate) hand_over: unsafe extern "C" fn(parked: *const c_void, context: *mut c_void, run: Run),
    /// Gives up the pointer to a call that has been handed over.
    pub(crate) release: unsafe extern "C" fn(parked: *const c_void),
    /// Gives up the call.
    pub(crate) abandon: unsafe extern "C" fn(parked: *const c_void),
    /// Counts one more owner of the pointer to a parking lot.
    pub(crate) lot_clone: unsafe extern "C" fn(lot: *const c_void),
    /// Gives up a pointer to a parking lot.
    pub(crate) lot_drop: unsafe extern "C" fn(lot: *const c_void),
    /// Adds a reference or takes one away; false and a text if that cannot be.
    pub(crate) lot_count:
        unsafe extern "C" fn(lot: *const c_void, key: Text, add: bool, count: &mut u64, error: &mut Sink) -> bool,
    /// Takes a reference away and resumes at the last one; whether the key was found.
    pub(crate) lot_unpark: unsafe extern "C" fn(lot: *const c_void, key: Text) -> bool,
    /// Takes a request out; whether the key was found.
    pub(crate) lot_drop_parked: unsafe extern "C" fn(lot: *const c_void, key: Text) -> bool,
}

/// What runs when a parked call ends.
pub(crate) type Run = unsafe extern "C" fn(context: *mut c_void, how: u32);

/// A ticket or a call was resumed.
pub(crate) const RESOLVED_RESUMED: u32 = 0;
/// A ticket asks to drop the request, or a call was dropped.
pub(crate) const RESOLVED_DROPPED: u32 = 1;
/// A ticket was dropped, or nobody waits for the call any more: then `run` only frees its context.
pub(crate) const GIVEN_UP: u32 = 2;

/// The functions of a plugin; none unwinds.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct PluginApi {
    /// Makes the state from the parameters as JSON; null and a text if that failed. The library handle's count is given away.
    pub(crate) load: unsafe extern "C" fn(
        parameters: Text,
        library: *const Counted,
        api: &'static LibraryApi,
        error: &mut Sink,
    ) -> *const c_void,
    /// Calls `unload`; false and a text if that failed.
    pub(crate) unload: unsafe extern "C" fn(state: *const c_void, error: &mut Sink) -> bool,
    /// Drops the state; false and a text if that panicked.
    pub(crate) drop: unsafe extern "C" fn(state: *const c_void, error: &mut Sink) -> bool,
    /// What it hands over to its successor, and takes over from its predecessor, if it does.
    pub(crate) hand_over: HandOverApi,
}

/// The functions of a plugin that hands over its state; both or none. None unwinds.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct HandOverApi {
    /// Writes what is handed over as JSON; false and a text if that failed.
    pub(crate) hand_over: Option<unsafe extern "C" fn(state: *const c_void, json: &mut Sink, error: &mut Sink) -> bool>,
    /// As `load`, from what has been handed over as JSON.
    pub(crate) take_over: Option<TakeOver>,
}

/// As `load` of a plugin, from what its predecessor has handed over as JSON.
pub(crate) type TakeOver = unsafe extern "C" fn(
    state: Text,
    parameters: Text,
    library: *const Counted,
    api: &'static LibraryApi,
    error: &mut Sink,
) -> *const c_void;

impl HandOverApi {
    /// The plugin hands nothing over.
    pub(crate) const NONE: HandOverApi = HandOverApi { hand_over: None, take_over: None };
}
