//! A function of a C library as a callout.
#![expect(unsafe_code, reason = "calls a function of C with what the host passes to a thunk")]

use std::ffi::{CString, c_void};
use std::sync::Arc;

use super::table::API;
use super::types::{CHandle, CLibrary, Function};
use crate::abi::Head;
use crate::status::NextStep;
use crate::typed;

/// A registered function: what its thunk takes as its closure.
#[derive(Debug)]
pub(crate) struct CCallout {
    pub(super) function: Function,
    pub(super) library: Arc<CLibrary>,
    pub(super) hook: CString,
}

/// Calls the function. It has no opinion but what it sets; anything but 0 is a failure.
///
/// # Safety
///
/// As for each thunk; `state` must point to a `CCallout`.
pub(super) unsafe extern "C" fn thunk(head: *mut Head, arguments: *mut c_void, state: *const c_void) -> u32 {
    // SAFETY: the host calls it with the head of the call's handle and with the closure, which it keeps alive. The arguments are
    // taken in this one way.
    unsafe {
        typed::run(head, || {
            let callout = state.cast::<CCallout>();
            let mut handle = CHandle { api: &API, head, arguments, callout };
            match ((*callout).function)(&raw mut handle) {
                0 => Ok(NextStep::Continue as u32),
                error => Err(format!("it returned {error}; expected 0")),
            }
        })
    }
}
