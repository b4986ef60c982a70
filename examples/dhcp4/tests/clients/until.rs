//! Waiting for what others do, but not for ever.

use std::{
    thread,
    time::{Duration, Instant},
};

use crate::program::PATIENCE;

/// Waits until it is so.
pub(crate) fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let begin = Instant::now();
    while !is_so() {
        assert!(begin.elapsed() < PATIENCE, "waited in vain for: {what}");
        thread::sleep(Duration::from_millis(2));
    }
}
