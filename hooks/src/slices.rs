//! The linkme slices in which each binary collects its hook points and its callouts.
//!
//! Their names carry the protocol's number, because two slices of one name in one binary would be taken for each other.

use crate::abi::callout::CalloutEntry;
use crate::abi::point::DeclaredPoint;

/// All hook points that are linked into this binary, in groups: those of one macro are one element, because the compiler takes long
/// for each.
#[linkme::distributed_slice]
pub static HOOKS_6_POINTS: [&'static [DeclaredPoint]];

/// All callouts that are linked into this binary.
#[linkme::distributed_slice]
pub static HOOKS_6_CALLOUTS: [CalloutEntry];

/// All hook points that are linked into this binary, one by one.
pub(crate) fn points() -> impl Iterator<Item = &'static DeclaredPoint> {
    HOOKS_6_POINTS.iter().copied().flatten()
}
