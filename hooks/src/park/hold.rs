//! What keeps a call from ending before its request has been handed over.

use std::sync::Arc;

use super::parking::Parking;

/// What a call holds of its own parking while its callouts run, and its component until the request is handed over: until
/// then the call cannot end. Dropped, the call is given up.
#[derive(Debug)]
pub(crate) struct Hold {
    parking: Arc<Parking>,
    /// Whether the call is given up with this hold.
    gives_up: bool,
}

impl Hold {
    pub(super) fn new(parking: Arc<Parking>) -> Hold {
        Hold { parking, gives_up: true }
    }

    pub(crate) fn parking(&self) -> &Arc<Parking> {
        &self.parking
    }

    /// The parking, once somebody else sees to it that the call ends.
    pub(super) fn release(mut self) -> Arc<Parking> {
        self.gives_up = false;
        Arc::clone(&self.parking)
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        if self.gives_up {
            self.parking.abandon();
        }
    }
}
