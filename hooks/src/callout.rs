//! Callouts: what `#[callout]` registers, and how an attached one is known.

use std::any::TypeId;
use std::ffi::c_void;
use std::sync::Arc;

use crate::dispatch::Head;

/// All callouts that are linked into this binary.
#[linkme::distributed_slice]
pub static HOOKS_0_1_CALLOUTS: [CalloutEntry];

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
    /// The type of its `this`, where it takes one; only compared inside its own binary.
    pub(crate) state: Option<fn() -> TypeId>,
    /// The crate in which it is.
    pub(crate) crate_name: crate::abi::Text,
}

#[expect(unsafe_code, reason = "the entry is made of pointers to constants, and gives its record back")]
mod sync {
    use std::any::TypeId;

    use super::{CalloutEntry, Thunk};
    use crate::abi::Text;

    // SAFETY: the pointers are to constants and to functions.
    unsafe impl Sync for CalloutEntry {}
    // SAFETY: as for `Sync`.
    unsafe impl Send for CalloutEntry {}

    impl CalloutEntry {
        /// A callout that `record` describes.
        ///
        /// # Safety
        ///
        /// `thunk` must take the arguments that the record names, and a state of the type that `state` names.
        pub const unsafe fn new(
            thunk: Thunk,
            record: &'static [u8],
            state: Option<fn() -> TypeId>,
            crate_name: &'static str,
        ) -> CalloutEntry {
            let (record, record_length) = (record.as_ptr(), record.len());
            CalloutEntry { thunk, record, record_length, state, crate_name: Text::new(crate_name) }
        }

        /// The bytes that describe it.
        pub(crate) fn record(&self) -> &'static [u8] {
            // SAFETY: `new` takes both from one `&'static [u8]`.
            unsafe { std::slice::from_raw_parts(self.record, self.record_length) }
        }

        /// The crate in which it is.
        pub(crate) fn crate_name(&self) -> std::borrow::Cow<'static, str> {
            // SAFETY: `new` makes it of a `&'static str`.
            unsafe { self.crate_name.get() }
        }
    }
}

/// An attached callout: on which hook point, of which library, under which name.
#[derive(Clone, Debug)]
pub struct CalloutInfo {
    pub(crate) inner: Arc<CalloutNames>,
}

#[derive(Debug)]
pub(crate) struct CalloutNames {
    pub(crate) hook: String,
    pub(crate) library: Arc<str>,
    pub(crate) callout: String,
    pub(crate) file: String,
    pub(crate) line: u32,
}

impl CalloutInfo {
    /// The hook point's name.
    pub fn hook(&self) -> &str {
        &self.inner.hook
    }

    /// The library's name.
    pub fn library(&self) -> &str {
        &self.inner.library
    }

    /// The callout's name: that of the function.
    pub fn callout(&self) -> &str {
        &self.inner.callout
    }

    /// The source file of the callout, as its compiler saw it.
    pub fn file(&self) -> &str {
        &self.inner.file
    }

    /// The line of the callout in its source file.
    pub fn line(&self) -> u32 {
        self.inner.line
    }
}
