//! What handles need of a `Hooks`: the current generation, the readers' counters and the observer.
#![expect(unsafe_code, reason = "publishes generations through an atomic pointer")]

use std::fmt;
use std::ptr;
use std::sync::atomic::{AtomicU8, AtomicU64};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use crate::generation::Generation;
use crate::observe::Observer;
use crate::park::Parkings;
use crate::quiesce::{PLACES, Readers, place};
use crate::registry;
use crate::sync::{AtomicPtr, Ordering};

/// A generation that has been replaced, and that requests may still read.
#[derive(Debug)]
pub(crate) struct Replaced(*mut Generation);

// SAFETY: a generation may be dropped on any thread; nothing else is done through this.
unsafe impl Send for Replaced {}

impl Replaced {
    /// The generation. The caller holds the writers' lock, under which it has been found, so that it is not dropped meanwhile.
    pub(crate) fn get(&self) -> &Generation {
        // SAFETY: it is dropped by `reclaim` only, which takes `self`.
        unsafe { &*self.0 }
    }

    /// The generation, to be dropped.
    ///
    /// # Safety
    ///
    /// Nobody may read it any more, and all reads must have happened before.
    pub(crate) unsafe fn reclaim(self) -> Box<Generation> {
        // SAFETY: it came from a box in `publish` or `new`, and comes back once: its number never is current again.
        unsafe { Box::from_raw(self.0) }
    }
}

/// The shared part of one `Hooks`.
pub(crate) struct Instance {
    /// Never used again by another instance, so that a thread's cached slot cannot be mistaken.
    id: u64,
    readers: Readers,
    /// The generations by the places of their numbers; the current one is that of the readers' number.
    generations: [AtomicPtr<Generation>; PLACES],
    /// Why calls are out of the ordinary: `OBSERVED`, `WATCHED`, `TIMED`.
    flags: AtomicU8,
    observer: RwLock<Option<Arc<dyn Observer>>>,
    /// The watchdog's limit in nanoseconds, or 0.
    limit: AtomicU64,
    parkings: Arc<Parkings>,
}

/// Calls are told to an observer.
const OBSERVED: u8 = 1;
/// Slow callouts are looked for.
const WATCHED: u8 = 2;
/// Callouts are timed, which is nothing that a call has to be looked at for.
const TIMED: u8 = 4;

impl fmt::Debug for Instance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Instance").field("id", &self.id).finish_non_exhaustive()
    }
}

impl Instance {
    /// An instance whose first generation is `generation`.
    pub(crate) fn new(generation: Generation) -> Instance {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let generations = std::array::from_fn(|_| AtomicPtr::new(ptr::null_mut()));
        // Relaxed: nobody else knows it yet.
        generations[0].store(Box::into_raw(Box::new(generation)), Ordering::Relaxed);
        Instance {
            // Relaxed: only uniqueness matters.
            id: NEXT.fetch_add(1, Ordering::Relaxed),
            readers: Readers::new(),
            generations,
            flags: AtomicU8::new(0),
            observer: RwLock::new(None),
            limit: AtomicU64::new(0),
            parkings: Arc::new(Parkings::new()),
        }
    }

    /// The generation `number`, which the caller has pinned.
    pub(crate) fn generation(&self, number: usize) -> *const Generation {
        // Relaxed: `Readers::pin` has acquired what was stored before the number was published.
        self.generations[place(number)].load(Ordering::Relaxed)
    }

    /// Handles made from now on see `new`; the generation before comes back with its number, still in use.
    ///
    /// The caller holds the writers' lock and has freed the generation at the place of `next`, the number of `new`.
    pub(crate) fn publish(&self, new: Generation, next: usize) -> (Replaced, usize) {
        let number = self.readers.number();
        // Relaxed: published by the number.
        self.generations[place(next)].store(Box::into_raw(Box::new(new)), Ordering::Relaxed);
        self.readers.publish(next);
        // Relaxed: the caller's lock orders it after the store.
        let old = self.generations[place(number)].load(Ordering::Relaxed);
        (Replaced(old), number)
    }

