//! What has been counted of a callout's times, for operators.

use std::time::Duration;

use super::buckets::{BUCKETS, highest};
use super::clock;

/// How long the calls of one callout took while [`Hooks::set_timing`](crate::Hooks::set_timing) was on.
///
/// Times are counted in buckets of which four stand for a factor of two: a quantile is at most a quarter too long.
///
/// ```
/// hooks::declare_hooks! { pub hook frame_timed(length: u32) -> [Continue, Drop]; }
///
/// # fn main() -> Result<(), hooks::Error> {
/// use std::time::Duration;
///
/// let hooks = hooks::Hooks::new();
/// hooks.set_timing(true);
/// let sleeps = frame_timed::callout(|_, _| std::thread::sleep(Duration::from_millis(2)));
/// hooks.pre_callouts_library_handle().register_callout(&sleeps)?;
/// for _ in 0..3 {
///     let _ = frame_timed::call(&mut hooks.handle(), || frame_timed::Args { length: 7 });
/// }
/// let times = hooks.callout_statistics()[0].times.clone().expect("it was called");
/// assert_eq!(times.count(), 3);
/// assert!(times.quantile(0.5) >= Duration::from_millis(1));
/// assert!(times.longest() >= times.mean());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct CalloutTimes {
    /// Upper bounds, ascending, with how many calls took no longer than that and longer than the one before.
    buckets: Vec<(Duration, u64)>,
    count: u64,
    mean: Duration,
    longest: Duration,
}

impl CalloutTimes {
    pub(super) fn new(counts: &[u64; BUCKETS], total: u64, longest: u64) -> Option<CalloutTimes> {
        let count: u64 = counts.iter().sum();
        if count == 0 {
            return None;
        }
        let nanoseconds = clock::nanoseconds_per_tick();
        let time = |ticks: u64| Duration::from_nanos((ticks as f64 * nanoseconds) as u64);
        // Somebody may be counting: what has been counted is no longer than the longest, except in this moment.
        let bound = |bucket: usize| time(highest(bucket).min(longest.max(1)));
        let counted = counts.iter().enumerate().filter(|(_, count)| **count > 0);
        let buckets = counted.map(|(bucket, count)| (bound(bucket), *count)).collect();
        Some(CalloutTimes { buckets, count, mean: time(total / count), longest: time(longest) })
    }

    /// How many calls were timed.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The mean of all.
    pub fn mean(&self) -> Duration {
        self.mean
    }

    /// The longest one.
    pub fn longest(&self) -> Duration {
        self.longest
    }

    /// The time that the part `quantile` of all calls did not exceed: 0.5 for the median, 0.99 for all but one of a hundred. What is
    /// below 0 or above 1 counts as 0 or 1.
    pub fn quantile(&self, quantile: f64) -> Duration {
        let rank = (quantile.clamp(0.0, 1.0) * self.count as f64).ceil().max(1.0) as u64;
        let mut counted = 0;
        let found = self.buckets.iter().find(|(_, count)| {
            counted += count;
            counted >= rank
        });
        found.map_or(self.longest, |(bound, _)| *bound)
    }

    /// The buckets that are not empty: the longest time that is counted there, and how many calls are.
    pub fn buckets(&self) -> impl Iterator<Item = (Duration, u64)> + '_ {
        self.buckets.iter().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::super::buckets::bucket;
    use super::*;

    #[test]
    fn quantiles_are_upper_bounds_of_buckets() {
        let mut counts = [0; BUCKETS];
        counts[bucket(100)] = 98;
        counts[bucket(10_000)] = 2;
        let times = CalloutTimes::new(&counts, 98 * 100 + 2 * 10_000, 10_000).unwrap();
        let buckets: Vec<_> = times.buckets().collect();
        assert_eq!((times.count(), buckets.len()), (100, 2));
        assert_eq!([0.0, 0.5, 0.98].map(|quantile| times.quantile(quantile)), [buckets[0].0; 3]);
        assert_eq!([0.99, 1.0, f64::INFINITY].map(|quantile| times.quantile(quantile)), [buckets[1].0; 3]);
        assert_eq!(times.longest(), buckets[1].0);
        assert!(times.mean() > buckets[0].0 && times.mean() < buckets[1].0);
    }
}
