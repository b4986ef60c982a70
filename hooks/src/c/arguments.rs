//! The functions of `hooks_handle` that read and write the declared arguments of the call, by path.
#![expect(unsafe_code, reason = "follows the pointers that C passes")]

use std::ffi::{c_char, c_int};

use super::boundary::{Done, Failure, bytes, copy, copy_text, give, run, text};
use super::constants::{HOOKS_ERROR_INVALID, HOOKS_ERROR_NOT_FOUND, HOOKS_ERROR_RANGE};
use super::path;
use super::place::Place;
use super::types::CHandle;
use crate::abi::record::ArgumentRecord;
use crate::registry;

/// The arguments of the call, as this binary's compiler laid them out.
///
/// # Safety
///
/// `handle` must be null or what the running callout was given.
unsafe fn arguments(handle: *mut CHandle) -> Result<(String, &'static [ArgumentRecord]), Failure> {
    // SAFETY: the caller's promise.
    let Some(handle) = (unsafe { handle.as_ref() }) else {
        return Err(Failure::new(HOOKS_ERROR_INVALID, "the handle is NULL"));
    };
    // SAFETY: the callout is running.
    let hook = unsafe { (*handle.callout).hook.to_string_lossy() };
    // A hook point that was registered at run time has none; those that a library declares only that library's compiler knows.
    let arguments = registry::details(&hook).map_or(&[][..], |details| details.arguments);
    Ok((hook.into_owned(), arguments))
}

/// The value at `path`.
///
/// # Safety
///
/// `handle` must be null or what the running callout was given; the place must not outlive the call of the function that asks.
unsafe fn find(handle: *mut CHandle, path: &str) -> Result<Place, Failure> {
    let (name, steps) = path::parse(path)?;
    // SAFETY: the caller's promise.
    let (hook, arguments) = unsafe { arguments(handle) }?;
    let Some(record) = arguments.iter().find(|argument| argument.name == name) else {
        let names: Vec<_> = arguments.iter().map(|argument| argument.name).collect();
        let names = if names.is_empty() { "none that C can reach".to_owned() } else { names.join(", ") };
        let text = format!("the hook point `{hook}` has no argument `{name}`; it has: {names}");
        return Err(Failure::new(HOOKS_ERROR_NOT_FOUND, text));
    };
    // SAFETY: the argument struct is that of the hook point that is being called, whose own record this is; the callout is a C
    // function, which has no reference to an argument.
    let place = unsafe { Place::new(record, (*handle).arguments) };
    steps.into_iter().try_fold(place, Place::step)
}

/// Runs `body` with the value at `path`.
///
/// # Safety
///
/// What C passes must be as the header says.
unsafe fn at(handle: *mut CHandle, path: *const c_char, body: impl FnOnce(Place) -> Done) -> c_int {
    // SAFETY: the caller's promise.
    run(|| body(unsafe { find(handle, text(path, "the path")?) }?))
}

/// A function that reads a value, and one that writes it.
macro_rules! scalar {
    ($getter:ident, $setter:ident, $ty:ty, |$from:ident| $get:expr, |$into:ident, $value:ident| $set:expr) => {
        pub(super) unsafe extern "C" fn $getter(handle: *mut CHandle, path: *const c_char, value: *mut $ty) -> c_int {
            let read = |place: Place| {
                let $from = place.inner()?;
                // SAFETY: C passes a place for the value.
                unsafe { give(value, $get) }
            };
            // SAFETY: C passes the handle that its callout was given, and lends the path.
            unsafe { at(handle, path, read) }
        }

        pub(super) unsafe extern "C" fn $setter(handle: *mut CHandle, path: *const c_char, $value: $ty) -> c_int {
            // SAFETY: C passes the handle that its callout was given, and lends the path.
            unsafe { at(handle, path, |$into| $set) }
        }
    };
}

fn range(value: i128, ty: &str) -> Failure {
    Failure::new(HOOKS_ERROR_RANGE, format!("{value} does not fit an `{ty}`"))
}

scalar!(
    get_int,
    set_int,
    i64,
    |place| place.integer().and_then(|value| i64::try_from(value).map_err(|_| range(value, "int64_t")))?,
    |place, value| place.set_integer(value.into())
);
scalar!(
    get_uint,
    set_uint,
    u64,
    |place| place.integer().and_then(|value| u64::try_from(value).map_err(|_| range(value, "uint64_t")))?,
    |place, value| place.set_integer(value.into())
);
scalar!(get_bool, set_bool, bool, |place| place.boolean()?, |place, value| place.set_boolean(value));
scalar!(get_double, set_double, f64, |place| place.double()?, |place, value| place.set_double(value));
scalar!(get_char, set_char, u32, |place| place.character()?.into(), |place, value| place.set_character(value));

