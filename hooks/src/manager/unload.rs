//! Unloading sets of libraries, and freeing those that nobody uses any more.

use std::sync::Arc;

use super::{Hooks, Shared, drop_in_reverse, retire, too_many_sets};
use crate::chains::Renew;
use crate::library::images;

impl Hooks {
    /// Detaches all callouts and calls each library's `unload` once, in reverse order; the first phase of unloading.
    ///
    /// Tickets that a library keeps after its `unload` get [`ParkingOptions::at_unload`](crate::ParkingOptions::at_unload), and
    /// parking lots are cleared: what the component does with those requests then runs on this thread.
    ///
    /// Calls in flight, and requests that already have a handle, still reach the libraries until
    /// [`Hooks::unload_libraries`] has returned true; tickets that are taken for them have that outcome from the beginning. From within a library's own `load` it does nothing; nor if another thread
    /// changes the set for longer than [`Hooks::set_change_timeout`] says, which is logged.
    pub fn prepare_unload_libraries(&self) {
        self.detach();
    }

    /// The same; whether it could be done.
    fn detach(&self) -> bool {
        let transaction = match self.shared.transaction.begin() {
            Ok(transaction) => transaction,
            Err(error) => {
                tracing::error!("libraries cannot be unloaded: {error}");
                return false;
            }
        };
        if self.is_test_mode() {
            return true;
        }
        let libraries = self.current_libraries();
        self.collect_sets();
        if libraries.is_empty() && !self.has_passing_callouts() {
            drop(transaction);
            self.parkings().clear_lots();
            return true;
        }
        let Some(number) = self.free_number() else {
            drop(transaction);
            tracing::error!("libraries cannot be unloaded: {}", too_many_sets(1));
            return false;
        };
        let leaving = Leaving::begin(&self.shared);
        self.publish(number, Vec::new(), Vec::new());
        drop(transaction);
        for library in libraries.iter().rev() {
            library.unload();
        }
        self.parkings().clear_lots();
        drop_in_reverse(libraries);
        drop(leaving);
        self.log_numbers("libraries are detached");
        true
    }

    /// Drops all libraries if no request uses them any more; otherwise false, and a retry later succeeds.
    ///
    /// True means that they are gone: false comes back also while another thread, or a caller of this one, is still dropping them.
    pub fn unload_libraries(&self) -> bool {
        if self.is_test_mode() {
            return true;
        }
        let detached = self.detach();
        self.collect_sets() == 0 && self.current_libraries().is_empty() && self.shared.leavings.is_none() && detached
    }

    /// Drops the libraries of replaced sets that no request uses any more, and returns how many such sets are still in use.
    ///
    /// Loading and unloading do it by themselves; a server that reloads may call it from time to time. It also drops closures
    /// that have been deregistered, and that no request can call any more; of these some are kept otherwise.
    pub fn collect(&self) -> usize {
        let chains = {
            let _control = self.lock();
            Arc::clone(&self.shared.instance.current().chains)
        };
        if chains.has_replaced() {
            self.shared.renew(&chains);
        }
        // Perhaps the last count of them, with which closures go.
        drop(chains);
        let left = self.collect_sets();
        images::sweep();
        left
    }

    /// As [`Hooks::collect`], without the closures.
    pub(super) fn collect_sets(&self) -> usize {
        let (free, left, leaving) = {
            let mut control = self.lock();
            let readers = self.shared.instance.readers();
            let free: Vec<_> = control.retired.extract_if(.., |retired| readers.is_free(retired.number)).collect();
            let leaving = (!free.is_empty()).then(|| Leaving::begin(&self.shared));
            let sets = free.iter().map(|retired| retired.set);
            let mut ended: Vec<_> = sets.filter(|set| control.is_gone(*set)).collect();
            ended.dedup();
            control.retired_sets += ended.len() as u64;
            // A set that has only got another number has not been replaced.
            let left = control.retired.iter().filter(|retired| !retired.is_renewed).count();
            (free, left, leaving.map(|leaving| (leaving, ended.len())))
        };
        for retired in free {
            retire(retired.generation);
        }
        if let Some((leaving, ended)) = leaving {
            drop(leaving);
            if ended > 0 {
                self.log_numbers("replaced sets are retired");
            }
        }
        left
    }
}

/// While it is there, libraries that have left the current set may be on their way out.
#[derive(Debug)]
pub(super) struct Leaving<'a> {
    shared: &'a Shared,
}

impl Leaving<'_> {
    /// Begun while a lock is held without which nobody can find that the libraries have left.
    pub(super) fn begin(shared: &Shared) -> Leaving<'_> {
        shared.leavings.begin();
        Leaving { shared }
    }
}

impl Drop for Leaving<'_> {
    fn drop(&mut self) {
        // With the libraries their images may go.
        images::sweep();
        self.shared.leavings.end();
    }
}
