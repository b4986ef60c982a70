//! A callout that is registered, with what has been seen of it. It outlives the chains in which it is.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::record::Record;
use crate::callout_info::CalloutInfo;
use crate::timing::Times;

/// A registered callout. Only what is seldom asked for is in here.
#[derive(Debug)]
pub(crate) struct Attached {
    pub(crate) info: CalloutInfo,
    record: Mutex<Record>,
    slow: AtomicU64,
    /// In nanoseconds; 0 if no call has been watched.
    longest: AtomicU64,
    /// What has been timed.
    pub(crate) times: Times,
}

impl Attached {
    pub(crate) fn new(info: CalloutInfo) -> Attached {
        Attached {
            info,
            record: Mutex::default(),
            slow: AtomicU64::new(0),
            longest: AtomicU64::new(0),
            times: Times::default(),
        }
    }

    /// Its failures. No other lock is taken while this one is held.
    pub(crate) fn record(&self) -> MutexGuard<'_, Record> {
        self.record.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A watched call has taken this long.
    pub(crate) fn took(&self, time: Duration) {
        let nanoseconds = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX).max(1);
        // Relaxed, here and below: numbers for people. Most calls are not the longest and write nothing.
        if nanoseconds > self.longest.load(Ordering::Relaxed) {
            self.longest.fetch_max(nanoseconds, Ordering::Relaxed);
        }
    }

    /// A watched call is slow.
    pub(crate) fn is_slow(&self) {
        self.slow.fetch_add(1, Ordering::Relaxed);
    }

    /// How many watched calls were slow, and how long the longest of all took, if there were any.
    pub(crate) fn watched(&self) -> (u64, Option<Duration>) {
        let longest = self.longest.load(Ordering::Relaxed);
        (self.slow.load(Ordering::Relaxed), (longest > 0).then(|| Duration::from_nanos(longest)))
    }
}