pub(super) unsafe extern "C" fn get_string(
    handle: *mut CHandle,
    path: *const c_char,
    buffer: *mut c_char,
    size: usize,
    length: *mut usize,
) -> c_int {
    // SAFETY: C passes the handle that its callout was given and a buffer with its size, and lends the path.
    unsafe { at(handle, path, |place| copy_text(&place.inner()?.text()?, buffer, size, length)) }
}

pub(super) unsafe extern "C" fn set_string(handle: *mut CHandle, path: *const c_char, value: *const c_char) -> c_int {
    // SAFETY: C passes the handle that its callout was given, and lends path and value.
    unsafe { at(handle, path, |place| place.set_text(text(value, "the value")?)) }
}

pub(super) unsafe extern "C" fn get_bytes(
    handle: *mut CHandle,
    path: *const c_char,
    buffer: *mut u8,
    size: usize,
    length: *mut usize,
) -> c_int {
    // SAFETY: C passes the handle that its callout was given and a buffer with its size, and lends the path.
    unsafe { at(handle, path, |place| copy(&place.inner()?.bytes()?, buffer, size, length)) }
}

pub(super) unsafe extern "C" fn set_bytes(
    handle: *mut CHandle,
    path: *const c_char,
    value: *const u8,
    length: usize,
) -> c_int {
    // SAFETY: C passes the handle that its callout was given, and lends path and value.
    unsafe { at(handle, path, |place| place.set_bytes(bytes(value, length)?)) }
}

pub(super) unsafe extern "C" fn get_length(handle: *mut CHandle, path: *const c_char, length: *mut usize) -> c_int {
    // SAFETY: C passes the handle that its callout was given and a place for the length, and lends the path.
    unsafe { at(handle, path, |place| give(length, place.inner()?.length()?)) }
}

pub(super) unsafe extern "C" fn is_present(handle: *mut CHandle, path: *const c_char, present: *mut bool) -> c_int {
    // SAFETY: C passes the handle that its callout was given and a place for the answer, and lends the path.
    unsafe { at(handle, path, |place| give(present, place.inner().is_ok())) }
}

pub(super) unsafe extern "C" fn is_writable(handle: *mut CHandle, path: *const c_char, writable: *mut bool) -> c_int {
    // SAFETY: C passes the handle that its callout was given and a place for the answer, and lends the path.
    unsafe { at(handle, path, |place| give(writable, place.is_writable())) }
}

pub(super) unsafe extern "C" fn clear_value(handle: *mut CHandle, path: *const c_char) -> c_int {
    // SAFETY: C passes the handle that its callout was given, and lends the path.
    unsafe { at(handle, path, Place::clear) }
}

pub(super) unsafe extern "C" fn type_name(
    handle: *mut CHandle,
    path: *const c_char,
    buffer: *mut c_char,
    size: usize,
    length: *mut usize,
) -> c_int {
    // SAFETY: C passes the handle that its callout was given and a buffer with its size, and lends the path.
    unsafe { at(handle, path, |place| copy_text(&place.type_name(), buffer, size, length)) }
}

pub(super) unsafe extern "C" fn field_name(
    handle: *mut CHandle,
    path: *const c_char,
    index: usize,
    buffer: *mut c_char,
    size: usize,
    length: *mut usize,
) -> c_int {
    // SAFETY: C passes the handle that its callout was given and a buffer with its size, and lends the path.
    unsafe { at(handle, path, |place| copy_text(place.inner()?.field_name(index)?, buffer, size, length)) }
}

pub(super) unsafe extern "C" fn argument_name(
    handle: *mut CHandle,
    index: usize,
    buffer: *mut c_char,
    size: usize,
    length: *mut usize,
) -> c_int {
    run(|| {
        // SAFETY: C passes the handle that its callout was given.
        let (hook, arguments) = unsafe { arguments(handle) }?;
        let missing = || {
            let text =
                format!("the hook point `{hook}` has {} arguments, none with the number {index}", arguments.len());
            Failure::new(HOOKS_ERROR_NOT_FOUND, text)
        };
        let argument = arguments.get(index).ok_or_else(missing)?;
        // SAFETY: C passes a buffer with its size.
        unsafe { copy_text(argument.name, buffer, size, length) }
    })
}
