//! DISCOVER: the server offers a lease.

use dhcp4_api::{Lease, MessageType, lease4_offer};

use super::{
    Engine, Request,
    answer::{Answer, Promise},
    give_back::declined,
    receive::dropped_by,
    response,
    statistics::Counter,
};

impl Engine {
    pub(super) fn discover(&mut self, mut request: Request<'_>) -> Option<Box<Answer>> {
        let Some(subnet) = request.subnet.take() else {
            self.dropped(&request.query, "no subnet was selected for the client");
            return None;
        };
        let requested = request.query.requested_address();
        let lease = match self.assign(&mut request, &subnet, requested, true) {
            Ok(lease) => lease,
            Err(none) => {
                self.statistics.count(Counter::AllocationFail);
                tracing::warn!(client = %request.query.mac(), subnet = subnet.id, "no offer: {}", none.reason());
                return None;
            }
        };
        let mut offer = response::begin(&request, MessageType::Offer);
        response::grant(&mut offer, &request, &subnet, &lease);
        request.subnet = Some(subnet);
        self.offer(request, offer, lease)
    }

    /// Asks the callouts of `lease4_offer`.
    fn offer(&mut self, mut request: Request<'_>, offer: dhcp4_api::Packet, lease: Lease) -> Option<Box<Answer>> {
        let old_lease = self.bindings.leases().get(lease.address).cloned();
        let leases = vec![lease.clone()];
        let mut in_use = false;
        let step = lease4_offer::call(&mut request.handle, || lease4_offer::Args {
            query4: &request.query,
            response4: &offer,
            leases4: &leases,
            offer_lifetime: self.config.offer_lifetime,
            old_lease: &old_lease,
            offer_address_in_use: &mut in_use,
        });
        if in_use {
            let lease = declined(&lease, request.now, self.config.decline_probation_period);
            tracing::warn!(address = %lease.address, "the offered address is in use: declined by the server");
            self.statistics.count(Counter::DeclinedAddresses);
            if let Err(error) = self.bindings.update(&lease) {
                tracing::error!("{error}");
            }
            return None;
        }
        match step {
            lease4_offer::Step::Continue => Some(Answer::new(request, offer, Promise::Offer(lease))),
            lease4_offer::Step::Drop => {
                self.bindings.withdraw(lease.subnet_id, &request.client);
                self.dropped(&request.query, &dropped_by(&request.handle));
                None
            }
            lease4_offer::Step::Parked(parked) => {
                self.park(parked, Answer::new(request, offer, Promise::Offer(lease)));
                None
            }
        }
    }
}
