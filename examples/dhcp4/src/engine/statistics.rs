//! What the server counts.

/// What is counted. The names are the reference's; [`Statistics::iter`] has them in the order of this list, by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Counter {
    DeclinedAddresses,
    LeaseWriteFailed,
    AckSent,
    DeclineReceived,
    DiscoverReceived,
    InformReceived,
    NakSent,
    OfferSent,
    PackFailed,
    ParseFailed,
    QueueFull,
    ReceiveDrop,
    Received,
    ReleaseReceived,
    RequestReceived,
    SendDrop,
    Sent,
    UnknownReceived,
    UnknownSent,
    ReclaimedDeclinedAddresses,
    ReclaimedLeases,
    AllocationFail,
}

/// The name of each counter, in the order of [`Counter`].
const NAMES: [&str; 22] = [
    "declined-addresses",
    "lease-write-failed",
    "pkt4-ack-sent",
    "pkt4-decline-received",
    "pkt4-discover-received",
    "pkt4-inform-received",
    "pkt4-nak-sent",
    "pkt4-offer-sent",
    "pkt4-pack-failed",
    "pkt4-parse-failed",
    "pkt4-queue-full",
    "pkt4-receive-drop",
    "pkt4-received",
    "pkt4-release-received",
    "pkt4-request-received",
    "pkt4-send-drop",
    "pkt4-sent",
    "pkt4-unknown-received",
    "pkt4-unknown-sent",
    "reclaimed-declined-addresses",
    "reclaimed-leases",
    "v4-allocation-fail",
];

/// Counters, with the reference's names for them.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Statistics {
    counters: [u64; NAMES.len()],
}

impl Statistics {
    /// The value of the counter; 0 for one that has not been counted yet.
    pub fn get(&self, name: &str) -> u64 {
        self.iter().find(|(counter, _)| *counter == name).map_or(0, |(_, value)| value)
    }

    /// All counters that are not 0.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, u64)> {
        NAMES.into_iter().zip(self.counters).filter(|(_, value)| *value != 0)
    }

    pub(super) fn count(&mut self, counter: Counter) {
        if let Some(value) = self.counters.get_mut(counter as usize) {
            *value += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_have_their_names_in_order() {
        assert!(NAMES.is_sorted());
        assert_eq!(Counter::AllocationFail as usize, NAMES.len() - 1);
        let mut statistics = Statistics::default();
        for counter in [Counter::SendDrop, Counter::Received, Counter::NakSent, Counter::Received] {
            statistics.count(counter);
        }
        let counted = [("pkt4-nak-sent", 1), ("pkt4-received", 2), ("pkt4-send-drop", 1)];
        assert_eq!(statistics.iter().collect::<Vec<_>>(), counted);
        assert_eq!((statistics.get("pkt4-received"), statistics.get("pkt4-sent"), statistics.get("?")), (2, 0, 0));
    }
}
