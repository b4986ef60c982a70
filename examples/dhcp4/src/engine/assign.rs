//! How a client gets an address.

use std::net::Ipv4Addr;

use dhcp4_api::{Lease, Subnet};

use super::{
    Engine, Request,
    lease_points::{adopt, select_lease},
};
use crate::leases::Refusal;

/// Why a client gets no address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoAddress {
    /// The server or its rules refuse it.
    Refused(Refusal),
    /// A callout has said so.
    Dropped,
}

impl NoAddress {
    /// The reason in words.
    pub(super) fn reason(self) -> String {
        match self {
            Self::Refused(refusal) => refusal.to_string(),
            Self::Dropped => "a callout of lease4_select has refused the lease".to_owned(),
        }
    }
}

impl Engine {
    /// Reserves an address for the client, chosen by the server or by the callouts of `lease4_select`, and gives back
    /// the lease that is not yet recorded.
    pub(super) fn assign(
        &mut self,
        request: &mut Request<'_>,
        subnet: &Subnet,
        requested: Option<Ipv4Addr>,
        fake_allocation: bool,
    ) -> Result<Lease, NoAddress> {
        let candidate = self.bindings.candidate(subnet, &request.client, requested);
        let mut granted = request.lease(subnet);
        granted.address = candidate.unwrap_or(Ipv4Addr::UNSPECIFIED);
        let until = request.now.saturating_add(u64::from(self.config.offer_lifetime));
        let mut lease = granted.clone();
        let step = select_lease(
            &mut request.handle,
            &request.query,
            subnet,
            fake_allocation,
            &mut lease,
            &mut self.bindings,
            &request.client,
            granted.address,
            until,
        );
        match step {
            hooks::Step::Done(reserved) => reserved.map_err(NoAddress::Refused)?,
            hooks::Step::Skipped => {
                granted.address = lease.address;
                self.bindings.reserve(subnet, lease.address, &request.client, until).map_err(NoAddress::Refused)?;
            }
            hooks::Step::Dropped => return Err(NoAddress::Dropped),
        }
        adopt(&mut lease, &granted);
        Ok(lease)
    }
}
