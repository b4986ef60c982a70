//! What requests have met, and whether the libraries have counted the same.

use std::collections::{HashMap, HashSet};

use fixture_api::stamps::Stamp;
use hooks_tests::Journal;

/// What the requests of one thread, or of all, have met.
#[derive(Default)]
pub(crate) struct Tally {
    /// How many requests have met which set.
    sets: HashMap<Vec<Stamp>, u64>,
    /// How many stamps each instance has left.
    stamps: HashMap<Stamp, u64>,
}

impl Tally {
    /// A request has met `set` at `times` hook points, and `others` besides.
    pub(crate) fn count(&mut self, set: &[Stamp], times: u64, others: &[Stamp]) {
        match self.sets.get_mut(set) {
            Some(count) => *count += 1,
            None => drop(self.sets.insert(set.to_vec(), 1)),
        }
        set.iter().for_each(|stamp| *self.stamps.entry(*stamp).or_default() += times);
        others.iter().for_each(|stamp| *self.stamps.entry(*stamp).or_default() += 1);
    }

    pub(crate) fn add(&mut self, other: Tally) {
        other.sets.into_iter().for_each(|(set, count)| *self.sets.entry(set).or_default() += count);
        other.stamps.into_iter().for_each(|(stamp, count)| *self.stamps.entry(stamp).or_default() += count);
    }

    pub(crate) fn requests(&self) -> u64 {
        self.sets.values().sum()
    }

    pub(crate) fn stamps(&self) -> u64 {
        self.stamps.values().sum()
    }

    /// How many different sets requests have met.
    pub(crate) fn sets(&self) -> usize {
        self.sets.len()
    }

    /// Each set that a request has met was published as a whole; each instance was loaded, unloaded and dropped once, in this
    /// order, and has left as many stamps as the requests have got from it.
    pub(crate) fn check(&self, journal: &Journal, published: &HashSet<Vec<Stamp>>) {
        for set in self.sets.keys() {
            assert!(published.contains(set), "nobody has published {set:?}");
        }
        let mut instances: HashMap<Stamp, Vec<String>> = HashMap::new();
        for line in journal.take() {
            let mut parts = line.splitn(4, ' ');
            let mut number = || parts.next().and_then(|part| part.parse::<u64>().ok()).expect("a line of the plugin");
            let stamp = Stamp { library: number() as u32, build: number() as u32, instance: number() };
            instances.entry(stamp).or_default().push(parts.next().unwrap_or_default().to_owned());
        }
        for (stamp, events) in &instances {
            let left = self.stamps.get(stamp).copied().unwrap_or_default();
            assert_eq!(*events, ["load".to_owned(), "unload".to_owned(), format!("drop after {left}")], "{stamp:?}");
        }
        let unknown = self.stamps.keys().find(|stamp| !instances.contains_key(stamp));
        assert_eq!(unknown, None, "an instance that has never been loaded");
    }
}
