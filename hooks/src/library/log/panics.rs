//! The panic hook of a library: each panic is in the host's log once, with its place and its thread.
//!
//! Wherever the host calls a library, a guard catches the panic and reports what it meant; it adds what this hook has seen. A
//! panic on a thread of the plugin's own has no such guard, and is logged here.
#![expect(unsafe_code, reason = "looks whether the host is among the callers")]

use std::ffi::{c_int, c_void};
use std::mem::MaybeUninit;
use std::panic::PanicHookInfo;
use std::ptr;

use super::Bound;
use super::fields::Values;
use super::places::Place;
use crate::abi::guard::NO_TEXT;
use crate::abi::log::{Fields, NO_SPAN, Parent, SiteDescription, kind};
use crate::abi::{Sink, Text, panics};

/// Makes it the panic hook of this binary.
pub(super) fn install(bound: &'static Bound) {
    let before = std::panic::take_hook();
    let host = (bound.host.log.level as *const c_void).addr();
    std::panic::set_hook(Box::new(move |info| {
        let mut thread = String::new();
        (bound.host.log.thread_name)(&mut Sink::new(&mut thread));
        let place = info.location().map(|at| format!("{}:{}:{}", at.file(), at.line(), at.column()));
        let place = format!("; panicked at {}, thread `{thread}`", place.unwrap_or_default());
        if !can_unwind(info) {
            // The process is about to end: what is on its way arrives nowhere.
            for (message, place) in panics::take_all() {
                bound.report(info, message.as_deref(), &place);
            }
            bound.report(info, info.payload_as_str(), &place);
            before(info);
        } else if is_called_by(host) {
            panics::keep(info.payload_as_str(), place);
        } else {
            bound.report(info, info.payload_as_str(), &place);
        }
    }));
}

/// Whether the panic can be caught at all.
fn can_unwind(info: &PanicHookInfo<'_>) -> bool {
    // The standard library's own word for it is not stable; it is what such a panic says.
    info.payload_as_str() != Some("panic in a destructor during cleanup")
        && info.payload_as_str() != Some("panic in a function that cannot unwind")
}

impl Bound {
    fn report(&self, info: &PanicHookInfo<'_>, message: Option<&str>, place: &str) {
        let (file, line) = info.location().map_or(("", 0), |at| (at.file(), at.line()));
        let field = Text::new("message");
        let description = SiteDescription {
            level: 1,
            span: false,
            name: Text::new("panic"),
            target: Text::new(self.library),
            module: Text::new(""),
            file: Text::new(file),
            line,
            fields: &raw const field,
            field_count: 1,
        };
        let site = Place::new(self.host, &description);
        if site.is_enabled(&self.host.log) {
            let mut values = Values::default();
            let message = format!("{}{place}", message.unwrap_or(NO_TEXT));
            values.text(0, "message".into(), kind::DEBUG, message);
            let parent = Parent { kind: Parent::CURRENT, span: NO_SPAN };
            values.lend(|fields: Fields| {
                // SAFETY: the place is the host's; the texts and the values are lent for this call.
                unsafe { (self.host.log.event)(site.head(), Text::new(self.library), parent, fields) };
            });
        }
    }
}

/// Whether a function of the binary that contains the address `host` is among the callers of this one.
fn is_called_by(host: usize) -> bool {
    #[repr(C)]
    struct Context([u8; 0]);
    unsafe extern "C" {
        fn _Unwind_Backtrace(
            frame: unsafe extern "C" fn(*mut Context, *mut c_void) -> c_int,
            argument: *mut c_void,
        ) -> c_int;
        fn _Unwind_GetIP(context: *mut Context) -> usize;
    }
    struct Search {
        host: *const c_void,
        found: bool,
    }
    const GO_ON: c_int = 0;
    const STOP: c_int = 4;
    unsafe extern "C" fn frame(context: *mut Context, search: *mut c_void) -> c_int {
        // SAFETY: it is the `search` below, which nobody else uses meanwhile.
        let search = unsafe { &mut *search.cast::<Search>() };
        // SAFETY: the unwinder lends the context for this call.
        let address = unsafe { _Unwind_GetIP(context) };
        search.found = image(ptr::without_provenance(address)) == Some(search.host);
        if search.found { STOP } else { GO_ON }
    }
    let Some(host) = image(ptr::without_provenance(host)) else { return false };
    let mut search = Search { host, found: false };
    // SAFETY: `frame` does not unwind, and `search` outlives the call.
    unsafe { _Unwind_Backtrace(frame, (&raw mut search).cast()) };
    search.found
}

/// The begin of the binary that contains `address`.
fn image(address: *const c_void) -> Option<*const c_void> {
    let mut info = MaybeUninit::<libc::Dl_info>::uninit();
    // SAFETY: any address may be asked for; the struct is written if the answer is not zero.
    unsafe { (libc::dladdr(address, info.as_mut_ptr()) != 0).then(|| info.assume_init().dli_fbase.cast_const()) }
}
