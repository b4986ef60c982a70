//! Tells when nobody uses an old generation any more, without a cache line that all threads write.
//!
//! Generations are numbered, and a number has a place, of which there are [`PLACES`]. Each thread owns a slot with two counters
//! for each place: *pins* (handles made) and *unpins* (handles dropped). A handle that was made on one thread may be dropped on
//! another; only the sums mean something. A generation that has been replaced is free when its sums are equal.
//!
//! ```text
//!   reader                                     writer
//!   n = number                                 number = n + 1
//!   pins[n] += 1                               fence                                 (B)
//!   fence                          (A)         sum unpins[n], then sum pins[n]
//!   number is still n? otherwise undo, retry
//! ```
//!
//! Of the two fences one comes first. If A: the writer sees the pin. If B: the reader sees that the number has changed. Where the
//! kernel helps, B is a barrier on all threads, and A costs nothing (`membarrier.rs`).
//! Unpins are summed before pins, so a handle that comes and goes meanwhile can only make the sums look unequal.
//! A place is used again only after its generation has been freed; numbers whose place is taken are skipped.

use std::sync::{Arc, Mutex, PoisonError};

use crate::membarrier::Membarrier;
use crate::sync::{AtomicUsize, BESIDE_FENCE, Ordering};

/// How many generations may be alive at once; a model needs few.
pub(crate) const PLACES: usize = if cfg!(all(test, loom)) { 2 } else { 128 };

/// Where a generation's number counts.
pub(crate) fn place(number: usize) -> usize {
    number % PLACES
}

/// The counters of one thread; aligned so that no two threads share a cache line (or the pair that is fetched together).
#[derive(Debug)]
#[repr(align(128))]
pub(crate) struct Slot {
    counters: [Counters; PLACES],
    /// Whether a thread owns it; a slot whose thread has ended keeps its counts and is given to another thread.
    owned: AtomicUsize,
}

/// How many handles of one generation a thread has made, and how many it has dropped.
#[derive(Debug)]
pub(crate) struct Counters {
    pins: AtomicUsize,
    unpins: AtomicUsize,
}

impl Counters {
    /// Ends what [`Readers::pin`] or [`Readers::try_pin`] began; only the thread that owns their slot may do this, which need not be
    /// the one that began.
    #[inline(always)]
    pub(crate) fn unpin(&self) {
        // Release: all reads of the generation come before the writer, who acquires this count, frees it.
        increment(&self.unpins, Ordering::Release);
    }
}

impl Slot {
    fn new() -> Slot {
        let counters = |_| Counters { pins: AtomicUsize::new(0), unpins: AtomicUsize::new(0) };
        Slot { counters: std::array::from_fn(counters), owned: AtomicUsize::new(1) }
    }

    /// The slot's thread has ended, or no longer needs it.
    pub(crate) fn release(&self) {
        // Release: the next owner continues with the counts that this one wrote.
        self.owned.store(0, Ordering::Release);
    }

