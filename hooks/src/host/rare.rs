//! The calls that are out of the ordinary: each callout is looked at before and after.
#![expect(unsafe_code, reason = "calls the thunks of libraries and follows the pointers of a handle")]

use std::ffi::c_void;
use std::ptr;
use std::sync::Arc;
use std::time::Duration;

use super::dispatch::{MAX_DEPTH, finish, link_frame};
use super::failure::{fail, settle_answer};
use super::frame::{Frame, Lent};
use super::inner::Inner;
use super::park::{adopt, settle_parking};
use crate::abi::FAILED;
use crate::abi::guard::guard;
use crate::abi::info::PointInfo;
use crate::arguments::Arguments;
use crate::chains::{Chain, Link};
use crate::failure::watchdog;
use crate::hook_index::HookIndex;
use crate::observe::{Call, CalloutResult, Observer};
use crate::registry;
use crate::status::{NextStep, Statuses};
use crate::timing::{Counting, clock};

/// The calls that are out of the ordinary: too deep, observed, watched, of a hook point that is known in another form, or of a request
/// that has something special.
///
/// # Safety
///
/// As for `call`.
#[cold]
#[inline(never)]
pub(super) unsafe fn call_rare(
    inner: *mut Inner,
    index: u32,
    chain: Option<&Chain>,
    depth: u32,
    arguments: *mut c_void,
) -> u32 {
    // SAFETY: the instance outlives its handles.
    let (observer, limit) = unsafe { ((*(*inner).instance).observer(), (*(*inner).instance).limit()) };
    let elsewhere = if chain.is_none() { registry::lock().info(index).cloned() } else { None };
    let Some(point) = chain.map(|chain| &chain.point).or(elsewhere.as_ref()) else {
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
    let lent = Lent { point: Arc::as_ptr(point), arguments };
    let mut frame = Frame::new(outer, depth, &lent, ptr::null());
    let frame = &raw mut frame;
    if depth >= MAX_DEPTH {
        // SAFETY: `inner` is alive, and the frame stands for its innermost call though it was never linked.
        return unsafe {
            fail(inner, frame, &format!("hook points are nested {MAX_DEPTH} deep within one request"));
            finish(inner, frame)
        };
    }
    let is_around = index == HookIndex::CONTEXT_CREATE.0 || index == HookIndex::CONTEXT_DESTROY.0;
    if chain.is_none() && (observer.is_none() || is_around) {
        // As idle as without anything special. What is around each request is told only where somebody is attached to it.
        return NextStep::Continue as u32;
    }
    // SAFETY: as in `call`.
    unsafe { link_frame(inner, frame) };
    // SAFETY: the head is alive; its functions are constant.
    let arguments = Arguments::new((&raw const lent).cast(), unsafe { &(*inner).head.api.handle });
    let watched = Watched { observer, limit, call: Call { hook: &point.name, depth }, arguments };
    watched.observe(|observer| observer.hook_begin(&watched.call, &watched.arguments));
    if let Some(chain) = chain {
        // SAFETY: as in `call`.
        unsafe {
            adopt(inner, frame);
            walk(inner, frame, &chain.links, index, Some(&watched));
            settle_parking(inner, frame);
        }
    }
    // SAFETY: as in `call`.
    let status = unsafe { (*frame).status };
    watched.observe(|observer| observer.hook_end(&watched.call, status, &watched.arguments));
    // It may be the last one, if a callout has replaced it, and its drop may panic.
    let _ = guard(|| drop(watched.observer));
    if chain.is_none() {
        // Being watched makes no difference: the status stays that of the last call that had callouts.
        // SAFETY: as in `call`; this unlinks the frame as `finish` does.
        unsafe {
            (*inner).frame = outer;
            (*inner).forget_key();
            (*inner).choose_calls();
        }
        return NextStep::Continue as u32;
    }
    // SAFETY: as in `call`.
    unsafe { finish(inner, frame) }
}

/// Calls what is left of `chain` from `link` on, without the libraries that are skipped since one of the callouts before.
///
/// # Safety
///
/// As for `walk`; `link` must point into `chain`.
#[cold]
#[inline(never)]
pub(super) unsafe fn call_rest(inner: *mut Inner, frame: *mut Frame, chain: &Chain, link: *const Link) {
    let left = chain.links.iter().position(|other| ptr::eq(other, link)).and_then(|place| chain.links.get(place..));
    // SAFETY: the caller's promise.
    unsafe { walk(inner, frame, left.unwrap_or_default(), chain.index, None) };
}

/// Calls the callouts of `links` whose libraries are not skipped.
///
/// # Safety
///
/// `inner` must be alive and `frame` its innermost frame, of a call of the hook point `index`, to which the links belong; no reference
/// into either may be alive.
unsafe fn walk(inner: *mut Inner, frame: *mut Frame, links: &[Link], index: u32, watched: Option<&Watched<'_>>) {
    for link in links {
        // SAFETY: the caller's promise.
        let is_skipped =
            unsafe { Inner::rest(inner) }.special.as_ref().is_some_and(|special| special.skips(&link.owner));
        // What a library keeps for the request it gives back there, also if it has failed since.
        if is_skipped && index != HookIndex::CONTEXT_DESTROY.0 {
            continue;
        }
        // SAFETY: the caller's promise.
        let arguments = unsafe {
            (*frame).link = link;
            (*inner).forget_key();
            (*(*frame).lent).arguments
        };
        let running = watched.and_then(|watched| watched.limit).and_then(|limit| {
            // A thread that is ending may have nothing left to be watched by.
            guard(|| watchdog::begin(&link.attached, limit)).ok()
        });
        // SAFETY: the instance outlives its handles.
        let begun = unsafe { (*(*inner).instance).is_timed() }.then(clock::now);
        // SAFETY: as in `call`.
        let answer = unsafe { (link.thunk)(inner.cast(), arguments, link.state) };
        if let Some(begun) = begun {
            link.attached.times.record(Counting::here(), clock::now().saturating_sub(begun));
        }
        if let Some(running) = running {
            running.end();
        }
        // It is taken when the answer is settled.
        let message = watched.filter(|watched| watched.observer.is_some()).and_then(|_| {
            // SAFETY: the caller's promise; the thunk has returned.
            unsafe { Inner::rest(inner) }.message.clone()
        });
        if answer != NextStep::Continue as u32 {
            // SAFETY: the caller's promise.
            unsafe { settle_answer(inner, frame, answer) };
        }
        if let Some(watched) = watched {
            // SAFETY: what is lent outlives the call.
            let result = result_of(answer, message.as_deref(), unsafe { &*(*(*frame).lent).point });
            watched.observe(|observer| {
                observer.callout_end(&watched.call, link.info(), result, &watched.arguments);
            });
        }
    }
}

fn result_of<'a>(answer: u32, message: Option<&'a str>, point: &PointInfo) -> CalloutResult<'a> {
    match NextStep::from_raw(answer) {
        Some(NextStep::Continue) => CalloutResult::NoOpinion,
        Some(status) if Statuses::from_bits(point.statuses).contains(status) => CalloutResult::Status(status),
        Some(_) => CalloutResult::Failed("it answered a status that the hook point does not honour"),
        None => CalloutResult::Failed(message.unwrap_or("without a message")),
    }
}

/// Who looks at a call.
struct Watched<'a> {
    observer: Option<Arc<dyn Observer>>,
    /// How long a callout may run before it is called slow.
    limit: Option<Duration>,
    call: Call<'a>,
    arguments: Arguments<'a>,
}

impl Watched<'_> {
    fn observe(&self, event: impl FnOnce(&dyn Observer)) {
        if let Some(observer) = &self.observer
            && let Err(message) = guard(|| event(&**observer))
        {
            let _ = guard(|| tracing::error!(hook = self.call.hook, "the observer panicked: {message}"));
        }
    }
}
