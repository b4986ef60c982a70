//! The tables through which calls find their callouts: looked into where the hook point is called, on either side of the boundary.

use std::ffi::c_void;
use std::ptr;
use std::sync::atomic::AtomicPtr;

use super::callout::Thunk;

/// What calls of one `Hooks` find, by the words of their hook points.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct CallTable {
    pub(crate) length: usize,
    /// The first of `length` entries; that of the word 0 is never called.
    pub(crate) entries: *const CallEntry,
}

/// What is called at one hook point.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub(crate) struct CallEntry {
    /// The one callout, or a function of the host that calls all of them.
    pub(crate) thunk: Thunk,
    /// What it takes.
    pub(crate) state: *const c_void,
}

/// Where calls look that have to ask the host: it has no entries.
pub(crate) static ASK: AtomicPtr<CallTable> = AtomicPtr::new((&raw const NO_ENTRIES).cast_mut());

static NO_ENTRIES: CallTable = CallTable { length: 0, entries: ptr::null() };

#[expect(unsafe_code, reason = "a table in a static")]
// SAFETY: there is nothing behind the pointer of `NO_ENTRIES`; the host's own tables do not rest on this.
unsafe impl Sync for CallTable {}
