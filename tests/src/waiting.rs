//! Waiting for what other threads do, but not for ever: a test that waits in vain fails and says for what.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// Only a test that fails waits this long.
const PATIENCE: Duration = Duration::from_secs(60);

/// What a loop waits for, and since when.
#[derive(Debug)]
pub struct Patience {
    what: String,
    since: Instant,
}

impl Patience {
    /// From now on.
    pub fn new(what: impl Into<String>) -> Patience {
        Patience { what: what.into(), since: Instant::now() }
    }

    /// To be asked in each round of the loop.
    ///
    /// # Panics
    ///
    /// If it has been a minute.
    pub fn check(&self) {
        assert!(self.since.elapsed() < PATIENCE, "waited in vain for {PATIENCE:?}: {}", self.what);
    }
}

/// Waits until it is so.
///
/// # Panics
///
/// If it is not so within a minute.
pub fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let patience = Patience::new(what);
    while !is_so() {
        patience.check();
        thread::sleep(Duration::from_millis(1));
    }
}

/// Tells threads that work until it is set to stop when it is dropped, so also if the test fails.
#[derive(Debug)]
pub struct Stops<'a>(pub &'a AtomicBool);

impl Drop for Stops<'_> {
    fn drop(&mut self) {
        // Relaxed: nothing else depends on it.
        self.0.store(true, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_says_for_what_it_has_waited_in_vain() {
        let Some(long_ago) = Instant::now().checked_sub(PATIENCE) else { return };
        let patience = Patience { what: "a reply".to_owned(), since: long_ago };
        let panic = std::panic::catch_unwind(|| patience.check()).unwrap_err();
        assert_eq!(panic.downcast_ref::<String>().unwrap(), "waited in vain for 60s: a reply");
        Patience::new("nothing").check();
    }

    #[test]
    fn it_waits_until_it_is_so() {
        let mut asked = 0;
        wait_until("the third question", || {
            asked += 1;
            asked == 3
        });
        assert_eq!(asked, 3);
    }

    #[test]
    fn threads_stop_also_if_the_test_fails() {
        let stop = AtomicBool::new(false);
        let failed = std::panic::catch_unwind(|| {
            let _stops = Stops(&stop);
            panic!("the test fails");
        });
        assert!(failed.is_err() && stop.into_inner());
    }
}
