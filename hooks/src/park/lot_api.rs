//! The functions of parking lots for both sides of the boundary.
#![expect(unsafe_code, reason = "a parking lot crosses the boundary as a counted pointer")]

use std::ffi::c_void;
use std::sync::Arc;

use super::lot::Lot;
use crate::abi::guard::guard;
use crate::abi::{Sink, Text};

/// The lot as a pointer that is counted.
pub(crate) fn into_raw(lot: Arc<Lot>) -> *const c_void {
    Arc::into_raw(lot).cast()
}

/// # Safety
///
/// `lot` must come from `into_raw` in this binary, and its owner must lend it for as long as the reference lives.
unsafe fn lent<'a>(lot: *const c_void) -> &'a Lot {
    // SAFETY: the caller's promise.
    unsafe { &*lot.cast::<Lot>() }
}

pub(super) unsafe extern "C" fn clone(lot: *const c_void) {
    // SAFETY: the handle that owns the pointer lends it.
    unsafe { Arc::increment_strong_count(lot.cast::<Lot>()) };
}

pub(super) unsafe extern "C" fn drop_lot(lot: *const c_void) {
    // SAFETY: the handle that owns the pointer ends here.
    let lot = unsafe { Arc::from_raw(lot.cast::<Lot>()) };
    let _ = guard(|| drop(lot));
}

pub(super) unsafe extern "C" fn count(
    lot: *const c_void,
    key: Text,
    add: bool,
    count: &mut u64,
    error: &mut Sink,
) -> bool {
    // SAFETY: the handle lends its pointer and the key for this call.
    let (lot, key) = unsafe { (lent(lot), key.get()) };
    let counted = guard(|| if add { lot.reference(&key) } else { lot.dereference(&key) });
    match counted.flatten() {
        Ok(found) => *count = found as u64,
        Err(text) => {
            error.write(&text);
            return false;
        }
    }
    true
}

pub(super) unsafe extern "C" fn unpark(lot: *const c_void, key: Text) -> bool {
    // SAFETY: the handle lends its pointer and the key for this call.
    let (lot, key) = unsafe { (lent(lot), key.get()) };
    guard(|| lot.unpark(&key, false)).unwrap_or(false)
}

pub(super) unsafe extern "C" fn drop_parked(lot: *const c_void, key: Text) -> bool {
    // SAFETY: the handle lends its pointer and the key for this call.
    let (lot, key) = unsafe { (lent(lot), key.get()) };
    guard(|| lot.drop_parked(&key)).unwrap_or(false)
}
