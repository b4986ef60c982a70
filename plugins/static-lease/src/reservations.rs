//! All reservations, found by client and by address.

use std::{
    collections::{BTreeMap, HashMap},
    net::Ipv4Addr,
};

use dhcp4_api::{MacAddr, Pool, Subnet};

use crate::reservation::Reservation;

/// The reservations.
#[derive(Debug, Default)]
pub(crate) struct Reservations {
    by_client: HashMap<MacAddr, Reservation>,
    /// Whose the addresses are.
    clients: BTreeMap<Ipv4Addr, MacAddr>,
}

/// What a client has to do with the address that the server proposes.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Claim<'a> {
    /// An address of the subnet is reserved for the client.
    Own(&'a Reservation),
    /// Nothing is reserved for the client, and the proposed address is reserved for another one.
    OfAnother,
    /// Neither.
    None,
}

impl Reservations {
    /// The reservations, or what is reserved twice.
    pub(crate) fn new(all: Vec<Reservation>) -> Result<Self, String> {
        let mut reservations = Self::default();
        for reservation in all {
            let (client, address) = (reservation.client(), reservation.address());
            if let Some(other) = reservations.clients.insert(address, client) {
                return Err(format!(
                    "`reservations`: address {address} is reserved for {other} and for {client}; remove one of the two"
                ));
            }
            if let Some(other) = reservations.by_client.insert(client, reservation) {
                return Err(format!(
                    "`reservations`: client {client} has two reservations, {} and {address}; remove one of the two",
                    other.address()
                ));
            }
        }
        Ok(reservations)
    }

    /// What the client has to do with the address that the server proposes in the subnet.
    pub(crate) fn claim(&self, client: MacAddr, subnet: &Subnet, proposed: Ipv4Addr) -> Claim<'_> {
        // A client that visits another subnet gets an address there like any other client.
        match self.by_client.get(&client).filter(|reservation| subnet.contains(reservation.address())) {
            Some(reservation) => Claim::Own(reservation),
            None if self.clients.contains_key(&proposed) => Claim::OfAnother,
            None => Claim::None,
        }
    }

    /// The first reserved address in the pool, and whose it is.
    pub(crate) fn first_in(&self, pool: &Pool) -> Option<(Ipv4Addr, MacAddr)> {
        let first = self.clients.range(pool.first..).next();
        first.map(|(address, client)| (*address, *client)).filter(|(address, _)| pool.contains(*address))
    }
}
