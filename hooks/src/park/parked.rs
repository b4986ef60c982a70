//! Parked calls: what the component has of a request that waits.
#![expect(unsafe_code, reason = "a parked call crosses the boundary as an owned pointer")]

use std::ffi::c_void;
use std::fmt;
use std::future::Future;
use std::mem::ManuallyDrop;
use std::pin::Pin;
use std::sync::{Arc, PoisonError};
use std::task::{Context, Poll, Waker};

use super::{Outcome, Owned};
use crate::abi::guard::guard;
use crate::abi::{GIVEN_UP, ParkApi, RESOLVED_RESUMED};
use crate::sync::Mutex;

/// A call that answered PARK: give the request to it with [`Parked::resume_with`], or keep the request and await it.
///
/// Awaiting it gives the [`Outcome`]. Dropped, also in the middle of that, the call is given up: nothing runs, and its tickets
/// mean nothing any more.
///
/// ```standalone_crate
/// hooks::declare_hooks! { pub hook offer_made(address: u32) -> [Continue, Drop, Park]; }
///
/// async fn offer(hooks: &hooks::Hooks, address: u32) -> bool {
///     let mut handle = hooks.handle();
///     match offer_made::call(&mut handle, || offer_made::Args { address }) {
///         offer_made::Step::Parked(parked) => parked.await == hooks::Outcome::Resumed,
///         step => step.is_continue(),
///     }
/// }
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
/// #[hooks::callout(offer_made)]
/// fn check(handle: &mut hooks::CalloutHandle, address: u32) -> Result<offer_made::NextStep, hooks::Error> {
///     let ticket = handle.park()?;
///     std::thread::spawn(move || if address == 13 { ticket.drop_request() } else { ticket.resume() });
///     Ok(offer_made::NextStep::Park)
/// }
/// # fn block_on<F: Future>(future: F) -> F::Output {
/// #     struct Unpark(std::thread::Thread);
/// #     impl std::task::Wake for Unpark {
/// #         fn wake(self: std::sync::Arc<Self>) {
/// #             self.0.unpark();
/// #         }
/// #     }
/// #     let waker = std::sync::Arc::new(Unpark(std::thread::current())).into();
/// #     let (mut context, mut future) = (std::task::Context::from_waker(&waker), Box::pin(future));
/// #     loop {
/// #         match future.as_mut().poll(&mut context) {
/// #             std::task::Poll::Ready(output) => return output,
/// #             std::task::Poll::Pending => std::thread::park(),
/// #         }
/// #     }
/// # }
///
/// # fn main() -> Result<(), hooks::Error> {
/// let hooks = hooks::Hooks::new();
/// # let plugin = hooks::Source::Builtin(env!("CARGO_PKG_NAME").to_owned());
/// hooks.load_libraries(vec![hooks::LibraryConfig::new(plugin)])?;
/// assert!(block_on(offer(&hooks, 7)));
/// assert!(!block_on(offer(&hooks, 13)));
/// # Ok(())
/// # }
/// ```
#[must_use = "without `resume_with` or `await` the request is lost"]
pub struct Parked {
    call: Owned,
    /// There once it has been polled.
    waiting: Option<Arc<Mutex<Waiting>>>,
}

/// Who waits for a call that has been polled.
enum Waiting {
    /// A task.
    Task(Waker),
    /// What was given to `resume_with` after all.
    Closure(Box<dyn FnOnce(Outcome) + Send>),
    /// Nobody any more: the call has ended.
    Ended(Outcome),
}

impl Parked {
    /// # Safety
    ///
    /// `pointer` must be null or come from the `take_parked` function that belongs to `api`, and the caller gives it up.
    pub(crate) unsafe fn from_raw(pointer: *const c_void, api: &'static ParkApi) -> Option<Parked> {
        Owned::new(pointer, api).map(|call| Parked { call, waiting: None })
    }

    /// Puts `request` aside; `then` gets it back once, when the last ticket is resolved.
    ///
    /// It runs on the thread that resolves the last ticket, that serves deadlines or that unloads libraries, or here and now if
    /// all are resolved already. A panic in `then` is logged.
    pub fn resume_with<T, F>(mut self, request: T, then: F)
    where
        T: Send + 'static,
        F: FnOnce(T, Outcome) + Send + 'static,
    {
        let then = move |outcome| then(request, outcome);
        match self.waiting.take() {
            None => self.hand_over(then),
            Some(waiting) => exchange(&waiting, Box::new(then)),
        }
        let this = ManuallyDrop::new(self);
        // SAFETY: the pointer is this call's, which ends here without its `Drop`; its `waiting` has been taken.
        unsafe { (this.call.api.release)(this.call.pointer()) };
    }

