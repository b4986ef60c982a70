//! The inside of a ticket, and how it is resolved.

use std::sync::Arc;

use super::Outcome;
use super::parking::Parking;

/// The inside of a ticket.
#[derive(Debug)]
pub(crate) struct Claim {
    parking: Arc<Parking>,
    number: usize,
}

impl Claim {
    pub(super) fn new(parking: Arc<Parking>, number: usize) -> Claim {
        Claim { parking, number }
    }

    pub(super) fn parking(&self) -> &Arc<Parking> {
        &self.parking
    }

    /// Resolves the ticket, unless the deadline or an unload has done so before.
    pub(super) fn resolve(self, resolution: Resolution) {
        self.parking.resolve_one(self.number, resolution);
    }
}

/// How a ticket is resolved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Resolution {
    Outcome(Outcome),
    /// The ticket was dropped.
    Lost,
}
