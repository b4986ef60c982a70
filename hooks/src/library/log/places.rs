//! The host's places for this library's callsites, found by the address of a callsite's metadata.
#![expect(unsafe_code, reason = "the host's places are pointers")]

use std::collections::BTreeMap;
use std::ptr;
use std::sync::atomic::{AtomicPtr, AtomicUsize, Ordering};
use std::sync::{PoisonError, RwLock};

use tracing::Metadata;

use crate::abi::log::number;
use crate::abi::log::{ALWAYS, LogApi, NEVER, SiteDescription, SiteHead};
use crate::abi::{HostApi, Text};

/// So many callsites are found without a lock.
const SLOT_COUNT: usize = 2048;
/// So many slots are looked at for one callsite.
const PROBES: usize = 8;

/// A callsite of this library, and its place in the host once something of its level has been taken. Zero and null at first, so
/// that a table of them has no bytes in the library's file.
pub(super) struct Entry {
    /// Of the callsite's metadata.
    address: AtomicUsize,
    place: AtomicPtr<SiteHead>,
}

/// A place in the host.
#[derive(Clone, Copy)]
pub(super) struct Place(&'static SiteHead);

impl Place {
    /// The host's place for what has this description.
    pub(super) fn new(host: &HostApi, description: &SiteDescription) -> Place {
        // SAFETY: what the description points to is borrowed for this call; the place lives as long as the process.
        Place(unsafe { &*(host.log.site)(description) })
    }

    pub(super) fn head(self) -> *const SiteHead {
        self.0
    }

    /// Whether the host takes what comes from here now.
    pub(super) fn is_enabled(self, log: &LogApi) -> bool {
        // Relaxed: as in `tracing`, a change of the filter is seen a little later.
        match self.0.interest.load(Ordering::Relaxed) {
            NEVER => false,
            ALWAYS => true,
            // SAFETY: the pointer is the host's own.
            _ => unsafe { (log.enabled)(self.0) },
        }
    }
}

impl Entry {
    const fn new(address: usize) -> Entry {
        Entry { address: AtomicUsize::new(address), place: AtomicPtr::new(ptr::null_mut()) }
    }

    fn known_place(&self) -> Option<Place> {
        // SAFETY: what is stored is a place of the host's, which lives as long as the process. Acquire: what it points to is read.
        unsafe { self.place.load(Ordering::Acquire).as_ref() }.map(Place)
    }

    /// Whether the host takes what comes from this callsite now; the place is made when that may be so for the first time.
    pub(super) fn is_enabled(&self, host: &HostApi, metadata: &Metadata<'_>) -> bool {
        match self.known_place() {
            Some(place) => place.is_enabled(&host.log),
            None => is_level_enabled(host, metadata) && self.place(host, metadata).is_enabled(&host.log),
        }
    }

    /// The host's place for this callsite, whose metadata it is.
    pub(super) fn place(&self, host: &HostApi, metadata: &Metadata<'_>) -> Place {
        self.known_place().unwrap_or_else(|| {
            let place = place_of(host, metadata);
            // Another thread may do so as well: the host has given it the same place. Release: who loads it reads it.
            self.place.store(ptr::from_ref(place.0).cast_mut(), Ordering::Release);
            place
        })
    }
}

fn place_of(host: &HostApi, metadata: &Metadata<'_>) -> Place {
    let fields: Vec<_> = metadata.fields().iter().map(|field| Text::new(field.name())).collect();
    let description = SiteDescription {
        level: number(*metadata.level()),
        span: metadata.is_span(),
        name: Text::new(metadata.name()),
        target: Text::new(metadata.target()),
        module: Text::new(metadata.module_path().unwrap_or_default()),
        file: Text::new(metadata.file().unwrap_or_default()),
        line: metadata.line().unwrap_or(0),
        fields: fields.as_ptr(),
        field_count: fields.len(),
    };
    Place::new(host, &description)
}

/// Whether the host takes anything of this level.
pub(super) fn is_level_enabled(host: &HostApi, metadata: &Metadata<'_>) -> bool {
    number(*metadata.level()) <= (host.log.level)()
}

/// The callsites that have been reached. Statics, so that they go with the library if it is unmapped.
static SLOTS: [Entry; SLOT_COUNT] = [const { Entry::new(0) }; SLOT_COUNT];
/// Those whose slots were taken.
static OTHERS: RwLock<BTreeMap<usize, &'static Entry>> = RwLock::new(BTreeMap::new());

/// The callsite with this metadata; nothing if `tracing` has not told of it, as of metadata that is made up for a question.
#[inline]
pub(super) fn find(metadata: &Metadata<'_>) -> Option<&'static Entry> {
    let address = ptr::from_ref(metadata).addr();
    for entry in slots(address) {
        // Relaxed, also below: an address guards nothing, who has it has the metadata.
        match entry.address.load(Ordering::Relaxed) {
            0 => return None,
            taken if taken == address => return Some(entry),
            _ => {}
        }
    }
    OTHERS.read().unwrap_or_else(PoisonError::into_inner).get(&address).copied()
}

/// The callsite with this metadata, kept from now on.
pub(super) fn keep(metadata: &'static Metadata<'static>) -> &'static Entry {
    if let Some(entry) = find(metadata) {
        return entry;
    }
    let address = ptr::from_ref(metadata).addr();
    for entry in slots(address) {
        match entry.address.compare_exchange(0, address, Ordering::Relaxed, Ordering::Relaxed) {
            Ok(_) => return entry,
            // Another thread keeps the same callsite.
            Err(taken) if taken == address => return entry,
            Err(_) => {}
        }
    }
    OTHERS
        .write()
        .unwrap_or_else(PoisonError::into_inner)
        .entry(address)
        .or_insert_with(|| Box::leak(Box::new(Entry::new(address))))
}

fn slots(address: usize) -> impl Iterator<Item = &'static Entry> {
    // Fibonacci hashing: neighbours in memory do not become neighbours in the table.
    let first = (address as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 53;
    (0..PROBES).filter_map(move |i| SLOTS.get((first as usize + i) % SLOT_COUNT))
}

#[cfg(test)]
mod tests {
    use tracing::field::FieldSet;
    use tracing::metadata::Kind;
    use tracing::subscriber::Interest;
    use tracing::{Callsite, Level, callsite};

    use super::*;

    struct Nowhere;

    impl Callsite for Nowhere {
        fn set_interest(&self, _: Interest) {}

        fn metadata(&self) -> &Metadata<'_> {
            unreachable!("nobody asks it")
        }
    }

    #[test]
    fn more_callsites_than_slots_are_all_found() {
        let fields = || FieldSet::new(&[], callsite::Identifier(&Nowhere));
        let make = |_| Metadata::new("name", "target", Level::INFO, None, None, None, fields(), Kind::EVENT);
        let made: &'static [_] = (0..SLOT_COUNT * 2).map(make).collect::<Vec<_>>().leak();
        for metadata in made {
            assert!(find(metadata).is_none());
            assert!(ptr::eq(keep(metadata), keep(metadata)));
        }
        for metadata in made {
            assert!(
                find(metadata)
                    .is_some_and(|entry| entry.address.load(Ordering::Relaxed) == ptr::from_ref(metadata).addr())
            );
        }
    }
}
