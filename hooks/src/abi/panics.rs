//! What a library's panic hook has seen of panics that are on their way to a guard, which has the panic's value only.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

/// A panic that a guard will catch.
#[derive(Debug)]
struct Seen {
    thread: usize,
    message: Option<String>,
    place: String,
}

/// The panics of this binary. A panic that the plugin itself catches stays here until this many have come after it.
static SEEN: Mutex<VecDeque<Seen>> = Mutex::new(VecDeque::new());
const MAX_SEEN: usize = 256;

/// What is different for each thread, without a destructor that would keep a library mapped.
fn this_thread() -> usize {
    thread_local! { static HERE: u8 = const { 0 }; }
    HERE.with(|here| std::ptr::from_ref(here).addr())
}

/// Keeps where this thread has panicked, with what message if it is a text.
pub(crate) fn keep(message: Option<&str>, place: String) {
    let mut seen = SEEN.lock().unwrap_or_else(PoisonError::into_inner);
    if seen.len() >= MAX_SEEN {
        seen.pop_front();
    }
    seen.push_back(Seen { thread: this_thread(), message: message.map(str::to_owned), place });
}

/// Takes where this thread has panicked with this message; forgets its other panics, which the plugin has caught itself.
pub(crate) fn take(message: Option<&str>) -> Option<String> {
    let (mut seen, thread) = (SEEN.lock().unwrap_or_else(PoisonError::into_inner), this_thread());
    let mut place = None;
    seen.retain_mut(|panic| {
        if panic.thread == thread && panic.message.as_deref() == message {
            place = Some(std::mem::take(&mut panic.place));
        }
        panic.thread != thread
    });
    place
}

/// Forgets what this thread has panicked with: it has been reported.
pub(crate) fn forget() {
    take(None);
}

/// Takes all that this thread has panicked with, and where, the oldest first.
pub(crate) fn take_all() -> Vec<(Option<String>, String)> {
    let (mut seen, thread) = (SEEN.lock().unwrap_or_else(PoisonError::into_inner), this_thread());
    let (mine, others) = std::mem::take(&mut *seen).into_iter().partition(|panic| panic.thread == thread);
    *seen = others;
    Vec::from(mine).into_iter().map(|Seen { message, place, .. }| (message, place)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_panic_with_the_message_is_the_one_that_is_meant() {
        std::thread::spawn(|| {
            keep(Some("other"), "a".to_owned());
            keep(Some("same"), "b".to_owned());
            keep(Some("same"), "c".to_owned());
            let elsewhere = std::thread::spawn(|| take(Some("same"))).join();
            assert_eq!(elsewhere.unwrap(), None);
            assert_eq!(take(Some("same")).as_deref(), Some("c"));
            assert_eq!(take(Some("other")), None);
            keep(None, "d".to_owned());
            assert_eq!(take(Some("same")), None);
            assert_eq!(take(None), None);
            keep(None, "e".to_owned());
            assert_eq!(take_all(), [(None, "e".to_owned())]);
        })
        .join()
        .unwrap();
    }
}
