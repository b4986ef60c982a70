//! The tickets of one library: when it is unloaded, those that are still open are resolved.

use std::sync::{Arc, PoisonError, Weak};

use super::claim::Claim;
use super::parking::Parking;
use crate::sync::{Mutex, MutexGuard};

/// A loaded library as one that takes tickets.
#[derive(Debug)]
pub(crate) struct Holder {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    unloaded: bool,
    /// The calls for which its callouts have taken tickets, and some that have ended since.
    parked: Vec<Weak<Parking>>,
    /// With so many entries, those that have ended are removed.
    tidy_at: usize,
}

impl Holder {
    pub(crate) fn new() -> Holder {
        Holder { state: Mutex::new(State::default()) }
    }

    /// One more ticket for `parking`, or an error if all places are taken. If the library has been unloaded, the ticket is
    /// resolved already, as those that were open then.
    pub(crate) fn take_ticket(self: &Arc<Self>, parking: &Arc<Parking>) -> Result<Claim, String> {
        let mut state = self.lock();
        let ticket = parking.take_ticket(Some(self))?;
        if state.unloaded {
            // No other `leave` comes for it.
            drop(state);
            parking.leave(self);
            return Ok(ticket);
        }
        if state.parked.len() >= state.tidy_at {
            state.parked.retain(|parking| parking.strong_count() > 0);
            state.tidy_at = 16.max(2 * state.parked.len());
        }
        state.parked.push(Arc::downgrade(parking));
        Ok(ticket)
    }

    /// An error if the library has been unloaded: a parking lot does not know whose its references are, so that nobody would take
    /// them back.
    pub(crate) fn check(&self) -> Result<(), String> {
        if self.lock().unloaded { Err(UNLOADED.to_owned()) } else { Ok(()) }
    }

    /// The library has been unloaded: its open tickets are resolved as the options say, and so is each that it takes from now on.
    pub(crate) fn leave(&self) {
        let parked = {
            let mut state = self.lock();
            state.unloaded = true;
            std::mem::take(&mut state.parked)
        };
        for parking in parked.iter().filter_map(Weak::upgrade) {
            parking.leave(self);
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

const UNLOADED: &str = "the library has been unloaded, so nobody would take its references back; take a ticket (`handle.park()`), \
     or answer without PARK";

#[cfg(all(test, not(loom)))]
mod tests {
    use std::sync::mpsc;

    use super::*;
    use crate::park::claim::Resolution;
    use crate::park::places::Places;
    use crate::park::{Hold, Outcome, ParkingOptions, Parkings};

    #[test]
    fn calls_that_have_ended_are_forgotten() {
        let (parkings, holder) = (Parkings::new(), Arc::new(Holder::new()));
        for _ in 0..1000 {
            let hold = parkings.open("often");
            drop(holder.take_ticket(hold.parking()).unwrap());
        }
        assert!(holder.lock().parked.len() <= 16);
        holder.leave();
        assert_eq!(holder.lock().parked.len(), 0);
        drop(holder.take_ticket(parkings.open("often").parking()).unwrap());
        assert_eq!(holder.lock().parked.len(), 0, "what is resolved already is not noted");
    }

    #[test]
    fn a_ticket_taken_after_the_unload_is_resolved_already() {
        for outcome in [Outcome::Resumed, Outcome::Dropped] {
            let (holder, other) = (Arc::new(Holder::new()), Arc::new(Holder::new()));
            let parking = Parking::new(ParkingOptions::new().at_unload(outcome), Arc::new(Places::new("late")), None);
            let hold = Hold::new(Arc::clone(&parking));
            let of_other = other.take_ticket(&parking).unwrap();
            holder.leave();
            let late = holder.take_ticket(&parking).unwrap();
            let (sender, receiver) = mpsc::channel();
            crate::park::parked::tests::hand_over(hold, move |outcome| sender.send(outcome).unwrap());
            assert!(receiver.try_recv().is_err(), "it waits for the library that stays");
            of_other.resolve(Resolution::Outcome(Outcome::Resumed));
            assert_eq!(receiver.try_recv(), Ok(outcome));
            late.resolve(Resolution::Outcome(Outcome::Resumed));
            assert!(receiver.try_recv().is_err(), "it has been resolved before");
        }
    }
}
