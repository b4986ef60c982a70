//! One change of the set of libraries at a time.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, ThreadId};
use std::time::Duration;

use crate::error::{Error, Kind};

/// How long a change waits for its turn unless something else is set: a change that waits for one that waits for it ends by that.
const TIMEOUT: Duration = Duration::from_secs(60);

/// Lets one writer in at a time. A library whose `load` runs as part of it is told so instead of waiting for itself.
#[derive(Debug)]
pub(crate) struct Transaction {
    state: Mutex<State>,
    ended: Condvar,
}

#[derive(Debug)]
struct State {
    owner: Option<Owner>,
    timeout: Duration,
}

/// The thread that is at it.
#[derive(Debug)]
struct Owner {
    id: ThreadId,
    name: String,
}

pub(crate) struct TransactionGuard<'a> {
    transaction: &'a Transaction,
}

impl Default for Transaction {
    fn default() -> Transaction {
        Transaction { state: Mutex::new(State { owner: None, timeout: TIMEOUT }), ended: Condvar::new() }
    }
}

impl Transaction {
    /// Waits for its turn; an error if the running thread is in the middle of one, or if it takes too long.
    pub(crate) fn begin(&self) -> Result<TransactionGuard<'_>, Error> {
        let state = self.lock();
        if state.owner.as_ref().is_some_and(|owner| owner.id == thread::current().id()) {
            let text = "the set of libraries cannot be changed by a library that is being loaded";
            return Err(Error::new(Kind::StillOpen, text));
        }
        let timeout = state.timeout;
        let waited = self.ended.wait_timeout_while(state, timeout, |state| state.owner.is_some());
        let (mut state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        if let Some(owner) = &state.owner {
            let text = format!(
                "the thread `{}` has been changing the set of libraries for {timeout:?}, so this change is given up and nothing is \
                 changed; try again later; a library's `load` must not wait for a thread that changes the set",
                owner.name
            );
            return Err(Error::new(Kind::StillOpen, text));
        }
        Ok(self.own(&mut state))
    }

    /// The same if nobody else is at it.
    pub(crate) fn try_begin(&self) -> Option<TransactionGuard<'_>> {
        let mut state = self.lock();
        state.owner.is_none().then(|| self.own(&mut state))
    }

    /// How long a change waits for its turn from now on.
    pub(crate) fn set_timeout(&self, timeout: Duration) {
        self.lock().timeout = timeout;
    }

    fn own<'a>(&'a self, state: &mut State) -> TransactionGuard<'a> {
        let thread = thread::current();
        state.owner = Some(Owner { id: thread.id(), name: thread.name().unwrap_or("without a name").to_owned() });
        TransactionGuard { transaction: self }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for TransactionGuard<'_> {
    fn drop(&mut self) {
        self.transaction.lock().owner = None;
        self.transaction.ended.notify_one();
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn another_thread_waits_and_gives_up() {
        let transaction = Transaction::default();
        let guard = transaction.begin().unwrap();
        assert!(transaction.begin().is_err_and(|error| error.to_string().contains("that is being loaded")));
        assert!(transaction.try_begin().is_none());
        transaction.set_timeout(Duration::from_millis(10));
        let elsewhere = || thread::scope(|scope| scope.spawn(|| transaction.begin().map(drop)).join().unwrap());
        let error = elsewhere().unwrap_err();
        assert!(error.is_still_open() && error.to_string().contains("is given up and nothing is changed"), "{error}");
        drop(guard);
        elsewhere().unwrap();
        transaction.begin().unwrap();
    }
}
