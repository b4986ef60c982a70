//! Parking on the host's side of a handle: tickets and parking lots for callouts, and what becomes of a call that may be parked.
#![expect(unsafe_code, reason = "follows the pointers of a handle")]

use std::ffi::c_void;
use std::ptr;
use std::sync::Arc;

use super::failure::fail;
use super::frame::Frame;
use super::handle::frame;
use super::inner::Inner;
use crate::abi::guard::guard;
use crate::abi::{Head, Sink};
use crate::chains::Link;
use crate::handle::CalloutHandle;
use crate::park::{Hold, Parkings, lot_into_raw};
use crate::status::{NextStep, Statuses};

pub(super) unsafe extern "C" fn park(head: *mut Head, error: &mut Sink) -> *const c_void {
    // SAFETY: `CalloutHandle` lends its own head.
    unsafe { with_callout(head, error, ticket) }
}

pub(super) unsafe extern "C" fn parking_lot(head: *mut Head, error: &mut Sink) -> *const c_void {
    // SAFETY: `CalloutHandle` lends its own head.
    unsafe {
        with_callout(head, error, |frame, link, parkings| {
            link.owner.holder().check()?;
            Ok(lot_into_raw(parkings.lot(&frame.point().name)))
        })
    }
}

/// Has `work` done for the callout that is running, if its hook point honours PARK.
///
/// # Safety
///
/// As for `frame`.
unsafe fn with_callout(
    head: *mut Head,
    error: &mut Sink,
    work: impl FnOnce(&mut Frame, &Link, &Parkings) -> Result<*const c_void, String>,
) -> *const c_void {
    // SAFETY: the caller's promise; the handle pins its instance.
    let (frame, parkings) = unsafe { (frame(head), (*(*head.cast::<Inner>()).instance).parkings()) };
    let done = guard(|| {
        let Some(frame) = frame else {
            return Err("only a callout can park a call, while it runs".to_owned());
        };
        let point = frame.point();
        if !Statuses::from_bits(point.statuses).contains(NextStep::Park) {
            return Err(format!("the hook point `{}` does not honour PARK", point.name));
        }
        // SAFETY: the link belongs to a chain of the pinned generation.
        match unsafe { frame.link.as_ref() } {
            Some(link) => work(frame, link, parkings),
            None => Err("only a callout can park a call, while it runs".to_owned()),
        }
    });
    match done.flatten() {
        Ok(pointer) => pointer,
        Err(text) => {
            error.write(&text);
            ptr::null()
        }
    }
}

fn ticket(frame: &mut Frame, link: &Link, parkings: &Parkings) -> Result<*const c_void, String> {
    if let Some(hold) = &frame.parking {
        return link.owner.holder().take_ticket(hold.parking()).map(|claim| claim.into_raw());
    }
    let hold = parkings.open(&frame.point().name);
    let claim = link.owner.holder().take_ticket(hold.parking())?;
    frame.parking = Some(hold);
    Ok(claim.into_raw())
}

pub(super) unsafe extern "C" fn take_parked(head: *mut Head) -> *const c_void {
    // SAFETY: generated code asks right after a call, with the handle that it was given.
    let parked = unsafe { Inner::rest_mut(head.cast()) }.parked.take();
    parked.map_or(ptr::null(), Hold::into_raw)
}

/// Keeps what `make` parks for the next call of its hook point through `handle`.
///
/// # Errors
///
/// If `handle` belongs to other libraries than `parkings`, if it has something for its next call, or if `make` fails.
pub(crate) fn prepare(
    handle: &mut CalloutHandle<'_>,
    parkings: &Arc<Parkings>,
    make: impl FnOnce() -> Result<Hold, String>,
) -> Result<(), String> {
    let head = handle.head();
    // SAFETY: the head is alive as long as the handle.
    let is_own = ptr::eq(unsafe { (*head).api }, super::api());
    // SAFETY: a handle of this binary has an `Inner`, which pins its instance.
    if !is_own || !Arc::ptr_eq(unsafe { (*(*head.cast::<Inner>()).instance).parkings() }, parkings) {
        return Err("the handle belongs to another `Hooks` than the parking lot".to_owned());
    }
    // SAFETY: as above.
    if !unsafe { (*head.cast::<Inner>()).frame }.is_null() {
        return Err(
            "a request is parked before its hook point is called; a callout takes a ticket or a reference".to_owned()
        );
    }
    // SAFETY: as above; the handle is lent exclusively, and no callout runs.
    let special = unsafe { &mut Inner::rest_mut(head.cast()).special };
    let prepared = special.as_ref().and_then(|special| special.prepared.as_ref());
    if let Some(hold) = prepared.filter(|hold| !hold.parking().is_spent()) {
        let hook = hold.parking().hook();
        return Err(format!(
            "the next call of the hook point `{hook}` through this handle is parked already; call it first, or take it back \
             with `drop_parked`"
        ));
    }
    let hold = make()?;
    special.get_or_insert_default().prepared = Some(hold);
    // SAFETY: as above; no reference into it is alive.
    unsafe { (*head.cast::<Inner>()).choose_calls() };
    Ok(())
}

