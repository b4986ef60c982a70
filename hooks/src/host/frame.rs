//! One call while its callouts run: what it lends, and how its status comes about.
#![expect(unsafe_code, reason = "a frame lies on the stack and points to what lies there beside it")]

use std::cell::Cell;
use std::ffi::c_void;
use std::ptr;

use crate::abi::FAILED;
use crate::abi::guard::guard;
use crate::abi::info::PointInfo;
use crate::callout_info::CalloutInfo;
use crate::chains::Link;
use crate::park::Hold;
use crate::status::{NextStep, Statuses};

/// What a call lends; never changed while it lasts, so that `Arguments` may read it whatever the handle is used for.
#[derive(Debug)]
pub(super) struct Lent {
    /// Alive as long as the call: the generation's, or held by whoever calls.
    pub(super) point: *const PointInfo,
    pub(super) arguments: *mut c_void,
}

/// One call of a hook point while its callouts run.
pub(super) struct Frame {
    pub(super) outer: *mut Frame,
    pub(super) depth: u32,
    pub(super) lent: *const Lent,
    pub(super) link: *const Link,
    pub(super) status: NextStep,
    pub(super) decided: *const Link,
    /// Whether a callout failed and the failure status stands.
    pub(super) failed: bool,
    pub(super) message: Option<String>,
    pub(super) parking: Option<Hold>,
}

impl Frame {
    pub(super) fn new(outer: *mut Frame, depth: u32, lent: &Lent) -> Frame {
        Frame {
            outer,
            depth,
            lent,
            link: ptr::null(),
            status: NextStep::Continue,
            decided: ptr::null(),
            failed: false,
            message: None,
            parking: None,
        }
    }

    pub(super) fn point(&self) -> &PointInfo {
        // SAFETY: what is lent lives on the stack beside the frame.
        unsafe { &*(*self.lent).point }
    }

    pub(super) fn names(&self) -> Option<&CalloutInfo> {
        // SAFETY: the link belongs to a chain of the pinned generation.
        unsafe { self.link.as_ref() }.map(|link| &link.info)
    }

    /// The status for a callout that failed here.
    fn on_failure(&self) -> NextStep {
        NextStep::from_raw(u32::from(self.point().on_failure)).unwrap_or(NextStep::Drop)
    }

    /// A callout failed: it is logged, and counts as the hook point says.
    pub(super) fn fail(&mut self, message: &str) {
        let status = self.on_failure();
        let (library, callout) = self.names().map_or(("", ""), |info| (info.library(), info.callout()));
        let hook = self.point().name.as_str();
        let text = format!("callout `{callout}` of `{library}` failed: {message}");
        // A thread that ends has no such place any more, and nobody on it who asks.
        let _ = LAST_FAILURE.try_with(|last| last.set(Some(text)));
        tracing::error!(hook, library, callout, %status, "callout failed: {message}");
        self.stand_for_failure(status);
    }

    /// The failure's status stands from now on: it is undone only by `override_failure`, and does not undo a more severe one.
    fn stand_for_failure(&mut self, status: NextStep) {
        // A hook point where failures count as CONTINUE says that a failed callout has no opinion.
        if status == NextStep::Continue {
            return;
        }
        if severity(status) >= severity(self.status) {
            self.status = status;
            self.decided = self.link;
        }
        self.failed = true;
    }

    /// A callout answered `status`.
    fn answer(&mut self, status: NextStep) {
        // After a failure only something more severe counts, so that nobody undoes it by accident.
        if !self.failed || severity(status) > severity(self.status) {
            self.status = status;
            self.decided = self.link;
        }
    }
}

thread_local! {
    /// What the last callout that failed on this thread said, for whoever asks right after the call.
    static LAST_FAILURE: Cell<Option<String>> = const { Cell::new(None) };
}

/// Takes what the last callout that failed on this thread said.
pub(crate) fn take_last_failure() -> Option<String> {
    LAST_FAILURE.take()
}

/// How much of the component's work a status prevents.
fn severity(status: NextStep) -> u32 {
    match status {
        NextStep::Continue => 0,
        NextStep::Skip | NextStep::Park => 1,
        NextStep::Drop => 2,
    }
}

/// Takes a callout's answer that is not CONTINUE.
#[cold]
#[inline(never)]
pub(super) fn settle(frame: &mut Frame, answer: u32) {
    let result = guard(|| {
        if answer == FAILED {
            let message = frame.message.take().unwrap_or_else(|| "without a message".to_owned());
            frame.fail(&message);
            return;
        }
        match NextStep::from_raw(answer) {
            Some(status) if Statuses::from_bits(frame.point().statuses).contains(status) => frame.answer(status),
            other => {
                let found = other.map_or_else(|| format!("the unknown status {answer}"), |status| status.to_string());
                let honoured = Statuses::from_bits(frame.point().statuses);
                frame.fail(&format!("it answered {found}; the hook point honours only {honoured}"));
            }
        }
    });
    if result.is_err() {
        // Only the log's subscriber can panic here; the failure stands all the same.
        frame.stand_for_failure(frame.on_failure());
    }
}
