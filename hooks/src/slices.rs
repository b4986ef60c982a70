//! The linkme slices in which each binary collects its hook points and its callouts.
//!
//! Their names carry the version, because two slices of one name in one binary would be taken for each other.

use crate::abi::callout::CalloutEntry;
use crate::abi::point::HookPoint;
use crate::abi::record::PointDetails;

/// All hook points that are linked into this binary.
#[linkme::distributed_slice]
pub static HOOKS_0_1_POINTS: [&'static HookPoint];

/// All callouts that are linked into this binary.
#[linkme::distributed_slice]
pub static HOOKS_0_1_CALLOUTS: [CalloutEntry];

/// What this binary alone knows of its hook points.
#[linkme::distributed_slice]
pub static HOOKS_0_1_DETAILS: [PointDetails];
