//! Calling a hook point through a handle: what generated code does where somebody is attached.
#![expect(unsafe_code, reason = "passes argument structs to the host as pointers")]

use std::ffi::c_void;
use std::sync::atomic::Ordering;

use crate::abi::Head;
use crate::abi::calls::{CallEntry, CallTable};
use crate::abi::point::HookPoint;
use crate::handle::CalloutHandle;
use crate::status::NextStep;

impl HookPoint {
    /// Calls the callouts through `handle`; the status's number comes back. For generated code.
    ///
    /// # Safety
    ///
    /// `arguments` must point to the argument struct of this hook point, with all of its
    /// references alive and unaliased.
    #[doc(hidden)]
    #[inline(always)]
    pub unsafe fn call(&self, handle: &mut CalloutHandle<'_>, arguments: *mut c_void) -> u32 {
        // SAFETY: the caller's promise; the head of a handle is alive as long as the handle.
        unsafe { self.call_with(handle.head(), arguments) }
    }

    /// The same with the head of a handle.
    ///
    /// # Safety
    ///
    /// As for [`Self::call`]; `head` must be that of a live handle which no one else uses.
    #[inline(always)]
    pub(crate) unsafe fn call_with(&self, head: *mut Head, arguments: *mut c_void) -> u32 {
        // Nobody may be attached any more: the place 0 is that of no callouts. Loaded again, so that the idle test is one instruction.
        let word = self.word();
        // SAFETY: the caller's promise; where a head points is alive as long as the handle.
        // Acquire: pairs with the writer who put the table in place, so that it is seen complete.
        let table = unsafe { (*(*head).calls).load(Ordering::Acquire) };
        // SAFETY: the handle keeps the table.
        let CallTable { length, entries } = unsafe { &*table };
        if word as usize >= *length {
            // SAFETY: the caller's promise.
            return unsafe { self.ask(head, arguments) };
        }
        // SAFETY: the word is less than the number of entries. The arguments are as the entry expects them: the host gives the word
        // only to hook points whose record equals its own.
        let answer = unsafe {
            (*head).table = table;
            let CallEntry { thunk, state } = &*entries.add(word as usize);
            thunk(head, arguments, *state)
        };
        if answer == NextStep::Continue as u32 {
            return answer;
        }
        // SAFETY: as above.
        unsafe { ((*head).api.handle.settle)(head, word, arguments, answer) }
    }

    /// Has the host call the callouts.
    ///
    /// # Safety
    ///
    /// As for [`Self::call_with`].
    #[cold]
    #[inline(never)]
    unsafe fn ask(&self, head: *mut Head, arguments: *mut c_void) -> u32 {
        // SAFETY: the caller's promise; the host knows the hook point by this index.
        unsafe { ((*head).api.handle.call)(head, self.index(), arguments) }
    }

    /// Calls the hook point `index`, which has the same arguments: that of a command.
    ///
    /// # Safety
    ///
    /// As for [`Self::call`], for the hook point `index`.
    pub(crate) unsafe fn call_at(&self, handle: &mut CalloutHandle<'_>, index: u32, arguments: *mut c_void) -> u32 {
        let head = handle.head();
        // SAFETY: the caller's promise; the head of a handle is alive as long as the handle.
        unsafe { ((*head).api.handle.call)(head, index, arguments) }
    }

    /// Whether callouts are attached, as a request with this `handle` sees it; the reference's `calloutsPresent`.
    #[doc(hidden)]
    pub fn callouts_present(&self, handle: &CalloutHandle<'_>) -> bool {
        let head = handle.head();
        // SAFETY: the head of a handle is alive as long as the handle.
        let api = unsafe { (*head).api };
        // SAFETY: the host checks the index.
        !self.is_idle() && unsafe { (api.handle.present)(head, self.index()) }
    }
}