    fn hand_over<F: FnOnce(Outcome) + Send + 'static>(&self, then: F) {
        unsafe extern "C" fn run<F: FnOnce(Outcome)>(context: *mut c_void, how: u32) {
            // SAFETY: it is the box of `hand_over` with this parameter, and it is used up once.
            let then = unsafe { Box::from_raw(context.cast::<F>()) };
            let outcome = if how == RESOLVED_RESUMED { Outcome::Resumed } else { Outcome::Dropped };
            logged(move || if how == GIVEN_UP { drop(then) } else { then(outcome) });
        }
        let context = Box::into_raw(Box::new(then)).cast();
        // SAFETY: the pointer is this call's; `run` fits the context.
        unsafe { (self.call.api.hand_over)(self.call.pointer(), context, run::<F>) };
    }
}

/// Runs what may be the component's; a panic is logged.
fn logged(body: impl FnOnce()) {
    if let Err(message) = guard(body) {
        let _ = guard(|| tracing::error!("a panic while a parked request was resumed: {message}"));
    }
}

/// Has `then` wait for the call in the task's place.
fn exchange(waiting: &Mutex<Waiting>, then: Box<dyn FnOnce(Outcome) + Send>) {
    let mut state = waiting.lock().unwrap_or_else(PoisonError::into_inner);
    if let Waiting::Ended(outcome) = *state {
        drop(state);
        logged(|| then(outcome));
        return;
    }
    let task = std::mem::replace(&mut *state, Waiting::Closure(then));
    // A waker's drop is the executor's code.
    drop(state);
    drop(task);
}

/// The call has ended: whoever waits for it is told.
fn end(waiting: &Mutex<Waiting>, outcome: Outcome) {
    let mut state = waiting.lock().unwrap_or_else(PoisonError::into_inner);
    let waiter = std::mem::replace(&mut *state, Waiting::Ended(outcome));
    drop(state);
    match waiter {
        Waiting::Task(waker) => waker.wake(),
        Waiting::Closure(then) => then(outcome),
        Waiting::Ended(_) => {}
    }
}

impl Future for Parked {
    type Output = Outcome;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Outcome> {
        let waker = context.waker();
        let Some(waiting) = &self.waiting else {
            let waiting = Arc::new(Mutex::new(Waiting::Task(waker.clone())));
            self.waiting = Some(Arc::clone(&waiting));
            let ended = Arc::clone(&waiting);
            self.hand_over(move |outcome| end(&waiting, outcome));
            // It may have ended at once.
            return match *ended.lock().unwrap_or_else(PoisonError::into_inner) {
                Waiting::Ended(outcome) => Poll::Ready(outcome),
                _ => Poll::Pending,
            };
        };
        // A waker's clone is the executor's code.
        let mine = waker.clone();
        let mut state = waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let old = match &mut *state {
            Waiting::Ended(outcome) => return Poll::Ready(*outcome),
            Waiting::Task(old) if old.will_wake(waker) => return Poll::Pending,
            waiter => std::mem::replace(waiter, Waiting::Task(mine)),
        };
        drop(state);
        drop(old);
        Poll::Pending
    }
}

impl Drop for Parked {
    fn drop(&mut self) {
        // SAFETY: the pointer is this call's, which ends here.
        unsafe { (self.call.api.abandon)(self.call.pointer()) };
    }
}

impl fmt::Debug for Parked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Parked").field(&self.call.pointer).finish()
    }
}

#[cfg(all(test, not(loom)))]
pub(super) mod tests {
    use super::*;
    use crate::park::Hold;

    static API: ParkApi = ParkApi::OWN;

    /// Hands over what is parked by `hold`.
    pub(in crate::park) fn hand_over(hold: Hold, then: impl FnOnce(Outcome) + Send + 'static) {
        // SAFETY: the pointer is made for this call.
        let parked = unsafe { Parked::from_raw(hold.into_raw(), &API) }.unwrap();
        parked.resume_with((), move |(), outcome| then(outcome));
    }
}
