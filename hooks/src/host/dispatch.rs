//! A call: walks the chain of a hook point.
//!
//! A call that finds its callout in the table of its request does not come here, unless the callout answers something else than
//! CONTINUE (`settle`). Chains of several callouts that only take their arguments are walked by `call_count`: nothing is written down
//! for them. Only what lends the handle, or is out of the ordinary, needs a frame.
#![expect(unsafe_code, reason = "calls the thunks of libraries and follows the pointers of a handle")]

use std::ffi::c_void;
use std::ops::Range;
use std::ptr;
use std::sync::Arc;

use super::failure::settle_answer;
use super::frame::{Frame, Lent};
use super::inner::Inner;
use super::park::{hand_on, settle_parking};
use super::rare::{call_rare, call_rest};
use crate::abi::callout::Thunk;
use crate::abi::calls::{ASK, CallEntry};
use crate::abi::point::UNKNOWN;
use crate::abi::{FAILED, Head, RESULT};
use crate::chains::{Chain, Link, Table};
use crate::status::NextStep;
use crate::timing::{Counting, clock};

/// Hook points nest this deep within one request; a deeper call is answered by the hook point's failure status.
pub(super) const MAX_DEPTH: u32 = 32;

/// Stands in a table where nobody is attached.
pub(crate) unsafe extern "C" fn call_none(_: *mut Head, _: *mut c_void, _: *const c_void) -> u32 {
    NextStep::Continue as u32
}

/// What stands in a table for a chain of `count` callouts that only take their arguments.
pub(crate) fn call_plain(count: usize) -> Thunk {
    macro_rules! known {
        ($($count:literal)*) => {
            match count {
                $($count => call_count::<$count>,)*
                _ => call_count::<MANY>,
            }
        };
    }
    known!(1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16)
}

/// More callouts than there are functions for their number.
const MANY: usize = usize::MAX;

/// Calls the `COUNT` callouts of a chain, or `MANY`.
///
/// # Safety
///
/// `state` must be a chain that the request keeps, of as many callouts, all of which only take their arguments; otherwise as for
/// `call`, and the handle must have nothing special.
unsafe extern "C" fn call_count<const COUNT: usize>(
    head: *mut Head,
    arguments: *mut c_void,
    state: *const c_void,
) -> u32 {
    // SAFETY: the caller's promise; chains do not change.
    let chain = unsafe { &*state.cast::<Chain>() };
    let Range { start: mut next, end } = chain.calls.as_ptr_range();
    // Each of the first sixteen callouts is called by an instruction of its own. Where one instruction calls them all in turn the
    // processor cannot foresee where it leads, which takes longer than all else that is done for a callout.
    macro_rules! call {
        ($($place:literal)*) => {
            $(
                if if COUNT == MANY { next == end } else { $place == COUNT } {
                    return NextStep::Continue as u32;
                }
                // SAFETY: it is the call at this place, counted from the last multiple of sixteen.
                let CallEntry { thunk, state } = unsafe { &*next };
                // SAFETY: the thunk belongs to this hook point, the state to the thunk's library, whose generation is pinned.
                let answer = unsafe { thunk(head, arguments, *state) };
                if answer != NextStep::Continue as u32 {
                    // SAFETY: the caller's promise; both are of the chain.
                    return unsafe { stop(head.cast(), chain, next, arguments, answer) };
                }
                next = next.wrapping_add(1);
            )*
        };
    }
    loop {
        call!(0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15);
        if COUNT != MANY {
            return NextStep::Continue as u32;
        }
    }
}

/// # Safety
///
/// As for `go_on`; `call` must be one of the chain's calls, which has given the answer.
#[cold]
#[inline(never)]
unsafe fn stop(inner: *mut Inner, chain: &Chain, call: *const CallEntry, arguments: *mut c_void, answer: u32) -> u32 {
    let place = chain.calls.iter().position(|other| ptr::eq(other, call)).unwrap_or_default();
    // SAFETY: the caller's promise. There are as many links as calls.
    RESULT | unsafe { go_on::<false>(inner, chain, chain.links.as_ptr().wrapping_add(place), arguments, answer) }
}

