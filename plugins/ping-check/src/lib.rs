//! Checks whether an address is in use before the server offers it.
//!
//! Parks the OFFER, asks the address on a thread of its own, and resumes or drops the request.

#![forbid(unsafe_code)]

mod parameters;
mod probe;
mod echo;
mod checker;

use dhcp4_api::{Lease, LeaseState, Packet, lease4_offer};
use hooks::{BoxError, CalloutHandle, LibraryHandle, NextStep};

use checker::{Check, Checker};
use parameters::Parameters;

/// The plugin root.
#[derive(Debug)]
pub struct PingCheck {
    checker: Checker,
}

#[hooks::plugin]
impl hooks::Plugin for PingCheck {
    type Parameters = Parameters;

    fn load(parameters: Parameters, _: &mut LibraryHandle) -> Result<Self, BoxError> {
        Ok(Self { checker: Checker::start(parameters.check()?)? })
    }

    fn unload(&self) -> Result<(), BoxError> {
        Ok(self.checker.stop()?)
    }
}

/// Parks the OFFER until it is known whether somebody uses the address.
#[hooks::callout(lease4_offer)]
fn check_offered_address(
    this: &PingCheck,
    handle: &mut CalloutHandle,
    query4: &Packet,
    leases4: &Vec<Lease>,
    old_lease: &Option<Lease>,
) -> Result<lease4_offer::NextStep, BoxError> {
    let Some(lease) = leases4.first() else { return Ok(lease4_offer::NextStep::Continue) };
    // What an earlier callout drops needs no check, and the client itself may answer at the address that it has.
    let is_own = old_lease.as_ref().is_some_and(|old| is_valid_lease_of_the_same_client(old, lease));
    if is_own || handle.status() == NextStep::Drop || !this.checker.is_running() {
        return Ok(lease4_offer::NextStep::Continue);
    }
    this.checker.check(Check { address: lease.address, client: query4.mac(), ticket: handle.park()? });
    Ok(lease4_offer::NextStep::Park)
}

/// The offered lease was made just now, so that it tells the time.
fn is_valid_lease_of_the_same_client(old: &Lease, offered: &Lease) -> bool {
    old.state == LeaseState::Default
        && old.expires() > offered.cltt
        && old.belongs_to(offered.hwaddr, offered.client_id.as_deref())
}

#[cfg(test)]
mod tests;