/// The call that begins becomes the one that the component has parked, if it is that.
///
/// # Safety
///
/// Both must be alive, and no reference into either.
pub(super) unsafe fn adopt(inner: *mut Inner, frame: *mut Frame) {
    // SAFETY: the caller's promise; the head, which others may read, is not touched.
    let (special, frame) = unsafe { (&mut Inner::rest_mut(inner).special, &mut *frame) };
    let Some(prepared) = special.as_mut().map(|special| &mut special.prepared) else { return };
    let hook = &frame.point().name;
    frame.parking = prepared.take_if(|hold| hold.parking().hook() == hook && !hold.parking().is_spent());
    if special.as_ref().is_some_and(|special| special.is_empty()) {
        *special = None;
    }
}

/// A call is parked if that is its status and somebody holds a ticket; tickets of a call that is not parked mean nothing.
///
/// # Safety
///
/// As for `fail`.
#[inline(always)]
pub(super) unsafe fn settle_parking(inner: *mut Inner, frame: *mut Frame) {
    // SAFETY: the caller's promise.
    unsafe {
        if (*frame).status == NextStep::Park || (*frame).parking.is_some() {
            settle_parking_slowly(inner, frame);
        }
    }
}

/// # Safety
///
/// As for `fail`.
#[cold]
#[inline(never)]
unsafe fn settle_parking_slowly(inner: *mut Inner, frame: *mut Frame) {
    // SAFETY: the caller's promise; the reference ends before `fail`.
    match park_or_not(unsafe { &mut *frame }) {
        Settled::Parked => return,
        Settled::NotParked => {}
        // SAFETY: the caller's promise.
        Settled::Failed(text) => unsafe { fail(inner, frame, &text) },
    }
    // SAFETY: the caller's promise.
    if let Some(hold) = unsafe { &(*frame).parking } {
        hold.parking().not_parked();
    }
}

enum Settled {
    Parked,
    NotParked,
    /// It was to be parked and cannot be.
    Failed(String),
}

fn park_or_not(frame: &mut Frame) -> Settled {
    if frame.status != NextStep::Park {
        return Settled::NotParked;
    }
    let settled = match &frame.parking {
        Some(hold) => guard(|| hold.parking().settle()).flatten(),
        None => {
            let text = "it answered PARK without taking a ticket; call `handle.park()` first and keep the ticket";
            Err(text.to_owned())
        }
    };
    let Err(text) = settled else { return Settled::Parked };
    frame.link = frame.decided;
    frame.status = NextStep::Continue;
    Settled::Failed(text)
}

/// A call with tickets has ended: if it is parked, its component asks for it now.
///
/// # Safety
///
/// `inner` must be alive, and no reference into it.
#[cold]
#[inline(never)]
pub(super) unsafe fn hand_on(inner: *mut Inner, frame: &mut Frame) {
    let hold = frame.parking.take();
    if frame.status == NextStep::Park {
        // SAFETY: the caller's promise; the head, which others may read, is not touched.
        unsafe { Inner::rest_mut(inner).parked = hold };
    } else if hold.as_ref().is_some_and(|hold| hold.parking().is_listed()) {
        // It stays in its lot until the component takes it out, or parks another one, or drops the handle.
        // SAFETY: as above.
        unsafe { Inner::rest_mut(inner).special.get_or_insert_default().prepared = hold };
    }
}
