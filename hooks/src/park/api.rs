//! The functions of tickets and parked calls, which work on the host's side of them from either side of the boundary.
#![expect(unsafe_code, reason = "tickets and parked calls cross the boundary as counted pointers")]

use std::ffi::c_void;
use std::mem::ManuallyDrop;
use std::sync::Arc;

use super::claim::{Claim, Resolution};
use super::hold::Hold;
use super::parking::Parking;
use super::{Outcome, lot_api};
use crate::abi::guard::guard;
use crate::abi::{GIVEN_UP, ParkApi, RESOLVED_DROPPED, RESOLVED_RESUMED, Run};

impl ParkApi {
    /// The functions of this binary.
    pub(crate) const OWN: ParkApi = ParkApi {
        resolve,
        hand_over,
        release,
        abandon,
        lot_clone: lot_api::clone,
        lot_drop: lot_api::drop_lot,
        lot_count: lot_api::count,
        lot_unpark: lot_api::unpark,
        lot_drop_parked: lot_api::drop_parked,
    };
}

impl Claim {
    /// The ticket as a pointer that somebody owns.
    pub(crate) fn into_raw(self) -> *const c_void {
        Box::into_raw(Box::new(self)).cast_const().cast()
    }
}

impl Hold {
    /// The hold as a pointer that somebody owns.
    pub(crate) fn into_raw(self) -> *const c_void {
        Arc::into_raw(self.release()).cast()
    }

    /// # Safety
    ///
    /// `parking` must come from `into_raw` in this binary, and the caller gives it up.
    unsafe fn from_raw(parking: *const c_void) -> Hold {
        // SAFETY: the caller's promise.
        Hold::new(unsafe { Arc::from_raw(parking.cast::<Parking>()) })
    }
}

/// What to do with the request: a closure of the binary that handed it over.
#[derive(Debug)]
pub(super) struct Continuation {
    context: *mut c_void,
    run: Run,
}

// SAFETY: the context is a boxed closure that is `Send` (`Parked` asks for it), and is used up by one call of `run`.
unsafe impl Send for Continuation {}

impl Continuation {
    /// Runs it.
    pub(super) fn finish(self, outcome: Outcome) {
        let how = match outcome {
            Outcome::Resumed => RESOLVED_RESUMED,
            Outcome::Dropped => RESOLVED_DROPPED,
        };
        ManuallyDrop::new(self).end(how);
    }

    fn end(&self, how: u32) {
        // SAFETY: the context belongs to this function; both callers see to it that it is used up once.
        unsafe { (self.run)(self.context, how) };
    }
}

impl Drop for Continuation {
    fn drop(&mut self) {
        self.end(GIVEN_UP);
    }
}

unsafe extern "C" fn resolve(ticket: *const c_void, how: u32) {
    let resolution = match how {
        RESOLVED_RESUMED => Resolution::Outcome(Outcome::Resumed),
        RESOLVED_DROPPED => Resolution::Outcome(Outcome::Dropped),
        _ => Resolution::Lost,
    };
    // SAFETY: the pointer came from `Claim::into_raw`, and the ticket that owns it ends here.
    let claim = unsafe { Box::from_raw(ticket.cast_mut().cast::<Claim>()) };
    let _ = guard(|| claim.resolve(resolution));
}

unsafe extern "C" fn hand_over(parking: *const c_void, context: *mut c_void, run: Run) {
    // SAFETY: the pointer came from `Hold::into_raw`, and the parked call that owns it lends it.
    let parking = unsafe { &*parking.cast::<Parking>() };
    let _ = guard(|| parking.hand_over(Continuation { context, run }));
}

unsafe extern "C" fn release(parking: *const c_void) {
    // SAFETY: the pointer came from `Hold::into_raw`, and the parked call that owns it ends here.
    let _ = guard(|| unsafe { Hold::from_raw(parking) }.release());
}

unsafe extern "C" fn abandon(parking: *const c_void) {
    // SAFETY: the pointer came from `Hold::into_raw`, and the parked call that owns it ends here.
    let _ = guard(|| drop(unsafe { Hold::from_raw(parking) }));
}
