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

    /// One more ticket for `parking`, or an error if the library has been unloaded or all places are taken.
    pub(crate) fn take_ticket(self: &Arc<Self>, parking: &Arc<Parking>) -> Result<Claim, String> {
        let mut state = self.lock();
        if state.unloaded {
            return Err(UNLOADED.to_owned());
        }
        let ticket = parking.take_ticket(Some(self))?;
        if state.parked.len() >= state.tidy_at {
            state.parked.retain(|parking| parking.strong_count() > 0);
            state.tidy_at = 16.max(2 * state.parked.len());
        }
        state.parked.push(Arc::downgrade(parking));
        Ok(ticket)
    }

    /// An error if the library has been unloaded.
    pub(crate) fn check(&self) -> Result<(), String> {
        if self.lock().unloaded { Err(UNLOADED.to_owned()) } else { Ok(()) }
    }

    /// The library has been unloaded: its open tickets are resolved as the options say, and it gets no more.
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

const UNLOADED: &str =
    "the library has been unloaded, so nobody could be sure that the request goes on again; answer without PARK";

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;
    use crate::park::Parkings;

    #[test]
    fn calls_that_have_ended_are_forgotten() {
        let (parkings, holder) = (Parkings::new(), Arc::new(Holder::new()));
        for _ in 0..1000 {
            let hold = parkings.open("often");
            drop(holder.take_ticket(hold.parking()).unwrap());
        }
        assert!(holder.lock().parked.len() <= 16);
        holder.leave();
        assert!(holder.take_ticket(parkings.open("often").parking()).unwrap_err().contains("unloaded"));
    }
}
