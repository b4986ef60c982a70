//! One call that is, or may become, parked: its tickets, and what is done when they are resolved.

use std::sync::{Arc, PoisonError, Weak};
use std::time::Instant;

use super::api::Continuation;
use super::claim::{Claim, Resolution};
use super::holder::Holder;
use super::lot::Listing;
use super::places::{Place, Places};
use super::{Outcome, ParkingOptions};
use crate::sync::{Mutex, MutexGuard};
use crate::timer::{self, Due};

/// One call that is, or may become, parked.
#[derive(Debug)]
pub(crate) struct Parking {
    options: ParkingOptions,
    places: Arc<Places>,
    /// Where the component has parked it before the call, if it has.
    listing: Option<Listing>,
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
    /// Whether no further call is to become parked by it: one has ended otherwise, or the component has taken it back.
    spent: bool,
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

impl Parking {
    pub(super) fn new(options: ParkingOptions, places: Arc<Places>, listing: Option<Listing>) -> Arc<Parking> {
        Arc::new(Parking { options, places, listing, state: Mutex::new(State::default()) })
    }

    /// The ticket of a parking lot, for which no place is taken: nobody knows yet whether the call will be parked.
    pub(super) fn lot_ticket(self: &Arc<Self>) -> Claim {
        self.add_ticket(&mut self.lock(), None)
    }

    /// One more ticket, held by a library or by the component; an error if all places are taken.
    pub(super) fn take_ticket(self: &Arc<Self>, holder: Option<&Arc<Holder>>) -> Result<Claim, String> {
        let mut state = self.lock();
        self.take_place(&mut state)?;
        Ok(self.add_ticket(&mut state, holder))
    }

    fn add_ticket(self: &Arc<Self>, state: &mut State, holder: Option<&Arc<Holder>>) -> Claim {
        let number = state.tickets;
        state.tickets += 1;
        state.open.push(Open { number, holder: holder.cloned() });
        Claim::new(Arc::clone(self), number)
    }

    /// A place is taken, if that has not been done; an error if there is none.
    pub(super) fn need_place(&self) -> Result<(), String> {
        self.take_place(&mut self.lock())
    }

    fn take_place(&self, state: &mut State) -> Result<(), String> {
        if state.place.is_none() {
            state.place = Some(self.places.take(self.options.cap)?);
        }
        Ok(())
    }

    /// The call has answered PARK: the deadline runs from now on. An error if there is no place, and then it is not parked.
    pub(crate) fn settle(self: &Arc<Self>) -> Result<(), String> {
        let mut state = self.lock();
        self.take_place(&mut state)?;
        let mut failed = None;
        if let (Some(deadline), None) = (self.options.deadline, &state.deadline) {
            // A deadline beyond what the clock can tell is none.
            let due: Weak<dyn Due> = Arc::<Parking>::downgrade(self);
            match Instant::now().checked_add(deadline).map(|at| timer::arm(at, due)) {
                Some(Ok(key)) => state.deadline = Some(key),
                Some(Err(error)) => failed = Some(error),
                None => {}
            }
        }
        drop(state);
        if let Some(error) = failed {
            tracing::error!(
                hook = self.hook(),
                "a request is parked without its deadline, since no thread starts: {error}"
            );
        }
        if let Some(listing) = &self.listing {
            listing.call_ended(self);
        }
        Ok(())
    }

    /// The call has answered something else than PARK: tickets mean nothing.
    pub(crate) fn not_parked(&self) {
        self.change(|state| {
            state.spent = true;
            state.open.clear();
            state.place = None;
        });
    }

    /// The component has taken the request out of its parking lot, whoever still holds tickets.
    pub(super) fn withdraw(&self) {
        self.change(|state| {
            state.spent = true;
            state.resolve(|_| true, Outcome::Dropped);
        });
    }

    /// The parking lot has been cleared.
    pub(super) fn clear(&self) {
        self.change(|state| state.resolve(|_| true, self.options.at_unload));
    }

    /// Whether the component has parked it before its call.
    pub(crate) fn is_listed(&self) -> bool {
        self.listing.is_some()
    }

    /// Whether no call can become parked by it any more.
    pub(crate) fn is_spent(&self) -> bool {
        let state = self.lock();
        state.spent || state.ended
    }

    /// The request has been handed over; the continuation runs when no ticket is open.
    pub(super) fn hand_over(&self, continuation: Continuation) {
        self.change(|state| state.continuation = Some(continuation));
    }

    /// Nobody waits for the call any more, or it was not parked: tickets mean nothing from now on.
    pub(super) fn abandon(&self) {
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
    pub(crate) fn hook(&self) -> &str {
        self.places.hook()
    }

    pub(super) fn resolve_one(&self, number: usize, resolution: Resolution) {
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
            // Before the continuation, which may park under the same key.
            if let Some(listing) = &self.listing {
                listing.forget(self);
            }
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

impl Due for Parking {
    fn due(self: Arc<Self>) {
        self.expire();
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use std::sync::mpsc;
    use std::time::Duration;

    use super::*;
    use crate::park::Hold;

    fn parked(deadline: Duration) -> Hold {
        let options = ParkingOptions::new().deadline(Some(deadline)).at_deadline(Outcome::Resumed);
        Hold::new(Parking::new(options, Arc::new(Places::new("waiting")), None))
    }

    #[test]
    fn the_deadline_resolves_the_tickets() {
        let (sender, receiver) = mpsc::channel();
        for wait in [3_600_000, 10] {
            let hold = parked(Duration::from_millis(wait));
            let ticket = hold.parking().take_ticket(None).unwrap();
            hold.parking().settle().unwrap();
            let sender = sender.clone();
            crate::park::parked::tests::hand_over(hold, move |outcome| sender.send((wait, outcome)).unwrap());
            std::mem::forget(ticket);
        }
        assert_eq!(receiver.recv().unwrap(), (10, Outcome::Resumed));
        assert!(receiver.try_recv().is_err(), "the other one waits for its own");
    }

    #[test]
    fn a_call_that_has_ended_leaves_no_deadline() {
        let hold = parked(Duration::from_secs(3600));
        hold.parking().settle().unwrap();
        let parking: Weak<dyn Due> = Arc::<Parking>::downgrade(hold.parking());
        assert_eq!(timer::armed(&parking), 1);
        hold.parking().settle().unwrap();
        assert_eq!(timer::armed(&parking), 1, "a deadline is set once");
        drop(hold);
        assert_eq!(timer::armed(&parking), 0);
    }
}
