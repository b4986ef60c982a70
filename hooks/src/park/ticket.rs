//! Tickets: what callouts keep of a request that waits for them.
#![expect(unsafe_code, reason = "a ticket crosses the boundary as an owned pointer")]

use std::ffi::c_void;
use std::fmt;
use std::mem::ManuallyDrop;

use super::Owned;
use crate::abi::{GIVEN_UP, ParkApi, RESOLVED_DROPPED, RESOLVED_RESUMED};

/// Keeps a request parked; made by [`CalloutHandle::park`](crate::CalloutHandle::park).
///
/// ```standalone_crate
/// use std::sync::mpsc;
///
/// hooks::declare_hooks! { pub hook offer_made(address: u32) -> [Continue, Drop, Park]; }
///
/// struct Checker;
///
/// #[hooks::plugin]
/// impl hooks::Plugin for Checker {
///     type Parameters = hooks::NoParameters;
///
///     fn load(_: hooks::NoParameters, _: &mut hooks::LibraryHandle) -> Result<Self, hooks::BoxError> {
///         Ok(Checker)
///     }
/// }
///
/// /// Asks on another thread whether the address is in use.
/// #[hooks::callout(offer_made)]
/// fn check(handle: &mut hooks::CalloutHandle, address: u32) -> Result<offer_made::NextStep, hooks::Error> {
///     let ticket = handle.park()?;
///     std::thread::spawn(move || if address == 13 { ticket.drop_request() } else { ticket.resume() });
///     Ok(offer_made::NextStep::Park)
/// }
///
/// # fn main() -> Result<(), hooks::Error> {
/// let hooks = hooks::Hooks::new();
/// # let plugin = hooks::Source::Builtin(env!("CARGO_PKG_NAME").to_owned());
/// hooks.load_libraries(vec![hooks::LibraryConfig::new(plugin)])?;
/// let (sender, receiver) = mpsc::channel();
/// let mut handle = hooks.handle();
/// match offer_made::call(&mut handle, || offer_made::Args { address: 7 }) {
///     offer_made::Step::Parked(parked) => {
///         parked.resume_with("the request", move |request, outcome| sender.send((request, outcome)).unwrap());
///     }
///     step => panic!("not parked: {step:?}"),
/// }
/// assert_eq!(receiver.recv().unwrap(), ("the request", hooks::Outcome::Resumed));
/// # Ok(())
/// # }
/// ```
///
/// Resolve it once, from any thread. The request goes on when all of its tickets are resolved. A ticket that is dropped
/// unresolved gets [`ParkingOptions::when_ticket_dropped`](crate::ParkingOptions::when_ticket_dropped), one that is open at the
/// deadline, or when the library that took it has been unloaded, the outcome that the options have for that; to resolve it
/// afterwards does nothing. One that is taken by a library that has been unloaded already has that outcome at once.
#[must_use = "a ticket that is dropped asks to drop the request"]
pub struct Ticket(Owned);

impl Ticket {
    /// # Safety
    ///
    /// `pointer` must be null or come from the `park` function that belongs to `api`, and the caller gives it up.
    pub(crate) unsafe fn from_raw(pointer: *const c_void, api: &'static ParkApi) -> Option<Ticket> {
        Owned::new(pointer, api).map(Ticket)
    }

    /// The request may go on, as far as this ticket is concerned.
    pub fn resume(self) {
        ManuallyDrop::new(self).end(RESOLVED_RESUMED);
    }

    /// The request is to be dropped.
    pub fn drop_request(self) {
        ManuallyDrop::new(self).end(RESOLVED_DROPPED);
    }

    fn end(&self, how: u32) {
        // SAFETY: the pointer is this ticket's, which all callers end here: its `Drop`, or what keeps that from running.
        unsafe { (self.0.api.resolve)(self.0.pointer(), how) };
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.end(GIVEN_UP);
    }
}

impl fmt::Debug for Ticket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Ticket").field(&self.0.pointer).finish()
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use std::sync::{Arc, mpsc};

    use super::*;
    use crate::park::{Holder, Outcome, Parked, Parkings};

    fn parked(tickets: usize) -> (Parked, Vec<Ticket>) {
        static API: ParkApi = ParkApi::OWN;
        let (hold, holder) = (Parkings::new().open("parked"), Arc::new(Holder::new()));
        let claim = || holder.take_ticket(hold.parking()).unwrap().into_raw();
        // SAFETY: each pointer is made for the ticket that it is given to.
        let tickets = (0..tickets).map(|_| unsafe { Ticket::from_raw(claim(), &API) }.unwrap()).collect();
        // SAFETY: as above.
        let parked = unsafe { Parked::from_raw(hold.into_raw(), &API) }.unwrap();
        (parked, tickets)
    }

    #[test]
    fn the_last_of_several_tickets_resumes_once() {
        let (parked, tickets) = parked(3);
        let (sender, receiver) = mpsc::channel();
        parked.resume_with("request", move |request, outcome| sender.send((request, outcome)).unwrap());
        for ticket in tickets {
            assert!(receiver.try_recv().is_err());
            std::thread::spawn(move || ticket.resume()).join().unwrap();
        }
        assert_eq!(receiver.recv(), Ok(("request", Outcome::Resumed)));
        assert!(receiver.recv().is_err(), "the continuation is gone after one run");
    }

    #[test]
    fn a_resolution_before_the_request_is_handed_over_is_kept() {
        let (parked, tickets) = parked(1);
        tickets.into_iter().for_each(Ticket::resume);
        let (sender, receiver) = mpsc::channel();
        parked.resume_with((), move |(), outcome| sender.send(outcome).unwrap());
        assert_eq!(receiver.try_recv(), Ok(Outcome::Resumed));
    }

    #[test]
    fn a_dropped_ticket_drops_the_request() {
        let (parked, tickets) = parked(2);
        let (sender, receiver) = mpsc::channel();
        parked.resume_with((), move |(), outcome| sender.send(outcome).unwrap());
        let mut tickets = tickets.into_iter();
        drop(tickets.next());
        tickets.next().unwrap().resume();
        assert_eq!(receiver.try_recv(), Ok(Outcome::Dropped));
    }
}
