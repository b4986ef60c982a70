//! What makes the calls of a request out of the ordinary.

use std::ptr;

use crate::park::Hold;
use crate::registrations::Registrations;

/// What makes the calls of a request out of the ordinary. Few have it, so that there is one thing to look at for all others.
#[derive(Debug, Default)]
pub(super) struct Special {
    /// What the component has parked in a parking lot for the next call, or for one that was not parked.
    pub(super) prepared: Option<Hold>,
    /// The libraries that are skipped; the pinned generation has them.
    pub(super) skipped: Vec<*const Registrations>,
}

impl Special {
    pub(super) fn is_empty(&self) -> bool {
        self.prepared.is_none() && self.skipped.is_empty()
    }

    /// Whether no callout of `library` is to be called.
    pub(super) fn skips(&self, library: &Registrations) -> bool {
        self.skipped.iter().any(|skipped| ptr::eq(*skipped, library))
    }
}
