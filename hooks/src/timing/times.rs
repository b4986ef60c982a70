//! The times of one callout as they are counted: buckets in shards.

use std::fmt;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use super::buckets::{BUCKETS, bucket};
use super::summary::CalloutTimes;

/// Threads share a shard only if there are more of them.
const SHARDS: usize = 16;

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
    static PLACE: usize = next_place();
}

/// The threads take the shards in turn.
fn next_place() -> usize {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    NEXT.fetch_add(1, Ordering::Relaxed) as usize % SHARDS
}

impl Times {
    /// A call has taken `ticks`.
    #[inline]
    pub(crate) fn record(&self, ticks: u64) {
        // A thread that ends has no place any more; it shares the first one.
        let place = PLACE.try_with(|place| *place).unwrap_or_default();
        let shard = self.shards[place].get_or_init(Shard::new);
        // Relaxed, here and below: numbers for people.
        shard.counts[bucket(ticks)].fetch_add(1, Ordering::Relaxed);
        shard.total.fetch_add(ticks, Ordering::Relaxed);
        if ticks > shard.longest.load(Ordering::Relaxed) {
            shard.longest.fetch_max(ticks, Ordering::Relaxed);
        }
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
                scope.spawn(move || (0..100).for_each(|_| times.record(1000 + thread)));
            }
        });
        assert_eq!(times.summary().unwrap().count(), 1900);
    }
}
