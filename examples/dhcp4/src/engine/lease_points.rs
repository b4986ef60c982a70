//! The hook points around what the server does with a lease: each body is what it does by itself.

use std::net::Ipv4Addr;

use dhcp4_api::{Lease, LeaseState, MacAddr, Packet, Subnet};
use hooks::{CalloutHandle, hook_point};

use crate::leases::{Bindings, Client, FileError, Refusal};

/// Assigns the candidate to the client: it is reserved until the time given.
#[hook_point(dhcp4_api::lease4_select)]
#[expect(clippy::too_many_arguments, reason = "the hook point has four and the body needs the rest")]
pub(super) fn select_lease(
    request: &mut CalloutHandle<'_>,
    query4: &Packet,
    subnet4: &Subnet,
    fake_allocation: bool,
    lease4: &mut Lease,
    #[not_argument] bindings: &mut Bindings,
    #[not_argument] client: &Client,
    #[not_argument] candidate: Ipv4Addr,
    #[not_argument] until: u64,
) -> Result<(), Refusal> {
    lease4.address = candidate;
    bindings.reserve(subnet4, candidate, client, until)
}

/// Records the extended lease.
#[hook_point(dhcp4_api::lease4_renew)]
#[expect(clippy::too_many_arguments, reason = "the hook point has five and the body needs the rest")]
pub(super) fn renew_lease(
    request: &mut CalloutHandle<'_>,
    query4: &Packet,
    subnet4: &Subnet,
    clientid: &Option<Vec<u8>>,
    hwaddr: &MacAddr,
    lease4: &mut Lease,
    #[not_argument] bindings: &mut Bindings,
    #[not_argument] granted: &Lease,
) -> Result<(), FileError> {
    adopt(lease4, granted);
    bindings.update(lease4)
}

/// Removes the lease.
#[hook_point(dhcp4_api::lease4_release)]
pub(super) fn release_lease(
    request: &mut CalloutHandle<'_>,
    query4: &Packet,
    lease4: &Lease,
    #[not_argument] bindings: &mut Bindings,
) -> Result<(), FileError> {
    bindings.remove(lease4.address)
}

/// Records the lease as declined.
#[hook_point(dhcp4_api::lease4_decline)]
pub(super) fn decline_lease(
    request: &mut CalloutHandle<'_>,
    query4: &Packet,
    lease4: &Lease,
    #[not_argument] bindings: &mut Bindings,
    #[not_argument] declined: &Lease,
) -> Result<(), FileError> {
    bindings.update(declined)
}

/// Removes the lease, or keeps it as reclaimed.
#[hook_point(dhcp4_api::lease4_expire)]
pub(super) fn expire_lease(
    request: &mut CalloutHandle<'_>,
    lease4: &mut Lease,
    remove_lease: bool,
    #[not_argument] bindings: &mut Bindings,
    #[not_argument] expired: &Lease,
) -> Result<(), FileError> {
    if remove_lease {
        bindings.remove(expired.address)
    } else {
        bindings.update(&Lease { state: LeaseState::ExpiredReclaimed, ..expired.clone() })
    }
}

/// Removes the declined lease, so that its address is free again.
#[hook_point(dhcp4_api::lease4_recover)]
pub(super) fn recover_lease(
    request: &mut CalloutHandle<'_>,
    lease4: &Lease,
    #[not_argument] bindings: &mut Bindings,
) -> Result<(), FileError> {
    bindings.remove(lease4.address)
}

/// Keeps of a lease that callouts have seen what they may change: its lifetime and its name. The rest is as the server
/// had it.
pub(super) fn adopt(lease: &mut Lease, server: &Lease) {
    let Lease { address, hwaddr, client_id, valid_lifetime, cltt, subnet_id, state, hostname: _ } = lease;
    if *valid_lifetime == 0 {
        *valid_lifetime = server.valid_lifetime;
    }
    (*address, *hwaddr, *cltt) = (server.address, server.hwaddr, server.cltt);
    (*subnet_id, *state) = (server.subnet_id, server.state);
    client_id.clone_from(&server.client_id);
}
