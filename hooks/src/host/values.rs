//! The functions through which both sides work on the values of a handle.
#![expect(unsafe_code, reason = "follows the pointers of a handle, and takes over values of other binaries")]

use std::ffi::c_void;
use std::ptr;

use super::handle;
use super::inner::Inner;
use super::store::{Named, ShortName, Values};
use crate::abi::{Found, Head, Sink, Space, Text, Value};
use crate::values::OWN_TYPE;

/// The values of `space`, if there are any: for contexts those of the library whose callout is running.
///
/// # Safety
///
/// `head` must be the head of a live handle of this binary that no other thread uses; the reference must not outlive the call
/// of the function that asks for it, nor meet one that is to change them.
#[inline(always)]
unsafe fn values<'a>(head: *mut Head, space: Space) -> Option<&'a Values> {
    // SAFETY: the caller's promise.
    let store = unsafe { &Inner::rest(head.cast()).store };
    if space == Space::ARGUMENTS {
        return Some(store.arguments());
    }
    // SAFETY: the caller's promise.
    store.context(unsafe { handle::owner(head) })
}

/// The same to change, made if they are missing.
///
/// # Safety
///
/// As for `values`; no other reference to them may be alive.
unsafe fn values_mut<'a>(head: *mut Head, space: Space) -> &'a mut Values {
    // SAFETY: the caller's promise.
    let store = unsafe {
        (*head.cast::<Inner>()).forget_key();
        &mut Inner::rest_mut(head.cast()).store
    };
    if space == Space::ARGUMENTS {
        return store.arguments_mut();
    }
    // SAFETY: the caller's promise.
    store.context_mut(unsafe { handle::owner(head) })
}

pub(super) unsafe extern "C" fn set_value(
    head: *mut Head,
    space: Space,
    name: Text,
    value: Value,
    error: &mut Sink,
) -> bool {
    // SAFETY: the caller lends both texts for this call.
    let (name, type_name) = unsafe { (name.get().into_owned(), value.type_name.get().into_owned()) };
    // SAFETY: the caller gives the value up, with the function that drops it.
    let value = unsafe { Named::new(name, value.hash, type_name, value.pointer, value.drop) };
    // SAFETY: `CalloutHandle` lends its own head.
    if space == Space::ARGUMENTS && unsafe { handle::has_declared_argument(head, value.name().as_bytes()) } {
        error.write("the hook point that is being called declares it; a callout takes it as a parameter");
        return false;
    }
    // SAFETY: as above.
    let old = unsafe { values_mut(head, space) }.set(value);
    // Its drop runs code of the library that had set it, when the store is whole again.
    std::mem::drop(old);
    true
}

pub(super) unsafe extern "C" fn find(
    head: *mut Head,
    space: Space,
    name: Text,
    hash: &[u64; 2],
    to_set: bool,
) -> *mut c_void {
    let inner = head.cast::<Inner>();
    // SAFETY: `CalloutHandle` lends its own head, and the name for this call.
    let (arguments, bytes) = unsafe { (Inner::rest(inner).store.arguments(), name.bytes()) };
    // What the hook point declares cannot be set.
    // SAFETY: as above.
    let may_be_declared = to_set && unsafe { !(*inner).frame.is_null() };
    match ShortName::new(bytes) {
        Some(name) if space == Space::ARGUMENTS && !may_be_declared => pointer(arguments.find_short(name), hash),
        // SAFETY: as above.
        _ => unsafe { find_slowly(head, space, name, hash, to_set) },
    }
}

/// The same for whatever name and space.
///
/// # Safety
///
/// As for `values`.
#[inline(never)]
unsafe fn find_slowly(head: *mut Head, space: Space, name: Text, hash: &[u64; 2], to_set: bool) -> *mut c_void {
    // SAFETY: the caller's promise; the name is lent for this call.
    let (values, name) = unsafe { (values(head, space), name.bytes()) };
    // SAFETY: the caller's promise.
    if to_set && space == Space::ARGUMENTS && unsafe { handle::has_declared_argument(head, name) } {
        return ptr::null_mut();
    }
    pointer(values.and_then(|values| values.find(name)), hash)
}