/// As [`call_count`], with the times of the callouts.
///
/// # Safety
///
/// As for `call`; `chain` must be one that the request keeps, whose callouts only take their arguments.
#[inline(never)]
unsafe fn call_plain_timed(inner: *mut Inner, chain: &Chain, arguments: *mut c_void) -> u32 {
    let counting = Counting::here();
    let mut begun = clock::now();
    for (place, link) in chain.links.iter().enumerate() {
        // SAFETY: as in `call_count`.
        let answer = unsafe { (link.thunk)(inner.cast(), arguments, link.state) };
        let ended = clock::now();
        link.attached.times.record(counting, ended.saturating_sub(begun));
        begun = ended;
        if answer != NextStep::Continue as u32 {
            // SAFETY: the caller's promise.
            return unsafe { go_on::<true>(inner, chain, chain.links.as_ptr().wrapping_add(place), arguments, answer) };
        }
    }
    NextStep::Continue as u32
}

/// Stands in a table for any chain.
///
/// # Safety
///
/// As for `call_count`.
pub(crate) unsafe extern "C" fn call_all(head: *mut Head, arguments: *mut c_void, state: *const c_void) -> u32 {
    // SAFETY: the caller's promise; chains do not change.
    let chain = unsafe { &*state.cast::<Chain>() };
    // SAFETY: the caller's promise.
    match unsafe { call_chain::<false>(head.cast(), ptr::null_mut(), 0, chain, arguments) } {
        0 => 0,
        status => RESULT | status,
    }
}

/// What comes of a call whose callout has been found in the table of its request.
///
/// # Safety
///
/// As for `call`; `word` must be that of the hook point, and `answer` what was found has returned.
pub(super) unsafe extern "C" fn settle(head: *mut Head, word: u32, arguments: *mut c_void, answer: u32) -> u32 {
    if answer & RESULT != 0 {
        return answer & !RESULT;
    }
    // The only callout of its chain has answered. It cannot have used the handle, so this is still the table of its call.
    // SAFETY: the handle keeps the table that it has used.
    let table = unsafe { Table::of((*head).table) };
    let chain = word.checked_sub(1).and_then(|index| table.chain(index));
    let Some((chain, link)) = chain.and_then(|chain| Some((chain, chain.links.first()?))) else { return FAILED };
    // SAFETY: the caller's promise.
    unsafe { go_on::<false>(head.cast(), chain, link, arguments, answer) }
}

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
    let is_special = unsafe { Inner::rest(inner) }.special.is_some();
    // From here on to the end of this call these are the callouts, whatever is registered meanwhile.
    let chain = chains.table().chain(index);
    // SAFETY: a frame that is linked is on the stack of a caller of this function.
    let depth = if outer.is_null() { 0 } else { unsafe { (*outer).depth + 1 } };
    if depth >= MAX_DEPTH || instance.is_looked_at() || is_special || index == UNKNOWN {
        // SAFETY: the caller's promise.
        return unsafe { call_rare(inner, index, chain, depth, arguments) };
    }
    // Attached in another set of libraries only: for this request it is as idle as a hook point without any callouts.
    let Some(chain) = chain else { return NextStep::Continue as u32 };
    if instance.is_timed() {
        // Where the call could have looked into a table, but for the times, it needs no frame either.
        // SAFETY: the caller's promise.
        if chain.is_plain && !ptr::eq(unsafe { (*inner).head.calls }, &raw const ASK) {
            // SAFETY: the caller's promise.
            return unsafe { call_plain_timed(inner, chain, arguments) };
        }
        // SAFETY: the caller's promise.
        return unsafe { call_framed::<true>(inner, outer, depth, chain, arguments) };
    }
    // SAFETY: the caller's promise.
    unsafe { call_framed::<false>(inner, outer, depth, chain, arguments) }
}

/// As [`call_chain`]; a function of its own, so that `call` keeps nothing on the stack for it.
///
/// # Safety
///
/// As there.
#[inline(never)]
unsafe fn call_framed<const TIMED: bool>(
    inner: *mut Inner,
    outer: *mut Frame,
    depth: u32,
    chain: &Chain,
    arguments: *mut c_void,
) -> u32 {
    // SAFETY: the caller's promise.
    unsafe { call_chain::<TIMED>(inner, outer, depth, chain, arguments) }
}

/// Calls the callouts of `chain` in a new frame, and times them or not.
///
/// # Safety
///
/// As for `call`; `chain` must be one that the request keeps, `outer` the innermost frame, and `depth` its own depth and one more.
#[inline(always)]
unsafe fn call_chain<const TIMED: bool>(
    inner: *mut Inner,
    outer: *mut Frame,
    depth: u32,
    chain: &Chain,
    arguments: *mut c_void,
) -> u32 {
    let lent = Lent { point: Arc::as_ptr(&chain.point), arguments };
    let links = chain.links.as_ptr_range();
    let mut frame = Frame::new(outer, depth, &lent, links.end);
    // All accesses go through this one pointer, which callouts reach through the handle.
    let frame = &raw mut frame;
    // SAFETY: the frame outlives its link in the handle: `walk` unlinks it, and nothing between unwinds.
    unsafe {
        link_frame(inner, frame);
        walk::<TIMED>(inner, frame, chain, links.start)
    }
}

