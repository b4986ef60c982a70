//! The addresses that have been offered and not yet been asked for.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    net::Ipv4Addr,
    sync::Arc,
};

use super::{ByAddress, clients::Client};

/// Addresses kept for clients for a short time, in memory only.
#[derive(Debug, Default)]
pub(super) struct Offers {
    by_address: ByAddress<Offer>,
    /// For each subnet, so that a client is found without a copy of it.
    by_client: BTreeMap<u32, HashMap<Arc<Client>, Ipv4Addr>>,
    deadlines: BTreeSet<(u64, Ipv4Addr)>,
}

#[derive(Debug)]
struct Offer {
    subnet_id: u32,
    /// The client, or nobody if the address is only kept from everybody.
    client: Option<Arc<Client>>,
    until: u64,
}

impl Offers {
    /// Keeps the address for the client, in place of the one kept for it before; gives that one back if it is another.
    pub(super) fn insert(
        &mut self,
        subnet_id: u32,
        address: Ipv4Addr,
        client: Option<Client>,
        until: u64,
    ) -> Option<Ipv4Addr> {
        self.remove(address);
        let before = client.as_ref().and_then(|client| self.find(subnet_id, client));
        if let Some(before) = before {
            self.remove(before);
        }
        let client = client.map(Arc::new);
        if let Some(client) = &client {
            self.by_client.entry(subnet_id).or_default().insert(Arc::clone(client), address);
        }
        self.deadlines.insert((until, address));
        self.by_address.insert(address, Offer { subnet_id, client, until });
        before
    }

    pub(super) fn remove(&mut self, address: Ipv4Addr) {
        if let Some(offer) = self.by_address.remove(&address) {
            self.deadlines.remove(&(offer.until, address));
            if let Some(client) = offer.client
                && let Some(clients) = self.by_client.get_mut(&offer.subnet_id)
            {
                clients.remove(&*client);
            }
        }
    }

    /// The address that is kept for the client.
    pub(super) fn find(&self, subnet_id: u32, client: &Client) -> Option<Ipv4Addr> {
        self.by_client.get(&subnet_id)?.get(client).copied()
    }

    pub(super) fn contains(&self, address: Ipv4Addr) -> bool {
        self.by_address.contains_key(&address)
    }

    /// Whether the address is kept for the client.
    pub(super) fn is_for(&self, address: Ipv4Addr, client: &Client) -> bool {
        self.by_address.get(&address).is_some_and(|offer| offer.client.as_deref() == Some(client))
    }

    pub(super) fn first_deadline(&self) -> Option<(u64, Ipv4Addr)> {
        self.deadlines.first().copied()
    }

    pub(super) fn addresses(&self) -> impl Iterator<Item = Ipv4Addr> {
        self.by_address.keys().copied()
    }
}
