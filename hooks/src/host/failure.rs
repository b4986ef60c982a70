//! A callout failed: what that means for its call and for its request.
#![expect(unsafe_code, reason = "follows the pointers of a handle to the frames of its calls")]

use std::cell::Cell;
use std::sync::Arc;
use std::time::Instant;

use super::frame::Frame;
use super::inner::Inner;
use crate::abi::FAILED;
use crate::abi::guard::guard;
use crate::abi::info::PointInfo;
use crate::chains::Link;
use crate::failure::FailureAction;
use crate::registrations::Registrations;
use crate::status::{NextStep, Statuses};

thread_local! {
    /// What the last callout that failed on this thread said, for whoever asks right after the call.
    static LAST_FAILURE: Cell<Option<String>> = const { Cell::new(None) };
}

/// Takes what the last callout that failed on this thread said.
pub(crate) fn take_last_failure() -> Option<String> {
    LAST_FAILURE.take()
}

/// Takes a callout's answer that is not CONTINUE.
///
/// # Safety
///
/// As for `fail`.
#[cold]
#[inline(never)]
pub(super) unsafe fn settle_answer(inner: *mut Inner, frame: *mut Frame, answer: u32) {
    let message = {
        // SAFETY: the caller's promise; the reference ends before `fail`.
        let frame = unsafe { &mut *frame };
        if answer == FAILED {
            // SAFETY: the caller's promise.
            unsafe { Inner::rest_mut(inner) }.message.take().unwrap_or_else(|| "without a message".to_owned())
        } else {
            let honoured = Statuses::from_bits(frame.point().statuses);
            match NextStep::from_raw(answer) {
                Some(status) if honoured.contains(status) => return frame.answer(status),
                Some(status) => format!("it answered {status}; the hook point honours only {honoured}"),
                None => format!("it answered the unknown status {answer}; the hook point honours only {honoured}"),
            }
        }
    };
    // SAFETY: the caller's promise.
    unsafe { fail(inner, frame, &message) };
}

/// The callout of `frame` failed: it is counted and logged, and stands for what the policy of its library says.
///
/// # Safety
///
/// `inner` must be the inside of a live handle of this binary that no other thread uses, and `frame` the frame of its innermost
/// call; no reference into either may be alive.
pub(super) unsafe fn fail(inner: *mut Inner, frame: *mut Frame, message: &str) {
    // SAFETY: what is lent outlives the call. The link belongs to a chain that the pinned generation keeps.
    let (point, link) = unsafe { (&*(*(*frame).lent).point, (*frame).link.as_ref()) };
    // With what is disabled closures may go, whose drops are the library's code.
    let failed = |link: &Link| guard(|| link.owner.failed(&link.attached, message, Instant::now())).ok();
    let (action, disabled) = link.and_then(failed).unwrap_or_default();
    let status = status_for(action, point);
    // SAFETY: the caller's promise.
    unsafe { (*frame).stand_for_failure(status) };
    let skips = action == FailureAction::SkipLibrary;
    if let Some(link) = link.filter(|_| skips) {
        // SAFETY: the caller's promise.
        unsafe { skip(inner, &link.owner) };
    }
    // What the log's subscriber does is not the call's concern.
    let _ = guard(|| {
        let (library, callout) = link.map_or(("", ""), |link| (link.info().library(), link.info().callout()));
        let hook = point.name.as_str();
        let text = format!("callout `{callout}` of `{library}` failed: {message}");
        // A thread that ends has no such place any more, and nobody on it who asks.
        let _ = LAST_FAILURE.try_with(|last| last.set(Some(text)));
        if skips {
            tracing::error!(hook, library, callout, %status, "callout failed, its library is skipped: {message}");
        } else {
            tracing::error!(hook, library, callout, %status, "callout failed: {message}");
        }
        if let Some(disabled) = disabled {
            disabled.log();
        }
    });
}

/// The status for a callout that failed.
fn status_for(action: FailureAction, point: &PointInfo) -> NextStep {
    let own = NextStep::from_raw(u32::from(point.on_failure)).unwrap_or(NextStep::Drop);
    match action {
        FailureAction::Drop if Statuses::from_bits(point.statuses).contains(NextStep::Drop) => NextStep::Drop,
        FailureAction::HookPoint | FailureAction::Drop => own,
        FailureAction::Continue | FailureAction::SkipLibrary => NextStep::Continue,
    }
}

/// No further callout of `library` is called for this request.
///
/// # Safety
///
/// As for `fail`; `library` must be one of the pinned generation.
unsafe fn skip(inner: *mut Inner, library: &Arc<Registrations>) {
    // SAFETY: the caller's promise; the head, which others may read, is not touched.
    let special = unsafe { Inner::rest_mut(inner) }.special.get_or_insert_default();
    if special.skips(library) {
        return;
    }
    special.skipped.push(Arc::as_ptr(library));
    library.count_skipped();
    // Also the calls in which this one is nested look at each callout from now on.
    // SAFETY: the caller's promise. The outer frames lie on the stacks of the callers, which wait for this call.
    let mut frame = unsafe { (*inner).frame };
    while !frame.is_null() {
        // SAFETY: as above.
        unsafe {
            // Only compared, as the end of what has been called.
            (*frame).end = (*frame).link.wrapping_add(1);
            frame = (*frame).outer;
        }
    }
}
