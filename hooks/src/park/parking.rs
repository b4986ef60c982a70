//! One call that is, or may become, parked: its tickets, and what is done when they are resolved.

use std::sync::{Arc, PoisonError};
use std::time::Instant;

use super::api::Continuation;
use super::holder::Holder;
use super::places::{Place, Places};
use super::{Outcome, ParkingOptions, timer};
use crate::sync::{Mutex, MutexGuard};

/// One call that is, or may become, parked.
#[derive(Debug)]
pub(crate) struct Parking {
    options: ParkingOptions,
    places: Arc<Places>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Tickets that are not resolved yet.
    open: Vec<Open>,
    /// How many tickets there have been; the number of the next one.
    tickets: usize,
    dropped: bool,
    /// There once the request has been handed over, and until the call ends.
    continuation: Option<Continuation>,
    /// Whether the continuation is not to run: nobody waits for the call, or it was not parked.
    abandoned: bool,
    ended: bool,
    place: Option<Place>,
    deadline: Option<timer::Key>,
}

#[derive(Debug)]
struct Open {
    number: usize,
    /// The library whose callout took it.
    holder: Option<Arc<Holder>>,
}

/// What remains to be done for a call that has just ended, without its lock.
struct Ended {
    outcome: Option<Outcome>,
    continuation: Option<Continuation>,
    place: Option<Place>,
    deadline: Option<timer::Key>,
}

/// How a ticket is resolved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Resolution {
    Outcome(Outcome),
    /// The ticket was dropped.
    Lost,
}

impl Parking {
    pub(super) fn new(options: ParkingOptions, places: Arc<Places>) -> Arc<Parking> {
        Arc::new(Parking { options, places, state: Mutex::new(State::default()) })
    }

    /// One more ticket, held by a library or by the component; an error if all places are taken.
    pub(super) fn take_ticket(self: &Arc<Self>, holder: Option<&Arc<Holder>>) -> Result<Claim, String> {
        let mut state = self.lock();
        self.take_place(&mut state)?;
        let number = state.tickets;
        state.tickets += 1;
        state.open.push(Open { number, holder: holder.cloned() });
        Ok(Claim { parking: Arc::clone(self), number })
    }

    fn take_place(&self, state: &mut State) -> Result<(), String> {
        if state.place.is_none() {
            state.place = Some(self.places.take(self.options.cap)?);
        }
        Ok(())
    }

    /// The call has answered PARK: the deadline runs from now on.
    pub(crate) fn settle(self: &Arc<Self>) {
        let mut state = self.lock();
        if let (Some(deadline), None) = (self.options.deadline, &state.deadline) {
            // A deadline beyond what the clock can tell is none.
            let at = Instant::now().checked_add(deadline);
            state.deadline = at.and_then(|at| timer::arm(at, self));
        }
    }

    /// The request has been handed over; the continuation runs when no ticket is open.
    pub(super) fn hand_over(&self, continuation: Continuation) {
        self.change(|state| state.continuation = Some(continuation));
    }

    /// Nobody waits for the call any more, or it was not parked: tickets mean nothing from now on.
    fn abandon(&self) {
        self.change(|state| state.abandoned = true);
    }

    /// The deadline has been reached.
    pub(super) fn expire(&self) {
        self.change(|state| state.resolve(|_| true, self.options.at_deadline));
    }

    /// The library has been unloaded.
    pub(super) fn leave(&self, holder: &Holder) {
        let held = |open: &Open| open.holder.as_deref().is_some_and(|of| std::ptr::eq(of, holder));
        self.change(|state| state.resolve(held, self.options.at_unload));
    }

    /// The hook point's name.
    pub(super) fn hook(&self) -> &str {
        self.places.hook()
    }

    fn resolve_one(&self, number: usize, resolution: Resolution) {
        let outcome = match resolution {
            Resolution::Outcome(outcome) => outcome,
            Resolution::Lost => self.options.when_ticket_dropped,
        };
        self.change(|state| state.resolve(|open| open.number == number, outcome));
    }

    /// Changes the state; if that ends the call, the rest is done outside of the lock.
    fn change(&self, change: impl FnOnce(&mut State)) {
        let ended = {
            let mut state = self.lock();
            change(&mut state);
            state.end()
        };
        if let Some(ended) = ended {
            ended.finish();
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Resolves those of the open tickets; one that has been resolved before is not among them.
    fn resolve(&mut self, which: impl Fn(&Open) -> bool, outcome: Outcome) {
        let before = self.open.len();
        self.open.retain(|open| !which(open));
        self.dropped |= self.open.len() < before && outcome == Outcome::Dropped;
    }

    /// Ends the call if nothing is awaited any more; the first time only.
    fn end(&mut self) -> Option<Ended> {
        let due = self.abandoned || self.open.is_empty() && self.continuation.is_some();
        if !due || self.ended {
            return None;
        }
        self.ended = true;
        self.open.clear();
        let outcome = if self.dropped { Outcome::Dropped } else { Outcome::Resumed };
        Some(Ended {
            outcome: (!self.abandoned).then_some(outcome),
            continuation: self.continuation.take(),
            place: self.place.take(),
            deadline: self.deadline.take(),
        })
    }
}

impl Ended {
    fn finish(self) {
        if let Some(key) = self.deadline {
            timer::disarm(&key);
        }
        // Before the continuation, which may park the request again.
        drop(self.place);
        match (self.continuation, self.outcome) {
            (Some(continuation), Some(outcome)) => continuation.finish(outcome),
            (continuation, _) => drop(continuation),
        }
    }
}

/// The inside of a ticket.
#[derive(Debug)]
pub(crate) struct Claim {
    parking: Arc<Parking>,
    number: usize,
}

impl Claim {
    /// Resolves the ticket, unless the deadline or an unload has done so before.
    pub(super) fn resolve(self, resolution: Resolution) {
        self.parking.resolve_one(self.number, resolution);
    }
}

/// What a call holds of its own parking while its callouts run, and its component until the request is handed over: until
/// then the call cannot end. Dropped, the call is given up.
#[derive(Debug)]
pub(crate) struct Hold {
    parking: Arc<Parking>,
    /// Whether the call is given up with this hold.
    gives_up: bool,
}

impl Hold {
    pub(super) fn new(parking: Arc<Parking>) -> Hold {
        Hold { parking, gives_up: true }
    }

    pub(crate) fn parking(&self) -> &Arc<Parking> {
        &self.parking
    }

    /// The parking, once somebody else sees to it that the call ends.
    pub(super) fn release(mut self) -> Arc<Parking> {
        self.gives_up = false;
        Arc::clone(&self.parking)
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        if self.gives_up {
            self.parking.abandon();
        }
    }
}
