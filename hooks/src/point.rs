//! Calling a hook point through a handle: what generated code does where somebody is attached.
#![expect(unsafe_code, reason = "passes argument structs to the host as pointers")]

use std::ffi::c_void;

use crate::abi::Head;
use crate::abi::point::HookPoint;
use crate::handle::CalloutHandle;

impl HookPoint {
    /// Calls the callouts through `handle`; the status's number comes back. For generated code.
    ///
    /// # Safety
    ///
    /// `arguments` must point to the argument struct of this hook point, with all of its references alive and unaliased.
    #[doc(hidden)]
    #[inline(never)]
    pub unsafe fn call(&self, handle: &mut CalloutHandle<'_>, arguments: *mut c_void) -> u32 {
        // SAFETY: the caller's promise.
        unsafe { self.call_at(handle, self.index(), arguments) }
    }

    /// The same for the hook point `index`, which has the same arguments: that of a command.
    ///
    /// # Safety
    ///
    /// As for [`Self::call`], for the hook point `index`.
    #[inline(always)]
    pub(crate) unsafe fn call_at(&self, handle: &mut CalloutHandle<'_>, index: u32, arguments: *mut c_void) -> u32 {
        let head: *mut Head = handle.head();
        // SAFETY: the head of a handle is alive as long as the handle.
        let api = unsafe { (*head).api };
        // SAFETY: the arguments are as the host expects them for this index: the host gives it only to hook points whose
        // record equals its own.
        unsafe { (api.handle.call)(head, index, arguments) }
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
