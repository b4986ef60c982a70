//! The list, made for lookups: how long it is makes no difference to a packet.

use std::collections::{BTreeSet, HashSet};

use dhcp4_api::{MacAddr, MacPattern};

/// The clients that are denied.
#[derive(Debug, Default)]
pub(crate) struct List {
    clients: HashSet<MacPattern>,
    /// How many octets the prefixes have.
    prefix_lengths: BTreeSet<usize>,
}

impl List {
    /// The list with these entries, or the one that stands in it twice.
    pub(crate) fn new(entries: Vec<MacPattern>) -> Result<Self, String> {
        let mut list = Self::default();
        for entry in entries {
            if let MacPattern::Prefix(prefix) = entry {
                list.prefix_lengths.insert(prefix.len());
            }
            if !list.clients.insert(entry) {
                return Err(format!("`deny`: \"{entry}\" is listed twice; list it once"));
            }
        }
        Ok(list)
    }

    /// Whether the client with this address is denied.
    pub(crate) fn contains(&self, address: MacAddr) -> bool {
        self.clients.contains(&MacPattern::Address(address)) || self.has_prefix_of(address)
    }

    fn has_prefix_of(&self, address: MacAddr) -> bool {
        self.prefix_lengths.iter().any(|length| {
            let prefix = address.octets().get(..*length).map(MacAddr::new);
            prefix.is_some_and(|prefix| self.clients.contains(&MacPattern::Prefix(prefix)))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(entries: &[&str]) -> Result<List, String> {
        List::new(entries.iter().map(|entry| entry.parse().unwrap()).collect())
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
}
