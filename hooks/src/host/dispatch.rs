//! A call: walks the chain of a hook point.
#![expect(unsafe_code, reason = "calls the thunks of libraries and follows the pointers of a handle")]

use std::ffi::c_void;
use std::sync::Arc;

use super::failure::settle;
use super::frame::{Frame, Lent};
use super::handle::Inner;
use super::park::{hand_on, settle_parking};
use super::rare::{call_rare, call_rest};
use crate::abi::Head;
use crate::abi::point::UNKNOWN;
use crate::chains::Link;
use crate::status::NextStep;

/// Hook points nest this deep within one request; a deeper call is answered by the hook point's failure status.
pub(super) const MAX_DEPTH: u32 = 32;

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
    // SAFETY: the caller's promise.
    let is_special = unsafe { (*inner).special.is_some() };
    // From here on to the end of this call these are the callouts, whatever is registered meanwhile.
    let chain = chains.table().chain(index);
    // SAFETY: a frame that is linked is on the stack of a caller of this function.
    let depth = if outer.is_null() { 0 } else { unsafe { (*outer).depth + 1 } };
    if depth >= MAX_DEPTH || instance.is_rare() || is_special || index == UNKNOWN {
        // SAFETY: the caller's promise.
        return unsafe { call_rare(inner, index, chain, depth, arguments) };
    }
    let Some(chain) = chain else {
        // Attached in another set of libraries only: for this request it is as idle as a hook point without any callouts.
        return NextStep::Continue as u32;
    };
    let lent = Lent { point: Arc::as_ptr(&chain.point), arguments };
    let links = chain.links.as_ptr_range();
    let mut frame = Frame::new(outer, depth, &lent, links.end);
    // All accesses go through this one pointer, which callouts reach through the handle.
    let frame = &raw mut frame;
    // SAFETY: the frame outlives its link in the handle: `finish` unlinks it, and nothing between unwinds.
    unsafe { (*inner).frame = frame };
    let mut link = links.start;
    // SAFETY: the frame is a local of this function, and no reference to it is alive here.
    while link != unsafe { (*frame).end } {
        // SAFETY: as above. The link is one of the chain: the end is the chain's, or behind a link that has been called.
        let Link { thunk, state, .. } = unsafe {
            (*frame).link = link;
            &*link
        };
        // SAFETY: the thunk belongs to this hook point, the state to the thunk's library, whose generation is pinned, or a closure that the chain keeps.
        let answer = unsafe { thunk(head, arguments, *state) };
        if answer != NextStep::Continue as u32 {
            // SAFETY: both are alive; the thunk has returned.
            unsafe { settle(inner, frame, answer) };
        }
        link = link.wrapping_add(1);
    }
    if link != links.end {
        // SAFETY: as above; these are the links of the chain that have not been called.
        unsafe { call_rest(inner, frame, chain, link, index) };
    }
    // SAFETY: `inner` is alive, see above.
    unsafe { finish(inner, frame) }
}

/// Unlinks the frame and hands its result over.
///
/// # Safety
///
/// `inner` must be alive and `frame` its innermost frame; no reference into either may be alive.
#[inline(always)]
pub(super) unsafe fn finish(inner: *mut Inner, frame: *mut Frame) -> u32 {
    // SAFETY: the caller's promise; the head, which others may read, is not touched.
    unsafe {
        settle_parking(inner, frame);
        (*inner).frame = (*frame).outer;
        (*inner).last = (*frame).status;
        (*inner).decided = (*frame).decided;
        if (*frame).parking.is_some() {
            hand_on(inner, &mut *frame);
        }
        (*frame).status as u32
    }
}
