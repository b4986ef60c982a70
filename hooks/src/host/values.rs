//! The functions through which both sides work on the values of a handle.
#![expect(unsafe_code, reason = "follows the pointers of a handle, and takes over values of other binaries")]

use std::ffi::c_void;
use std::ptr;

use super::handle::{self, Inner};
use super::store::{Named, Store};
use crate::abi::{Found, Head, Sink, Space, Text, Value};
use crate::registrations::Registrations;

/// The store of a handle and the owner of its running callout.
///
/// # Safety
///
/// `head` must be the head of a live handle of this binary that no other thread uses; the reference must not outlive the call
/// of the function that asks for it, nor meet another one.
unsafe fn store<'a>(head: *mut Head) -> (&'a mut Store, *const Registrations) {
    // SAFETY: the caller's promise.
    let owner = unsafe { handle::owner(head) };
    // SAFETY: the caller's promise; the store is a part that nothing else refers to.
    (unsafe { &mut (*head.cast::<Inner>()).store }, owner)
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
    let value = Named { name, hash: value.hash, type_name, pointer: value.pointer, drop: value.drop };
    // SAFETY: `CalloutHandle` lends its own head.
    if space == Space::ARGUMENTS && unsafe { handle::has_declared_argument(head, value.name.as_bytes()) } {
        error.write("the hook point that is being called declares it; a callout takes it as a parameter");
        return false;
    }
    // SAFETY: as above.
    let (store, owner) = unsafe { store(head) };
    let old = store.space_or_new(space, owner).set(value);
    // Its drop runs code of the library that had set it, when the store is whole again.
    drop(old);
    true
}

pub(super) unsafe extern "C" fn find(
    head: *mut Head,
    space: Space,
    name: Text,
    hash: &[u64; 2],
    to_set: bool,
) -> *mut c_void {
    // SAFETY: `CalloutHandle` lends its own head, and the name for this call.
    let ((store, owner), name) = unsafe { (store(head), name.bytes()) };
    // SAFETY: as above.
    if to_set && space == Space::ARGUMENTS && unsafe { handle::has_declared_argument(head, name) } {
        return ptr::null_mut();
    }
    let value = store.space(space, owner).and_then(|values| values.find(name));
    value.filter(|value| value.hash == *hash).map_or(ptr::null_mut(), |value| value.pointer)
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
    let ((store, owner), name) = unsafe { (store(head), name.get()) };
    let Some(values) = store.space(space, owner) else {
        error.write("there is no context for the library whose callout is running; `set_context` makes one");
        return Found::NONE;
    };
    let Some(value) = values.position(&name).map(|place| &values.0[place]) else {
        // SAFETY: as above.
        if space == Space::ARGUMENTS && unsafe { handle::has_declared_argument(head, name.as_bytes()) } {
            error.write("the hook point that is being called declares it; a callout takes it as a parameter");
            return Found::NONE;
        }
        let names: Vec<_> = values.0.iter().map(|value| value.name.as_str()).collect();
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
    let ((store, owner), name) = unsafe { (store(head), name.get()) };
    let Some(values) = store.space(space, owner) else { return false };
    let deleted = values.position(&name).map(|place| values.0.remove(place));
    deleted.is_some()
}

pub(super) unsafe extern "C" fn delete_values(head: *mut Head, space: Space) {
    // SAFETY: `CalloutHandle` lends its own head.
    let (store, owner) = unsafe { store(head) };
    let deleted = store.space(space, owner).map(std::mem::take);
    drop(deleted);
}

/// Writes each name with a zero byte behind it, or an error if there is no such context: then nothing is written.
pub(super) unsafe extern "C" fn value_names(head: *mut Head, space: Space, names: &mut Sink) -> bool {
    // SAFETY: `CalloutHandle` lends its own head.
    let (store, owner) = unsafe { store(head) };
    match store.space(space, owner) {
        Some(values) => {
            values.names(names);
            true
        }
        None => false,
    }
}
