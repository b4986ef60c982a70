//! The functions of `hooks_library`: what a library registers.
#![expect(unsafe_code, reason = "follows the pointers that C passes")]

use std::ffi::{c_char, c_int};
use std::ptr;
use std::sync::Arc;

use super::boundary::{Done, Failure, c_string, run, text};
use super::callout::{CCallout, thunk};
use super::constants::{HOOKS_ERROR_INVALID, HOOKS_ERROR_NOT_FOUND, HOOKS_ERROR_REFUSED};
use super::image::Image;
use super::types::{CLibrary, Function};
use crate::abi::counted::Counted;
use crate::abi::{Registration, Sink, Text};
use crate::command::command_to_hook_name;

impl CLibrary {
    /// The image of the library.
    pub(super) fn image(&self) -> Result<&Image, String> {
        self.image.c.as_deref().ok_or_else(|| "it is no C library".to_owned())
    }

    /// Attaches `function`, which is called `name`, to `hook`.
    pub(super) fn register(
        self: &Arc<Self>,
        hook: &str,
        name: &str,
        function: Function,
        file: &str,
        line: u32,
    ) -> Result<(), String> {
        let callout = CCallout { function, library: Arc::clone(self), hook: c_string(hook) };
        let closure = Counted::new(Arc::new(callout));
        let registration = Registration {
            is_plain: false,
            hook: Text::new(hook),
            name: Text::new(name),
            file: Text::new(file),
            line,
            thunk,
            identity: function as *const _,
            closure: &raw const closure,
            point: ptr::null(),
            takes_state: false,
            across_loads: false,
        };
        let (library, mut error) = (self.registrations.pointer(), String::new());
        // SAFETY: the registrations are counted by `self`, and the functions belong to them; what is registered is lent for this
        // call. The thunk takes any arguments, and the closure that is given here.
        let done =
            unsafe { (self.library_api.register)(library, &raw const registration, 1, &mut Sink::new(&mut error)) };
        if done { Ok(()) } else { Err(error) }
    }

    fn deregister(&self, hook: &str, function: Function) -> Done {
        let library = self.registrations.pointer();
        // SAFETY: as in `register`; the identity is only compared.
        match unsafe { (self.library_api.deregister)(library, Text::new(hook), function as *const _) } {
            true => Ok(()),
            false => Err(Failure::new(
                HOOKS_ERROR_NOT_FOUND,
                format!("this library has not registered that function for the hook point `{hook}`"),
            )),
        }
    }
}

/// The library behind the pointer.
///
/// # Safety
///
/// The pointer must be null or that of a library that is loaded.
unsafe fn shared(library: *mut CLibrary) -> Result<Arc<CLibrary>, Failure> {
    if library.is_null() {
        return Err(Failure::new(HOOKS_ERROR_INVALID, "the library is NULL"));
    }
    // SAFETY: the caller's promise: it came from an `Arc`, whose count the host holds.
    unsafe {
        Arc::increment_strong_count(library.cast_const());
        Ok(Arc::from_raw(library.cast_const()))
    }
}

fn given(function: Option<Function>) -> Result<Function, Failure> {
    function.ok_or_else(|| Failure::new(HOOKS_ERROR_INVALID, "the function is NULL"))
}

fn refused(text: String) -> Failure {
    Failure::new(HOOKS_ERROR_REFUSED, text)
}

pub(super) unsafe extern "C" fn library_name(library: *mut CLibrary) -> *const c_char {
    // SAFETY: C passes a library that is loaded.
    unsafe { (&*library).name.as_ptr() }
}

pub(super) unsafe extern "C" fn library_parameters(library: *mut CLibrary) -> *const c_char {
    // SAFETY: C passes a library that is loaded.
    unsafe { (&*library).parameters.as_ptr() }
}

