//! The callout handle: what goes with one request through all hook points.
#![expect(unsafe_code, reason = "works on the inside of a handle through the functions of the host that made it")]

use std::fmt;
use std::marker::PhantomData;
use std::ptr::NonNull;

use crate::abi::{HandleApi, Head, Sink, Text};
use crate::error::{Error, Kind};
use crate::hook_index::HookIndex;
use crate::host;
use crate::park::{Parked, ParkingLotHandle, Ticket};
use crate::status::NextStep;

/// One request on its way through the hook points, as in the reference: one handle per request.
///
/// It belongs to the generation of libraries that was current when [`Hooks::handle`](crate::Hooks::handle) made it, sees only
/// the callouts of that generation, and keeps its libraries alive. It may be sent to another thread and dropped there; one
/// thread uses it at a time.
///
/// A callout that asks for `handle: &mut CalloutHandle` is lent the handle of its request; it can ask where it is, set the
/// status, park the request, and call hook points itself.
///
/// ```
/// hooks::declare_hooks! { pub hook frame_queued(length: u32) -> [Continue, Skip, Drop]; }
///
/// struct Request {
///     handle: hooks::CalloutHandle<'static>,
///     length: u32,
/// }
///
/// # fn main() {
/// let hooks = hooks::Hooks::new();
/// let mut request = Request { handle: hooks.handle(), length: 60 };
/// let step = frame_queued::call(&mut request.handle, || frame_queued::Args { length: request.length });
/// assert!(step.is_continue());
/// assert!(request.handle.decided_by().is_none());
/// # }
/// ```
///
/// The owner of a request has a `CalloutHandle<'static>`. The lifetime keeps a callout from exchanging the handle that it is
/// lent for another one.
pub struct CalloutHandle<'lent> {
    head: NonNull<Head>,
    /// Invariant: two handles of different lifetimes have different types.
    lent: PhantomData<fn(&'lent ()) -> &'lent ()>,
}

// SAFETY: the inside has no thread of its own; one thread at a time uses it, because all that changes it takes `&mut self` or
// happens in the course of a call, which does. It is not `Sync`.
unsafe impl Send for CalloutHandle<'_> {}

