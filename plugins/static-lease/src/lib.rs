//! Gives certain clients always the same address.

#![forbid(unsafe_code)]

mod reservation;
mod reservations;
mod pools;

use dhcp4_api::{Lease, Packet, Subnet, dhcp4_srv_configured, lease4_renew, lease4_select};
use hooks::{BoxError, LibraryHandle};
use serde::Deserialize;

use reservation::Reservation;
use reservations::{Claim, Reservations};

/// What the configuration gives.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameters {
    reservations: Vec<Reservation>,
}

/// The plugin root.
#[derive(Debug)]
pub struct StaticLease {
    reservations: Reservations,
}

#[hooks::plugin]
impl hooks::Plugin for StaticLease {
    type Parameters = Parameters;

    fn load(parameters: Parameters, _: &mut LibraryHandle) -> Result<Self, BoxError> {
        Ok(Self { reservations: Reservations::new(parameters.reservations)? })
    }
}

/// Refuses a configuration in which a reserved address is in a pool: the server would propose it to other clients, who would
/// then get nothing.
#[hooks::callout(dhcp4_srv_configured)]
fn check_pools(this: &StaticLease, json_config: &String, error: &mut String) -> dhcp4_srv_configured::NextStep {
    match pools::check(json_config, &this.reservations) {
        Ok(()) => dhcp4_srv_configured::NextStep::Continue,
        Err(text) => {
            *error = format!("static-lease: {text}");
            dhcp4_srv_configured::NextStep::Drop
        }
    }
}

/// Assigns the reserved address to its client, and to nobody else.
#[hooks::callout(lease4_select)]
fn select_reserved(
    this: &StaticLease,
    query4: &Packet,
    subnet4: &Subnet,
    lease4: &mut Lease,
) -> lease4_select::NextStep {
    match this.reservations.claim(query4.mac(), subnet4, lease4.address) {
        Claim::Own(reservation) => {
            lease4.address = reservation.address();
            reservation.name(lease4);
            lease4_select::NextStep::Skip
        }
        Claim::OfAnother => {
            tracing::info!(address = %lease4.address, client = %query4.mac(), "the address is reserved for another client");
            lease4_select::NextStep::Drop
        }
        Claim::None => lease4_select::NextStep::Continue,
    }
}

/// Lets a lease run out that contradicts a reservation, so that its client comes back for the right address.
#[hooks::callout(lease4_renew)]
fn renew_reserved(this: &StaticLease, query4: &Packet, subnet4: &Subnet, lease4: &mut Lease) -> lease4_renew::NextStep {
    match this.reservations.claim(query4.mac(), subnet4, lease4.address) {
        Claim::Own(reservation) if reservation.address() == lease4.address => {
            reservation.name(lease4);
            lease4_renew::NextStep::Continue
        }
        Claim::Own(_) | Claim::OfAnother => {
            tracing::info!(address = %lease4.address, client = %query4.mac(), "the lease contradicts a reservation");
            lease4_renew::NextStep::Skip
        }
        Claim::None => lease4_renew::NextStep::Continue,
    }
}

#[cfg(test)]
mod tests;
