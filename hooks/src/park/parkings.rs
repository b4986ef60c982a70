//! What is parked in one `Hooks`, and how.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError};

use super::ParkingOptions;
use super::hold::Hold;
use super::lot::{Listing, Lot};
use super::parking::Parking;
use super::places::Places;
use crate::manager::Hooks;
use crate::sync::{Mutex, MutexGuard};

/// The options of one `Hooks` and the places of its hook points.
#[derive(Debug)]
pub(crate) struct Parkings {
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    options: ParkingOptions,
    places: HashMap<String, Arc<Places>>,
    /// By hook point; made when somebody asks for it, and exchanged when it is cleared.
    lots: HashMap<String, Arc<Lot>>,
}

impl Parkings {
    pub(crate) fn new() -> Parkings {
        Parkings {
            state: Mutex::new(State { options: ParkingOptions::new(), places: HashMap::new(), lots: HashMap::new() }),
        }
    }

    /// A call of the hook point `hook` that may become parked.
    pub(crate) fn open(&self, hook: &str) -> Hold {
        self.open_in(hook, None)
    }

    /// The same for a call that the component parks in a parking lot first.
    pub(super) fn open_in(&self, hook: &str, listing: Option<Listing>) -> Hold {
        let mut state = self.lock();
        let options = state.options;
        let places = match state.places.get(hook) {
            Some(places) => Arc::clone(places),
            None => {
                let places = Arc::new(Places::new(hook));
                state.places.insert(hook.to_owned(), Arc::clone(&places));
                places
            }
        };
        Hold::new(Parking::new(options, places, listing))
    }

    /// The parking lot of the hook point `hook`, until it is cleared.
    pub(crate) fn lot(&self, hook: &str) -> Arc<Lot> {
        let mut state = self.lock();
        if let Some(lot) = state.lots.get(hook) {
            return Arc::clone(lot);
        }
        let lot = Arc::new(Lot::new(hook));
        state.lots.insert(hook.to_owned(), Arc::clone(&lot));
        lot
    }

    /// Empties the parking lot of one hook point; whoever keeps it finds nothing there any more.
    pub(super) fn clear_lot(&self, hook: &str) {
        let lot = self.lock().lots.remove(hook);
        if let Some(lot) = lot {
            lot.clear();
        }
    }

    /// The same for all hook points.
    pub(crate) fn clear_lots(&self) {
        let lots = std::mem::take(&mut self.lock().lots);
        for lot in lots.into_values() {
            lot.clear();
        }
    }

    /// How many requests are parked.
    pub(super) fn taken(&self) -> usize {
        self.lock().places.values().map(|places| places.taken()).sum()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Hooks {
    /// Requests that are parked from now on are parked with these options.
    pub fn set_parking(&self, options: ParkingOptions) {
        self.parkings().lock().options = options;
    }

    /// How many requests are parked, at all hook points together.
    ///
    /// A request counts as long as it counts for [`ParkingOptions::cap`].
    pub fn parked(&self) -> usize {
        self.parkings().taken()
    }
}
