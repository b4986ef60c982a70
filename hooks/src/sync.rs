//! The atomics and mutexes of the protocols that are modelled: those of the standard library, or loom's in model tests.

#[cfg(not(all(test, loom)))]
pub(crate) use std::sync::atomic::{AtomicPtr, AtomicUsize, Ordering, fence};
#[cfg(not(all(test, loom)))]
pub(crate) use std::sync::{Mutex, MutexGuard};

#[cfg(all(test, loom))]
pub(crate) use loom::sync::atomic::{AtomicPtr, AtomicUsize, Ordering, fence};
#[cfg(all(test, loom))]
pub(crate) use loom::sync::{Mutex, MutexGuard};

/// For a load that follows a fence which may be one for the compiler only. In models it is a whole one, so that there the load
/// needs nothing.
pub(crate) const BESIDE_FENCE: Ordering = if cfg!(all(test, loom)) { Ordering::Relaxed } else { Ordering::Acquire };
