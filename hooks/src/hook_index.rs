//! The number under which a hook point is known.

use std::fmt;

/// A hook point by its number: ascending in the order of registration, the same for the life of the process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HookIndex(pub(crate) u32);

impl HookIndex {
    /// Runs when a callout handle is made; as in the reference always the first.
    pub const CONTEXT_CREATE: HookIndex = HookIndex(0);
    /// Runs when a callout handle is dropped; as in the reference always the second.
    pub const CONTEXT_DESTROY: HookIndex = HookIndex(1);
}

impl fmt::Display for HookIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
