//! The inside of a callout handle.
#![expect(unsafe_code, reason = "follows the pointer of a handle to the generation that it pins")]

use std::ptr;

use super::frame::Frame;
use super::special::Special;
use super::store::Store;
use crate::abi::calls::ASK;
use crate::abi::counted::Counted;
use crate::abi::guard::guard;
use crate::abi::{Head, HostApi};
use crate::chains::{Chains, Link};
use crate::instance::Instance;
use crate::park::Hold;
use crate::quiesce::{Counters, Slot};
use crate::status::NextStep;

/// A callout handle as the host knows it.
#[derive(Debug)]
#[repr(C)]
pub(super) struct Inner {
    pub(super) head: Head,
    pub(super) instance: *const Instance,
    /// The instance's own number, which no other instance has.
    pub(super) id: u64,
    /// The generation that it pins, or that it pinned last.
    pub(super) number: usize,
    /// The slot of the thread that has made it, and in that the counters of the generation.
    pub(super) slot: *const Slot,
    pub(super) counters: *const Counters,
    /// Those of the generation.
    pub(super) chains: *const Chains,
    /// The innermost call that is going on, or null.
    pub(super) frame: *mut Frame,
    /// The status of the last call, and the callout that set it.
    pub(super) last: NextStep,
    /// Whether `last`, `decided` or `rest` may be different from those of a new handle.
    pub(super) is_used: bool,
    pub(super) decided: *const Link,
    rest: Rest,
}

/// What few requests have.
#[derive(Debug, Default)]
pub(super) struct Rest {
    pub(super) parked: Option<Hold>,
    /// What the callout said that has just failed; taken when its answer is.
    pub(super) message: Option<String>,
    pub(super) special: Option<Box<Special>>,
    pub(super) store: Store,
    /// The library handle that was asked for last.
    pub(super) library: Option<Counted>,
}

impl Inner {
    /// One that holds nothing and belongs to no request.
    pub(super) fn new(api: &'static HostApi) -> Inner {
        Inner {
            head: Head { api, calls: &raw const ASK, table: ptr::null(), key: ptr::null(), value: ptr::null_mut() },
            instance: ptr::null(),
            id: 0,
            number: usize::MAX,
            slot: ptr::null(),
            counters: ptr::null(),
            chains: ptr::null(),
            frame: ptr::null_mut(),
            last: NextStep::Continue,
            is_used: false,
            decided: ptr::null(),
            rest: Rest::default(),
        }
    }

    /// What few requests have, to change.
    ///
    /// # Safety
    ///
    /// `inner` must be the inside of a live handle of this binary that no other thread uses; no other reference to its rest may be alive.
    #[inline(always)]
    pub(super) unsafe fn rest_mut<'a>(inner: *mut Inner) -> &'a mut Rest {
        // SAFETY: the caller's promise; the head, which others may read, is not touched.
        unsafe {
            (*inner).is_used = true;
            &mut (*inner).rest
        }
    }

    /// The same, to read.
    ///
    /// # Safety
    ///
    /// As for `rest_mut`.
    #[inline(always)]
    pub(super) unsafe fn rest<'a>(inner: *const Inner) -> &'a Rest {
        // SAFETY: the caller's promise.
        unsafe { &(*inner).rest }
    }

    /// Drops what it holds while the libraries are pinned, so that it is as a new one of its generation.
    #[inline(always)]
    pub(super) fn clear(&mut self) {
        if self.is_used {
            self.clear_slowly();
        }
    }

    #[cold]
    #[inline(never)]
    fn clear_slowly(&mut self) {
        (self.last, self.decided) = (NextStep::Continue, ptr::null());
        self.forget_key();
        // What libraries have stored goes first, arguments before contexts.
        self.rest.store.clear();
        let Rest { parked, message, special, store: _, library } = std::mem::take(&mut self.rest);
        let _ = guard(|| drop((parked, message, special, library)));
        self.is_used = false;
        self.choose_calls();
    }

    /// Another context is meant from now on, or what is in it changes.
    #[inline(always)]
    pub(super) fn forget_key(&mut self) {
        self.head.key = ptr::null();
    }

    /// Has the next call look into the table of its chains, or ask the host because of what has to be done before or after it.
    ///
    /// This is called whenever one of the fields changes that are asked for here.
    #[inline(always)]
    pub(super) fn choose_calls(&mut self) {
        let is_plain = self.frame.is_null()
            && self.rest.special.is_none()
            && self.last == NextStep::Continue
            && self.decided.is_null();
        if is_plain {
            self.choose_table();
        } else {
            self.head.calls = &raw const ASK;
        }
    }

    /// Has the next call look into the table; for whoever knows that nothing has to be done before or after it.
    #[inline(always)]
    pub(super) fn choose_table(&mut self) {
        // SAFETY: the handle pins the generation of its chains.
        self.head.calls = unsafe { &*self.chains }.calls();
    }
}
