//! One call while its callouts run: what it lends, and how its status comes about.
#![expect(unsafe_code, reason = "a frame lies on the stack and points to what lies there beside it")]

use std::ffi::c_void;
use std::ptr;

use crate::abi::info::PointInfo;
use crate::callout_info::CalloutInfo;
use crate::chains::Link;
use crate::park::Hold;
use crate::status::NextStep;

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
    /// Where the callouts end that are called without looking at each of them: the end of the chain, or before that.
    pub(super) end: *const Link,
    pub(super) status: NextStep,
    pub(super) decided: *const Link,
    /// Whether a callout failed and the failure status stands.
    pub(super) failed: bool,
    pub(super) parking: Option<Hold>,
}

impl Frame {
    pub(super) fn new(outer: *mut Frame, depth: u32, lent: &Lent, end: *const Link) -> Frame {
        Frame {
            outer,
            depth,
            lent,
            link: ptr::null(),
            end,
            status: NextStep::Continue,
            decided: ptr::null(),
            failed: false,
            parking: None,
        }
    }

    /// Whether nobody has had an opinion, and nobody a ticket.
    #[inline(always)]
    pub(super) fn is_untouched(&self) -> bool {
        self.status == NextStep::Continue && self.decided.is_null() && self.parking.is_none()
    }

    pub(super) fn point(&self) -> &PointInfo {
        // SAFETY: what is lent lives on the stack beside the frame.
        unsafe { &*(*self.lent).point }
    }

    pub(super) fn names(&self) -> Option<&CalloutInfo> {
        // SAFETY: the link belongs to a chain of the pinned generation.
        unsafe { self.link.as_ref() }.map(Link::info)
    }

    /// The failure's status stands from now on: it is undone only by `override_failure`, and does not undo a more severe one.
    pub(super) fn stand_for_failure(&mut self, status: NextStep) {
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
    pub(super) fn answer(&mut self, status: NextStep) {
        // After a failure only something more severe counts, so that nobody undoes it by accident.
        if !self.failed || severity(status) > severity(self.status) {
            self.status = status;
            self.decided = self.link;
        }
    }
}

/// How much of the component's work a status prevents.
fn severity(status: NextStep) -> u32 {
    match status {
        NextStep::Continue => 0,
        NextStep::Skip | NextStep::Park => 1,
        NextStep::Drop => 2,
    }
}
