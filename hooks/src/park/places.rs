//! How many requests are parked at a hook point.

use std::sync::{Arc, PoisonError};

use crate::sync::{Mutex, MutexGuard};

/// The places for parked requests of one hook point.
#[derive(Debug)]
pub(crate) struct Places {
    hook: String,
    taken: Mutex<usize>,
}

/// A place that a parked request takes, until this is dropped.
#[derive(Debug)]
pub(super) struct Place(Arc<Places>);

impl Places {
    pub(super) fn new(hook: &str) -> Places {
        Places { hook: hook.to_owned(), taken: Mutex::new(0) }
    }

    /// The hook point's name.
    pub(crate) fn hook(&self) -> &str {
        &self.hook
    }

    /// How many are taken.
    pub(super) fn taken(&self) -> usize {
        *self.lock()
    }

    /// Takes a place, if fewer than `cap` are taken; 0 is no limit.
    pub(super) fn take(self: &Arc<Self>, cap: usize) -> Result<Place, String> {
        let mut taken = self.lock();
        if cap > 0 && *taken >= cap {
            return Err(format!(
                "the hook point `{}` has {} parked requests, and its limit is {cap}; let some of them go on first, answer \
                 without PARK, or raise the limit (`ParkingOptions::cap`)",
                self.hook, *taken
            ));
        }
        *taken += 1;
        Ok(Place(Arc::clone(self)))
    }

    fn lock(&self) -> MutexGuard<'_, usize> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        *self.0.lock() -= 1;
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn places_are_given_back() {
        let places = Arc::new(Places::new("full"));
        let (one, two) = (places.take(2).unwrap(), places.take(2).unwrap());
        let error = places.take(2).unwrap_err();
        assert!(error.contains("`full` has 2 parked requests") && error.contains("limit is 2"), "{error}");
        // A limit that is lowered later counts those that are there.
        assert!(places.take(1).is_err());
        drop(one);
        assert_eq!(places.taken(), 1);
        let unlimited: Vec<_> = (0..10).map(|_| places.take(0).unwrap()).collect();
        assert_eq!(places.taken(), 11);
        drop((two, unlimited));
        assert_eq!(places.taken(), 0);
    }
}
