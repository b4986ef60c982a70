//! The functions of `hooks_ticket`.
#![expect(unsafe_code, reason = "tickets go to C as boxes")]

use std::ffi::c_int;

use super::boundary::{Failure, give, run};
use super::constants::{HOOKS_ERROR_INVALID, HOOKS_ERROR_REFUSED};
use super::handle::with;
use super::table::API;
use super::types::{CHandle, CTicket};
use crate::abi::guard::guard;

pub(super) unsafe extern "C" fn park(handle: *mut CHandle, ticket: *mut *mut CTicket) -> c_int {
    run(|| {
        // Asked first: a ticket that nobody takes would drop the request.
        if ticket.is_null() {
            return Err(Failure::new(HOOKS_ERROR_INVALID, "the pointer for the ticket is NULL"));
        }
        let refused = |error: crate::Error| Failure::new(HOOKS_ERROR_REFUSED, error.to_string());
        // SAFETY: C passes the handle that its callout was given.
        let taken = unsafe { with(handle, |handle| handle.park().map_err(refused)) }?;
        let boxed = Box::into_raw(Box::new(CTicket { api: &API, ticket: taken }));
        // SAFETY: C passes a place for the ticket.
        unsafe { give(ticket, boxed) }
    })
}

pub(super) unsafe extern "C" fn resume(ticket: *mut CTicket) {
    // SAFETY: C gives the ticket up.
    unsafe { end(ticket, |ticket| ticket.ticket.resume()) };
}

pub(super) unsafe extern "C" fn drop_request(ticket: *mut CTicket) {
    // SAFETY: C gives the ticket up.
    unsafe { end(ticket, |ticket| ticket.ticket.drop_request()) };
}

/// # Safety
///
/// `ticket` must be null or a ticket that is not used again.
unsafe fn end(ticket: *mut CTicket, body: impl FnOnce(CTicket)) {
    if ticket.is_null() {
        return;
    }
    // SAFETY: it came from `park`, and ends here.
    let ticket = unsafe { Box::from_raw(ticket) };
    if let Err(message) = guard(|| body(*ticket)) {
        let _ = guard(|| tracing::error!("a panic while a request was resumed: {message}"));
    }
}