    /// Those of the generation `number`.
    pub(crate) fn counters(&self, number: usize) -> &Counters {
        &self.counters[place(number)]
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

/// All readers of one `Hooks`, and the number of its current generation.
#[derive(Debug)]
pub(crate) struct Readers {
    number: AtomicUsize,
    membarrier: Membarrier,
    slots: Mutex<Vec<Arc<Slot>>>,
}

impl Readers {
    /// No readers yet; the current generation has the number 0.
    pub(crate) fn new() -> Readers {
        Readers { number: AtomicUsize::new(0), membarrier: Membarrier::register(), slots: Mutex::new(Vec::new()) }
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

    /// Begins to read the current generation, whose number comes back: it lives until [`Counters::unpin`].
    pub(crate) fn pin(&self, slot: &Slot) -> usize {
        loop {
            // Relaxed: checked, and ordered by the fence, in `try_pin_after`.
            let number = self.number.load(Ordering::Relaxed);
            if self.try_pin_after(|| self.membarrier.light(), slot.counters(number), number) {
                return number;
            }
        }
    }

    /// The same if `number`, to which `counters` belong, is the current one; otherwise nothing has begun.
    ///
    /// Only where [`Self::is_light`].
    #[inline(always)]
    pub(crate) fn try_pin(&self, counters: &Counters, number: usize) -> bool {
        self.try_pin_after(Membarrier::light_alone, counters, number)
    }

    /// Whether fence A is no instruction.
    pub(crate) fn is_light(&self) -> bool {
        self.membarrier.is_light()
    }

    #[inline(always)]
    fn try_pin_after(&self, fence: impl Fn(), counters: &Counters, number: usize) -> bool {
        // Relaxed: ordered by the fence.
        increment(&counters.pins, Ordering::Relaxed);
        // Fence A of the module's text.
        fence();
        // See there: what was stored for the generation before `publish` is acquired with its number.
        let is_current = self.number.load(BESIDE_FENCE) == number;
        if !is_current {
            counters.unpin();
        }
        is_current
    }

    /// The number of the current generation. The caller holds the writers' lock.
    pub(crate) fn number(&self) -> usize {
        // Relaxed: only writers change it, under their lock.
        self.number.load(Ordering::Relaxed)
    }

    /// Makes `number`, which is greater than all before, the current one. The caller holds the writers' lock, has stored the
    /// generation for it, and has freed the one that used its place before.
    pub(crate) fn publish(&self, number: usize) {
        // Release: pairs with the fence, or the load, in `pin`.
        self.number.store(number, Ordering::Release);
    }

    /// Whether nobody reads the generation `number`, which has been replaced, nor ever will.
    pub(crate) fn is_free(&self, number: usize) -> bool {
        self.handles(number) == 0
    }

    /// How many handles the generation `number` has; those that come and go meanwhile may be counted. 0 is certain for a
    /// generation that has been replaced.
    pub(crate) fn handles(&self, number: usize) -> usize {
        // Fence B of the module's text.
        let is_certain = self.membarrier.heavy();
        let slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        let sum = |counter: &dyn Fn(&Counters) -> usize| {
            slots.iter().fold(0usize, |sum, slot| sum.wrapping_add(counter(&slot.counters[place(number)])))
        };
        // Acquire: pairs with `unpin`, so that a pin is seen when its unpin is.
        let unpins = sum(&|counters| counters.unpins.load(Ordering::Acquire));
        // Relaxed: what has to be seen is ordered by the fence or by the acquire above.
        let pins = sum(&|counters| counters.pins.load(Ordering::Relaxed));
        let handles = pins.wrapping_sub(unpins);
        if is_certain { handles } else { handles.max(1) }
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn a_generation_waits_for_its_own_handles_only() {
        let readers = Readers::new();
        let slot = readers.register();
        let first = readers.pin(&slot);
        readers.publish(readers.number() + 1);
        let second = readers.pin(&slot);
        assert_eq!((first, second), (0, 1));
        readers.publish(readers.number() + 1);
        assert!(!readers.is_free(first) && !readers.is_free(second));
        slot.counters(second).unpin();
        assert!(!readers.is_free(first) && readers.is_free(second));
        slot.counters(first).unpin();
        assert!(readers.is_free(first));
    }

    #[test]
    fn a_handle_may_be_dropped_by_another_thread_whose_slot_is_used_again() {
        let readers = Readers::new();
        let (one, two) = (readers.register(), readers.register());
        let number = readers.pin(&one);
        readers.publish(readers.number() + 1);
        two.counters(number).unpin();
        two.release();
        assert!(Arc::ptr_eq(&readers.register(), &two));
        assert!(readers.is_free(number));
    }
}

#[cfg(all(test, loom))]
#[expect(unsafe_code, reason = "loom's cell finds an access that is not ordered after another one")]
mod model {
    use super::*;
    use loom::cell::UnsafeCell;
    use loom::thread;

    /// Two places for generations; to free one is to write it.
    struct Generations([UnsafeCell<usize>; PLACES]);

    // SAFETY: loom reports each access that races with another one.
    unsafe impl Sync for Generations {}
    // SAFETY: as for `Sync`.
    unsafe impl Send for Generations {}

    impl Generations {
        fn read(&self, number: usize) {
            // SAFETY: loom checks that nobody writes meanwhile.
            let found = self.0[place(number)].with(|cell| unsafe { *cell });
            assert_eq!(found, number, "the pinned generation is the one that is read");
        }

        fn write(&self, number: usize) {
            // SAFETY: loom checks that nobody reads meanwhile.
            self.0[place(number)].with_mut(|cell| unsafe { *cell = number });
        }
    }

    /// A reader that pins on one thread and unpins there or on another, while the writer publishes twice: the second time it
    /// uses the place of the first generation again.
    fn readers_and_a_writer(hand_over: bool) {
        loom::model(move || {
            let readers = Arc::new(Readers::new());
            let generations = Arc::new(Generations([UnsafeCell::new(0), UnsafeCell::new(1)]));
            let slots = [readers.register(), readers.register()];

            let reader = {
                let (readers, generations) = (Arc::clone(&readers), Arc::clone(&generations));
                thread::spawn(move || {
                    let [mine, other] = slots;
                    let number = readers.pin(&mine);
                    if hand_over {
                        thread::spawn(move || {
                            generations.read(number);
                            other.counters(number).unpin();
                        });
                    } else {
                        generations.read(number);
                        mine.counters(number).unpin();
                    }
                })
            };

            readers.publish(readers.number() + 1);
            if readers.is_free(0) {
                generations.write(2);
                readers.publish(readers.number() + 1);
            }
            reader.join().unwrap();
        });
    }

    /// A thread ends, and another one takes its slot over and goes on with its counts.
    fn a_slot_is_used_again(handle_lives_on: bool) {
        loom::model(move || {
            let readers = Arc::new(Readers::new());
            let slot = readers.register();
            let first = {
                let (readers, slot) = (Arc::clone(&readers), Arc::clone(&slot));
                thread::spawn(move || {
                    let number = readers.pin(&slot);
                    if !handle_lives_on {
                        slot.counters(number).unpin();
                    }
                    slot.release();
                })
            };
            let second = {
                let readers = Arc::clone(&readers);
                thread::spawn(move || {
                    let slot = readers.register();
                    let number = readers.pin(&slot);
                    slot.counters(number).unpin();
                })
            };
            first.join().unwrap();
            second.join().unwrap();
            readers.publish(readers.number() + 1);
            assert_eq!(readers.is_free(0), !handle_lives_on);
        });
    }

    #[test]
    fn a_slot_that_is_used_again_keeps_its_pins() {
        a_slot_is_used_again(true);
    }

    #[test]
    fn a_slot_that_is_used_again_keeps_its_unpins() {
        a_slot_is_used_again(false);
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
