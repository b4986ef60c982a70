//! A parking lot: requests by keys, each with a ticket that is resolved when nobody refers to it any more.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, Weak};

use super::claim::{Claim, Resolution};
use super::hold::Hold;
use super::parking::Parking;
use super::{Outcome, Parkings};
use crate::sync::{Mutex, MutexGuard};

/// The requests that a component has parked by a key, for one hook point of one `Hooks`, until it is cleared.
#[derive(Debug)]
pub(crate) struct Lot {
    hook: String,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// Whether another one has taken its place.
    cleared: bool,
    parked: HashMap<String, Entry>,
}

#[derive(Debug)]
struct Entry {
    claim: Claim,
    references: usize,
    /// Whether the call is still to come or going on: it holds the request itself, so that a callout may refer to it although
    /// another one has unparked it already.
    before_end: bool,
    /// Whether it has been unparked and goes on as soon as the call ends, unless somebody refers to it again.
    due: bool,
}

/// Where a call has been parked.
#[derive(Debug)]
pub(super) struct Listing {
    lot: Weak<Lot>,
    key: String,
}

impl Listing {
    /// The call has answered PARK.
    pub(super) fn call_ended(&self, parking: &Arc<Parking>) {
        if let Some(lot) = self.lot.upgrade() {
            lot.call_ended(&self.key, parking);
        }
    }

    /// The call has ended, or was given up.
    pub(super) fn forget(&self, parking: &Parking) {
        if let Some(lot) = self.lot.upgrade() {
            lot.forget(&self.key, parking);
        }
    }
}

impl Lot {
    pub(super) fn new(hook: &str) -> Lot {
        Lot { hook: hook.to_owned(), state: Mutex::new(State { cleared: false, parked: HashMap::new() }) }
    }

    /// Parks the next call under `key`; `None` if another lot has taken this one's place.
    pub(super) fn park(self: &Arc<Self>, parkings: &Parkings, key: &str) -> Result<Option<Hold>, String> {
        let listing = Listing { lot: Arc::downgrade(self), key: key.to_owned() };
        let hold = parkings.open_in(&self.hook, Some(listing));
        let claim = hold.parking().lot_ticket();
        let refused = {
            let mut state = self.lock();
            if state.cleared {
                Ok(None)
            } else if state.parked.contains_key(key) {
                Err(format!("`{key}` is already parked at the hook point `{}`; drop it first", self.hook))
            } else {
                let entry = Entry { claim, references: 0, before_end: true, due: false };
                state.parked.insert(key.to_owned(), entry);
                return Ok(Some(hold));
            }
        };
        // Without the lock: a hold that is dropped looks for its entry.
        drop(hold);
        refused
    }

    /// One more reference to `key`; their number comes back.
    pub(super) fn reference(&self, key: &str) -> Result<usize, String> {
        let mut state = self.lock();
        let entry = self.find(&mut state, key, "referenced")?;
        // Somebody means to park it, so that it needs a place now.
        entry.claim.parking().need_place()?;
        entry.references += 1;
        entry.due = false;
        Ok(entry.references)
    }

    /// One reference to `key` less, without any consequence; their number comes back.
    pub(super) fn dereference(&self, key: &str) -> Result<usize, String> {
        let mut state = self.lock();
        let entry = self.find(&mut state, key, "dereferenced")?;
        match entry.references.checked_sub(1) {
            Some(references) => entry.references = references,
            None => return Err(format!("`{key}` cannot be dereferenced: there is no reference to it")),
        }
        Ok(entry.references)
    }

    fn find<'a>(&self, state: &'a mut State, key: &str, what: &str) -> Result<&'a mut Entry, String> {
        state.parked.get_mut(key).ok_or_else(|| {
            format!("`{key}` cannot be {what}: it is not parked at the hook point `{}`, or not any more", self.hook)
        })
    }

    /// One reference less, or none if `force`; at the last one the request goes on. Whether there was anything to unpark.
    pub(super) fn unpark(&self, key: &str, force: bool) -> bool {
        let claim = {
            let mut state = self.lock();
            let Some(entry) = state.parked.get_mut(key).filter(|entry| !entry.due) else { return false };
            entry.references = if force { 0 } else { entry.references.saturating_sub(1) };
            if entry.references > 0 {
                return true;
            }
            if entry.before_end {
                entry.due = true;
                return true;
            }
            state.parked.remove(key).map(|entry| entry.claim)
        };
        resume(claim);
        true
    }

    /// Takes the request out, whoever refers to it: if it has been handed over, it comes back as dropped.
    pub(super) fn drop_parked(&self, key: &str) -> bool {
        let entry = self.lock().parked.remove(key);
        match entry {
            Some(entry) => entry.claim.parking().withdraw(),
            None => return false,
        }
        true
    }

    /// How many requests are parked.
    pub(super) fn len(&self) -> usize {
        self.lock().parked.len()
    }

    /// Takes all requests out, with the outcome for an unload; nothing can be parked here any more.
    pub(super) fn clear(&self) {
        let parked = {
            let mut state = self.lock();
            state.cleared = true;
            std::mem::take(&mut state.parked)
        };
        for entry in parked.into_values() {
            entry.claim.parking().clear();
        }
    }

    fn call_ended(&self, key: &str, parking: &Arc<Parking>) {
        let claim = {
            let mut state = self.lock();
            let Some(entry) = state.parked.get_mut(key).filter(|entry| entry.is_of(parking)) else { return };
            entry.before_end = false;
            if !entry.due {
                return;
            }
            state.parked.remove(key).map(|entry| entry.claim)
        };
        resume(claim);
    }

    fn forget(&self, key: &str, parking: &Parking) {
        let mut state = self.lock();
        if state.parked.get(key).is_some_and(|entry| entry.is_of(parking)) {
            state.parked.remove(key);
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Entry {
    fn is_of(&self, parking: &Parking) -> bool {
        std::ptr::eq(&raw const **self.claim.parking(), parking)
    }
}

fn resume(claim: Option<Claim>) {
    if let Some(claim) = claim {
        claim.resolve(Resolution::Outcome(Outcome::Resumed));
    }
}