impl<'lent> CalloutHandle<'lent> {
    /// # Safety
    ///
    /// `head` must have come from `new_handle`, and the caller gives it up.
    pub(crate) unsafe fn from_head(head: *mut Head) -> CalloutHandle<'lent> {
        // SAFETY: `new_handle` returns a pointer from a box.
        CalloutHandle { head: unsafe { NonNull::new_unchecked(head) }, lent: PhantomData }
    }

    pub(crate) fn head(&self) -> *mut Head {
        self.head.as_ptr()
    }

    pub(crate) fn api(&self) -> &'static HandleApi {
        // SAFETY: the head is alive as long as the handle.
        &unsafe { self.head.as_ref() }.api.handle
    }

    /// The status: in a callout, as the callouts before left it; otherwise that of the last call that had callouts, or of
    /// [`Self::call_callouts`].
    ///
    /// What a call returns is its own status in any case.
    pub fn status(&self) -> NextStep {
        // SAFETY: the head is this handle's.
        NextStep::from_raw(unsafe { (self.api().status)(self.head()) }).unwrap_or_default()
    }

    /// Sets the status from within a callout, also back to [`NextStep::Continue`]; what the callout returns comes after it.
    ///
    /// # Errors
    ///
    /// If no callout is running, if the hook point does not honour `status`, or if an earlier callout failed.
    pub fn set_status(&mut self, status: NextStep) -> Result<(), Error> {
        self.change(self.api().set_status, status)
    }

    /// Sets the status although an earlier callout failed.
    ///
    /// # Errors
    ///
    /// If no callout is running or if the hook point does not honour `status`.
    pub fn override_failure(&mut self, status: NextStep) -> Result<(), Error> {
        self.change(self.api().override_failure, status)
    }

    fn change(
        &mut self,
        function: unsafe extern "C" fn(*mut Head, u32, &mut Sink) -> bool,
        status: NextStep,
    ) -> Result<(), Error> {
        let mut error = String::new();
        // SAFETY: the head is this handle's, the function its host's.
        let done = unsafe { function(self.head(), status as u32, &mut Sink::new(&mut error)) };
        if done { Ok(()) } else { Err(Error::new(Kind::Status, format!("status {status}: {error}"))) }
    }

    /// The name of the hook point whose callouts are running, or an empty text.
    pub fn hook_name(&self) -> String {
        // SAFETY: the head is this handle's.
        let text = unsafe { (self.api().hook)(self.head()) };
        self.own(text)
    }

    /// The name of the library whose callout is running, or an empty text.
    pub fn library_name(&self) -> String {
        // SAFETY: the head is this handle's.
        let text = unsafe { (self.api().library)(self.head()) };
        self.own(text)
    }

    fn own(&self, text: Text) -> String {
        // SAFETY: the host's text lives at least as long as the call that is going on, during which `self` is lent.
        unsafe { text.get() }.into_owned()
    }

    /// Takes a ticket for the request that is being worked on; return PARK afterwards.
    ///
    /// The request goes on when the last ticket is resolved. A ticket may be sent to another thread. If the library has been
    /// unloaded since the request began, the ticket is resolved already, see
    /// [`ParkingOptions::at_unload`](crate::ParkingOptions::at_unload); what the callout does with it has no effect.
    ///
    /// # Errors
    ///
    /// If no callout is running, if the hook point does not honour PARK, if as many requests are parked there as
    /// [`ParkingOptions::cap`](crate::ParkingOptions::cap) allows.
    pub fn park(&mut self) -> Result<Ticket, Error> {
        let mut error = String::new();
        // SAFETY: the head is this handle's.
        let ticket = unsafe { (self.api().park)(self.head(), &mut Sink::new(&mut error)) };
        // SAFETY: it is null or a ticket that nobody else has, with the functions of the host that made it.
        unsafe { Ticket::from_raw(ticket, &self.head.as_ref().api.park) }.ok_or_else(|| Error::new(Kind::Park, error))
    }

    /// The parking lot of the hook point whose callouts are running, for requests that the component has parked by a key.
    ///
    /// A library that has been unloaded gets none: nobody would take back the references that it counts by hand.
    ///
    /// # Errors
    ///
    /// If no callout is running, if the hook point does not honour PARK, or if the library has been unloaded.
    pub fn parking_lot(&self) -> Result<ParkingLotHandle, Error> {
        let mut error = String::new();
        // SAFETY: the head is this handle's.
        let lot = unsafe { (self.api().parking_lot)(self.head(), &mut Sink::new(&mut error)) };
        // SAFETY: it is null or a lot counted for this side, with the functions of the host that made it.
        unsafe { ParkingLotHandle::from_raw(lot, &self.head.as_ref().api.park) }
            .ok_or_else(|| Error::new(Kind::Park, error))
    }

    /// The call that has just answered PARK, once; for hook points that are called by index.
    ///
    /// A declared hook point gives it with its own `Step::Parked`.
    pub fn take_parked(&mut self) -> Option<Parked> {
        // SAFETY: the head is this handle's.
        let parked = unsafe { (self.api().take_parked)(self.head()) };
        // SAFETY: it is null or a parked call that nobody else has, with the functions of the host that made it.
        unsafe { Parked::from_raw(parked, &self.head.as_ref().api.park) }
    }

    /// Calls the hook point `index`, which was registered at run time; what callouts and component tell each other are the extra
    /// arguments of this handle.
    ///
    /// After PARK, [`Self::take_parked`] gives the parked call.
    ///
    /// # Errors
    ///
    /// If there is no such hook point, or if it has declared arguments: such a hook point is called through its own module.
    pub fn call_callouts(&mut self, index: HookIndex) -> Result<NextStep, Error> {
        let mut error = String::new();
        // SAFETY: the head is this handle's; the host checks the index.
        let status = unsafe { (self.api().call_by_index)(self.head(), index.0, &mut Sink::new(&mut error)) };
        if error.is_empty() {
            Ok(NextStep::from_raw(status).unwrap_or(NextStep::Drop))
        } else {
            Err(Error::new(Kind::HookPoint, error))
        }
    }

    /// Which callout set the status of the last call; for the component.
    ///
    /// `None` if the status is CONTINUE because nobody had an opinion, or in a library.
    pub fn decided_by(&self) -> Option<crate::CalloutInfo> {
        // SAFETY: the head is this handle's.
        let api = unsafe { self.head.as_ref() }.api;
        if !std::ptr::eq(api, host::api()) {
            return None;
        }
        // SAFETY: the handle was made by this binary.
        unsafe { host::decided_by(self.head()) }
    }
}

impl Drop for CalloutHandle<'_> {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: the head is this handle's, which ends here.
        unsafe { (self.api().drop)(self.head()) }
    }
}

impl fmt::Debug for CalloutHandle<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CalloutHandle").field("hook", &self.hook_name()).field("status", &self.status()).finish()
    }
}
