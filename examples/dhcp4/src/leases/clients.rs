//! Finds the lease of a client.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    net::Ipv4Addr,
};

use dhcp4_api::{Lease, MacAddr, Packet};

/// What tells one client from another.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Client {
    /// The hardware address.
    pub hwaddr: MacAddr,
    /// The identifier, if the client has sent one; it counts before the hardware address.
    pub client_id: Option<Vec<u8>>,
}

impl Client {
    /// The client that has sent the packet, if the packet tells.
    pub fn of(packet: &Packet) -> Option<Self> {
        let client = Self { hwaddr: packet.mac(), client_id: packet.client_id().map(<[u8]>::to_vec) };
        (!client.hwaddr.is_empty() || client.client_id.is_some()).then_some(client)
    }

    /// Whether the lease is this client's.
    pub fn owns(&self, lease: &Lease) -> bool {
        lease.belongs_to(self.hwaddr, self.client_id.as_deref())
    }
}

/// The addresses of the clients in each subnet.
#[derive(Debug, Default)]
pub(super) struct ClientIndex {
    /// For each subnet, so that an identifier is found without a copy of it.
    by_id: BTreeMap<u32, HashMap<Vec<u8>, Ipv4Addr>>,
    /// Of clients that have sent no identifier.
    by_hwaddr_alone: HashMap<(u32, MacAddr), Ipv4Addr>,
    /// Of clients that have sent one: several can share a hardware address.
    by_hwaddr: HashMap<(u32, MacAddr), BTreeSet<Ipv4Addr>>,
}

impl ClientIndex {
    pub(super) fn insert(&mut self, lease: &Lease) {
        match &lease.client_id {
            Some(id) => {
                self.by_id.entry(lease.subnet_id).or_default().insert(id.clone(), lease.address);
                if !lease.hwaddr.is_empty() {
                    self.by_hwaddr.entry((lease.subnet_id, lease.hwaddr)).or_default().insert(lease.address);
                }
            }
            None if lease.hwaddr.is_empty() => {}
            None => {
                self.by_hwaddr_alone.insert((lease.subnet_id, lease.hwaddr), lease.address);
            }
        }
    }

    pub(super) fn remove(&mut self, lease: &Lease) {
        let by_hwaddr = (lease.subnet_id, lease.hwaddr);
        match &lease.client_id {
            Some(id) => {
                // A damaged file can hold two leases of one client; the index knows the later one.
                if let Some(by_id) = self.by_id.get_mut(&lease.subnet_id)
                    && by_id.get(id) == Some(&lease.address)
                {
                    by_id.remove(id);
                }
                if let Some(addresses) = self.by_hwaddr.get_mut(&by_hwaddr) {
                    addresses.remove(&lease.address);
                    if addresses.is_empty() {
                        self.by_hwaddr.remove(&by_hwaddr);
                    }
                }
            }
            None if self.by_hwaddr_alone.get(&by_hwaddr) == Some(&lease.address) => {
                self.by_hwaddr_alone.remove(&by_hwaddr);
            }
            None => {}
        }
    }

    /// The address of the client in the subnet.
    pub(super) fn find(&self, subnet_id: u32, client: &Client) -> Option<Ipv4Addr> {
        let by_hwaddr = (subnet_id, client.hwaddr);
        let alone = || self.by_hwaddr_alone.get(&by_hwaddr).copied();
        match &client.client_id {
            Some(id) => self.by_id.get(&subnet_id).and_then(|by_id| by_id.get(id)).copied().or_else(alone),
            None => alone().or_else(|| self.by_hwaddr.get(&by_hwaddr)?.first().copied()),
        }
    }
}
