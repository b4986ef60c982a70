//! Parking: a request is put aside until every ticket for it is resolved.
//!
//! ```text
//!   callout: handle.park()   --->  Ticket    one of the tickets of a `Parking`, noted with the `Holder` of its library
//!   call answers PARK        --->  Parked    the `Hold` of the call itself: the request has not been handed over yet
//!   parked.resume_with(..)   --->  the continuation; the hold ends
//! ```
//!
//! A `Parking` ends once: when its continuation is there and no ticket is open, or when the call is given up. Tickets are
//! resolved by their owners, by the deadline (the crate's `timer`), or by the unload of the library that took them (`holder`), which
//! may have been before: whatever comes first removes the ticket, so that what comes later finds none. `Parkings` are those of one `Hooks`.
//!
//! A `Lot` is a thin layer on top, for components and callouts that name requests by keys, as in the reference: the ticket
//! that it keeps for a request is resolved when its references are gone.
//!
//! INVARIANT: locks are taken in the order parkings, lot, holder, parking, places, timer; continuations run, wakers are woken
//! and the log is written under none of them.

mod api;
mod claim;
mod hold;
mod holder;
mod lot;
mod lot_api;
mod lot_handle;
#[cfg(all(test, loom))]
mod model;
mod options;
mod parked;
mod parking;
mod parking_lot;
mod parkings;
mod places;
mod ticket;

pub(crate) use hold::Hold;
pub(crate) use holder::Holder;
pub(crate) use lot_api::into_raw as lot_into_raw;
pub use lot_handle::ParkingLotHandle;
pub use options::ParkingOptions;
pub use parked::Parked;
pub use parking_lot::ParkingLot;
pub(crate) use parkings::Parkings;
pub use ticket::Ticket;

use std::ffi::c_void;
use std::ptr::NonNull;

use crate::abi::ParkApi;

/// How a parked request ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// All tickets were resumed: go on where the hook point was.
    Resumed,
    /// A ticket asked to drop the request; or nobody resolved one, and the [`ParkingOptions`] say so.
    Dropped,
}

/// A pointer that the host has counted for this side, with the host's functions.
struct Owned {
    pointer: NonNull<c_void>,
    api: &'static ParkApi,
}

#[expect(unsafe_code, reason = "the pointer may be used on any thread")]
mod sync {
    use super::Owned;

    // SAFETY: what the pointer leads to is protected by mutexes, and its functions may be called from any thread.
    unsafe impl Send for Owned {}
    // SAFETY: as for `Send`.
    unsafe impl Sync for Owned {}
}

impl Owned {
    fn new(pointer: *const c_void, api: &'static ParkApi) -> Option<Owned> {
        NonNull::new(pointer.cast_mut()).map(|pointer| Owned { pointer, api })
    }

    fn pointer(&self) -> *const c_void {
        self.pointer.as_ptr()
    }
}
