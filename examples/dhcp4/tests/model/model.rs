//! What must be true of the leases, kept apart from the server: by its lease file and by what its clients were told.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    net::Ipv4Addr,
};

use dhcp4::Client;
use dhcp4_api::{Lease, LeaseState, Packet};

use crate::{
    journal::{Leases, Record},
    world::{self, HOLD_RECLAIMED, NETS, OFFER_LIFETIME, PROBATION},
};

/// An address that a client may ask for.
#[derive(Debug)]
pub(crate) struct Offer {
    pub(crate) client: Client,
    pub(crate) subnet: u32,
    pub(crate) until: u64,
}

/// The model.
#[derive(Default)]
pub(crate) struct Model {
    pub(crate) plugins: bool,
    pub(crate) now: u64,
    /// What the lease file says.
    pub(crate) leases: Leases,
    deadlines: BTreeSet<(u64, Ipv4Addr)>,
    /// The leases that clients use, as far as they know: what was acknowledged and not given back.
    holdings: HashMap<Ipv4Addr, Lease>,
    declined_until: HashMap<Ipv4Addr, u64>,
    /// The offers that are still good.
    pub(crate) offers: BTreeMap<Ipv4Addr, Offer>,
    /// Until when an address that was offered to somebody may still be kept, whatever has become of the offer.
    pub(crate) kept_until: HashMap<Ipv4Addr, u64>,
}

/// Whether the server takes the two for one client: the identifiers decide if both have one, else the hardware
/// addresses.
pub(crate) fn same(client: &Client, lease: &Lease) -> bool {
    match (&client.client_id, &lease.client_id) {
        (Some(one), Some(other)) => one == other,
        _ => !client.hwaddr.is_empty() && client.hwaddr == lease.hwaddr,
    }
}

/// Whether the lease was given to exactly this client.
pub(crate) fn is_of(client: &Client, lease: &Lease) -> bool {
    client.hwaddr == lease.hwaddr && client.client_id == lease.client_id
}

pub(crate) fn check(is_so: bool, otherwise: impl FnOnce() -> String) -> Result<(), String> {
    if is_so { Ok(()) } else { Err(otherwise()) }
}

impl Model {
    pub(crate) fn new(plugins: bool, now: u64) -> Self {
        Self { plugins, now, ..Self::default() }
    }

    /// The time has come to `now`, and this is what the server has recorded because of it.
    pub(crate) fn time_passes(&mut self, now: u64, records: &[Record]) -> Result<(), String> {
        self.now = now;
        self.offers.retain(|_, offer| offer.until > now);
        for record in records {
            let old = self.leases.get(&record.address()).cloned();
            let due = old.as_ref().is_some_and(|old| deadline(old) <= now);
            let allowed = due
                && match (record, old) {
                    (Record::Put(new), Some(old)) => {
                        old.state == LeaseState::Default && *new == Lease { state: LeaseState::ExpiredReclaimed, ..old }
                    }
                    (Record::Remove(_), Some(old)) => old.state != LeaseState::Default,
                    (_, None) => false,
                };
            check(allowed, || format!("nothing was due that explains {record:?}"))?;
            self.apply(record);
        }
        let overdue = self.deadlines.first().filter(|(time, _)| *time <= now);
        check(overdue.is_none(), || format!("overdue: {overdue:?}"))
    }

    /// The client has been told that it has the address of the lease, until it expires.
    pub(crate) fn is_told(&mut self, client: &Client, lease: &Lease) -> Result<(), String> {
        if let Some(held) = self.holdings.get(&lease.address)
            && held.expires() > self.now
        {
            check(same(client, held), || format!("{held:?} is still held, and now also by {client:?}"))?;
        }
        self.holdings.insert(lease.address, lease.clone());
        Ok(())
    }

