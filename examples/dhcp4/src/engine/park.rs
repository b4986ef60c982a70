//! Answers that wait for a callout.

use std::{
    collections::VecDeque,
    fmt,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use hooks::{Outcome, Parked};

use super::{
    Engine, Outgoing,
    answer::{Answer, Promise},
    statistics::Counter,
};

/// Parked answers that have been resumed or dropped, from any thread, and wait for the engine.
#[derive(Default)]
pub struct ResumeQueue {
    answers: Mutex<VecDeque<Resumed>>,
    waker: Mutex<Option<Box<dyn Fn() + Send + Sync>>>,
    parked: AtomicUsize,
}

/// A parked answer and what became of it.
#[derive(Debug)]
pub(super) struct Resumed {
    answer: Box<Answer>,
    outcome: Outcome,
}

impl ResumeQueue {
    /// Calls the function, on any thread, each time that an answer has arrived.
    pub fn set_waker(&self, waker: impl Fn() + Send + Sync + 'static) {
        *lock(&self.waker) = Some(Box::new(waker));
    }

    /// How many answers are parked.
    pub fn parked(&self) -> usize {
        self.parked.load(Ordering::Relaxed)
    }

    fn push(&self, resumed: Resumed) {
        self.parked.fetch_sub(1, Ordering::Relaxed);
        lock(&self.answers).push_back(resumed);
        if let Some(waker) = &*lock(&self.waker) {
            waker();
        }
    }

    pub(super) fn pop(&self) -> Option<Resumed> {
        lock(&self.answers).pop_front()
    }
}

/// The queue and the waker are whole at any time, also after a panic of another thread.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl fmt::Debug for ResumeQueue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResumeQueue").field("parked", &self.parked()).finish_non_exhaustive()
    }
}

impl Engine {
    /// Gives the answer away until the callouts that have parked it resolve it.
    pub(super) fn park(&mut self, parked: Parked, answer: Box<Answer>) {
        let limit = self.config.parked_packet_limit;
        if limit > 0 && self.resumed.parked() >= limit {
            self.statistics.count(Counter::QueueFull);
            self.dropped(&answer.query, "as many answers are parked as parked-packet-limit allows");
            return;
        }
        self.resumed.parked.fetch_add(1, Ordering::Relaxed);
        let queue = self.resume_queue();
        parked.resume_with(answer, move |answer, outcome| queue.push(Resumed { answer, outcome }));
    }

    /// Goes on with an answer that was parked.
    pub(super) fn unpark(&mut self, resumed: Resumed) -> Option<Outgoing> {
        let outgoing = self.go_on(resumed);
        // It may have been the last one with libraries that were replaced while it was parked.
        self.hooks.collect();
        outgoing
    }

    fn go_on(&mut self, resumed: Resumed) -> Option<Outgoing> {
        let Resumed { answer, outcome } = resumed;
        match outcome {
            Outcome::Resumed if answer.has_response() => self.send(*answer),
            Outcome::Resumed => None,
            Outcome::Dropped => {
                if let Promise::Offer(lease) = &answer.promise {
                    // The callout may have found the address in use: the client's next DISCOVER gets another one.
                    self.bindings.withdraw(lease.subnet_id, &answer.client);
                    let until = answer.now.saturating_add(u64::from(self.config.offer_lifetime));
                    self.bindings.keep_from_everybody(lease.subnet_id, lease.address, until);
                }
                self.dropped(&answer.query, "the parked answer was dropped");
                None
            }
        }
    }
}