pub(super) unsafe extern "C" fn register_callout_at(
    library: *mut CLibrary,
    hook: *const c_char,
    name: *const c_char,
    function: Option<Function>,
    file: *const c_char,
    line: u32,
) -> c_int {
    run(|| {
        // SAFETY: C lends what it passes for this call.
        let (library, hook) = unsafe { (shared(library)?, text(hook, "the hook point's name")?) };
        // SAFETY: as above.
        let (name, file) = unsafe { (text(name, "the callout's name")?, text(file, "the file's name")?) };
        library.register(hook, name, given(function)?, file, line).map_err(refused)
    })
}

pub(super) unsafe extern "C" fn deregister_callout(
    library: *mut CLibrary,
    hook: *const c_char,
    function: Option<Function>,
) -> c_int {
    run(|| {
        // SAFETY: C lends what it passes for this call.
        let (library, hook) = unsafe { (shared(library)?, text(hook, "the hook point's name")?) };
        library.deregister(hook, given(function)?)
    })
}

pub(super) unsafe extern "C" fn deregister_all_callouts(library: *mut CLibrary, hook: *const c_char) -> c_int {
    run(|| {
        // SAFETY: C lends what it passes for this call.
        let (library, hook) = unsafe { (shared(library)?, text(hook, "the hook point's name")?) };
        let mut error = String::new();
        let (registrations, mut sink) = (library.registrations.pointer(), Sink::new(&mut error));
        // SAFETY: the registrations are counted by `library`; the name is lent for this call.
        let found = unsafe { (library.library_api.deregister_all)(registrations, Text::new(hook), &mut sink) };
        if !found && error.is_empty() {
            error = format!("this library has no callout at the hook point `{hook}`");
        }
        if error.is_empty() { Ok(()) } else { Err(Failure::new(HOOKS_ERROR_NOT_FOUND, error)) }
    })
}

pub(super) unsafe extern "C" fn register_command_callout_at(
    library: *mut CLibrary,
    command: *const c_char,
    name: *const c_char,
    function: Option<Function>,
    file: *const c_char,
    line: u32,
) -> c_int {
    run(|| {
        // SAFETY: C lends what it passes for this call.
        let (library, command) = unsafe { (shared(library)?, text(command, "the command's name")?) };
        // SAFETY: as above.
        let (name, file) = unsafe { (text(name, "the callout's name")?, text(file, "the file's name")?) };
        library.register(&command_to_hook_name(command), name, given(function)?, file, line).map_err(refused)
    })
}

pub(super) unsafe extern "C" fn deregister_command_callout(
    library: *mut CLibrary,
    command: *const c_char,
    function: Option<Function>,
) -> c_int {
    run(|| {
        // SAFETY: C lends what it passes for this call.
        let (library, command) = unsafe { (shared(library)?, text(command, "the command's name")?) };
        library.deregister(&command_to_hook_name(command), given(function)?)
    })
}

pub(super) unsafe extern "C" fn register_hook_at(
    library: *mut CLibrary,
    name: *const c_char,
    file: *const c_char,
    line: u32,
) -> c_int {
    run(|| {
        // SAFETY: C lends what it passes for this call.
        let (library, name) = unsafe { (shared(library)?, text(name, "the hook point's name")?) };
        // SAFETY: as above.
        let file = unsafe { text(file, "the file's name") }?;
        let (name, file, mut error) = (Text::new(name), Text::new(file), String::new());
        // SAFETY: the texts are lent for this call.
        unsafe { (library.library_api.register_hook)(name, file, line, &mut Sink::new(&mut error)) };
        if error.is_empty() { Ok(()) } else { Err(refused(error)) }
    })
}

pub(super) unsafe extern "C" fn library_log(library: *mut CLibrary, level: c_int, message: *const c_char) -> c_int {
    run(|| {
        // SAFETY: C lends what it passes for this call.
        let (library, message) = unsafe { (shared(library)?, text(message, "the message")?) };
        library.log(level, message)
    })
}
