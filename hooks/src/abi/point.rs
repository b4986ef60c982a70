//! The static of a hook point: its word, its index, its record.
#![expect(unsafe_code, reason = "rebuilds the record from pointer and length")]

use std::sync::atomic::{AtomicU32, Ordering};

use super::record::PointRecord;

/// The index of a hook point that the host has not seen.
pub(crate) const UNKNOWN: u32 = u32::MAX;

/// The index of the hook point whose shape all commands have.
pub(crate) const COMMAND: u32 = u32::MAX - 1;

/// In the word of a hook point: its calls may be out of the ordinary, so that the host has to be asked.
const RARE: u32 = 1 << 31;

/// A place in the component's code at which callouts may be called.
///
/// Made by [`declare_hooks!`](crate::declare_hooks) and [`#[hook_point]`](macro@crate::hook_point).
#[derive(Debug)]
#[repr(C)]
pub struct HookPoint {
    /// 0 while no generation of libraries, of any `Hooks`, has callouts here; otherwise the place of this hook point in the tables of
    /// calls, perhaps with `RARE`. A hint: that there are callouts may be said too long, never too late.
    word: AtomicU32,
    /// The number under which the host knows it.
    index: AtomicU32,
    record: *const u8,
    record_length: usize,
}

// SAFETY: the record is a `&'static [u8]`; the other fields are atomics.
unsafe impl Sync for HookPoint {}
// SAFETY: as for `Sync`.
unsafe impl Send for HookPoint {}

impl HookPoint {
    /// A hook point that `record` describes. For generated code.
    ///
    /// # Safety
    ///
    /// Each call must pass the argument struct that the record describes.
    #[doc(hidden)]
    pub const unsafe fn new(record: &'static [u8]) -> HookPoint {
        HookPoint {
            word: AtomicU32::new(0),
            index: AtomicU32::new(UNKNOWN),
            record: record.as_ptr(),
            record_length: record.len(),
        }
    }

    /// The place in tables of calls, or 0 if no generation of libraries has callouts here.
    #[inline(always)]
    pub(crate) fn word(&self) -> u32 {
        // Relaxed: a hint only. It is set before a generation is published, and a handle of that generation was made after an
        // acquire load of the publication, so whoever holds such a handle sees it set.
        self.word.load(Ordering::Relaxed)
    }

    /// Whether no generation of libraries has callouts here.
    ///
    /// This is the whole cost of a hook point to which nobody is attached: one load and a branch.
    #[inline(always)]
    pub fn is_idle(&self) -> bool {
        self.word() == 0
    }

    /// The bytes that describe it.
    pub(crate) fn record(&self) -> &'static [u8] {
        // SAFETY: both were taken from one `&'static [u8]` in `new`.
        unsafe { std::slice::from_raw_parts(self.record, self.record_length) }
    }

    pub(crate) fn index(&self) -> u32 {
        // Relaxed: written once, before any handle exists through which this binary can be called.
        self.index.load(Ordering::Relaxed)
    }

    pub(crate) fn set_index(&self, index: u32) {
        // Relaxed: see `index`.
        self.index.store(index, Ordering::Relaxed);
    }

    /// Whether there are callouts, and whether the host has to be asked for them.
    pub(crate) fn set_attached(&self, attached: bool, rare: bool) {
        let place = place(self.index()) | if rare { RARE } else { 0 };
        // Relaxed: see `word`.
        self.word.store(if attached { place } else { 0 }, Ordering::Relaxed);
    }

    /// This binary sees the hook point differently from the host, so it must not call it: each call is answered by the hook
    /// point's failure status and an error in the log.
    pub(crate) fn set_unusable(&self) {
        self.set_index(UNKNOWN);
        // Relaxed: see `word`. No table has so many entries.
        self.word.store(u32::MAX, Ordering::Relaxed);
    }
}

/// A hook point that a binary declares.
#[derive(Debug)]
pub struct DeclaredPoint {
    /// Its static.
    pub(crate) point: &'static HookPoint,
    /// Its record, with the layouts as this binary has them in memory.
    pub(crate) record: &'static PointRecord,
}

impl DeclaredPoint {
    /// The hook point `point`, which `record` describes. For generated code.
    ///
    /// # Safety
    ///
    /// The record must be the one of which the hook point was made.
    pub const unsafe fn new(point: &'static HookPoint, record: &'static PointRecord) -> DeclaredPoint {
        DeclaredPoint { point, record }
    }
}

/// Where the hook point `index` is in a table of calls; 0 is no hook point's place.
pub(crate) fn place(index: u32) -> u32 {
    index + 1
}
