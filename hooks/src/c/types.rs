//! The types of the C interface, and how C spells them.

use std::ffi::{CString, c_char, c_int, c_void};
use std::sync::Arc;

use super::callout::CCallout;
use super::table::Api;
use crate::abi::counted::Counted;
use crate::abi::{Head, LibraryApi};
use crate::park::Ticket;

/// A callout of a C library. `C-unwind`: a C++ exception that leaves it ends the process in a defined way.
pub(super) type Function = unsafe extern "C-unwind" fn(*mut CHandle) -> c_int;
/// The function that drops a context value.
pub(super) type Destroy = unsafe extern "C-unwind" fn(*mut c_void);

/// `hooks_handle`: what a callout is lent.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct CHandle {
    pub(super) api: &'static Api,
    pub(super) head: *mut Head,
    /// The argument struct of the call.
    pub(super) arguments: *mut c_void,
    pub(super) callout: *const CCallout,
}

/// `hooks_library`: one loaded instance of a library; its state.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct CLibrary {
    pub(super) api: &'static Api,
    pub(super) name: CString,
    pub(super) parameters: CString,
    /// What it registers, and the functions that work on it.
    pub(super) registrations: Counted,
    pub(super) library_api: &'static LibraryApi,
    pub(super) image: Arc<crate::library::Code>,
}

/// `hooks_ticket`: a boxed ticket.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct CTicket {
    pub(super) api: &'static Api,
    pub(super) ticket: Ticket,
}

/// A type that C has, with its spelling there.
pub(super) trait CType {
    const SPELLING: &'static str;
}

macro_rules! spelled {
    ($($ty:ty = $spelling:literal,)*) => {$(
        impl CType for $ty {
            const SPELLING: &'static str = $spelling;
        }
    )*};
}

spelled! {
    () = "void",
    bool = "bool",
    c_int = "int",
    u32 = "uint32_t",
    i64 = "int64_t",
    u64 = "uint64_t",
    f64 = "double",
    usize = "size_t",
    *mut bool = "bool *",
    *mut u32 = "uint32_t *",
    *mut i64 = "int64_t *",
    *mut u64 = "uint64_t *",
    *mut f64 = "double *",
    *mut usize = "size_t *",
    *const c_char = "const char *",
    *mut c_char = "char *",
    *const u8 = "const uint8_t *",
    *mut u8 = "uint8_t *",
    *mut c_void = "void *",
    *mut *mut c_void = "void **",
    *mut CHandle = "hooks_handle *",
    *mut CLibrary = "hooks_library *",
    *mut CTicket = "hooks_ticket *",
    *mut *mut CTicket = "hooks_ticket **",
    Option<Function> = "hooks_callout ",
    Option<Destroy> = "hooks_destroy ",
}
