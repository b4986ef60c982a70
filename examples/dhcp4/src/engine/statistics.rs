//! What the server counts.

use std::collections::BTreeMap;

/// Counters, with the reference's names for them.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Statistics {
    counters: BTreeMap<&'static str, u64>,
}

impl Statistics {
    /// The value of the counter; 0 for one that has not been counted yet.
    pub fn get(&self, name: &str) -> u64 {
        self.counters.get(name).copied().unwrap_or(0)
    }

    /// All counters that are not 0.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, u64)> {
        self.counters.iter().map(|(name, value)| (*name, *value))
    }

    pub(super) fn count(&mut self, name: &'static str) {
        *self.counters.entry(name).or_default() += 1;
    }
}
