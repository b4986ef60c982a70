//! The context of a C library: pointers by name, each with the function that drops it.
#![expect(unsafe_code, reason = "keeps pointers of C with their functions")]

use std::ffi::{c_char, c_int, c_void};

use super::boundary::{Failure, give, run, text};
use super::constants::HOOKS_ERROR_NOT_FOUND;
use super::handle::with;
use super::types::{CHandle, Destroy};

/// A pointer of C's that the handle keeps.
#[derive(Debug)]
struct Kept {
    pointer: *mut c_void,
    destroy: Option<Destroy>,
}

// SAFETY: the header says that the pointer and its function may be used on another thread than the one that set it.
unsafe impl Send for Kept {}

impl Drop for Kept {
    fn drop(&mut self) {
        if let Some(destroy) = self.destroy {
            // SAFETY: C gave the pointer with this function, which is called once.
            unsafe { destroy(self.pointer) };
        }
    }
}

pub(super) unsafe extern "C" fn set_context(
    handle: *mut CHandle,
    name: *const c_char,
    value: *mut c_void,
    destroy: Option<Destroy>,
) -> c_int {
    run(|| {
        // SAFETY: C lends the name for this call.
        let name = unsafe { text(name, "the name") }?;
        let set = |handle: &mut crate::CalloutHandle<'_>| {
            handle.set_context(name, Kept { pointer: value, destroy });
            Ok(())
        };
        // SAFETY: C passes the handle that its callout was given.
        unsafe { with(handle, set) }
    })
}

pub(super) unsafe extern "C" fn get_context(
    handle: *mut CHandle,
    name: *const c_char,
    value: *mut *mut c_void,
) -> c_int {
    run(|| {
        // SAFETY: C lends the name for this call.
        let name = unsafe { text(name, "the name") }?;
        let missing = |error: crate::Error| Failure::new(HOOKS_ERROR_NOT_FOUND, error.to_string());
        let get = |handle: &mut crate::CalloutHandle<'_>| {
            handle.context::<Kept>(name).map(|kept| kept.pointer).map_err(missing)
        };
        // SAFETY: C passes the handle that its callout was given.
        let pointer = unsafe { with(handle, get) }?;
        // SAFETY: C passes a place for the pointer.
        unsafe { give(value, pointer) }
    })
}

pub(super) unsafe extern "C" fn delete_context(handle: *mut CHandle, name: *const c_char) -> c_int {
    run(|| {
        // SAFETY: C lends the name for this call.
        let name = unsafe { text(name, "the name") }?;
        // SAFETY: C passes the handle that its callout was given.
        match unsafe { with(handle, |handle| Ok(handle.delete_context(name))) }? {
            true => Ok(()),
            false => Err(Failure::new(HOOKS_ERROR_NOT_FOUND, format!("there is no context `{name}`"))),
        }
    })
}
