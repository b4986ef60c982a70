//! A value that is replaced as a whole while others read it: readers never wait, and finish with what they began with.
//!
//! ```text
//!   reader (holds a generation)                writer (one at a time)
//!   current.load                       (A)     current.store(new)                    (R)
//!   reads what it found                        keeps the old one until no generation that was there is held any more
//! ```
//!
//! R and A pair: whoever finds the new value finds it complete.
#![expect(unsafe_code, reason = "hands out what an atomic pointer points to")]

use std::ptr::NonNull;

use crate::sync::{AtomicPtr, Ordering};

/// A value that is replaced as a whole. What is replaced is kept until [`Snapshot::reclaim`].
#[derive(Debug)]
pub(crate) struct Snapshot<T> {
    current: AtomicPtr<T>,
}

/// A value that has been replaced and may still be read. Whoever holds it decides when it is dropped.
#[derive(Debug)]
pub(crate) struct Replaced<T>(NonNull<T>);

// SAFETY: it is a box in waiting: nothing but its drop is done through it.
unsafe impl<T: Send> Send for Replaced<T> {}
// SAFETY: a shared reference to it can do nothing.
unsafe impl<T: Sync> Sync for Replaced<T> {}

impl<T> Snapshot<T> {
    /// A snapshot that begins with `value`.
    pub(crate) fn new(value: T) -> Snapshot<T> {
        Snapshot { current: AtomicPtr::new(Box::into_raw(Box::new(value))) }
    }

    /// The value as it is now.
    ///
    /// # Safety
    ///
    /// The result must not be used after the value has been replaced and then reclaimed.
    #[inline(always)]
    pub(crate) unsafe fn load<'a>(&self) -> &'a T {
        // Acquire: pairs with `replace`, so that the value is seen complete.
        let current = self.current.load(Ordering::Acquire);
        // SAFETY: it came from a box, which lives until it is reclaimed; the caller's promise.
        unsafe { &*current }
    }

    /// Where the value is found; for those who cannot name this type.
    pub(crate) fn current(&self) -> &AtomicPtr<T> {
        &self.current
    }

    /// Puts `value` in place; the one before comes back, perhaps still read. One writer at a time.
    pub(crate) fn replace(&self, value: T) -> Replaced<T> {
        let new = Box::into_raw(Box::new(value));
        // Relaxed: only writers change it, one at a time.
        let old = self.current.load(Ordering::Relaxed);
        // Release: pairs with `load`.
        self.current.store(new, Ordering::Release);
        // SAFETY: the pointer came from a box.
        Replaced(unsafe { NonNull::new_unchecked(old) })
    }
}

impl<T> Replaced<T> {
    /// Drops the value.
    ///
    /// # Safety
    ///
    /// Nobody may read it any more, and all reads must have happened before.
    pub(crate) unsafe fn reclaim(self) {
        // SAFETY: it came from a box in `Snapshot`, was taken out of it once, and is read by nobody.
        drop(unsafe { Box::from_raw(self.0.as_ptr()) });
    }
}

impl<T> Drop for Snapshot<T> {
    fn drop(&mut self) {
        // Relaxed: whoever drops it owns it.
        let current = self.current.load(Ordering::Relaxed);
        // SAFETY: it came from a box, and nobody reads what is being dropped.
        drop(unsafe { Box::from_raw(current) });
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn what_was_begun_with_stays_until_it_is_reclaimed() {
        let snapshot = Snapshot::new("first".to_owned());
        // SAFETY: nothing is reclaimed before the last use.
        let begun = unsafe { snapshot.load() };
        let replaced = snapshot.replace("second".to_owned());
        // SAFETY: as above.
        assert_eq!((begun.as_str(), unsafe { snapshot.load() }.as_str()), ("first", "second"));
        // SAFETY: `begun` is not used any more.
        unsafe { replaced.reclaim() };
    }
}

#[cfg(all(test, loom))]
mod model {
    use super::*;
    use crate::quiesce::Readers;
    use loom::cell::UnsafeCell;
    use std::sync::Arc;

    /// A cell in which loom finds an access that is not ordered after another one.
    struct Seen(UnsafeCell<usize>);

    // SAFETY: loom reports each access that races with another one.
    unsafe impl Sync for Seen {}
    // SAFETY: as for `Sync`.
    unsafe impl Send for Seen {}

    impl Seen {
        fn new(value: usize) -> Seen {
            let cell = UnsafeCell::new(0);
            // SAFETY: nobody else knows it yet. Written here, so that a reader must be ordered after it.
            cell.with_mut(|cell| unsafe { *cell = value });
            Seen(cell)
        }

        fn read(&self) -> usize {
            // SAFETY: loom checks that nobody writes meanwhile.
            self.0.with(|cell| unsafe { *cell })
        }
    }

    impl Drop for Seen {
        fn drop(&mut self) {
            // SAFETY: loom checks that nobody reads meanwhile.
            self.0.with_mut(|cell| unsafe { *cell = usize::MAX });
        }
    }

    #[test]
    fn a_reader_finds_a_whole_value_that_outlives_its_pin() {
        loom::model(|| {
            let readers = Arc::new(Readers::new());
            let snapshot = Arc::new(Snapshot::new(Seen::new(1)));
            let slot = readers.register();
            let reader = {
                let (readers, snapshot) = (Arc::clone(&readers), Arc::clone(&snapshot));
                loom::thread::spawn(move || {
                    let number = readers.pin(&slot);
                    // SAFETY: the pin keeps what is found until `unpin`.
                    let found = unsafe { snapshot.load() }.read();
                    assert!(found == 1 || found == 2, "a whole value");
                    slot.counters(number).unpin();
                })
            };
            let number = readers.number();
            let replaced = snapshot.replace(Seen::new(2));
            readers.publish(number + 1);
            if readers.is_free(number) {
                // SAFETY: whoever found it had pinned `number` or one before, and has unpinned; later pins find the new value.
                unsafe { replaced.reclaim() };
            } else {
                std::mem::forget(replaced);
            }
            reader.join().unwrap();
        });
    }
}
