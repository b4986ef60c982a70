//! The insides of handles that a thread uses again, so that a request need not ask for memory.
#![expect(unsafe_code, reason = "frees what it keeps as pointers")]

use std::cell::{Cell, RefCell};
use std::ptr;

use super::handle::Inner;

/// So many are kept for each thread.
const KEPT: usize = 64;

/// What one thread keeps; none of it holds anything.
#[derive(Debug)]
pub(crate) struct Spares {
    /// The one that was given last, or null: most requests end before the next one begins.
    last: Cell<*mut Inner>,
    others: RefCell<Vec<*mut Inner>>,
}

impl Spares {
    pub(crate) const fn new() -> Spares {
        Spares { last: Cell::new(ptr::null_mut()), others: RefCell::new(Vec::new()) }
    }

    /// An inside as it was given, or null.
    #[inline(always)]
    pub(super) fn take(&self) -> *mut Inner {
        let last = self.last.replace(ptr::null_mut());
        if last.is_null() { self.take_other() } else { last }
    }

    #[cold]
    #[inline(never)]
    fn take_other(&self) -> *mut Inner {
        self.others.borrow_mut().pop().unwrap_or(ptr::null_mut())
    }

    /// Keeps an inside that holds nothing any more, or frees it.
    ///
    /// # Safety
    ///
    /// `inner` must come from a box, and is given up.
    #[inline(always)]
    pub(super) unsafe fn give(&self, inner: *mut Inner) {
        if self.last.get().is_null() {
            self.last.set(inner);
        } else {
            // SAFETY: the caller's promise.
            unsafe { self.give_other(inner) };
        }
    }

    /// # Safety
    ///
    /// As for `give`.
    #[cold]
    #[inline(never)]
    unsafe fn give_other(&self, inner: *mut Inner) {
        let mut others = self.others.borrow_mut();
        if others.len() < KEPT {
            others.push(inner);
        } else {
            // SAFETY: the caller's promise.
            drop(unsafe { Box::from_raw(inner) });
        }
    }
}

impl Drop for Spares {
    fn drop(&mut self) {
        let last = Some(self.last.get()).filter(|last| !last.is_null());
        for inner in self.others.get_mut().drain(..).chain(last) {
            // SAFETY: it came from a box, and was given to this thread, which ends.
            drop(unsafe { Box::from_raw(inner) });
        }
    }
}
