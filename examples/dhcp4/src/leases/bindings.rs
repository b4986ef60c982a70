//! Which address is whose: leases, offers and free addresses together.

use std::net::Ipv4Addr;

use dhcp4_api::{Lease, LeaseState, Subnet};
use thiserror::Error;

use super::{clients::Client, file::FileError, free::FreeAddresses, offers::Offers, store::LeaseStore};

/// Why a client cannot have an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Refusal {
    /// No address of the subnet is free.
    #[error("no address of the subnet is free; make its pools larger or the lifetime of leases shorter")]
    NoFreeAddress,
    /// The address is not one of the subnet.
    #[error("the address is not in the subnet")]
    OutsideSubnet,
    /// The address is leased or offered to another client.
    #[error("the address belongs to another client")]
    InUse,
    /// The address was found in use by somebody who has no lease.
    #[error("the address has been declined and its probation has not ended")]
    Declined,
}

/// Why a lease is not added.
#[derive(Debug, Error)]
pub enum AddError {
    /// The address cannot be had.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The client has another lease in the subnet.
    #[error("the client has the lease {0} in this subnet; delete that one first")]
    OtherLease(Ipv4Addr),
    /// It cannot be recorded, or not be made durable.
    #[error(transparent)]
    Leases(#[from] FileError),
}

/// The leases, the offers, and the addresses that are in neither.
///
/// An address is free if it is in a pool, no lease of it is valid or declined, and it is not offered.
#[derive(Debug)]
pub struct Bindings {
    leases: LeaseStore,
    offers: Offers,
    free: FreeAddresses,
}

impl Bindings {
    /// The bindings of the leases in the pools of the subnets; reclaimed leases are kept for this number of seconds.
    pub fn new(leases: LeaseStore, subnets: &[Subnet], hold_reclaimed_time: u32) -> Self {
        let mut bindings = Self { leases, offers: Offers::default(), free: FreeAddresses::default() };
        bindings.reconfigure(subnets, hold_reclaimed_time);
        bindings
    }

    /// Takes the pools of other subnets, and keeps reclaimed leases for another number of seconds.
    pub fn reconfigure(&mut self, subnets: &[Subnet], hold_reclaimed_time: u32) {
        self.leases.set_hold_reclaimed_time(hold_reclaimed_time);
        self.free = FreeAddresses::new(subnets);
        let taken = self.leases.iter().filter(|lease| holds(lease)).map(|lease| lease.address);
        taken.chain(self.offers.addresses()).for_each(|address| self.free.take(address));
    }

    /// The leases.
    pub fn leases(&self) -> &LeaseStore {
        &self.leases
    }

    /// The address that the server would give to the client: its own one, the one that it was offered and asks for, the
    /// one that it had, another one that it asks for, the one that is kept for it, or the next free one.
    pub fn candidate(&mut self, subnet: &Subnet, client: &Client, requested: Option<Ipv4Addr>) -> Option<Ipv4Addr> {
        let lease = self.leases.find(subnet.id, client).filter(|lease| subnet.contains(lease.address));
        let had = match lease {
            Some(lease) if lease.state == LeaseState::Default => return Some(lease.address),
            Some(lease) if lease.state == LeaseState::ExpiredReclaimed => Some(lease.address),
            _ => None,
        };
        // An offer is good, also if the address that the client had has become free since then.
        if let Some(address) = requested.filter(|address| self.is_offered(subnet, *address, client)) {
            return Some(address);
        }
        if let Some(address) = had
            && (self.free.contains(address) || self.offers.is_for(address, client))
        {
            return Some(address);
        }
        if let Some(address) = requested.filter(|address| subnet.in_pool(*address) && self.free.contains(*address)) {
            return Some(address);
        }
        let offered = self.offers.find(subnet.id, client).filter(|address| subnet.contains(*address));
        offered.or_else(|| self.free.next(&subnet.pools))
    }

    /// Keeps the address for the client until the time given, if the client can have it.
    pub fn reserve(&mut self, subnet: &Subnet, address: Ipv4Addr, client: &Client, until: u64) -> Result<(), Refusal> {
        if address.is_unspecified() {
            return Err(Refusal::NoFreeAddress);
        }
        if !subnet.contains(address) {
            return Err(Refusal::OutsideSubnet);
        }
        match self.leases.get(address) {
            Some(lease) if lease.state == LeaseState::Declined => return Err(Refusal::Declined),
            Some(lease) if lease.state == LeaseState::Default && !client.owns(lease) => return Err(Refusal::InUse),
            _ => {}
        }
        if self.offers.contains(address) && !self.offers.is_for(address, client) {
            return Err(Refusal::InUse);
        }
        self.keep(subnet.id, address, Some(client.clone()), until);
        Ok(())
    }

