//! Parking on the host's side of a handle: tickets for callouts, and what a call comes to that may be parked.
#![expect(unsafe_code, reason = "follows the pointers of a handle")]

use std::ffi::c_void;
use std::ptr;

use super::frame::Frame;
use super::handle::{Inner, frame};
use crate::abi::guard::guard;
use crate::abi::{Head, Sink};
use crate::park::{Hold, Parkings};
use crate::status::{NextStep, Statuses};

pub(super) unsafe extern "C" fn park(head: *mut Head, error: &mut Sink) -> *const c_void {
    // SAFETY: `CalloutHandle` lends its own head; the handle pins its instance.
    let (frame, parkings) = unsafe { (frame(head), (*(*head.cast::<Inner>()).instance).parkings()) };
    let taken = guard(|| match frame {
        Some(frame) => ticket(frame, parkings),
        None => Err("a call can only be parked by a callout while it runs".to_owned()),
    });
    match taken.flatten() {
        Ok(ticket) => ticket,
        Err(text) => {
            error.write(&text);
            ptr::null()
        }
    }
}

fn ticket(frame: &mut Frame, parkings: &Parkings) -> Result<*const c_void, String> {
    let hook = &frame.point().name;
    if !Statuses::from_bits(frame.point().statuses).contains(NextStep::Park) {
        return Err(format!("the hook point `{hook}` does not honour PARK"));
    }
    // SAFETY: the link belongs to a chain of the pinned generation.
    let Some(link) = (unsafe { frame.link.as_ref() }) else {
        return Err("no callout is running".to_owned());
    };
    if let Some(hold) = &frame.parking {
        return link.holder.take_ticket(hold.parking()).map(|claim| claim.into_raw());
    }
    let hold = parkings.open(hook);
    let claim = link.holder.take_ticket(hold.parking())?;
    frame.parking = Some(hold);
    Ok(claim.into_raw())
}

pub(super) unsafe extern "C" fn take_parked(head: *mut Head) -> *const c_void {
    // SAFETY: generated code asks right after a call, with the handle that it was given.
    let parked = unsafe { (*head.cast::<Inner>()).parked.take() };
    parked.map_or(ptr::null(), Hold::into_raw)
}

/// A call is parked if that is its status and somebody holds a ticket; tickets of a call that is not parked mean nothing.
#[inline(always)]
pub(super) fn settle_parking(frame: &mut Frame) {
    if frame.status == NextStep::Park || frame.parking.is_some() {
        settle_parking_slowly(frame);
    }
}

#[cold]
#[inline(never)]
fn settle_parking_slowly(frame: &mut Frame) {
    if frame.status != NextStep::Park {
        frame.parking = None;
    } else if let Some(hold) = &frame.parking {
        hold.parking().settle();
    } else {
        frame.link = frame.decided;
        frame.status = NextStep::Continue;
        let _ = guard(|| {
            frame.fail("it answered PARK without taking a ticket; call `handle.park()` first and keep the ticket")
        });
    }
}
