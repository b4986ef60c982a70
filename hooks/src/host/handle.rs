//! The host's side of a callout handle: the functions that work on its inside from either side of the boundary.
#![expect(unsafe_code, reason = "follows the pointers of a handle and of the arguments that a call lends")]

use std::ffi::c_void;
use std::ptr;
use std::sync::Arc;

use super::frame::{Frame, Lent};
use super::inner::Inner;
use crate::abi::counted::Counted;
use crate::abi::info::PointInfo;
use crate::abi::record::Mode;
use crate::abi::{Found, Head, Sink, Text};
use crate::callout_info::CalloutInfo;
use crate::registrations::Registrations;
use crate::status::{NextStep, Statuses};

pub(super) unsafe extern "C" fn present(head: *mut Head, index: u32) -> bool {
    // SAFETY: `head` is the head of a live `Inner`, which pins the generation of its chains.
    let chains = unsafe { &*(*head.cast::<Inner>()).chains };
    chains.table().chain(index).is_some()
}

/// Who registered the callout that is running, or null.
///
/// # Safety
///
/// As for `frame`.
pub(super) unsafe fn owner(head: *mut Head) -> *const Registrations {
    // SAFETY: the caller's promise.
    let link = unsafe { frame(head) }.map_or(ptr::null(), |frame| frame.link);
    // SAFETY: a link belongs to a table that the pinned generation keeps.
    unsafe { link.as_ref() }.map_or(ptr::null(), |link| Arc::as_ptr(&link.owner))
}

/// Whether the hook point that is being called declares an argument of this name.
///
/// # Safety
///
/// As for `frame`.
pub(super) unsafe fn has_declared_argument(head: *mut Head, name: &[u8]) -> bool {
    // SAFETY: the caller's promise.
    let frame = unsafe { frame(head) };
    frame.is_some_and(|frame| frame.point().arguments.iter().any(|argument| argument.name.as_bytes() == name))
}

pub(super) unsafe extern "C" fn reset_status(head: *mut Head) {
    let inner = head.cast::<Inner>();
    // SAFETY: `CalloutHandle` lends its own head.
    match unsafe { frame(head) } {
        // In a callout the status is that of the call, which only `set_status` changes.
        Some(_) => {}
        // SAFETY: as above.
        None => unsafe {
            (*inner).last = NextStep::Continue;
            (*inner).decided = ptr::null();
        },
    }
}

/// The registrations of the library whose callout is running, as a count that the handle keeps; null outside of callouts.
pub(super) unsafe extern "C" fn library_handle(head: *mut Head) -> *const Counted {
    // SAFETY: `CalloutHandle` lends its own head.
    let Some(link) = (unsafe { frame(head) }).map(|frame| frame.link) else { return ptr::null() };
    // SAFETY: as in `owner`.
    let Some(link) = (unsafe { link.as_ref() }) else { return ptr::null() };
    let counted = Counted::new(Arc::clone(&link.owner));
    // SAFETY: as above; nothing else refers to this field.
    unsafe { ptr::from_ref(Inner::rest_mut(head.cast()).library.insert(counted)) }
}

/// The innermost frame of a handle.
///
/// # Safety
///
/// `head` must be the head of a live handle of this binary that no other thread uses; the reference must not outlive the call
/// of the function that asks for it.
pub(super) unsafe fn frame<'a>(head: *mut Head) -> Option<&'a mut Frame> {
    // SAFETY: the caller's promise; a linked frame lies on the stack of `call`, below whoever asks.
    unsafe { (*head.cast::<Inner>()).frame.as_mut() }
}

pub(super) unsafe extern "C" fn failed(head: *mut Head, message: Text) {
    // SAFETY: the thunk lends its text for this call.
    let message = Some(unsafe { message.get() }.into_owned());
    // SAFETY: called by a thunk with the handle that it was given.
    unsafe { Inner::rest_mut(head.cast()).message = message };
}

pub(super) unsafe extern "C" fn lent(head: *mut Head) -> *const c_void {
    // SAFETY: called by a thunk with the head that it was given, so a call is going on.
    unsafe { (*(*head.cast::<Inner>()).frame).lent.cast() }
}

pub(super) unsafe extern "C" fn argument(
    lent: *const c_void,
    name: Text,
    hash: &[u64; 2],
    mutable: bool,
    error: &mut Sink,
) -> Found {
    // SAFETY: `Arguments` is lent for the time of the call.
    let lent = unsafe { &*lent.cast::<Lent>() };
    let hash = u128::from(hash[0]) | u128::from(hash[1]) << 64;
    // SAFETY: the arguments are those of the hook point; the name is lent for this call.
    match unsafe { find(&*lent.point, lent.arguments, name.bytes(), hash, mutable) } {
        Ok(pointer) => pointer,
        Err(text) => {
            error.write(&text);
            Found::NONE
        }
    }
}

