//! A call: walks the chain of a hook point.
#![expect(unsafe_code, reason = "calls the thunks of libraries and follows the pointers of a handle")]

use std::ffi::c_void;
use std::sync::Arc;

use super::frame::{Frame, Lent, settle};
use super::handle::Inner;
use super::park::{adopt, hand_on, settle_parking};
use crate::abi::guard::guard;
use crate::abi::point::UNKNOWN;
use crate::abi::{FAILED, Head};
use crate::arguments::Arguments;
use crate::chains::Chain;
use crate::observe::{Call, CalloutResult, Observer};
use crate::registry;
use crate::status::{NextStep, Statuses};

/// Hook points nest this deep within one request; a deeper call is answered by the hook point's failure status.
const MAX_DEPTH: u32 = 32;

/// Calls the callouts that are attached to the hook point `index`.
///
/// # Safety
///
/// `head` must be the head of a live handle of this binary that no other thread uses; `arguments` must point to the argument
/// struct of the hook point with this index.
pub(super) unsafe extern "C" fn call(head: *mut Head, index: u32, arguments: *mut c_void) -> u32 {
    let inner = head.cast::<Inner>();
    // SAFETY: the caller's promise; the handle pins the instance and the generation of the chains.
    let (chains, instance, outer) = unsafe { (&*(*inner).chains, &*(*inner).instance, (*inner).frame) };
    // From here on to the end of this call these are the callouts, whatever is registered meanwhile.
    let chain = chains.table().chain(index);
    // SAFETY: a frame that is linked is on the stack of a caller of this function.
    let depth = if outer.is_null() { 0 } else { unsafe { (*outer).depth + 1 } };
    if depth >= MAX_DEPTH || instance.is_observed() || index == UNKNOWN {
        // SAFETY: the caller's promise.
        return unsafe { call_rare(inner, index, chain, depth, arguments) };
    }
    let Some(chain) = chain else {
        // Attached in another set of libraries only: for this request it is as idle as a hook point without any callouts.
        return NextStep::Continue as u32;
    };
    let lent = Lent { point: Arc::as_ptr(&chain.point), arguments };
    let mut frame = Frame::new(outer, depth, &lent);
    // All accesses go through this one pointer, which callouts reach through the handle.
    let frame = &raw mut frame;
    // SAFETY: the frame outlives its link in the handle: `finish` unlinks it, and nothing between unwinds.
    unsafe { (*inner).frame = frame };
    // SAFETY: both are alive, and no reference into either is.
    unsafe { adopt(inner, frame) };
    for link in &*chain.links {
        // SAFETY: the frame is a local of this function, and no reference to it is alive here.
        unsafe { (*frame).link = link };
        // SAFETY: the thunk belongs to this hook point, the state to the thunk's library, whose generation is pinned, or a closure that the chain keeps.
        let answer = unsafe { (link.thunk)(head, arguments, link.state) };
        if answer != NextStep::Continue as u32 {
            // SAFETY: as above; the thunk has returned.
            settle(unsafe { &mut *frame }, answer);
        }
    }
    // SAFETY: `inner` is alive, see above.
    unsafe { finish(inner, &mut *frame) }
}

/// Unlinks the frame and hands its result over.
///
/// # Safety
///
/// `inner` must be alive and `frame` its innermost frame.
#[inline(always)]
unsafe fn finish(inner: *mut Inner, frame: &mut Frame) -> u32 {
    settle_parking(frame);
    // SAFETY: the caller's promise; the head, which others may read, is not touched.
    unsafe {
        (*inner).frame = frame.outer;
        (*inner).last = frame.status;
        (*inner).decided = frame.decided;
        if frame.parking.is_some() {
            hand_on(inner, frame);
        }
    }
    frame.status as u32
}

/// The calls that are out of the ordinary: too deep, watched by an observer, or of a hook point without callouts here.
///
/// # Safety
///
/// As for `call`.
#[cold]
#[inline(never)]
unsafe fn call_rare(inner: *mut Inner, index: u32, chain: Option<&Chain>, depth: u32, arguments: *mut c_void) -> u32 {
    let point = match chain {
        Some(chain) => Some(Arc::clone(&chain.point)),
        None => registry::lock().info(index).cloned(),
    };
    let Some(point) = point else {
        let _ = guard(|| {
            tracing::error!(
                "a library calls a hook point that it knows in another form than this host; rebuild the library with the \
                 host's version of the interface crate"
            );
        });
        // No status has this number: the hook point's failure status is meant.
        return FAILED;
    };
    // SAFETY: the caller's promise.
    let outer = unsafe { (*inner).frame };
    let lent = Lent { point: Arc::as_ptr(&point), arguments };
    let mut frame = Frame::new(outer, depth, &lent);
    if depth >= MAX_DEPTH {
        let _ = guard(|| frame.fail(&format!("hook points are nested {MAX_DEPTH} deep within one request")));
        // SAFETY: `inner` is alive, and the frame stands for its innermost call though it was never linked.
        return unsafe { finish(inner, &mut frame) };
    }
    let frame = &raw mut frame;
    // SAFETY: as in `call`.
    unsafe { (*inner).frame = frame };
    // SAFETY: as in `call`.
    unsafe { adopt(inner, frame) };
    // SAFETY: the instance outlives its handles.
    let observer = unsafe { (*(*inner).instance).observer() };
    let watched = Call { hook: &point.name, depth };
    // SAFETY: the head is alive; its functions are constant.
    let seen = Arguments::new((&raw const lent).cast(), unsafe { &(*inner).head.api.handle });
    let observe = |event: &dyn Fn(&dyn Observer)| {
        if let Some(observer) = &observer
            && let Err(message) = guard(|| event(&**observer))
        {
            let _ = guard(|| tracing::error!(hook = watched.hook, "the observer panicked: {message}"));
        }
    };
    observe(&|observer| observer.hook_begin(&watched, &seen));
    for link in chain.iter().flat_map(|chain| &*chain.links) {
        // SAFETY: as in `call`.
        unsafe { (*frame).link = link };
        // SAFETY: as in `call`.
        let answer = unsafe { (link.thunk)(inner.cast(), arguments, link.state) };
        // SAFETY: as in `call`; the thunk has returned.
        let message = unsafe { (*frame).message.clone() };
        let result = match NextStep::from_raw(answer) {
            Some(NextStep::Continue) => CalloutResult::NoOpinion,
            Some(status) if Statuses::from_bits(point.statuses).contains(status) => CalloutResult::Status(status),
            Some(_) => CalloutResult::Failed("it answered a status that the hook point does not honour"),
            None => CalloutResult::Failed(message.as_deref().unwrap_or("without a message")),
        };
        if answer != NextStep::Continue as u32 {
            // SAFETY: as in `call`.
            settle(unsafe { &mut *frame }, answer);
        }
        observe(&|observer| observer.callout_end(&watched, &link.info, result, &seen));
    }
    // SAFETY: as in `call`.
    settle_parking(unsafe { &mut *frame });
    // SAFETY: as in `call`.
    let status = unsafe { (*frame).status };
    observe(&|observer| observer.hook_end(&watched, status, &seen));
    // It may be the last one, if a callout has replaced it, and its drop may panic.
    let _ = guard(|| drop(observer));
    if chain.is_none() {
        // Being watched makes no difference: the status stays that of the last call that had callouts.
        // SAFETY: as in `call`; this unlinks the frame as `finish` does.
        unsafe { (*inner).frame = (*frame).outer };
        return NextStep::Continue as u32;
    }
    // SAFETY: as in `call`.
    unsafe { finish(inner, &mut *frame) }
}
