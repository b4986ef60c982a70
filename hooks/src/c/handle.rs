//! The functions of `hooks_handle` that ask where a callout is, work on the status, and log.
#![expect(unsafe_code, reason = "follows the pointers that C passes")]

use std::ffi::{c_char, c_int};
use std::sync::Arc;

use super::boundary::{Done, Failure, give, last_error, run, text};
use super::constants::{HOOKS_ERROR_INVALID, HOOKS_ERROR_REFUSED, HOOKS_LOG_ERROR, HOOKS_LOG_TRACE};
use super::types::{CHandle, CLibrary};
use crate::handle::CalloutHandle;
use crate::host;
use crate::status::NextStep;
use crate::typed;

/// Lends the callout handle of the call to `body`.
///
/// # Safety
///
/// `handle` must be null or what the running callout was given.
pub(super) unsafe fn with<R>(
    handle: *mut CHandle,
    body: impl FnOnce(&mut CalloutHandle<'_>) -> Result<R, Failure>,
) -> Result<R, Failure> {
    // SAFETY: the caller's promise.
    let Some(handle) = (unsafe { handle.as_ref() }) else {
        return Err(Failure::new(HOOKS_ERROR_INVALID, "the handle is NULL"));
    };
    // SAFETY: the head is the one that the thunk was given, and its callout is running.
    unsafe { typed::lend_handle(handle.head, body) }
}

impl CLibrary {
    /// Writes a line to the host's log, with the library's name as its target.
    pub(super) fn log(&self, level: c_int, message: &str) -> Done {
        if !(HOOKS_LOG_ERROR..=HOOKS_LOG_TRACE).contains(&level) {
            let text = format!("there is no log level {level}; expected {HOOKS_LOG_ERROR} to {HOOKS_LOG_TRACE}");
            return Err(Failure::new(HOOKS_ERROR_INVALID, text));
        }
        host::log_line(level.unsigned_abs(), &self.image.name, message);
        Ok(())
    }
}

pub(super) unsafe extern "C" fn hook_name(handle: *mut CHandle) -> *const c_char {
    // SAFETY: C passes the handle that its callout was given.
    unsafe { (*(*handle).callout).hook.as_ptr() }
}

pub(super) unsafe extern "C" fn handle_library(handle: *mut CHandle) -> *mut CLibrary {
    // SAFETY: C passes the handle that its callout was given.
    Arc::as_ptr(unsafe { &(*(*handle).callout).library }).cast_mut()
}

pub(super) unsafe extern "C" fn status(handle: *mut CHandle) -> c_int {
    // SAFETY: C passes the handle that its callout was given.
    let status = unsafe { with(handle, |handle| Ok(handle.status())) };
    status.unwrap_or_default() as c_int
}

pub(super) unsafe extern "C" fn set_status(handle: *mut CHandle, status: c_int) -> c_int {
    // SAFETY: C passes the handle that its callout was given.
    unsafe { change(handle, status, |handle, status| handle.set_status(status)) }
}

pub(super) unsafe extern "C" fn override_failure(handle: *mut CHandle, status: c_int) -> c_int {
    // SAFETY: C passes the handle that its callout was given.
    unsafe { change(handle, status, |handle, status| handle.override_failure(status)) }
}

/// # Safety
///
/// As for `with`.
unsafe fn change(
    handle: *mut CHandle,
    status: c_int,
    body: impl FnOnce(&mut CalloutHandle<'_>, NextStep) -> Result<(), crate::Error>,
) -> c_int {
    run(|| {
        let known = u32::try_from(status).ok().and_then(NextStep::from_raw);
        let Some(status) = known else {
            return Err(Failure::new(HOOKS_ERROR_INVALID, format!("there is no status {status}; expected HOOKS_…")));
        };
        let change = |handle: &mut CalloutHandle<'_>| {
            body(handle, status).map_err(|error| Failure::new(HOOKS_ERROR_REFUSED, error.to_string()))
        };
        // SAFETY: the caller's promise.
        unsafe { with(handle, change) }
    })
}

pub(super) unsafe extern "C" fn handle_log(handle: *mut CHandle, level: c_int, message: *const c_char) -> c_int {
    run(|| {
        // SAFETY: C passes the handle that its callout was given, and lends the text.
        let (callout, message) = unsafe { (&*(*handle).callout, text(message, "the message")?) };
        callout.library.log(level, message)
    })
}

pub(super) unsafe extern "C" fn handle_last_error(_: *mut CHandle) -> *const c_char {
    last_error()
}

pub(super) unsafe extern "C" fn library_last_error(_: *mut CLibrary) -> *const c_char {
    last_error()
}

pub(super) unsafe extern "C" fn log_enabled(_: *mut CLibrary, level: c_int, enabled: *mut bool) -> c_int {
    run(|| {
        let known = (HOOKS_LOG_ERROR..=HOOKS_LOG_TRACE).contains(&level);
        // SAFETY: C passes a place for the answer.
        unsafe { give(enabled, known && host::level_enabled(level.unsigned_abs())) }
    })
}