    /// Offers the address to nobody until the time given.
    pub fn keep_from_everybody(&mut self, subnet_id: u32, address: Ipv4Addr, until: u64) {
        self.keep(subnet_id, address, None, until);
    }

    /// Keeps no address for the client any more.
    pub fn withdraw(&mut self, subnet_id: u32, client: &Client) {
        if let Some(address) = self.offers.find(subnet_id, client) {
            self.offers.remove(address);
            self.settle(address);
        }
    }

    /// Records the lease, in place of any other lease of the client in the subnet; gives that one back.
    pub fn assign(&mut self, lease: &Lease, client: &Client) -> Result<Option<Lease>, FileError> {
        let other = self.leases.find(lease.subnet_id, client).filter(|other| other.address != lease.address).cloned();
        let removed: Vec<Ipv4Addr> = other.iter().map(|other| other.address).collect();
        self.leases.change(std::slice::from_ref(lease), &removed)?;
        self.offers.remove(lease.address);
        self.withdraw(lease.subnet_id, client);
        self.settle(lease.address);
        removed.into_iter().for_each(|address| self.settle(address));
        Ok(other)
    }

    /// Records a lease that the client has not asked for, if its address has none and the client has no other one in the
    /// subnet; an offer of the address is void.
    pub fn add(&mut self, lease: &Lease, client: &Client) -> Result<(), AddError> {
        match self.leases.get(lease.address).map(|there| there.state) {
            None | Some(LeaseState::ExpiredReclaimed) => {}
            Some(LeaseState::Default) => return Err(Refusal::InUse.into()),
            Some(LeaseState::Declined) => return Err(Refusal::Declined.into()),
        }
        let other = self.leases.find(lease.subnet_id, client).filter(|other| client.owns(other) && holds(other));
        if let Some(other) = other {
            return Err(AddError::OtherLease(other.address));
        }
        self.assign(lease, client)?;
        Ok(())
    }

    /// Records the lease in place of the one that its address has.
    pub fn update(&mut self, lease: &Lease) -> Result<(), FileError> {
        self.leases.change(std::slice::from_ref(lease), &[])?;
        // An offer of the address, made to whom the server took for this client, is void: it could not be kept.
        if holds(lease) {
            self.offers.remove(lease.address);
        }
        self.settle(lease.address);
        Ok(())
    }

    /// Removes the lease of the address.
    pub fn remove(&mut self, address: Ipv4Addr) -> Result<(), FileError> {
        self.leases.change(&[], &[address])?;
        self.settle(address);
        Ok(())
    }

    /// Makes what was recorded durable, as far as the policy asks for it.
    pub fn sync(&mut self) -> Result<(), FileError> {
        self.leases.sync()
    }

    /// When something must be done next.
    pub fn first_deadline(&self) -> Option<u64> {
        let lease = self.leases.first_deadline().map(|(time, _)| time);
        let offer = self.offers.first_deadline().map(|(time, _)| time);
        lease.into_iter().chain(offer).min()
    }

    /// Forgets the offers whose time has come and gives back the lease whose time has come first.
    pub fn due(&mut self, now: u64) -> Option<Lease> {
        while let Some((time, address)) = self.offers.first_deadline()
            && time <= now
        {
            self.offers.remove(address);
            self.settle(address);
        }
        let (_, address) = self.leases.first_deadline().filter(|(time, _)| *time <= now)?;
        self.leases.get(address).cloned()
    }

    /// Puts the decision about a lease off.
    pub fn postpone(&mut self, address: Ipv4Addr, until: u64) {
        self.leases.postpone(address, until);
    }

    fn is_offered(&self, subnet: &Subnet, address: Ipv4Addr, client: &Client) -> bool {
        subnet.contains(address) && self.offers.is_for(address, client)
    }

    fn keep(&mut self, subnet_id: u32, address: Ipv4Addr, client: Option<Client>, until: u64) {
        let before = self.offers.insert(subnet_id, address, client, until);
        before.into_iter().chain([address]).for_each(|address| self.settle(address));
    }

    /// Puts the address among the free ones or takes it out, as leases and offers tell.
    fn settle(&mut self, address: Ipv4Addr) {
        if self.leases.get(address).is_some_and(holds) || self.offers.contains(address) {
            self.free.take(address);
        } else {
            self.free.give_back(address);
        }
    }
}

/// Whether nobody else can have the address of the lease.
fn holds(lease: &Lease) -> bool {
    lease.state != LeaseState::ExpiredReclaimed
}

#[cfg(test)]
mod tests;
