//! The deadlines of parked requests: one thread for the process, started with the first deadline.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::thread;
use std::time::Instant;

use super::parking::Parking;
use crate::abi::guard::guard;

/// A deadline that has been set: when, and which of those at the same time.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key(Instant, u64);

static TIMER: Mutex<Timer> = Mutex::new(Timer { due: BTreeMap::new(), next: 0, runs: false });
static CHANGED: Condvar = Condvar::new();

#[derive(Debug)]
struct Timer {
    due: BTreeMap<Key, Weak<Parking>>,
    next: u64,
    runs: bool,
}

/// Has `parking` expire at `at`; an error if the thread cannot be started.
pub(super) fn arm(at: Instant, parking: &Arc<Parking>) -> io::Result<Key> {
    let mut timer = lock();
    if !timer.runs {
        start()?;
        timer.runs = true;
    }
    let key = Key(at, timer.next);
    timer.next += 1;
    timer.due.insert(key.clone(), Arc::downgrade(parking));
    if timer.due.first_key_value().is_some_and(|(first, _)| *first == key) {
        CHANGED.notify_one();
    }
    Ok(key)
}

/// The parked call has ended before its deadline.
pub(super) fn disarm(key: &Key) {
    lock().due.remove(key);
}

/// The thread is detached, so it does not keep the process from ending.
fn start() -> io::Result<()> {
    thread::Builder::new().name("hooks-deadlines".to_owned()).spawn(run).map(drop)
}

fn run() {
    loop {
        let parking = wait();
        if let Err(message) = guard(|| parking.expire()) {
            let _ = guard(|| tracing::error!("a panic at the deadline of a parked request: {message}"));
        }
    }
}

/// Waits for the next deadline.
fn wait() -> Arc<Parking> {
    let mut timer = lock();
    loop {
        let now = Instant::now();
        let wait = timer.due.first_key_value().map(|(Key(at, _), _)| at.saturating_duration_since(now));
        timer = match wait {
            None => CHANGED.wait(timer).unwrap_or_else(PoisonError::into_inner),
            Some(wait) if wait.is_zero() => {
                if let Some(parking) = timer.due.pop_first().and_then(|(_, parking)| parking.upgrade()) {
                    return parking;
                }
                timer
            }
            Some(wait) => CHANGED.wait_timeout(timer, wait).unwrap_or_else(PoisonError::into_inner).0,
        };
    }
}

fn lock() -> MutexGuard<'static, Timer> {
    TIMER.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(all(test, not(loom)))]
mod tests {
    use std::sync::mpsc;
    use std::time::Duration;

    use super::*;
    use crate::park::{Hold, Outcome, ParkingOptions, places::Places};

    fn parked(deadline: Duration) -> Hold {
        let options = ParkingOptions::new().deadline(Some(deadline)).at_deadline(Outcome::Resumed);
        Hold::new(Parking::new(options, Arc::new(Places::new("waiting")), None))
    }

    #[test]
    fn an_earlier_deadline_is_met_first() {
        let (sender, receiver) = mpsc::channel();
        // The thread waits for the longest first, and has to be told of the others.
        for wait in [3_600_000, 30, 10, 20] {
            let hold = parked(Duration::from_millis(wait));
            let ticket = hold.parking().take_ticket(None).unwrap();
            hold.parking().settle().unwrap();
            let sender = sender.clone();
            let then = move |outcome| sender.send((wait, outcome)).unwrap();
            crate::park::parked::tests::hand_over(hold, then);
            std::mem::forget(ticket);
        }
        let mut ended: Vec<_> = receiver.iter().take(3).collect();
        ended.sort_unstable_by_key(|(wait, _)| *wait);
        assert_eq!(ended, [10, 20, 30].map(|wait| (wait, Outcome::Resumed)));
    }

    #[test]
    fn a_call_that_has_ended_leaves_no_deadline() {
        let hold = parked(Duration::from_secs(3600));
        hold.parking().settle().unwrap();
        let parking = Arc::downgrade(hold.parking());
        let armed = || lock().due.values().filter(|due| due.ptr_eq(&parking)).count();
        assert_eq!(armed(), 1);
        hold.parking().settle().unwrap();
        assert_eq!(armed(), 1, "a deadline is set once");
        drop(hold);
        assert_eq!(armed(), 0);
    }
}
