//! The spans of libraries by their numbers, which are never used again: safe code of a library can name a span that is gone, that
//! belongs to another subscriber, or that never was.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tracing::Span;

use super::sites::Site;
use crate::abi::log::NO_SPAN;

/// A span of a library.
pub(super) struct HostSpan {
    /// It knows its subscriber, whichever is the thread's at the time.
    pub(super) span: Span,
    pub(super) site: &'static Site,
}

/// Far from the numbers that other subscribers begin with, so that theirs are not taken for ours.
const FIRST: u64 = 1 << 52;

static SPANS: Mutex<Option<Spans>> = Mutex::new(None);

struct Spans {
    next: u64,
    /// With the counts that libraries have.
    live: HashMap<u64, (Arc<HostSpan>, u64)>,
}

fn lock() -> MutexGuard<'static, Option<Spans>> {
    SPANS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Keeps a span, of which the library has one count.
pub(super) fn keep(span: HostSpan) -> u64 {
    let mut spans = lock();
    let spans = spans.get_or_insert_with(|| Spans { next: FIRST, live: HashMap::new() });
    let number = spans.next;
    // So many are never made; the number of no span is not given out.
    spans.next = if number + 1 == NO_SPAN { FIRST } else { number + 1 };
    spans.live.insert(number, (Arc::new(span), 1));
    number
}

/// The span with this number, if there is one. No lock is held afterwards: its subscriber may do what it likes.
pub(super) fn find(number: u64) -> Option<Arc<HostSpan>> {
    lock().as_ref()?.live.get(&number).map(|(span, _)| Arc::clone(span))
}

/// Counts one more owner.
pub(super) fn count(number: u64) {
    if let Some((_, count)) = lock().as_mut().and_then(|spans| spans.live.get_mut(&number)) {
        *count += 1;
    }
}

/// Gives up a count; the span comes back with the last one.
pub(super) fn give_up(number: u64) -> Option<Arc<HostSpan>> {
    let mut spans = lock();
    let live = &mut spans.as_mut()?.live;
    let (_, count) = live.get_mut(&number)?;
    *count -= 1;
    if *count > 0 {
        return None;
    }
    live.remove(&number).map(|(span, _)| span)
}

#[cfg(test)]
mod tests {
    use super::super::sites;
    use super::*;

    #[test]
    fn a_number_is_of_one_span_until_its_last_count_is_gone() {
        let make = || keep(HostSpan { span: Span::none(), site: sites::unregistered() });
        let (one, other) = (make(), make());
        assert_ne!(one, other);
        count(one);
        assert!(give_up(one).is_none() && find(one).is_some());
        assert!(give_up(one).is_some() && find(one).is_none());
        // A number that is no span's any more, or never was.
        assert!(give_up(one).is_none() && give_up(1).is_none() && find(NO_SPAN).is_none());
        count(one);
        assert!(find(one).is_none() && find(other).is_some());
        assert!(give_up(other).is_some());
    }
}
