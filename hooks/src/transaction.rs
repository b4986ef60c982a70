//! One change of the set of libraries at a time.

use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};
use std::thread::{self, ThreadId};

use crate::error::{Error, Kind};

/// Lets one writer in at a time. A library whose `load` runs as part of it is told so instead of waiting for itself.
#[derive(Debug, Default)]
pub(crate) struct Transaction {
    lock: Mutex<()>,
    owner: Mutex<Option<ThreadId>>,
}

pub(crate) struct TransactionGuard<'a> {
    transaction: &'a Transaction,
    _lock: MutexGuard<'a, ()>,
}

impl Transaction {
    /// Waits for its turn; an error if the running thread is in the middle of one.
    pub(crate) fn begin(&self) -> Result<TransactionGuard<'_>, Error> {
        let current = thread::current().id();
        if *self.owner.lock().unwrap_or_else(PoisonError::into_inner) == Some(current) {
            let text = "the set of libraries cannot be changed by a library that is being loaded";
            return Err(Error::new(Kind::StillOpen, text));
        }
        let lock = self.lock.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(self.own(lock))
    }

    /// The same if nobody else is at it.
    pub(crate) fn try_begin(&self) -> Option<TransactionGuard<'_>> {
        match self.lock.try_lock() {
            Ok(lock) => Some(self.own(lock)),
            Err(TryLockError::Poisoned(poisoned)) => Some(self.own(poisoned.into_inner())),
            Err(TryLockError::WouldBlock) => None,
        }
    }

    fn own<'a>(&'a self, lock: MutexGuard<'a, ()>) -> TransactionGuard<'a> {
        *self.owner.lock().unwrap_or_else(PoisonError::into_inner) = Some(thread::current().id());
        TransactionGuard { transaction: self, _lock: lock }
    }
}

impl Drop for TransactionGuard<'_> {
    fn drop(&mut self) {
        *self.transaction.owner.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}