    /// The current generation. The caller holds the writers' lock, so that it is not replaced meanwhile.
    pub(crate) fn current(&self) -> &Generation {
        // SAFETY: the pointer is valid until `publish` replaces it, which the caller's lock prevents.
        unsafe { &*self.generations[place(self.readers.number())].load(Ordering::Relaxed) }
    }

    pub(crate) fn readers(&self) -> &Readers {
        &self.readers
    }

    /// What is parked here, and how.
    pub(crate) fn parkings(&self) -> &Arc<Parkings> {
        &self.parkings
    }

    /// Whether calls are out of the ordinary.
    #[inline]
    pub(crate) fn is_rare(&self) -> bool {
        // Relaxed: a hint; the observer itself is behind a lock, and the limit is a number of its own.
        self.flags.load(Ordering::Relaxed) != 0
    }

    /// Whether each callout is looked at before and after.
    #[inline]
    pub(crate) fn is_looked_at(&self) -> bool {
        self.has(OBSERVED | WATCHED)
    }

    /// Whether callouts are timed.
    #[inline]
    pub(crate) fn is_timed(&self) -> bool {
        self.has(TIMED)
    }

    /// Has callouts timed, or not.
    pub(crate) fn set_timed(&self, timed: bool) {
        self.set(TIMED, || timed);
    }

    pub(crate) fn is_observed(&self) -> bool {
        self.has(OBSERVED)
    }

    /// Whether one of `flag` is set.
    fn has(&self, flag: u8) -> bool {
        // Relaxed: see `is_rare`.
        self.flags.load(Ordering::Relaxed) & flag != 0
    }

    fn set(&self, flag: u8, on: impl FnOnce() -> bool) {
        // The lock, so that of two who set a flag the second one sees what the first one did.
        let mut registry = registry::lock();
        let on = on();
        // Relaxed: see `is_rare`.
        let before = match on {
            true => self.flags.fetch_or(flag, Ordering::Relaxed),
            false => self.flags.fetch_and(!flag, Ordering::Relaxed),
        };
        // From now on calls ask the host, or not any more.
        if (before != 0) != self.is_rare() {
            registry.set_rare(on);
        }
    }

    pub(crate) fn observer(&self) -> Option<Arc<dyn Observer>> {
        if !self.has(OBSERVED) {
            return None;
        }
        self.observer.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Sets the observer; the one before comes back.
    pub(crate) fn set_observer(&self, observer: Option<Arc<dyn Observer>>) -> Option<Arc<dyn Observer>> {
        let mut place = self.observer.write().unwrap_or_else(PoisonError::into_inner);
        self.set(OBSERVED, || observer.is_some());
        std::mem::replace(&mut place, observer)
    }

    /// How long a callout may run before it is called slow, if that is looked for.
    pub(crate) fn limit(&self) -> Option<Duration> {
        // Relaxed: a number of its own.
        match self.limit.load(Ordering::Relaxed) {
            0 => None,
            limit => Some(Duration::from_nanos(limit)),
        }
    }

    /// How long a callout may run from now on; [`Self::watch`] has to be called afterwards.
    pub(crate) fn set_limit(&self, limit: Option<Duration>) {
        let nanoseconds = limit.map_or(0, |limit| u64::try_from(limit.as_nanos()).unwrap_or(u64::MAX));
        // Relaxed: see `limit`.
        self.limit.store(nanoseconds, Ordering::Relaxed);
    }

    /// Has slow callouts looked for if there is a limit, and not otherwise.
    pub(crate) fn watch(&self) {
        self.set(WATCHED, || self.limit().is_some());
    }

    /// The number that no other instance has.
    pub(crate) fn id(&self) -> u64 {
        self.id
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        if self.is_rare() {
            registry::lock().set_rare(false);
        }
        // Relaxed: whoever drops an instance owns it.
        let current = self.generations[place(self.readers.number())].load(Ordering::Relaxed);
        // SAFETY: it came from `Box::into_raw`; no handle is alive, otherwise the instance would have been leaked.
        drop(unsafe { Box::from_raw(current) });
    }
}
