//! The beginning and the end of a request: its handle is made and dropped, within `context_create` and `context_destroy`.
#![expect(unsafe_code, reason = "makes and frees the inside of a handle")]

use std::cell::Cell;
use std::ptr;
use std::sync::Arc;

use super::dispatch;
use super::handle::{Inner, present, reset_status};
use super::spares::Spares;
use crate::abi::guard::guard;
use crate::abi::info::PointInfo;
use crate::abi::point::HookPoint;
use crate::abi::{FAILED, Head, HostApi, Sink};
use crate::context::{context_create, context_destroy};
use crate::instance::Instance;
use crate::registry;
use crate::status::NextStep;

/// Handles are made this deep within `context_create` and `context_destroy`; for deeper ones the two are not called. It is little,
/// because with callouts of both that make handles each level has twice as many calls.
const MAX_WITHIN: u32 = 8;

/// Makes the inside of a handle that pins the current generation of `instance`.
pub(super) fn new_handle(api: &'static HostApi, instance: &Instance) -> *mut Head {
    let (generation, number, spare) = instance.pin(|spares| spares.map_or(ptr::null_mut(), Spares::take));
    // SAFETY: the generation has just been pinned.
    let chains = unsafe { &(*generation).chains };
    let calls = chains.calls();
    let chains = Arc::as_ptr(chains);
    let inner = if spare.is_null() { new_inner(api) } else { spare };
    // SAFETY: nobody else has it, and it holds nothing, so that only this is different from any other one.
    unsafe {
        (*inner).head.calls = calls;
        (*inner).instance = instance;
        (*inner).chains = chains;
        (*inner).number = number;
    }
    let head = inner.cast();
    if !context_create::POINT.is_idle() {
        // SAFETY: nobody else has the handle yet.
        unsafe { around(head, &context_create::POINT) };
    }
    head
}

/// A new inside; what it belongs to is written afterwards.
#[cold]
#[inline(never)]
fn new_inner(api: &'static HostApi) -> *mut Inner {
    Box::into_raw(Box::new(Inner::new(api)))
}

/// Calls one of the two hook points that surround a request; what they answer counts for nothing.
///
/// # Safety
///
/// `head` must be the head of a live handle of this binary that no one else uses.
#[cold]
#[inline(never)]
unsafe fn around(head: *mut Head, point: &HookPoint) {
    // SAFETY: the caller's promise.
    if !unsafe { present(head, point.index()) } {
        return;
    }
    // A callout that makes handles itself is called for them too.
    thread_local!(static DEPTH: Cell<u32> = const { Cell::new(0) });
    let depth = DEPTH.get();
    if depth >= MAX_WITHIN {
        let _ =
            guard(|| tracing::error!("callout handles are made {depth} deep in `context_create` or `context_destroy`"));
        return;
    }
    DEPTH.set(depth + 1);
    // SAFETY: the caller's promise; these hook points have no arguments.
    unsafe {
        point.call_with(head, ptr::NonNull::dangling().as_ptr());
        reset_status(head);
    }
    DEPTH.set(depth);
}

pub(super) unsafe extern "C" fn drop_handle(head: *mut Head) {
    if !context_destroy::POINT.is_idle() {
        // SAFETY: its owner, whom no call borrows any more, gives it up here.
        unsafe { around(head, &context_destroy::POINT) };
    }
    let inner = head.cast::<Inner>();
    // SAFETY: `head` came from `new_handle`, and is given up here. None of what is cleared unwinds.
    let (instance, number) = unsafe {
        (*inner).clear();
        ((*inner).instance, (*inner).number)
    };
    // SAFETY: an instance outlives its pins: it is leaked if it is dropped while there are any.
    let instance = unsafe { &*instance };
    instance.unpin(number, |spares| match spares {
        // SAFETY: it came from a box, in `new_inner`, and is given up here.
        Some(spares) => unsafe { spares.give(inner) },
        // SAFETY: as above.
        None => drop(unsafe { Box::from_raw(inner) }),
    });
}

/// Calls a hook point that has no declared arguments; `FAILED` and a text if there is no such hook point.
pub(super) unsafe extern "C" fn call_by_index(head: *mut Head, index: u32, error: &mut Sink) -> u32 {
    // What an earlier call has parked and nobody has taken is lost, as if it had been dropped.
    // SAFETY: `CalloutHandle` lends its own head, and nothing else refers to this field.
    let untaken = unsafe { (*head.cast::<Inner>()).parked.take() };
    let _ = guard(|| drop(untaken));
    let inner = head.cast::<Inner>();
    // SAFETY: `CalloutHandle` lends its own head, which pins the generation of its chains.
    let chain = unsafe { &*(*inner).chains }.table().chain(index);
    // Where callouts are attached, their chain knows the hook point as well.
    let known = match chain {
        Some(chain) => Some(named_if_declared(&chain.point)),
        None => registry::lock().info(index).map(|point| named_if_declared(point)),
    };
    match known {
        None => error.write(&format!("the hook index {index} is not known")),
        Some(Some(name)) => {
            let text = format!("the hook point `{name}` has declared arguments; call it as `{name}::call`");
            error.write(&text);
        }
        // SAFETY: `CalloutHandle` lends its own head; there are no arguments.
        Some(None) => unsafe {
            // As in the reference the status begins anew, also if nobody is attached.
            (*inner).last = NextStep::Continue;
            (*inner).decided = ptr::null();
            return dispatch::call(head, index, ptr::NonNull::dangling().as_ptr());
        },
    }
    FAILED
}

/// The name of a hook point that has arguments.
fn named_if_declared(point: &PointInfo) -> Option<String> {
    point.arguments.first().map(|_| point.name.clone())
}
