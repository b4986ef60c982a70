//! What is to be done at a time: the deadlines of parked requests, the retries of disabled callouts. One thread for the process,
//! started with the first of them.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::thread;
use std::time::Instant;

use crate::abi::guard::guard;

/// What has something to do at a time.
pub(crate) trait Due: Send + Sync {
    /// The time has come. No lock is held; it runs on the thread that all share.
    fn due(self: Arc<Self>);
}

/// A time that has been set: when, and which of those at the same time.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key(Instant, u64);

static TIMER: Mutex<Timer> = Mutex::new(Timer { due: BTreeMap::new(), next: 0, runs: false });
static CHANGED: Condvar = Condvar::new();

struct Timer {
    due: BTreeMap<Key, Weak<dyn Due>>,
    next: u64,
    runs: bool,
}

/// Has `due` called at `at`, if it is still there; an error if the thread cannot be started.
pub(crate) fn arm(at: Instant, due: Weak<dyn Due>) -> io::Result<Key> {
    let mut timer = lock();
    if !timer.runs {
        start()?;
        timer.runs = true;
    }
    let key = Key(at, timer.next);
    timer.next += 1;
    timer.due.insert(key.clone(), due);
    if timer.due.first_key_value().is_some_and(|(first, _)| *first == key) {
        CHANGED.notify_one();
    }
    Ok(key)
}

/// There is nothing to do any more at this time.
pub(crate) fn disarm(key: &Key) {
    lock().due.remove(key);
}

/// The thread is detached, so it does not keep the process from ending.
fn start() -> io::Result<()> {
    thread::Builder::new().name("hooks-timer".to_owned()).spawn(run).map(drop)
}

fn run() {
    loop {
        let due = wait();
        if let Err(message) = guard(|| due.due()) {
            let _ = guard(|| tracing::error!("a panic at a deadline: {message}"));
        }
    }
}

/// Waits for the next one.
fn wait() -> Arc<dyn Due> {
    let mut timer = lock();
    loop {
        let now = Instant::now();
        let wait = timer.due.first_key_value().map(|(Key(at, _), _)| at.saturating_duration_since(now));
        timer = match wait {
            None => CHANGED.wait(timer).unwrap_or_else(PoisonError::into_inner),
            Some(wait) if wait.is_zero() => {
                if let Some(due) = timer.due.pop_first().and_then(|(_, due)| due.upgrade()) {
                    return due;
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

/// How many times have been set for `due`.
#[cfg(all(test, not(loom)))]
pub(crate) fn armed(due: &Weak<dyn Due>) -> usize {
    lock().due.values().filter(|other| other.ptr_eq(due)).count()
}

#[cfg(all(test, not(loom)))]
mod tests {
    use std::sync::mpsc::{Sender, channel};
    use std::time::Duration;

    use super::*;

    struct Tells(Mutex<Sender<u64>>, u64);

    impl Due for Tells {
        fn due(self: Arc<Self>) {
            self.0.lock().unwrap().send(self.1).unwrap();
            assert_ne!(self.1, 10, "a panic in one does not keep the others from their turns");
        }
    }

    #[test]
    fn an_earlier_one_is_called_first() {
        let (sender, receiver) = channel();
        // The thread waits for the longest first, and has to be told of the others.
        let told = [3_600_000, 30, 10, 20].map(|wait| Arc::new(Tells(Mutex::new(sender.clone()), wait)));
        let keys = told.clone().map(|tells| {
            let due: Weak<dyn Due> = Arc::<Tells>::downgrade(&tells);
            arm(Instant::now() + Duration::from_millis(tells.1), due).unwrap()
        });
        let mut called: Vec<_> = receiver.iter().take(3).collect();
        called.sort_unstable();
        assert_eq!(called, [10, 20, 30]);
        keys.iter().for_each(disarm);
        assert!(keys.iter().all(|key| !lock().due.contains_key(key)));
    }
}