    /// The lease was recorded because its client asked for it: it must be one that the client can have.
    pub(crate) fn may_have(&self, client: &Client, subnet: u32, address: Ipv4Addr) -> Result<(), String> {
        let net = world::net(subnet).ok_or_else(|| format!("there is no subnet {subnet}"))?;
        let reserved = world::reservations().into_iter().find(|(_, reserved)| self.plugins && *reserved == address);
        let own = reserved.is_some_and(|(number, _)| world::mac(number) == client.hwaddr);
        // A client keeps what it has, also if it comes with another hardware address or the reservation is gone.
        let had = self.leases.get(&address).is_some_and(|old| old.state == LeaseState::Default && same(client, old));
        check(net.in_pool(address) && reserved.is_none() || (own || had) && net.contains(address), || {
            format!("{address} is neither in a pool of subnet {subnet} nor reserved for {client:?}")
        })?;
        let declined = self.declined_until.get(&address).filter(|until| **until > self.now);
        check(declined.is_none(), || format!("{address} is declined until {declined:?}"))?;
        match self.leases.get(&address) {
            Some(old) if old.state == LeaseState::Declined => Err(format!("{address} is declined: {old:?}")),
            Some(old) if old.state == LeaseState::Default && !same(client, old) => {
                Err(format!("{address} of {client:?} is leased to another client: {old:?}"))
            }
            _ => Ok(()),
        }
    }

    /// Takes a record of the lease file.
    pub(crate) fn apply(&mut self, record: &Record) {
        let address = record.address();
        if let Some(old) = self.leases.get(&address) {
            self.deadlines.remove(&(deadline(old), address));
        }
        match record {
            Record::Put(lease) => {
                self.deadlines.insert((deadline(lease), address));
                if lease.state == LeaseState::Declined {
                    self.declined_until.insert(address, self.now + u64::from(PROBATION));
                    self.holdings.remove(&address);
                    self.offers.remove(&address);
                }
            }
            Record::Remove(_) => drop(self.holdings.remove(&address)),
        }
        record.apply(&mut self.leases);
    }

    /// The address has been offered to the client.
    pub(crate) fn is_offered(&mut self, client: &Client, subnet: u32, address: Ipv4Addr) -> Result<(), String> {
        self.may_have(client, subnet, address)?;
        let other = self.offers.get(&address).filter(|offer| offer.client != *client);
        check(other.is_none(), || format!("{address} is offered to {client:?} and also to {other:?}"))?;
        self.forget_offers(client, |offer| offer.subnet == subnet);
        let until = self.now + OFFER_LIFETIME;
        self.kept_until.insert(address, until);
        self.offers.insert(address, Offer { client: client.clone(), subnet, until });
        Ok(())
    }

    /// Nothing is kept any more for the client, as far as it has been offered.
    pub(crate) fn forget_offers(&mut self, client: &Client, which: impl Fn(&Offer) -> bool) {
        self.offers.retain(|_, offer| offer.client != *client || !which(offer));
    }

    /// The valid lease in the subnet that the server takes for one of the client, other than that of the address.
    pub(crate) fn other_lease(&self, client: &Client, subnet: u32, address: Ipv4Addr) -> Option<&Lease> {
        let is_other = |lease: &&Lease| {
            lease.state == LeaseState::Default && lease.subnet_id == subnet && lease.address != address
        };
        self.leases.values().filter(is_other).find(|lease| same(client, lease))
    }

    /// Some address that any client of the subnet could get, if there is one.
    pub(crate) fn free_address(&self, subnet: u32) -> Option<Ipv4Addr> {
        let free = |address: &Ipv4Addr| {
            let leased = self.leases.get(address).is_some_and(|lease| lease.state != LeaseState::ExpiredReclaimed);
            !leased && self.kept_until.get(address).is_none_or(|until| *until <= self.now)
        };
        NETS.iter().find(|net| net.id == subnet)?.addresses().find(free)
    }

    /// All that is known of the client of the packet and of the addresses in it, for whoever looks for a mistake.
    pub(crate) fn of(&self, query: &Packet) -> String {
        let client = Client::of(query);
        let named = |address: Ipv4Addr| address == query.ciaddr || Some(address) == query.requested_address();
        let is_same =
            |lease: &&Lease| named(lease.address) || client.as_ref().is_some_and(|client| same(client, lease));
        let leases: Vec<_> = self.leases.values().filter(is_same).collect();
        let is_own = |offer: &Offer| client.as_ref().is_some_and(|client| offer.client == *client);
        let offers: Vec<_> = self.offers.iter().filter(|(address, offer)| named(**address) || is_own(offer)).collect();
        format!("leases: {leases:?}\noffers: {offers:?}")
    }

    /// The server has ended and started again: offers were only in its memory.
    pub(crate) fn restarts(&mut self) {
        self.offers.clear();
        self.kept_until.clear();
    }
}

fn deadline(lease: &Lease) -> u64 {
    let hold = if lease.state == LeaseState::ExpiredReclaimed { HOLD_RECLAIMED } else { 0 };
    lease.expires() + hold
}