/// Goes on with a call that had no frame, since the callout `link` of `chain` has given an answer that is not CONTINUE.
///
/// # Safety
///
/// As for `call`; no call of this handle has a frame, and `link` must be one of `chain`.
#[cold]
#[inline(never)]
unsafe fn go_on<const TIMED: bool>(
    inner: *mut Inner,
    chain: &Chain,
    link: *const Link,
    arguments: *mut c_void,
    answer: u32,
) -> u32 {
    let lent = Lent { point: Arc::as_ptr(&chain.point), arguments };
    let mut frame = Frame::new(ptr::null_mut(), 0, &lent, chain.links.as_ptr_range().end);
    frame.link = link;
    let frame = &raw mut frame;
    // SAFETY: as in `call_chain`.
    unsafe {
        link_frame(inner, frame);
        settle_answer(inner, frame, answer);
        walk::<TIMED>(inner, frame, chain, link.wrapping_add(1))
    }
}

/// Makes `frame` the innermost one.
///
/// # Safety
///
/// `inner` must be alive, and `frame` until it is unlinked.
#[inline(always)]
pub(super) unsafe fn link_frame(inner: *mut Inner, frame: *mut Frame) {
    // SAFETY: the caller's promise.
    unsafe {
        (*inner).frame = frame;
        // A call within this one has to know of it.
        (*inner).head.calls = &raw const ASK;
    }
}

/// Calls the callouts of `chain` from `link` on, and ends the call.
///
/// # Safety
///
/// `inner` must be alive, `frame` its innermost frame, for a call of the hook point of `chain`, and `link` one of the chain or its end;
/// no reference into either may be alive.
#[inline(always)]
unsafe fn walk<const TIMED: bool>(inner: *mut Inner, frame: *mut Frame, chain: &Chain, mut link: *const Link) -> u32 {
    let mut begun = if TIMED { clock::now() } else { 0 };
    // SAFETY: what is lent lives beside the frame.
    let arguments = unsafe { (*(*frame).lent).arguments };
    // SAFETY: the caller's promise.
    while link != unsafe { (*frame).end } {
        // SAFETY: as above. The link is one of the chain: the end is the chain's, or behind a link that has been called.
        let Link { thunk, state, attached, .. } = unsafe {
            (*frame).link = link;
            (*inner).forget_key();
            &*link
        };
        // SAFETY: the thunk belongs to this hook point, the state to the thunk's library, whose generation is pinned, or a closure that the chain keeps.
        let answer = unsafe { thunk(inner.cast(), arguments, *state) };
        if TIMED {
            let ended = clock::now();
            // The counters of two processors may differ by a little.
            attached.times.record(Counting::here(), ended.saturating_sub(begun));
            begun = ended;
        }
        if answer != NextStep::Continue as u32 {
            // SAFETY: both are alive; the thunk has returned.
            unsafe { settle_answer(inner, frame, answer) };
        }
        link = link.wrapping_add(1);
    }
    if link != chain.links.as_ptr_range().end {
        // SAFETY: as above; these are the links of the chain that have not been called.
        unsafe { call_rest(inner, frame, chain, link) };
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
    // SAFETY: the caller's promise.
    unsafe {
        // Most often nobody had an opinion, and the call was in no other one.
        let is_plain = (*frame).is_untouched() && (*frame).outer.is_null() && Inner::rest(inner).special.is_none();
        if !is_plain {
            return finish_slowly(inner, frame);
        }
        (*inner).frame = ptr::null_mut();
        (*inner).forget_key();
        // Calls within this one have left theirs.
        (*inner).last = NextStep::Continue;
        (*inner).decided = ptr::null();
        (*inner).choose_table();
    }
    NextStep::Continue as u32
}

/// # Safety
///
/// As for `finish`.
#[inline(never)]
unsafe fn finish_slowly(inner: *mut Inner, frame: *mut Frame) -> u32 {
    // SAFETY: the caller's promise.
    unsafe {
        settle_parking(inner, frame);
        (*inner).frame = (*frame).outer;
        (*inner).forget_key();
        (*inner).is_used = true;
        (*inner).last = (*frame).status;
        (*inner).decided = (*frame).decided;
        if (*frame).parking.is_some() {
            hand_on(inner, &mut *frame);
        }
        (*inner).choose_calls();
        (*frame).status as u32
    }
}
