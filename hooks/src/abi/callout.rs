//! The static of a callout: its thunk and its record.
#![expect(unsafe_code, reason = "the entry is made of pointers to constants, and gives its record back")]

use std::any::TypeId;
use std::borrow::Cow;
use std::ffi::c_void;

use super::{Head, Text};

/// The generated function around a callout: unpacks the arguments, calls it, catches its panic.
pub(crate) type Thunk = unsafe extern "C" fn(head: *mut Head, arguments: *mut c_void, state: *const c_void) -> u32;

/// One callout as its binary offers it. Made by [`#[callout]`](macro@crate::callout).
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct CalloutEntry {
    /// The function to call.
    pub(crate) thunk: Thunk,
    /// The bytes that describe it.
    pub(crate) record: *const u8,
    /// Their number.
    pub(crate) record_length: usize,
    /// Whether it takes nothing but declared arguments and `this`, so that it cannot reach the handle of the call.
    pub(crate) is_plain: bool,
    /// The type of its `this`, where it takes one; only compared inside its own binary.
    pub(crate) state: Option<fn() -> TypeId>,
    /// The crate in which it is.
    pub(crate) crate_name: Text,
}

// SAFETY: the pointers are to constants and to functions.
unsafe impl Sync for CalloutEntry {}
// SAFETY: as for `Sync`.
unsafe impl Send for CalloutEntry {}

impl CalloutEntry {
    /// A callout that `record` describes.
    ///
    /// # Safety
    ///
    /// `thunk` must take the arguments that the record names, and a state of the type that `state` names. If it `is_plain`, it must
    /// neither lend the handle nor the arguments by name.
    pub const unsafe fn new(
        thunk: Thunk,
        record: &'static [u8],
        is_plain: bool,
        state: Option<fn() -> TypeId>,
        crate_name: &'static str,
    ) -> CalloutEntry {
        let (record, record_length) = (record.as_ptr(), record.len());
        CalloutEntry { thunk, record, record_length, is_plain, state, crate_name: Text::new(crate_name) }
    }

    /// The bytes that describe it.
    pub(crate) fn record(&self) -> &'static [u8] {
        // SAFETY: `new` takes both from one `&'static [u8]`.
        unsafe { std::slice::from_raw_parts(self.record, self.record_length) }
    }

    /// The crate in which it is.
    pub(crate) fn crate_name(&self) -> Cow<'static, str> {
        // SAFETY: `new` makes it of a `&'static str`.
        unsafe { self.crate_name.get() }
    }
}
