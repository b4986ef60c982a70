//! The beginning and the end of a request: its handle is made and dropped, within `context_create` and `context_destroy`.
#![expect(unsafe_code, reason = "makes and frees the inside of a handle")]

use std::cell::Cell;
use std::{hint, ptr};

use super::dispatch;
use super::handle::reset_status;
use super::inner::Inner;
use super::local;
use crate::abi::guard::guard;
use crate::abi::info::PointInfo;
use crate::abi::point::HookPoint;
use crate::abi::{FAILED, Head, Sink};
use crate::context::{context_create, context_destroy};
use crate::hook_index::HookIndex;
use crate::instance::Instance;
use crate::registry;
use crate::status::NextStep;

/// Handles are made this deep within `context_create` and `context_destroy`; for deeper ones the two are not called. It is little,
/// because with callouts of both that make handles each level has twice as many calls.
const MAX_WITHIN: u32 = 8;

/// Makes the inside of a handle that pins the current generation of `instance`.
#[inline(never)]
pub(super) fn new_handle(instance: &Instance) -> *mut Head {
    // Each rest is a call at the end, so that the way of most requests keeps nothing on the stack.
    match local::begin_again(instance) {
        Some(inner) if context_create::POINT.is_idle() => inner.cast(),
        // SAFETY: nobody else has the handle yet.
        Some(inner) => unsafe { created(inner) },
        None => new_handle_slowly(instance),
    }
}

#[cold]
#[inline(never)]
fn new_handle_slowly(instance: &Instance) -> *mut Head {
    let inner = local::begin(super::api(), instance);
    // SAFETY: nobody else has the handle yet.
    if context_create::POINT.is_idle() { inner.cast() } else { unsafe { created(inner) } }
}

/// # Safety
///
/// `inner` must be the inside of a live handle of this binary that no one else uses.
#[inline(never)]
unsafe fn created(inner: *mut Inner) -> *mut Head {
    // SAFETY: the caller's promise.
    unsafe { around(inner, &context_create::POINT, HookIndex::CONTEXT_CREATE) };
    // If the compiler knew that this is what the caller has, the caller would keep it instead of ending in a jump.
    hint::black_box(inner.cast())
}

pub(super) unsafe extern "C" fn drop_handle(head: *mut Head) {
    let inner = head.cast();
    // SAFETY: its owner, whom no call borrows any more, gives it up here; it came from `new_handle`.
    if context_destroy::POINT.is_idle() { unsafe { end(inner) } } else { unsafe { destroyed(inner) } }
}

/// # Safety
///
/// As for `end`.
#[inline(never)]
unsafe fn destroyed(inner: *mut Inner) {
    // SAFETY: the caller's promise.
    unsafe {
        around(inner, &context_destroy::POINT, HookIndex::CONTEXT_DESTROY);
        end(inner);
    }
}

/// # Safety
///
/// `inner` must have come from `new_handle`, and is given up.
#[inline(always)]
unsafe fn end(inner: *mut Inner) {
    // SAFETY: the caller's promise; where it says no, nothing has been given up.
    if unsafe { (*inner).is_used || !local::end_here(inner) } {
        // SAFETY: the caller's promise.
        unsafe { end_slowly(inner) };
    }
}

/// # Safety
///
/// As for `end`.
#[cold]
#[inline(never)]
unsafe fn end_slowly(inner: *mut Inner) {
    // SAFETY: the caller's promise. None of what is cleared unwinds.
    unsafe {
        (*inner).clear();
        if !local::end_here(inner) {
            local::end(inner);
        }
    }
}

/// Calls one of the two hook points that surround a request; what they answer counts for nothing.
///
/// # Safety
///
/// `inner` must be the inside of a live handle of this binary that no one else uses; `index` is that of `point`.
#[inline(always)]
unsafe fn around(inner: *mut Inner, point: &HookPoint, index: HookIndex) {
    // A callout that makes handles itself is called for them too.
    thread_local!(static DEPTH: Cell<u32> = const { Cell::new(0) });
    if DEPTH.get() >= MAX_WITHIN {
        // SAFETY: the caller's promise.
        return unsafe { too_deep(inner, index) };
    }
    DEPTH.set(DEPTH.get() + 1);
    // SAFETY: the caller's promise; these hook points have no arguments.
    unsafe {
        point.call_with(inner.cast(), ptr::NonNull::dangling().as_ptr());
        if (*inner).is_used {
            reset_status(inner.cast());
        }
    }
    DEPTH.set(DEPTH.get() - 1);
}

/// # Safety
///
/// As for `around`.
#[cold]
#[inline(never)]
unsafe fn too_deep(inner: *mut Inner, index: HookIndex) {
    // SAFETY: the handle pins the generation of its chains. It may be another `Hooks` that has callouts there.
    if unsafe { &*(*inner).chains }.table().chain(index.0).is_none() {
        return;
    }
    let deep = MAX_WITHIN;
    let _ = guard(|| tracing::error!("callout handles are made {deep} deep in `context_create` or `context_destroy`"));
}

/// Calls a hook point that has no declared arguments; `FAILED` and a text if there is no such hook point.
pub(super) unsafe extern "C" fn call_by_index(head: *mut Head, index: u32, error: &mut Sink) -> u32 {
    // What an earlier call has parked and nobody has taken is lost, as if it had been dropped.
    // SAFETY: `CalloutHandle` lends its own head, and nothing else refers to this field.
    let untaken = unsafe { Inner::rest_mut(head.cast()) }.parked.take();
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
