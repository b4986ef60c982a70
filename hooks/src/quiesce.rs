//! Tells when nobody uses an old generation any more, without a cache line that all threads write.
//!
//! This is sleepable RCU. Each thread owns a slot with two pairs of counters, chosen by a parity: *pins* (handles made) and
//! *unpins* (handles dropped). A handle that was made on one thread may be dropped on another; only the sums mean something.
//! The writer publishes a new generation, then waits until the sums of both parities have been equal once: of the parity
//! that new handles do not use first, then it turns the parity and looks at the other.
//!
//! ```text
//!   reader                                writer
//!   pins[p] += 1                          store the new generation
//!   fence                 (A)             fence                (B)
//!   load the generation                   sum unpins[p], then sum pins[p]
//! ```
//!
//! Of the two fences one comes first. If A: the writer sees the pin. If B: the reader loads the new generation.
//! Unpins are summed before pins, so a handle that comes and goes meanwhile can only make the sums look unequal.

use std::sync::{Arc, Mutex, PoisonError};

use crate::sync::{AtomicUsize, Ordering, fence};

/// The counters of one thread; aligned so that no two threads share a cache line (or the pair that is fetched together).
#[derive(Debug)]
#[repr(align(128))]
pub(crate) struct Slot {
    pins: [AtomicUsize; 2],
    unpins: [AtomicUsize; 2],
    /// Whether a thread owns it; a slot whose thread has ended keeps its counts and is given to another thread.
    owned: AtomicUsize,
}

impl Slot {
    fn new() -> Slot {
        let zero = || AtomicUsize::new(0);
        Slot { pins: [zero(), zero()], unpins: [zero(), zero()], owned: AtomicUsize::new(1) }
    }

    /// The slot's thread has ended, or no longer needs it.
    pub(crate) fn release(&self) {
        // Release: the next owner continues with the counts that this one wrote.
        self.owned.store(0, Ordering::Release);
    }

    fn claim(&self) -> bool {
        // Acquire: pairs with `release`.
        self.owned.compare_exchange(0, 1, Ordering::Acquire, Ordering::Relaxed).is_ok()
    }
}

/// Adds one to a counter that only the running thread writes, so that no locked instruction is needed.
fn increment(counter: &AtomicUsize, order: Ordering) {
    // Relaxed: this thread wrote the last value, or acquired the slot from the one that did.
    let value = counter.load(Ordering::Relaxed);
    counter.store(value.wrapping_add(1), order);
}

/// All readers of one `Hooks`.
#[derive(Debug)]
pub(crate) struct Readers {
    parity: AtomicUsize,
    slots: Mutex<Vec<Arc<Slot>>>,
}

impl Readers {
    pub(crate) fn new() -> Readers {
        Readers { parity: AtomicUsize::new(0), slots: Mutex::new(Vec::new()) }
    }

    /// A slot for the running thread.
    pub(crate) fn register(&self) -> Arc<Slot> {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(free) = slots.iter().find(|slot| slot.claim()) {
            return Arc::clone(free);
        }
        let slot = Arc::new(Slot::new());
        slots.push(Arc::clone(&slot));
        slot
    }

    /// Begins to read; whatever generation is loaded after this call lives until [`Self::unpin`] with the parity returned.
    #[inline]
    pub(crate) fn pin(&self, slot: &Slot) -> usize {
        // Relaxed: an old parity only delays the writer, who looks at both.
        let parity = self.parity.load(Ordering::Relaxed) & 1;
        // Relaxed: ordered by the fence.
        increment(&slot.pins[parity], Ordering::Relaxed);
        // SeqCst: fence A of the module's text; no weaker fence orders the store above before a later load.
        fence(Ordering::SeqCst);
        parity
    }

    /// Ends what [`Self::pin`] began; `slot` is the running thread's, which may be another one.
    #[inline]
    pub(crate) fn unpin(&self, slot: &Slot, parity: usize) {
        // Release: all reads of the generation come before the writer, who acquires this count, frees it.
        increment(&slot.unpins[parity], Ordering::Release);
    }

    /// Whether all pins of `parity` that could matter have been undone. Call after the new generation is published.
    fn drained(&self, parity: usize) -> bool {
        // SeqCst: fence B of the module's text.
        fence(Ordering::SeqCst);
        let slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        // Acquire: pairs with `unpin`, so that a pin is seen when its unpin is.
        let unpins =
            slots.iter().fold(0usize, |sum, slot| sum.wrapping_add(slot.unpins[parity].load(Ordering::Acquire)));
        // Relaxed: what has to be seen is ordered by the fence or by the acquire above.
        let pins = slots.iter().fold(0usize, |sum, slot| sum.wrapping_add(slot.pins[parity].load(Ordering::Relaxed)));
        pins == unpins
    }