pub(super) unsafe extern "C" fn argument_names(lent: *const c_void, names: &mut Sink) {
    // SAFETY: as in `argument`.
    for argument in unsafe { &(*(*lent.cast::<Lent>()).point).arguments } {
        names.write(&argument.name);
        names.write("\n");
    }
}

pub(super) unsafe extern "C" fn status(head: *mut Head) -> u32 {
    // SAFETY: `CalloutHandle` lends its own head.
    let (frame, last) = unsafe { (frame(head), (*head.cast::<Inner>()).last) };
    frame.map_or(last, |frame| frame.status) as u32
}

pub(super) unsafe extern "C" fn set_status(head: *mut Head, status: u32, error: &mut Sink) -> bool {
    // SAFETY: `CalloutHandle` lends its own head.
    unsafe { change_status(head, status, false, error) }
}

pub(super) unsafe extern "C" fn override_failure(head: *mut Head, status: u32, error: &mut Sink) -> bool {
    // SAFETY: `CalloutHandle` lends its own head.
    unsafe { change_status(head, status, true, error) }
}

/// # Safety
///
/// As for `frame`.
unsafe fn change_status(head: *mut Head, status: u32, overriding: bool, error: &mut Sink) -> bool {
    // SAFETY: the caller's promise.
    let Some(frame) = (unsafe { frame(head) }) else {
        error.write("the status can only be set while a callout runs");
        return false;
    };
    let honoured = Statuses::from_bits(frame.point().statuses);
    let Some(status) = NextStep::from_raw(status).filter(|&status| honoured.contains(status)) else {
        error.write(&format!("the hook point `{}` honours only {honoured}", frame.point().name));
        return false;
    };
    if frame.failed && !overriding {
        error.write("an earlier callout failed and its failure status stands; `override_failure` sets another one");
        return false;
    }
    frame.failed = false;
    frame.status = status;
    frame.decided = frame.link;
    true
}

pub(super) unsafe extern "C" fn hook(head: *mut Head) -> Text {
    // SAFETY: `CalloutHandle` lends its own head.
    unsafe { frame(head) }.map_or(Text::new(""), |frame| Text::new(&frame.point().name))
}

pub(super) unsafe extern "C" fn library(head: *mut Head) -> Text {
    // SAFETY: `CalloutHandle` lends its own head.
    let names = unsafe { frame(head) }.and_then(|frame| frame.names());
    names.map_or(Text::new(""), |info| Text::new(info.library()))
}

/// Finds an argument in the struct at `arguments`, which belongs to `point`.
///
/// # Safety
///
/// `arguments` must point to the argument struct of `point`.
unsafe fn find(
    point: &PointInfo,
    arguments: *mut c_void,
    name: &[u8],
    hash: u128,
    mutable: bool,
) -> Result<Found, String> {
    let Some(argument) = point.arguments.iter().find(|argument| argument.name.as_bytes() == name) else {
        let names: Vec<_> = point.arguments.iter().map(|argument| argument.name.as_str()).collect();
        let names = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
        return Err(format!("the hook point `{}` has no such argument; it has: {names}", point.name));
    };
    if argument.hash != hash {
        return Err(format!("it is a `{}`", argument.layout.name));
    }
    if mutable && argument.mode != Mode::Mut {
        return Err("the hook point lends it read-only; use `get`".to_owned());
    }
    // SAFETY: the offset lies within the struct, by its record.
    let slot = unsafe { arguments.byte_add(argument.offset as usize) };
    let value = match argument.mode {
        Mode::Value => slot,
        // SAFETY: in these modes the slot holds a reference.
        Mode::Ref | Mode::Mut => unsafe { slot.cast::<*mut c_void>().read() },
    };
    Ok(Found { value })
}

/// Who set the status of the last call.
///
/// # Safety
///
/// `head` must be the head of a live handle of this binary that no other thread uses.
pub(crate) unsafe fn decided_by(head: *mut Head) -> Option<CalloutInfo> {
    // SAFETY: the caller's promise.
    let inner = unsafe { &*head.cast::<Inner>() };
    // SAFETY: the link belongs to the generation that the handle pins.
    unsafe { inner.decided.as_ref() }.map(|link| link.info().clone())
}
