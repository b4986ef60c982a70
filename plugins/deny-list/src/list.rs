//! The list, made for lookups: how long it is makes no difference to a packet.

use std::collections::{BTreeMap, HashMap, HashSet};

use dhcp4_api::{MacAddr, MacPattern};
use serde::{Deserialize, Serialize};

/// The clients that are denied.
#[derive(Debug, Default)]
pub(crate) struct List {
    clients: HashSet<MacPattern>,
    /// How many octets the prefixes have, each length with the number of prefixes.
    prefix_lengths: BTreeMap<usize, usize>,
    /// What has been changed since the list was made, by entry: whether it was put on the list or taken off it.
    changes: HashMap<MacPattern, bool>,
}

/// What has been changed in a list since it was made.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub struct Changes {
    added: Vec<MacPattern>,
    removed: Vec<MacPattern>,
}

impl List {
    /// The list with these entries, or the one that stands in it twice.
    pub(crate) fn new(entries: &[MacPattern]) -> Result<Self, String> {
        let mut list = Self::default();
        list.add(entries)?;
        list.changes.clear();
        Ok(list)
    }

    /// What has been changed since it was made.
    pub(crate) fn changes(&self) -> Changes {
        let (mut added, mut removed) = (Vec::new(), Vec::new());
        for (entry, is_added) in &self.changes {
            if *is_added { &mut added } else { &mut removed }.push(*entry);
        }
        Changes { added, removed }
    }

    /// Changes it as another list has been changed; what is so already stays, and is a change nevertheless.
    pub(crate) fn apply(&mut self, changes: &Changes) {
        for (entries, added) in [(&changes.added, true), (&changes.removed, false)] {
            for entry in entries {
                if self.clients.contains(entry) == added {
                    self.changes.insert(*entry, added);
                } else if added {
                    self.insert(*entry);
                } else {
                    self.take(entry);
                }
            }
        }
    }

    /// Adds all of the entries, or none if one is there already.
    pub(crate) fn add(&mut self, entries: &[MacPattern]) -> Result<(), String> {
        once(entries)?;
        if let Some(entry) = entries.iter().find(|entry| self.clients.contains(*entry)) {
            return Err(format!("\"{entry}\" is on the list already; nothing was added"));
        }
        entries.iter().for_each(|entry| self.insert(*entry));
        Ok(())
    }

    fn insert(&mut self, entry: MacPattern) {
        self.clients.insert(entry);
        self.changes.insert(entry, true);
        if let MacPattern::Prefix(prefix) = entry {
            *self.prefix_lengths.entry(prefix.len()).or_default() += 1;
        }
    }

    /// Removes all of the entries, or none if one is not there.
    pub(crate) fn remove(&mut self, entries: &[MacPattern]) -> Result<(), String> {
        once(entries)?;
        if let Some(entry) = entries.iter().find(|entry| !self.clients.contains(*entry)) {
            return Err(format!("\"{entry}\" is not on the list; nothing was removed"));
        }
        entries.iter().for_each(|entry| self.take(entry));
        Ok(())
    }

    fn take(&mut self, entry: &MacPattern) {
        self.clients.remove(entry);
        self.changes.insert(*entry, false);
        if let MacPattern::Prefix(prefix) = entry
            && let Some(count) = self.prefix_lengths.get_mut(&prefix.len())
        {
            *count -= 1;
            if *count == 0 {
                self.prefix_lengths.remove(&prefix.len());
            }
        }
    }

    /// The entries as they are written, sorted.
    pub(crate) fn entries(&self) -> Vec<String> {
        let mut entries: Vec<String> = self.clients.iter().map(ToString::to_string).collect();
        entries.sort_unstable();
        entries
    }

    /// Whether the client with this address is denied.
    pub(crate) fn contains(&self, address: MacAddr) -> bool {
        self.clients.contains(&MacPattern::Address(address)) || self.has_prefix_of(address)
    }

    fn has_prefix_of(&self, address: MacAddr) -> bool {
        self.prefix_lengths.keys().any(|length| {
            let prefix = address.octets().get(..*length).map(MacAddr::new);
            prefix.is_some_and(|prefix| self.clients.contains(&MacPattern::Prefix(prefix)))
        })
    }
}

fn once(entries: &[MacPattern]) -> Result<(), String> {
    let mut seen = HashSet::new();
    match entries.iter().find(|entry| !seen.insert(**entry)) {
        Some(entry) => Err(format!("`deny`: \"{entry}\" is listed twice; list it once")),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(entries: &[&str]) -> Result<List, String> {
        List::new(&patterns(entries))
    }

    fn patterns(entries: &[&str]) -> Vec<MacPattern> {
        entries.iter().map(|entry| entry.parse().unwrap()).collect()
    }

    fn denied(list: &List, address: &str) -> bool {
        list.contains(address.parse().unwrap())
    }

    #[test]
    fn prefixes_of_several_lengths_are_found() {
        let list = list(&["02:00:00:00:00:66", "06:*", "02:aa:bb:*"]).unwrap();
        for address in ["02:00:00:00:00:66", "06:00:00:00:00:01", "06:ff", "02:aa:bb:00:00:00", "02:aa:bb"] {
            assert!(denied(&list, address), "{address}");
        }
        for address in ["02:00:00:00:00:65", "02:00:00:00:00:66:00", "02:aa:bc:00:00:00", "02:aa", "0a:06"] {
            assert!(!denied(&list, address), "{address}");
        }
    }

    #[test]
    fn the_same_entry_twice_is_an_error_and_an_overlap_is_not() {
        assert!(list(&["02:AA:*", "02:aa:*"]).unwrap_err().contains("\"02:aa:*\" is listed twice"));
        assert!(list(&["02:aa:*", "02:aa:00:00:00:01", "02:aa:bb:*"]).is_ok());
    }

    #[test]
    fn entries_come_and_go_all_or_none() {
        let mut list = list(&["02:aa:*", "02:00:00:00:00:66"]).unwrap();
        assert!(
            list.add(&patterns(&["02:bb:*", "02:aa:*"])).unwrap_err().contains("\"02:aa:*\" is on the list already")
        );
        assert!(list.add(&patterns(&["02:bb:*", "02:BB:*"])).unwrap_err().contains("listed twice"));
        assert!(
            list.remove(&patterns(&["02:aa:*", "02:cc:*"])).unwrap_err().contains("\"02:cc:*\" is not on the list")
        );
        assert_eq!(list.entries(), ["02:00:00:00:00:66", "02:aa:*"]);
        list.add(&patterns(&["02:bb:*"])).unwrap();
        list.remove(&patterns(&["02:aa:*"])).unwrap();
        assert!(!denied(&list, "02:aa:00:00:00:01") && denied(&list, "02:bb:00:00:00:01"));
        list.remove(&patterns(&["02:bb:*", "02:00:00:00:00:66"])).unwrap();
        assert!(!denied(&list, "02:bb:00:00:00:01") && list.entries().is_empty() && list.prefix_lengths.is_empty());
    }
}
