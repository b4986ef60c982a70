//! Gives the current set of libraries another number, so that what only older requests can read is freed.

use std::sync::Arc;

use super::{Retired, Shared, retire};
use crate::chains::Renew;

impl Renew for Shared {
    fn renew(&self) {
        // If somebody is changing the set, it gets another number anyway.
        let Some(_transaction) = self.transaction.try_begin() else { return };
        let mut control = self.lock();
        let readers = self.instance.readers();
        let current = self.instance.current();
        let number = readers.number();
        let is_free = |retired: &mut Retired| retired.is_renewed && readers.is_free(retired.number);
        // Nothing ends with these: the current generation has all that they have.
        for retired in control.retired.extract_if(.., is_free).collect::<Vec<_>>() {
            retire(retired.generation);
        }
        let in_use = control.retired.iter().filter(|retired| !readers.is_free(retired.number));
        let oldest = in_use.map(|retired| retired.number).min().unwrap_or(number);
        let chains = Arc::clone(&current.chains);
        if let Some(next) = self.free_number(&control) {
            chains.wait_for(number);
            let (generation, number) = self.instance.publish(current.clone(), next);
            control.retired.push(Retired { generation, number, is_renewed: true });
        }
        drop(control);
        #[expect(unsafe_code, reason = "frees what only requests with older numbers could read")]
        // SAFETY: a request with a number below `oldest` is gone: each such generation was free, or has been reclaimed when it was.
        unsafe {
            chains.reclaim(oldest);
        }
    }
}
