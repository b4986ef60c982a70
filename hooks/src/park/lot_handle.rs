//! What callouts have of a parking lot.
#![expect(unsafe_code, reason = "a parking lot crosses the boundary as a counted pointer")]

use std::ffi::c_void;
use std::fmt;

use super::Owned;
use crate::abi::{ParkApi, Sink, Text};
use crate::error::{Error, Kind};

/// The parking lot of a hook point, for callouts: requests that the component has parked by a key can be referenced and
/// unparked here, from any thread; the reference's `ParkingLotHandle`.
///
/// Made by [`CalloutHandle::parking_lot`](crate::CalloutHandle::parking_lot). A callout refers to the request and answers PARK;
/// later, somebody unparks it. The keys are an agreement with the component, see [`ParkingLot`](crate::ParkingLot).
///
/// A handle that is kept while libraries are loaded or unloaded belongs to a lot that has been cleared: it finds nothing there,
/// whatever is parked under the same key afterwards.
pub struct ParkingLotHandle(Owned);

impl ParkingLotHandle {
    /// # Safety
    ///
    /// `pointer` must be null or come from the `parking_lot` function that belongs to `api`, and the caller gives it up.
    pub(crate) unsafe fn from_raw(pointer: *const c_void, api: &'static ParkApi) -> Option<ParkingLotHandle> {
        Owned::new(pointer, api).map(ParkingLotHandle)
    }

    /// One more reference: the request waits for one more [`ParkingLotHandle::unpark`]. Their number comes back.
    ///
    /// # Errors
    ///
    /// If nothing is parked under `key`, or if as many requests are parked as
    /// [`ParkingOptions::cap`](crate::ParkingOptions::cap) allows.
    pub fn reference(&self, key: &str) -> Result<usize, Error> {
        self.count(key, true)
    }

    /// One reference less. The request does not go on, even if it was the last one. Their number comes back.
    ///
    /// # Errors
    ///
    /// If nothing is parked under `key`, or if there is no reference to it.
    pub fn dereference(&self, key: &str) -> Result<usize, Error> {
        self.count(key, false)
    }

    fn count(&self, key: &str, add: bool) -> Result<usize, Error> {
        let (mut count, mut error) = (0, String::new());
        let sink = &mut Sink::new(&mut error);
        // SAFETY: the pointer is this handle's; key and sink are lent for this call.
        let done = unsafe { (self.0.api.lot_count)(self.0.pointer(), Text::new(key), add, &mut count, sink) };
        // A count fits, because it counts values in memory.
        if done { Ok(count as usize) } else { Err(Error::new(Kind::Park, error)) }
    }

    /// One reference less; with the last one, or if there is none, the request goes on. False if nothing is parked under `key`.
    ///
    /// What the component does with the request then runs on this thread. While callouts of the call are still to come, it
    /// waits for them: one of them may refer to the request.
    pub fn unpark(&self, key: &str) -> bool {
        // SAFETY: the pointer is this handle's; the key is lent for this call.
        unsafe { (self.0.api.lot_unpark)(self.0.pointer(), Text::new(key)) }
    }

    /// The request is dropped, whoever refers to it. False if nothing is parked under `key`.
    pub fn drop_parked(&self, key: &str) -> bool {
        // SAFETY: the pointer is this handle's; the key is lent for this call.
        unsafe { (self.0.api.lot_drop_parked)(self.0.pointer(), Text::new(key)) }
    }
}

impl Clone for ParkingLotHandle {
    fn clone(&self) -> ParkingLotHandle {
        // SAFETY: the pointer is this handle's; it is counted once more for the clone.
        unsafe { (self.0.api.lot_clone)(self.0.pointer()) };
        ParkingLotHandle(Owned { pointer: self.0.pointer, api: self.0.api })
    }
}

impl Drop for ParkingLotHandle {
    fn drop(&mut self) {
        // SAFETY: the pointer is this handle's, which ends here.
        unsafe { (self.0.api.lot_drop)(self.0.pointer()) };
    }
}

impl fmt::Debug for ParkingLotHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ParkingLotHandle").field(&self.0.pointer).finish()
    }
}
