//! Extra arguments: values that callouts of one request hand to each other, in whatever language they are written.
#![expect(unsafe_code, reason = "follows the pointers that C passes")]

use std::ffi::{c_char, c_int};

use super::boundary::{Done, Failure, copy_text, give, run, text};
use super::constants::{HOOKS_ERROR_NOT_FOUND, HOOKS_ERROR_RANGE, HOOKS_ERROR_REFUSED, HOOKS_ERROR_TYPE};
use super::handle::with;
use super::types::CHandle;
use crate::HookType;
use crate::handle::CalloutHandle;

/// Why a value could not be had: there is none of this name, or it has another type.
fn failure(handle: &CalloutHandle<'_>, name: &str, expected: &str) -> Failure {
    if !handle.argument_names().iter().any(|other| other == name) {
        let names = handle.argument_names();
        let names = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
        let text = format!("there is no extra argument `{name}`; there are: {names}");
        return Failure::new(HOOKS_ERROR_NOT_FOUND, text);
    }
    Failure::new(HOOKS_ERROR_TYPE, format!("the extra argument `{name}` is not {expected}"))
}

/// The integer `name`, whatever its width.
fn integer(handle: &CalloutHandle<'_>, name: &str) -> Result<i128, Failure> {
    macro_rules! any {
        ($($ty:ty)*) => {$(
            if let Ok(value) = handle.argument::<$ty>(name) {
                return i128::try_from(*value).map_err(|_| too_large(name));
            }
        )*};
    }
    any!(i64 u64 u32 i32 u16 i16 u8 i8 usize isize i128 u128);
    Err(failure(handle, name, "an integer"))
}

fn too_large(name: &str) -> Failure {
    Failure::new(HOOKS_ERROR_RANGE, format!("the extra argument `{name}` does not fit into the type that is asked for"))
}

fn set<T: HookType + Send>(handle: &mut CalloutHandle<'_>, name: &str, value: T) -> Done {
    handle.set_argument(name, value).map_err(|error| Failure::new(HOOKS_ERROR_REFUSED, error.to_string()))
}

/// A function that sets an extra argument, and one that gets it.
macro_rules! scalar {
    ($ty:ty, $setter:ident, $getter:ident, |$handle:ident, $name:ident| $get:expr) => {
        pub(super) unsafe extern "C" fn $setter(handle: *mut CHandle, name: *const c_char, value: $ty) -> c_int {
            run(|| {
                // SAFETY: C lends the name for this call.
                let name = unsafe { text(name, "the name") }?;
                // SAFETY: C passes the handle that its callout was given.
                unsafe { with(handle, |handle| set(handle, name, value)) }
            })
        }

        pub(super) unsafe extern "C" fn $getter(handle: *mut CHandle, name: *const c_char, value: *mut $ty) -> c_int {
            run(|| {
                // SAFETY: C lends the name for this call.
                let $name = unsafe { text(name, "the name") }?;
                // SAFETY: C passes the handle that its callout was given.
                let found = unsafe { with(handle, |$handle| $get) }?;
                // SAFETY: C passes a place for the value.
                unsafe { give(value, found) }
            })
        }
    };
}

scalar!(i64, set_extra_int, get_extra_int, |handle, name| {
    i64::try_from(integer(handle, name)?).map_err(|_| too_large(name))
});
scalar!(u64, set_extra_uint, get_extra_uint, |handle, name| {
    u64::try_from(integer(handle, name)?).map_err(|_| too_large(name))
});
scalar!(bool, set_extra_bool, get_extra_bool, |handle, name| {
    handle.argument::<bool>(name).copied().map_err(|_| failure(handle, name, "a bool"))
});
scalar!(f64, set_extra_double, get_extra_double, |handle, name| {
    let narrow = || handle.argument::<f32>(name).map(|value| f64::from(*value));
    handle.argument::<f64>(name).copied().or_else(|_| narrow()).map_err(|_| failure(handle, name, "a double"))
});

pub(super) unsafe extern "C" fn set_extra_string(
    handle: *mut CHandle,
    name: *const c_char,
    value: *const c_char,
) -> c_int {
    run(|| {
        // SAFETY: C lends both texts for this call.
        let (name, value) = unsafe { (text(name, "the name")?, text(value, "the value")?.to_owned()) };
        // SAFETY: C passes the handle that its callout was given.
        unsafe { with(handle, |handle| set(handle, name, value)) }
    })
}

pub(super) unsafe extern "C" fn get_extra_string(
    handle: *mut CHandle,
    name: *const c_char,
    buffer: *mut c_char,
    size: usize,
    length: *mut usize,
) -> c_int {
    run(|| {
        // SAFETY: C lends the name for this call.
        let name = unsafe { text(name, "the name") }?;
        let get = |handle: &mut CalloutHandle<'_>| {
            let value = handle.argument::<String>(name).map_err(|_| failure(handle, name, "a string"))?;
            // SAFETY: C passes a buffer with its size.
            unsafe { copy_text(value, buffer, size, length) }
        };
        // SAFETY: C passes the handle that its callout was given.
        unsafe { with(handle, get) }
    })
}

pub(super) unsafe extern "C" fn delete_extra(handle: *mut CHandle, name: *const c_char) -> c_int {
    run(|| {
        // SAFETY: C lends the name for this call.
        let name = unsafe { text(name, "the name") }?;
        let delete = |handle: &mut CalloutHandle<'_>| match handle.delete_argument(name) {
            true => Ok(()),
            false => Err(failure(handle, name, "there")),
        };
        // SAFETY: C passes the handle that its callout was given.
        unsafe { with(handle, delete) }
    })
}