    /// Notes in each of `waiting` which parities are drained; true in both places means: nobody reads it any more.
    ///
    /// Never waits. The caller holds the writers' lock, has published a newer generation than each of `waiting`, and calls
    /// again later for those that are not done.
    pub(crate) fn advance(&self, waiting: &mut [&mut Drained]) {
        for _ in 0..2 {
            // Relaxed: only writers change it, under their lock.
            let active = self.parity.load(Ordering::Relaxed) & 1;
            let resting = active ^ 1;
            if self.drained(resting) {
                for drained in waiting.iter_mut() {
                    drained.0[resting] = true;
                }
            }
            if waiting.iter().any(|drained| !drained.0[active]) {
                // Relaxed: see `pin`.
                self.parity.store(resting, Ordering::Relaxed);
            }
        }
    }
}

/// Which parities have been drained since a generation was replaced.
#[derive(Debug, Default)]
pub(crate) struct Drained([bool; 2]);

impl Drained {
    pub(crate) fn is_complete(&self) -> bool {
        self.0 == [true, true]
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    fn is_drained(readers: &Readers, drained: &mut Drained) -> bool {
        readers.advance(&mut [drained]);
        drained.is_complete()
    }

    #[test]
    fn a_handle_delays_only_what_it_could_have_seen() {
        let readers = Readers::new();
        let slot = readers.register();
        let old = readers.pin(&slot);
        let mut first = Drained::default();
        assert!(!is_drained(&readers, &mut first));
        // Handles made later, and still alive, do not matter to the first generation.
        let new = readers.pin(&slot);
        assert!(!is_drained(&readers, &mut first));
        readers.unpin(&slot, old);
        assert!(is_drained(&readers, &mut first));
        let mut second = Drained::default();
        assert!(!is_drained(&readers, &mut second));
        readers.unpin(&slot, new);
        assert!(is_drained(&readers, &mut second));
    }

    #[test]
    fn a_handle_may_be_dropped_by_another_thread_whose_slot_is_used_again() {
        let readers = Readers::new();
        let (one, two) = (readers.register(), readers.register());
        let parity = readers.pin(&one);
        readers.unpin(&two, parity);
        two.release();
        assert!(Arc::ptr_eq(&readers.register(), &two));
        assert!(is_drained(&readers, &mut Drained::default()));
    }
}

#[cfg(all(test, loom))]
#[expect(unsafe_code, reason = "loom's cell finds an access that is not ordered after another one")]
mod model {
    use super::*;
    use crate::sync::AtomicPtr;
    use loom::cell::UnsafeCell;
    use loom::thread;

    /// A generation; to free it is to write it.
    struct Generation(UnsafeCell<bool>);

    // SAFETY: loom reports each access that races with another one.
    unsafe impl Sync for Generation {}
    // SAFETY: as for `Sync`.
    unsafe impl Send for Generation {}

    impl Generation {
        fn new() -> Arc<Generation> {
            Arc::new(Generation(UnsafeCell::new(false)))
        }

        fn read(&self) {
            // SAFETY: loom checks that nobody writes meanwhile.
            assert!(!self.0.with(|freed| unsafe { *freed }), "read after it was freed");
        }

        fn free(&self) {
            // SAFETY: loom checks that nobody reads meanwhile.
            self.0.with_mut(|freed| unsafe { *freed = true });
        }
    }

    /// A reader that pins on one thread and unpins there or on another never sees a generation that is already freed.
    fn readers_and_a_writer(hand_over: bool) {
        loom::model(move || {
            let readers = Arc::new(Readers::new());
            let (old, new) = (Generation::new(), Generation::new());
            let current = Arc::new(AtomicPtr::new(Arc::as_ptr(&old).cast_mut()));
            let slots = [readers.register(), readers.register()];

            let reader = {
                let (readers, current) = (Arc::clone(&readers), Arc::clone(&current));
                let (old, new) = (Arc::clone(&old), Arc::clone(&new));
                thread::spawn(move || {
                    let [mine, other] = slots;
                    let parity = readers.pin(&mine);
                    let pinned = current.load(Ordering::Acquire);
                    let generation = if std::ptr::eq(pinned, Arc::as_ptr(&old)) { old } else { new };
                    if hand_over {
                        thread::spawn(move || {
                            generation.read();
                            readers.unpin(&other, parity);
                        });
                    } else {
                        generation.read();
                        readers.unpin(&mine, parity);
                    }
                })
            };

            current.store(Arc::as_ptr(&new).cast_mut(), Ordering::Release);
            let mut drained = Drained::default();
            readers.advance(&mut [&mut drained]);
            if drained.is_complete() {
                old.free();
            }
            reader.join().unwrap();
        });
    }

    #[test]
    fn a_generation_is_freed_after_its_last_reader() {
        readers_and_a_writer(false);
    }

    #[test]
    fn a_handle_dropped_on_another_thread_counts() {
        readers_and_a_writer(true);
    }
}
