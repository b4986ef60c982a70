//! The atomics and mutexes of the protocols that are modelled: those of the standard library, or loom's in model tests.

#[cfg(not(all(test, loom)))]
pub(crate) use std::sync::atomic::{AtomicPtr, AtomicUsize, Ordering, fence};
#[cfg(not(all(test, loom)))]
pub(crate) use std::sync::{Mutex, MutexGuard};

#[cfg(all(test, loom))]
pub(crate) use loom::sync::atomic::{AtomicPtr, AtomicUsize, Ordering, fence};
#[cfg(all(test, loom))]
pub(crate) use loom::sync::{Mutex, MutexGuard};

/// Relaxed, for a load that a fence orders. ThreadSanitizer knows no fences, so for it (`cfg(tsan)`, see build.rs) the load acquires
/// by itself.
pub(crate) const BESIDE_FENCE: Ordering = if cfg!(tsan) { Ordering::Acquire } else { Ordering::Relaxed };
