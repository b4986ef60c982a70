//! What the server does when the time of a lease has come.

use dhcp4_api::{Lease, LeaseState};

use super::{
    Engine,
    lease_points::{expire_lease, recover_lease},
    statistics::Counter,
};

/// How many leases are dealt with before the server turns to the next packet.
const LEASES_AT_A_TIME: usize = 1000;

/// After how many seconds the server tries again what it could not do.
const RETRY: u64 = 60;

impl Engine {
    pub(super) fn reclaim(&mut self, now: u64) {
        for _ in 0..LEASES_AT_A_TIME {
            let Some(lease) = self.bindings.due(now) else { return };
            let address = lease.address;
            let done = match lease.state {
                LeaseState::Default => self.expire(lease, now),
                LeaseState::Declined => self.recover(&lease, now),
                LeaseState::ExpiredReclaimed => self.bindings.remove(address),
            };
            if let Err(error) = done {
                tracing::error!(%address, "the lease cannot be reclaimed: {error}");
                self.bindings.postpone(address, now.saturating_add(RETRY));
            }
        }
    }

    fn expire(&mut self, expired: Lease, now: u64) -> Result<(), crate::leases::FileError> {
        let mut lease = expired.clone();
        let remove = self.config.hold_reclaimed_time == 0;
        match expire_lease(&mut self.hooks.handle(), &mut lease, remove, &mut self.bindings, &expired) {
            hooks::Step::Done(done) => {
                done?;
                self.statistics.count(Counter::ReclaimedLeases);
                tracing::info!(address = %expired.address, "lease expired");
                Ok(())
            }
            hooks::Step::Skipped | hooks::Step::Dropped => {
                lease.address = expired.address;
                self.bindings.update(&lease)?;
                if lease.state == LeaseState::Default && lease.expires() <= now {
                    self.bindings.postpone(lease.address, now.saturating_add(RETRY));
                }
                Ok(())
            }
        }
    }

    fn recover(&mut self, lease: &Lease, now: u64) -> Result<(), crate::leases::FileError> {
        match recover_lease(&mut self.hooks.handle(), lease, &mut self.bindings) {
            hooks::Step::Done(done) => {
                done?;
                self.statistics.count(Counter::ReclaimedDeclinedAddresses);
                tracing::info!(address = %lease.address, "declined address is free again");
            }
            hooks::Step::Skipped | hooks::Step::Dropped => {
                let until = now.saturating_add(u64::from(self.config.decline_probation_period));
                self.bindings.postpone(lease.address, until);
            }
        }
        Ok(())
    }
}
