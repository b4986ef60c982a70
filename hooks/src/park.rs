//! Parking: a request is put aside until every ticket for it is resolved.
#![expect(unsafe_code, reason = "tickets and parked calls cross the boundary as counted pointers")]

use std::ffi::c_void;
use std::fmt;
use std::ptr::NonNull;
use std::sync::{Arc, Mutex, PoisonError};

use crate::abi::guard::guard;
use crate::abi::{ParkApi, Run};

/// How a parked request ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// All tickets were resumed: go on where the hook point was.
    Resumed,
    /// A ticket asked to drop the request, or was dropped itself.
    Dropped,
}

impl ParkApi {
    /// The functions of this binary.
    pub(crate) const OWN: ParkApi = ParkApi { resolve, resume_with, abandon };
}

/// One call that is, or may become, parked.
#[derive(Debug)]
pub(crate) struct Parking {
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// Tickets that are not resolved yet, and one for the call itself until the request has been handed over.
    open: usize,
    dropped: bool,
    continuation: Option<Continuation>,
}

/// What to do with the request: a closure of the binary that handed it over.
#[derive(Debug)]
struct Continuation {
    context: *mut c_void,
    run: Run,
}

// SAFETY: the context is a boxed closure that is `Send` (`Parked::resume_with` asks for it), and is run once.
unsafe impl Send for Continuation {}

impl Parking {
    pub(crate) fn new() -> Arc<Parking> {
        Arc::new(Parking { state: Mutex::new(State { open: 1, dropped: false, continuation: None }) })
    }

    /// One more ticket, as a counted pointer.
    pub(crate) fn ticket(this: &Arc<Parking>) -> *const c_void {
        this.state.lock().unwrap_or_else(PoisonError::into_inner).open += 1;
        Arc::into_raw(Arc::clone(this)).cast()
    }

    /// One resolution; the last one runs the continuation, outside of the lock.
    fn close(&self, dropped: bool, continuation: Option<Continuation>) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if continuation.is_some() {
            state.continuation = continuation;
        }
        state.dropped |= dropped;
        state.open -= 1;
        if state.open > 0 {
            return;
        }
        let (dropped, continuation) = (state.dropped, state.continuation.take());
        drop(state);
        if let Some(continuation) = continuation {
            // SAFETY: the context belongs to this function, and is used up here.
            unsafe { (continuation.run)(continuation.context, dropped) };
        }
    }
}

/// # Safety
///
/// `parking` must be a counted pointer that the caller gives up.
unsafe fn take(parking: *const c_void) -> Arc<Parking> {
    // SAFETY: it came from `Arc::into_raw` in this binary.
    unsafe { Arc::from_raw(parking.cast::<Parking>()) }
}

unsafe extern "C" fn resolve(parking: *const c_void, drop_request: bool) {
    // SAFETY: a ticket owns its pointer, and ends here.
    unsafe { take(parking) }.close(drop_request, None);
}

unsafe extern "C" fn resume_with(parking: *const c_void, context: *mut c_void, run: Run) {
    // SAFETY: a parked call owns its pointer, and ends here.
    unsafe { take(parking) }.close(false, Some(Continuation { context, run }));
}

unsafe extern "C" fn abandon(parking: *const c_void) {
    // SAFETY: a parked call owns its pointer, and ends here.
    unsafe { take(parking) }.close(true, None);
}

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
/// unresolved asks to drop the request.
#[must_use = "a ticket that is dropped asks to drop the request"]
pub struct Ticket(Owned);

/// A call that answered PARK; give the request to it with [`Parked::resume_with`].
#[must_use = "without `resume_with` the request is lost"]
pub struct Parked(Owned);

struct Owned {
    pointer: NonNull<c_void>,
    api: &'static ParkApi,
}

// SAFETY: what the pointer counts is protected by a mutex, and its functions may be called from any thread.
unsafe impl Send for Owned {}
// SAFETY: as for `Send`; nothing can be done with a shared reference.
unsafe impl Sync for Owned {}

impl Ticket {
    /// # Safety
    ///
    /// `pointer` must be null or come from the `park` function that belongs to `api`, and the caller gives it up.
    pub(crate) unsafe fn from_raw(pointer: *const c_void, api: &'static ParkApi) -> Option<Ticket> {
        NonNull::new(pointer.cast_mut()).map(|pointer| Ticket(Owned { pointer, api }))
    }

    /// The request may go on, as far as this ticket is concerned.
    pub fn resume(self) {
        self.end(false);
    }

    /// The request is to be dropped.
    pub fn drop_request(self) {
        self.end(true);
    }

    fn end(self, drop_request: bool) {
        let this = std::mem::ManuallyDrop::new(self);
        // SAFETY: the pointer is this ticket's, which ends here without its `Drop`.
        unsafe { (this.0.api.resolve)(this.0.pointer.as_ptr(), drop_request) };
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        // SAFETY: the pointer is this ticket's, which ends here.
        unsafe { (self.0.api.resolve)(self.0.pointer.as_ptr(), true) };
    }
}

impl Parked {
    /// # Safety
    ///
    /// `pointer` must be null or come from the `take_parked` function that belongs to `api`, and the caller gives it up.
    pub(crate) unsafe fn from_raw(pointer: *const c_void, api: &'static ParkApi) -> Option<Parked> {
        NonNull::new(pointer.cast_mut()).map(|pointer| Parked(Owned { pointer, api }))
    }

    /// Puts `request` aside; `then` gets it back once, when the last ticket is resolved.
    ///
    /// It runs on the thread that resolves the last ticket, or here and now if all are resolved already. A panic in `then` is
    /// logged.
    pub fn resume_with<T, F>(self, request: T, then: F)
    where
        T: Send + 'static,
        F: FnOnce(T, Outcome) + Send + 'static,
    {
        unsafe extern "C" fn run<T, F: FnOnce(T, Outcome)>(context: *mut c_void, dropped: bool) {
            // SAFETY: it is the box of `resume_with` with these parameters, and it is used once.
            let (request, then) = *unsafe { Box::from_raw(context.cast::<(T, F)>()) };
            let outcome = if dropped { Outcome::Dropped } else { Outcome::Resumed };
            if let Err(message) = guard(|| then(request, outcome)) {
                tracing::error!("a panic while a parked request was resumed: {message}");
            }
        }
        let this = std::mem::ManuallyDrop::new(self);
        let context = Box::into_raw(Box::new((request, then))).cast();
        // SAFETY: the pointer is this call's, which ends here without its `Drop`; `run` fits the context.
        unsafe { (this.0.api.resume_with)(this.0.pointer.as_ptr(), context, run::<T, F>) };
    }
}

impl Drop for Parked {
    fn drop(&mut self) {
        // SAFETY: the pointer is this call's, which ends here.
        unsafe { (self.0.api.abandon)(self.0.pointer.as_ptr()) };
    }
}

impl fmt::Debug for Ticket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Ticket").field(&self.0.pointer).finish()
    }
}

impl fmt::Debug for Parked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Parked").field(&self.0.pointer).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    fn parked(tickets: usize) -> (Parked, Vec<Ticket>) {
        static API: ParkApi = ParkApi::OWN;
        let parking = Parking::new();
        // SAFETY: each pointer is counted for the one that it is given to.
        let ticket = || unsafe { Ticket::from_raw(Parking::ticket(&parking), &API) }.unwrap();
        let tickets = (0..tickets).map(|_| ticket()).collect();
        // SAFETY: as above.
        let parked = unsafe { Parked::from_raw(Arc::into_raw(parking).cast(), &API) }.unwrap();
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
