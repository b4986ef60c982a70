//! Counts who is still dropping libraries that have left the current set.
//!
//! ```text
//!   who takes them out (under a lock)          who asks whether they are gone
//!   count += 1                                 sees under that lock that they have left
//!   drops them                                 count == 0?                           (A)
//!   count -= 1                      (R)
//! ```
//!
//! R and A pair: whoever finds none finds what was done to drop the libraries. Who counts up afterwards does not come between.

use crate::sync::{AtomicUsize, Ordering};

/// How many are at it.
#[derive(Debug)]
pub(super) struct Leavings(AtomicUsize);

impl Leavings {
    pub(super) fn new() -> Leavings {
        Leavings(AtomicUsize::new(0))
    }

    /// The caller holds a lock without which nobody can find that the libraries have left.
    pub(super) fn begin(&self) {
        // Relaxed: the caller's lock orders it before whoever asks.
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    /// The libraries are gone.
    pub(super) fn end(&self) {
        // Release: R of the module's text.
        self.0.fetch_sub(1, Ordering::Release);
    }

    /// Whether nobody is at it.
    pub(super) fn is_none(&self) -> bool {
        // Acquire: A of the module's text.
        self.0.load(Ordering::Acquire) == 0
    }
}

#[cfg(all(test, loom))]
#[expect(unsafe_code, reason = "loom's cell finds an access that is not ordered after another one")]
mod model {
    use super::*;
    use crate::sync::Mutex;
    use loom::cell::UnsafeCell;
    use std::sync::Arc;

    struct Set {
        leavings: Leavings,
        /// How many libraries are in the set.
        loaded: Mutex<usize>,
        states: [UnsafeCell<bool>; 2],
    }

    // SAFETY: loom reports each access that races with another one.
    unsafe impl Sync for Set {}
    // SAFETY: as for `Sync`.
    unsafe impl Send for Set {}

    #[test]
    fn whoever_finds_libraries_gone_comes_after_their_drop() {
        loom::model(|| {
            let set = Arc::new(Set {
                leavings: Leavings::new(),
                loaded: Mutex::new(2),
                states: [UnsafeCell::new(true), UnsafeCell::new(true)],
            });
            let drops = [0, 1].map(|library: usize| {
                let set = Arc::clone(&set);
                loom::thread::spawn(move || {
                    let mut loaded = set.loaded.lock().unwrap();
                    *loaded -= 1;
                    set.leavings.begin();
                    drop(loaded);
                    // SAFETY: loom checks that nobody reads meanwhile.
                    set.states[library].with_mut(|state| unsafe { *state = false });
                    set.leavings.end();
                })
            });
            if *set.loaded.lock().unwrap() == 0 && set.leavings.is_none() {
                for state in &set.states {
                    // SAFETY: loom checks that nobody writes meanwhile.
                    assert!(!state.with(|state| unsafe { *state }), "its state is still there");
                }
            }
            drops.into_iter().for_each(|thread| thread.join().unwrap());
        });
    }
}
