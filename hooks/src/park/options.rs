//! How the requests of a `Hooks` are parked.

use std::time::Duration;

use super::Outcome;

/// How many requests may be parked, for how long, and what becomes of those that nobody resolves.
///
/// Given with [`Hooks::set_parking`](crate::Hooks::set_parking); a request keeps the options with which it was parked.
///
/// ```
/// use hooks::{Outcome, ParkingOptions};
/// use std::time::Duration;
///
/// let hooks = hooks::Hooks::new();
/// let patient = Duration::from_secs(5);
/// hooks.set_parking(ParkingOptions::new().cap(1000).deadline(Some(patient)).at_deadline(Outcome::Resumed));
/// assert_eq!(hooks.parked(), 0);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParkingOptions {
    pub(super) cap: usize,
    pub(super) deadline: Option<Duration>,
    pub(super) at_deadline: Outcome,
    pub(super) at_unload: Outcome,
    pub(super) when_ticket_dropped: Outcome,
}

impl Default for ParkingOptions {
    fn default() -> ParkingOptions {
        ParkingOptions::new()
    }
}

impl ParkingOptions {
    /// 256 requests for each hook point, as in the reference; no deadline; what nobody resolves is dropped.
    pub const fn new() -> ParkingOptions {
        ParkingOptions {
            cap: 256,
            deadline: None,
            at_deadline: Outcome::Dropped,
            at_unload: Outcome::Dropped,
            when_ticket_dropped: Outcome::Dropped,
        }
    }

    /// So many requests may be parked at each hook point at once; 0 is no limit.
    ///
    /// At the limit [`CalloutHandle::park`](crate::CalloutHandle::park) is an error. A call counts from its first ticket until
    /// it has ended, or has turned out not to be parked.
    #[must_use]
    pub const fn cap(mut self, cap: usize) -> ParkingOptions {
        self.cap = cap;
        self
    }

    /// A request is parked for at most this long, counted from the end of the call that answered PARK; `None` is for ever.
    ///
    /// Tickets that are then open get the outcome [`ParkingOptions::at_deadline`]. One thread serves the deadlines of the
    /// whole process, so that a continuation that takes long keeps the others waiting.
    #[must_use]
    pub const fn deadline(mut self, deadline: Option<Duration>) -> ParkingOptions {
        self.deadline = deadline;
        self
    }

    /// What becomes of tickets that are open when the deadline is reached.
    #[must_use]
    pub const fn at_deadline(mut self, outcome: Outcome) -> ParkingOptions {
        self.at_deadline = outcome;
        self
    }

    /// What becomes of tickets whose library is unloaded, once its `unload` has run, and of what is parked in a
    /// [`ParkingLot`](crate::ParkingLot) when libraries are loaded or unloaded.
    ///
    /// A request that began before may still reach the library: a ticket that is taken for it after `unload` has this outcome from
    /// the beginning, so that the request is parked and goes on, or is dropped, as soon as no other ticket is open.
    #[must_use]
    pub const fn at_unload(mut self, outcome: Outcome) -> ParkingOptions {
        self.at_unload = outcome;
        self
    }

    /// What becomes of a [`Ticket`](crate::Ticket) that is dropped unresolved.
    #[must_use]
    pub const fn when_ticket_dropped(mut self, outcome: Outcome) -> ParkingOptions {
        self.when_ticket_dropped = outcome;
        self
    }
}