/// Where the value is, if it is one of this type.
#[inline(always)]
fn pointer(value: Option<&Named>, hash: &[u64; 2]) -> *mut c_void {
    match value {
        Some(value) if value.hash == *hash => value.pointer,
        _ => ptr::null_mut(),
    }
}

/// The value `name` of the context, or null. It is known by `key` from now on, which always comes with this name.
pub(super) unsafe extern "C" fn context(head: *mut Head, key: *const c_void, name: Text) -> *mut c_void {
    // SAFETY: `CalloutHandle` lends its own head, and the name for this call.
    let (is_used, owner, name) = unsafe { ((*head.cast::<Inner>()).is_used, handle::owner(head), name.bytes()) };
    if !is_used {
        return ptr::null_mut();
    }
    // SAFETY: as above; nothing else refers to the values.
    let values = unsafe { Inner::rest_mut(head.cast()) }.store.find_context_mut(owner);
    let value = values.and_then(|values| values.find_by_key(key, name)).filter(|value| value.hash == OWN_TYPE);
    value.map_or(ptr::null_mut(), |value| value.pointer)
}

/// The same as `find`, with what is wrong; also for names that are not UTF-8.
pub(super) unsafe extern "C" fn value(
    head: *mut Head,
    space: Space,
    name: Text,
    hash: &[u64; 2],
    error: &mut Sink,
) -> Found {
    // SAFETY: `CalloutHandle` lends its own head, and the name for this call.
    let (values, name) = unsafe { (values(head, space), name.get()) };
    let Some(values) = values else {
        error.write("there is no context for the library whose callout is running; `set_context` makes one");
        return Found::NONE;
    };
    let Some(value) = values.position(&name).map(|place| &values.0[place]) else {
        // SAFETY: as above.
        if space == Space::ARGUMENTS && unsafe { handle::has_declared_argument(head, name.as_bytes()) } {
            error.write("the hook point that is being called declares it; a callout takes it as a parameter");
            return Found::NONE;
        }
        let names: Vec<_> = values.0.iter().map(Named::name).collect();
        let names = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
        error.write(&format!("nothing has that name; there are: {names}"));
        return Found::NONE;
    };
    if value.hash != *hash {
        error.write(&format!("it is a `{}`", value.type_name));
        return Found::NONE;
    }
    Found { value: value.pointer }
}

pub(super) unsafe extern "C" fn delete_value(head: *mut Head, space: Space, name: Text) -> bool {
    // SAFETY: `CalloutHandle` lends its own head, and the name for this call.
    let (place, name) = unsafe { (values(head, space), name.get()) };
    let Some(place) = place.and_then(|values| values.position(&name)) else { return false };
    // SAFETY: as above. The values are whole again when this one is dropped.
    let deleted = unsafe { values_mut(head, space) }.0.remove(place);
    drop(deleted);
    true
}

pub(super) unsafe extern "C" fn delete_values(head: *mut Head, space: Space) {
    // SAFETY: `CalloutHandle` lends its own head.
    if unsafe { values(head, space) }.is_some_and(|values| !values.0.is_empty()) {
        // SAFETY: as above.
        let deleted = std::mem::take(unsafe { values_mut(head, space) });
        drop(deleted);
    }
}

/// Writes each name with a zero byte behind it, or an error if there is no such context: then nothing is written.
pub(super) unsafe extern "C" fn value_names(head: *mut Head, space: Space, names: &mut Sink) -> bool {
    // SAFETY: `CalloutHandle` lends its own head.
    match unsafe { values(head, space) } {
        Some(values) => {
            values.names(names);
            true
        }
        None => false,
    }
}
