//! RELEASE and DECLINE: a client gives its lease back.

use dhcp4_api::{Lease, LeaseState, MacAddr, Packet};

use super::{
    Engine, Request,
    answer::Answer,
    lease_points::{decline_lease, release_lease},
    statistics::Counter,
};

impl Engine {
    pub(super) fn release(&mut self, mut request: Request<'_>) -> Option<Box<Answer>> {
        let lease = self.lease_of(&request, request.query.ciaddr)?;
        match release_lease(&mut request.handle, &request.query, &lease, &mut self.bindings) {
            hooks::Step::Done(Ok(())) => {
                tracing::info!(client = %lease.hwaddr, address = %lease.address, "lease released");
                self.committed(request, Packet::default(), Vec::new(), vec![lease])
            }
            hooks::Step::Done(Err(error)) => self.unrecorded(&request, &error),
            hooks::Step::Skipped | hooks::Step::Dropped => {
                tracing::info!(client = %lease.hwaddr, address = %lease.address, "a callout has kept the lease");
                None
            }
        }
    }

    pub(super) fn decline(&mut self, mut request: Request<'_>) -> Option<Box<Answer>> {
        let Some(address) = request.query.requested_address() else {
            self.dropped(&request.query, "the DHCPDECLINE names no address");
            return None;
        };
        let lease = self.lease_of(&request, address)?;
        let declined = declined(&lease, request.now, self.config.decline_probation_period);
        match decline_lease(&mut request.handle, &request.query, &lease, &mut self.bindings, &declined) {
            hooks::Step::Done(Ok(())) => {
                self.statistics.count(Counter::DeclinedAddresses);
                tracing::warn!(client = %lease.hwaddr, address = %lease.address, "address declined by its client");
                self.committed(request, Packet::default(), vec![declined], Vec::new())
            }
            hooks::Step::Done(Err(error)) => self.unrecorded(&request, &error),
            hooks::Step::Skipped | hooks::Step::Dropped => {
                tracing::info!(client = %lease.hwaddr, address = %lease.address, "a callout has kept the lease");
                None
            }
        }
    }

    /// The valid lease of the address, if it is the client's.
    fn lease_of(&mut self, request: &Request<'_>, address: std::net::Ipv4Addr) -> Option<Lease> {
        let own = |lease: &&Lease| lease.state == LeaseState::Default && request.client.owns(lease);
        let lease = self.bindings.leases().get(address).filter(own).cloned();
        if lease.is_none() {
            self.dropped(&request.query, "the client has no lease of the address");
        }
        lease
    }
}

/// The lease while its address is declined: it belongs to nobody, and its lifetime is the probation.
pub(super) fn declined(lease: &Lease, now: u64, probation: u32) -> Lease {
    Lease {
        hwaddr: MacAddr::default(),
        client_id: None,
        hostname: String::new(),
        state: LeaseState::Declined,
        cltt: now,
        valid_lifetime: probation,
        ..lease.clone()
    }
}
