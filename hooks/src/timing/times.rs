//! The times of one callout as they are counted: buckets in shards.

use std::fmt;
use std::marker::PhantomData;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

use super::buckets::{BUCKETS, bucket};
use super::summary::CalloutTimes;

/// Each shard but the last belongs to one thread; the last one to all for which none is left.
const SHARDS: usize = 16;
/// The last one.
const SHARED: usize = SHARDS - 1;

/// How often a callout took how long, in the clock's ticks.
#[derive(Default)]
pub(crate) struct Times {
    shards: [OnceLock<Box<Shard>>; SHARDS],
}

/// What some threads have counted; in cache lines of its own.
#[repr(align(128))]
struct Shard {
    counts: [AtomicU64; BUCKETS],
    /// The sum of all times, for the mean.
    total: AtomicU64,
    longest: AtomicU64,
}

thread_local! {
    static PLACE: Place = Place::take();
}

/// Which shards are a thread's own; given back when the thread ends. Who takes one continues with the counts that the thread
/// before has left, which the lock orders.
static TAKEN: Mutex<[bool; SHARED]> = Mutex::new([false; SHARED]);

/// Where a thread counts, in the times of all callouts.
struct Place(usize);

/// The running thread's place, for the calls of a chain; no other thread may count there.
#[derive(Clone, Copy)]
pub(crate) struct Counting {
    place: usize,
    not_send: PhantomData<*const ()>,
}

impl Counting {
    #[inline(always)]
    pub(crate) fn here() -> Counting {
        // A thread that ends has no place any more.
        let place = PLACE.try_with(|place| place.0).unwrap_or(SHARED);
        Counting { place, not_send: PhantomData }
    }
}

impl Place {
    fn take() -> Place {
        let mut taken = TAKEN.lock().unwrap_or_else(PoisonError::into_inner);
        let free = taken.iter().position(|taken| !taken);
        if let Some(free) = free {
            taken[free] = true;
        }
        Place(free.unwrap_or(SHARED))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(taken) = TAKEN.lock().unwrap_or_else(PoisonError::into_inner).get_mut(self.0) {
            *taken = false;
        }
    }
}

impl Times {
    /// A call has taken `ticks`; counted where this thread does.
    #[inline(always)]
    pub(crate) fn record(&self, counting: Counting, ticks: u64) {
        let Some(shard) = self.shards[..SHARED].get(counting.place) else { return self.record_shared(ticks) };
        let shard = shard.get_or_init(Shard::new);
        // Relaxed, here and below: numbers for people, of which nobody else writes these.
        let add = |number: &AtomicU64, more| {
            number.store(number.load(Ordering::Relaxed).wrapping_add(more), Ordering::Relaxed);
        };
        add(&shard.counts[bucket(ticks)], 1);
        add(&shard.total, ticks);
        if ticks > shard.longest.load(Ordering::Relaxed) {
            shard.longest.store(ticks, Ordering::Relaxed);
        }
    }

    /// For threads that have no shard of their own.
    #[cold]
    #[inline(never)]
    fn record_shared(&self, ticks: u64) {
        let shard = self.shards[SHARED].get_or_init(Shard::new);
        shard.counts[bucket(ticks)].fetch_add(1, Ordering::Relaxed);
        shard.total.fetch_add(ticks, Ordering::Relaxed);
        shard.longest.fetch_max(ticks, Ordering::Relaxed);
    }

    /// What has been counted so far, if anything has.
    pub(crate) fn summary(&self) -> Option<CalloutTimes> {
        let (mut counts, mut total, mut longest) = ([0; BUCKETS], 0_u64, 0);
        for shard in self.shards.iter().filter_map(OnceLock::get) {
            for (count, counted) in counts.iter_mut().zip(&shard.counts) {
                *count += counted.load(Ordering::Relaxed);
            }
            total = total.wrapping_add(shard.total.load(Ordering::Relaxed));
            longest = longest.max(shard.longest.load(Ordering::Relaxed));
        }
        CalloutTimes::new(&counts, total, longest)
    }
}

impl Shard {
    #[cold]
    fn new() -> Box<Shard> {
        let counts = [const { AtomicU64::new(0) }; BUCKETS];
        Box::new(Shard { counts, total: AtomicU64::new(0), longest: AtomicU64::new(0) })
    }
}

impl fmt::Debug for Times {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Times").field(&self.summary()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_several_threads_count_is_added_up() {
        let times = Times::default();
        assert!(times.summary().is_none());
        std::thread::scope(|scope| {
            for thread in 0..SHARDS as u64 + 3 {
                let times = &times;
                scope.spawn(move || (0..100).for_each(|_| times.record(Counting::here(), 1000 + thread)));
            }
        });
        assert_eq!(times.summary().unwrap().count(), 1900);
    }
}
