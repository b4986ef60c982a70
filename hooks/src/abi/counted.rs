//! Counted pointers that cross the boundary: whoever holds one may count it up and down, whichever side made it.
#![expect(unsafe_code, reason = "turns an `Arc` into a pointer with functions, and back")]

use std::ffi::c_void;
use std::sync::Arc;

use super::guard::guard;

/// One count of a value, with the functions of the binary that made it; none unwinds.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct Counted {
    pointer: *const c_void,
    retain: unsafe extern "C" fn(*const c_void),
    release: unsafe extern "C" fn(*const c_void),
}

// SAFETY: `new` asks for a value that is `Send + Sync`, and the count is atomic.
unsafe impl Send for Counted {}
// SAFETY: as for `Send`.
unsafe impl Sync for Counted {}

impl Counted {
    /// Takes over one count of `value`.
    pub(crate) fn new<T: Send + Sync + 'static>(value: Arc<T>) -> Counted {
        Counted { pointer: Arc::into_raw(value).cast(), retain: retain::<T>, release: release::<T> }
    }

    /// The value's address, the same for all of its counts.
    pub(crate) fn pointer(&self) -> *const c_void {
        self.pointer
    }
}

unsafe extern "C" fn retain<T>(pointer: *const c_void) {
    // SAFETY: the pointer is that of `new`, and its caller holds a count.
    unsafe { Arc::increment_strong_count(pointer.cast::<T>()) };
}

unsafe extern "C" fn release<T>(pointer: *const c_void) {
    // SAFETY: the pointer is that of `new`, and its caller gives a count up.
    let value = unsafe { Arc::from_raw(pointer.cast::<T>()) };
    if let Err(message) = guard(|| drop(value)) {
        let _ = guard(|| tracing::error!("a panic in a drop: {message}"));
    }
}

impl Clone for Counted {
    fn clone(&self) -> Counted {
        // SAFETY: `self` holds a count.
        unsafe { (self.retain)(self.pointer) };
        Counted { ..*self }
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        // SAFETY: this count ends here.
        unsafe { (self.release)(self.pointer) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_value_is_dropped_with_its_last_count() {
        let value = Arc::new("value".to_owned());
        let one = Counted::new(Arc::clone(&value));
        let other = one.clone();
        assert_eq!((Arc::strong_count(&value), one.pointer()), (3, other.pointer()));
        drop((one, other));
        assert_eq!(Arc::strong_count(&value), 1);
    }

    #[test]
    fn a_panic_in_its_drop_goes_no_further() {
        struct Bomb;
        impl Drop for Bomb {
            fn drop(&mut self) {
                panic!("in drop");
            }
        }
        drop(Counted::new(Arc::new(Bomb)));
    }
}
