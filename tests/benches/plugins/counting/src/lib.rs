//! Three callouts for the example server that look at their arguments, count, and change nothing.

#![forbid(unsafe_code)]

use std::sync::atomic::{AtomicU64, Ordering};

use dhcp4_api::{Lease, Packet, Subnet, lease4_select, pkt4_receive, pkt4_send};

hooks::library!();

/// How often each callout was called, and the octets of the queries.
///
/// Relaxed everywhere: nothing is read because of a count.
#[derive(Debug, Default)]
struct Counting {
    received: AtomicU64,
    octets: AtomicU64,
    selected: AtomicU64,
    sent: AtomicU64,
}

#[hooks::plugin]
impl hooks::Plugin for Counting {
    type Parameters = hooks::NoParameters;

    fn load(_: hooks::NoParameters, _: &mut hooks::LibraryHandle) -> Result<Counting, hooks::BoxError> {
        Ok(Counting::default())
    }

    fn unload(&self) -> Result<(), hooks::BoxError> {
        let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let (received, octets) = (count(&self.received), count(&self.octets));
        // A warning, because no other level is logged where this is measured.
        tracing::warn!(received, octets, selected = count(&self.selected), sent = count(&self.sent), "counted");
        Ok(())
    }
}

#[hooks::callout(pkt4_receive)]
fn count_received(this: &Counting, query4: &mut Packet) -> pkt4_receive::NextStep {
    this.received.fetch_add(1, Ordering::Relaxed);
    this.octets.fetch_add(query4.raw.len() as u64, Ordering::Relaxed);
    pkt4_receive::NextStep::Continue
}

#[hooks::callout(lease4_select)]
fn count_selected(this: &Counting, subnet4: &Subnet, lease4: &mut Lease) -> lease4_select::NextStep {
    if lease4.subnet_id == subnet4.id {
        this.selected.fetch_add(1, Ordering::Relaxed);
    }
    lease4_select::NextStep::Continue
}

#[hooks::callout(pkt4_send)]
fn count_sent(this: &Counting, query4: &Packet, response4: &mut Packet) -> pkt4_send::NextStep {
    if query4.xid == response4.xid {
        this.sent.fetch_add(1, Ordering::Relaxed);
    }
    pkt4_send::NextStep::Continue
}
