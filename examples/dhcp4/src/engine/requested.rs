//! REQUEST: the server grants a lease, extends it, or refuses.

use std::net::Ipv4Addr;

use dhcp4_api::{Lease, LeaseState, MessageType, Packet, Subnet};

use super::{
    Engine, Request,
    answer::{Answer, Promise},
    lease_points::renew_lease,
    response,
};

/// What the client wants with its REQUEST (RFC 2131, 4.3.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Intention {
    /// It has chosen the offer of this server.
    Selecting,
    /// It has started again and wants to know whether its address is still good.
    InitReboot,
    /// It wants more time on its lease.
    Extending,
}

fn intention(query: &Packet) -> (Intention, Option<Ipv4Addr>) {
    let ciaddr = Some(query.ciaddr).filter(|address| !address.is_unspecified());
    match (query.server_id(), query.requested_address()) {
        (Some(_), requested) => (Intention::Selecting, requested.or(ciaddr)),
        (None, requested @ Some(_)) if ciaddr.is_none() => (Intention::InitReboot, requested),
        (None, _) => (Intention::Extending, ciaddr),
    }
}

impl Engine {
    pub(super) fn request(&mut self, mut request: Request<'_>) -> Option<Box<Answer>> {
        let (intention, wanted) = intention(&request.query);
        let Some(wanted) = wanted else {
            self.dropped(&request.query, "the client asks for no address");
            return None;
        };
        let Some(subnet) = request.subnet.take() else {
            if intention == Intention::Selecting {
                return self.refuse(request, None, "no subnet was selected for the client");
            }
            self.dropped(&request.query, "no subnet was selected for the client, whom another server may know");
            return None;
        };
        if !subnet.contains(wanted) {
            return self.refuse(request, Some(subnet), "the address is not in the subnet of the client");
        }
        let own = self.bindings.leases().find(subnet.id, &request.client).cloned();
        match own {
            Some(lease) if lease.address == wanted && lease.state == LeaseState::Default => {
                return self.renew(request, subnet, lease);
            }
            Some(_) => {}
            // A client that this server has never seen may be known to another one.
            None if intention == Intention::InitReboot => {
                let taken = self.bindings.leases().get(wanted).is_some_and(|lease| lease.state == LeaseState::Default);
                if taken {
                    return self.refuse(request, Some(subnet), "the address belongs to another client");
                }
                self.dropped(&request.query, "the server does not know the client");
                return None;
            }
            None => {}
        }
        match self.assign(&mut request, &subnet, Some(wanted), false) {
            Ok(lease) if lease.address == wanted => self.grant(request, subnet, lease),
            Ok(_) => {
                self.bindings.withdraw(subnet.id, &request.client);
                self.refuse(request, Some(subnet), "the client has another address")
            }
            Err(none) => self.refuse(request, Some(subnet), &none.reason()),
        }
    }

    /// Records the lease and acknowledges it.
    fn grant(&mut self, request: Request<'_>, subnet: Subnet, lease: Lease) -> Option<Box<Answer>> {
        // What is left of an expired lease has been reported when it expired.
        let removed = match self.bindings.assign(&lease, &request.client) {
            Ok(removed) => removed.filter(|other| other.state == LeaseState::Default),
            Err(error) => {
                self.bindings.withdraw(subnet.id, &request.client);
                return self.unrecorded(&request, &error);
            }
        };
        tracing::info!(client = %lease.hwaddr, address = %lease.address, "lease assigned");
        self.acknowledge(request, subnet, &lease, vec![lease.clone()], removed.into_iter().collect())
    }

    fn renew(&mut self, mut request: Request<'_>, subnet: Subnet, old: Lease) -> Option<Box<Answer>> {
        let granted = Lease { address: old.address, ..request.lease(&subnet) };
        let mut lease = granted.clone();
        let step = renew_lease(
            &mut request.handle,
            &request.query,
            &subnet,
            &request.client.client_id,
            &request.client.hwaddr,
            &mut lease,
            &mut self.bindings,
            &granted,
        );
        match step {
            hooks::Step::Done(Ok(())) => {
                tracing::info!(client = %lease.hwaddr, address = %lease.address, "lease extended");
                self.acknowledge(request, subnet, &lease, vec![lease.clone()], Vec::new())
            }
            hooks::Step::Done(Err(error)) => self.unrecorded(&request, &error),
            hooks::Step::Skipped | hooks::Step::Dropped => {
                let left = old.expires().saturating_sub(request.now);
                if left == 0 {
                    return self.refuse(request, Some(subnet), "the lease has expired and may not be extended");
                }
                let rest = Lease { valid_lifetime: u32::try_from(left).unwrap_or(u32::MAX), ..old };
                self.acknowledge(request, subnet, &rest, Vec::new(), Vec::new())
            }
        }
    }

    fn acknowledge(
        &mut self,
        mut request: Request<'_>,
        subnet: Subnet,
        lease: &Lease,
        leases: Vec<Lease>,
        deleted: Vec<Lease>,
    ) -> Option<Box<Answer>> {
        let mut ack = response::begin(&request, MessageType::Ack);
        response::grant(&mut ack, &request, &subnet, lease);
        request.subnet = Some(subnet);
        self.committed(request, ack, leases, deleted)
    }

    /// Sends a NAK. The subnet is the one that was taken out of the request.
    fn refuse(&mut self, mut request: Request<'_>, subnet: Option<Subnet>, reason: &str) -> Option<Box<Answer>> {
        request.subnet = subnet;
        tracing::info!(client = %request.query.mac(), xid = request.query.xid, "request refused: {reason}");
        let nak = response::refusal(&request, reason);
        Some(Answer::new(request, nak, Promise::Nothing))
    }
}
