//! Gives the current set of libraries another number, so that what only older requests can read is freed.

use std::ptr;
use std::sync::Arc;
use std::time::Instant;

use super::{Retired, Shared, retire};
use crate::chains::{Chains, Renew};
use crate::quiesce::PLACES;

/// So many numbers may be in use, and the set still gets another one; the rest is for other sets of libraries.
const LIMIT: usize = PLACES / 2;

impl Renew for Shared {
    fn renew(&self, chains: &Chains) {
        // If somebody is changing the set, it gets another number anyway.
        let Some(transaction) = self.transaction.try_begin() else { return };
        let mut control = self.lock();
        let readers = self.instance.readers();
        let current = self.instance.current();
        // Those of a set that has been replaced go with its last request.
        if !ptr::eq(chains, Arc::as_ptr(&current.chains)) {
            return;
        }
        let is_free = |retired: &mut Retired| retired.is_renewed && readers.is_free(retired.number);
        // Nothing ends with these: the current generation has all that they have.
        for retired in control.retired.extract_if(.., is_free).collect::<Vec<_>>() {
            retire(retired.generation);
        }
        let chains = Arc::clone(&current.chains);
        if control.retired.len() < LIMIT
            && let Some(next) = self.free_number(&control)
        {
            chains.wait_for(readers.number());
            let (generation, number) = self.instance.publish(current.clone(), next);
            let set = control.set;
            control.retired.push(Retired { generation, number, is_renewed: true, set, since: Instant::now() });
        }
        let in_use = control.retired.iter().filter(|retired| !readers.is_free(retired.number));
        let oldest = in_use.map(|retired| retired.number).min().unwrap_or(readers.number());
        drop(control);
        // With the chains closures go, and their drops may change the set of libraries.
        drop(transaction);
        #[expect(unsafe_code, reason = "frees what only requests with older numbers could read")]
        // SAFETY: a request with a number below `oldest` is gone: each such generation was free, or has been reclaimed when it was.
        unsafe {
            chains.reclaim(oldest);
        }
    }
}
