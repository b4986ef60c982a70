//! What is parked in one `Hooks`, and how.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError};

use super::ParkingOptions;
use super::parking::{Hold, Parking};
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
}

impl Parkings {
    pub(crate) fn new() -> Parkings {
        Parkings { state: Mutex::new(State { options: ParkingOptions::new(), places: HashMap::new() }) }
    }

    /// A call of the hook point `hook` that may become parked.
    pub(crate) fn open(&self, hook: &str) -> Hold {
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
        Hold::new(Parking::new(options, places))
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
