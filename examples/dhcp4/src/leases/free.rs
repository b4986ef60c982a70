//! The addresses of the pools that nobody has.

use std::{collections::BTreeMap, net::Ipv4Addr};

use dhcp4_api::{Pool, Subnet};

use super::intervals::Intervals;

/// The free addresses of all pools.
///
/// Each pool remembers the address that it gave last and goes on behind it, so that an address that was given back rests
/// as long as possible.
#[derive(Debug, Default)]
pub(super) struct FreeAddresses {
    free: Intervals,
    /// From the first address of each pool to its last.
    pools: BTreeMap<u32, u32>,
    next: BTreeMap<u32, u32>,
}

impl FreeAddresses {
    /// All addresses of the pools of the subnets.
    pub(super) fn new(subnets: &[Subnet]) -> Self {
        let mut addresses = Self::default();
        for pool in subnets.iter().flat_map(|subnet| &subnet.pools) {
            let (first, last) = (u32::from(pool.first), u32::from(pool.last));
            addresses.pools.insert(first, last);
            addresses.free.insert_range(first, last);
        }
        addresses
    }

    pub(super) fn take(&mut self, address: Ipv4Addr) {
        self.free.remove(address.into());
    }

    /// Gives the address back, if it is one of a pool.
    pub(super) fn give_back(&mut self, address: Ipv4Addr) {
        let number = u32::from(address);
        if self.pools.range(..=number).next_back().is_some_and(|(_, last)| number <= *last) {
            self.free.insert(number);
        }
    }

    pub(super) fn contains(&self, address: Ipv4Addr) -> bool {
        self.free.contains(address.into())
    }

    /// The next free address of the pools; the pool goes on behind it the next time.
    pub(super) fn next(&mut self, pools: &[Pool]) -> Option<Ipv4Addr> {
        pools.iter().find_map(|pool| {
            let (first, last) = (u32::from(pool.first), u32::from(pool.last));
            let from = self.next.get(&first).copied().unwrap_or(first);
            let found = self.free.first_in(from, last).or_else(|| self.free.first_in(first, last))?;
            self.next.insert(first, found.checked_add(1).unwrap_or(first));
            Some(Ipv4Addr::from(found))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_rest_before_they_are_given_again() {
        let mut config = crate::testing::config();
        config.subnets.truncate(1);
        config.subnets[0].pools = vec!["192.0.2.1 - 192.0.2.3".parse().unwrap(), "192.0.2.9/32".parse().unwrap()];
        let pools = config.subnets[0].pools.clone();
        let mut free = FreeAddresses::new(&config.subnets);
        let mut given = Vec::new();
        while let Some(address) = free.next(&pools) {
            free.take(address);
            given.push(address.octets()[3]);
            if given == [1, 2] {
                free.give_back(Ipv4Addr::new(192, 0, 2, 1));
                free.give_back(Ipv4Addr::new(192, 0, 2, 7));
            }
        }
        assert_eq!(given, [1, 2, 3, 1, 9]);
    }
}
