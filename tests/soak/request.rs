//! One request: what it meets at each hook point must be the same set of libraries.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use fixture_api::stamps::{Stamp, arrived, examined, left, noticed};
use hooks::{CalloutHandle, Outcome, Parked};

use crate::tally::Tally;

/// A request on its way.
pub(crate) struct Request {
    handle: CalloutHandle<'static>,
    /// The set that it has met first.
    set: Vec<Stamp>,
    stamps: Vec<Stamp>,
    /// How many stamps it has been given by callouts that are there at times only.
    noticed: Vec<Stamp>,
}

impl Request {
    pub(crate) fn new(handle: CalloutHandle<'static>) -> Request {
        Request { handle, set: Vec::new(), stamps: Vec::new(), noticed: Vec::new() }
    }

    /// The first hook point; what there is to wait for if it is parked.
    pub(crate) fn arrive(&mut self, park: bool) -> Option<Parked> {
        let stamps = &mut self.set;
        match arrived::call(&mut self.handle, || arrived::Args { stamps, park }) {
            arrived::Step::Parked(parked) => {
                assert!(park && self.set.iter().any(|stamp| stamp.library == 0), "{:?}", self.set);
                return Some(parked);
            }
            step => assert!(step.is_continue(), "{step:?}"),
        }
        // It is parked also if the library has been unloaded since the handle was made.
        assert!(!park || self.set.iter().all(|stamp| stamp.library != 0), "not parked: {:?}", self.set);
        None
    }

    /// The other hook points, and the end.
    pub(crate) fn finish(mut self, toggle: bool, tally: &mut Tally) {
        self.pass(toggle);
        tally.count(&self.set, 3, &self.noticed);
    }

    /// The end of a request that does not go on.
    fn give_up(self, tally: &mut Tally) {
        tally.count(&self.set, 1, &[]);
    }

    /// A request that lasts meets the same set again and again.
    pub(crate) fn again(&mut self, tally: &mut Tally) {
        let mut stamps = Vec::new();
        assert!(arrived::call(&mut self.handle, || arrived::Args { stamps: &mut stamps, park: false }).is_continue());
        assert_eq!(stamps, self.set, "another set than before");
        tally.count(&stamps, 1, &[]);
    }

    /// The set that it has met.
    pub(crate) fn set(&self) -> &[Stamp] {
        &self.set
    }

    fn pass(&mut self, toggle: bool) {
        let Request { handle, set, stamps, noticed } = self;
        assert!(examined::call(handle, || examined::Args { stamps, toggle }).is_continue());
        assert_eq!(stamps, set, "two sets in one request");
        assert!(noticed::call(handle, || noticed::Args { stamps: noticed }).is_continue());
        let mut rest = set.iter();
        assert!(noticed.iter().all(|stamp| rest.any(|other| other == stamp)), "{noticed:?} is not of {set:?}");
        stamps.clear();
        assert!(left::call(handle, || left::Args { stamps }).is_continue());
        assert_eq!(stamps, set, "two sets in one request");
    }
}

/// Requests that were parked, and how many have ended how.
#[derive(Default)]
pub(crate) struct Returned {
    requests: Mutex<Vec<Request>>,
    given_up: Mutex<Vec<Request>>,
    ended: [AtomicU64; 2],
}

impl Returned {
    /// Puts the request aside until its ticket is resolved.
    pub(crate) fn wait_for(self: &Arc<Self>, parked: Parked, request: Request) {
        let this = Arc::clone(self);
        parked.resume_with(request, move |request, outcome| {
            // This may run in the middle of another request's callout: only a queue is touched.
            let (queue, ended) = match outcome {
                Outcome::Resumed => (&this.requests, &this.ended[0]),
                Outcome::Dropped => (&this.given_up, &this.ended[1]),
            };
            ended.fetch_add(1, Ordering::Relaxed);
            queue.lock().unwrap_or_else(PoisonError::into_inner).push(request);
        });
    }

    /// Goes on with those that have been resumed.
    pub(crate) fn finish(&self, tally: &mut Tally) {
        let take =
            |queue: &Mutex<Vec<Request>>| std::mem::take(&mut *queue.lock().unwrap_or_else(PoisonError::into_inner));
        take(&self.requests).into_iter().for_each(|request| request.finish(false, tally));
        take(&self.given_up).into_iter().for_each(|request| request.give_up(tally));
    }

    /// How many have been resumed, and dropped.
    pub(crate) fn ended(&self) -> [u64; 2] {
        [&self.ended[0], &self.ended[1]].map(|ended| ended.load(Ordering::Relaxed))
    }
}
