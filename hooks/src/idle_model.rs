//! A model of the idle word of a hook point: whoever is in a set with callouts does not find the hook point idle.
//!
//! The word is set before a set is published, and cleared when its last request is gone. Both are Relaxed (`abi/point.rs`): what
//! orders them is the publication, and the end of the requests.

use std::sync::Arc;

use crate::quiesce::Readers;
use crate::snapshot::Snapshot;
use crate::sync::{AtomicUsize, Ordering};

/// How many sets have callouts, and whether the current one has.
struct Point {
    readers: Readers,
    attached: AtomicUsize,
    has_callouts: Snapshot<bool>,
}

impl Point {
    /// A request on a thread of its own, which begins at any time.
    fn request(self: &Arc<Self>) -> loom::thread::JoinHandle<()> {
        let (this, slot) = (Arc::clone(self), self.readers.register());
        loom::thread::spawn(move || {
            let number = this.readers.pin(&slot);
            let is_idle = this.attached.load(Ordering::Relaxed) == 0;
            // The set of the number 0 is the first one, that of 1 the other one.
            #[expect(unsafe_code, reason = "what is replaced is never reclaimed here")]
            // SAFETY: the model leaks what it replaces.
            let has_callouts = *unsafe { this.has_callouts.load() };
            assert!(!(number == 1 && has_callouts && is_idle), "callouts at an idle hook point");
            slot.counters(number).unpin();
        })
    }
}

#[test]
fn a_set_with_callouts_is_published_after_its_hook_points_are_marked() {
    loom::model(|| {
        let point = Arc::new(Point {
            readers: Readers::new(),
            attached: AtomicUsize::new(0),
            has_callouts: Snapshot::new(false),
        });
        let request = point.request();
        point.attached.store(1, Ordering::Relaxed);
        std::mem::forget(point.has_callouts.replace(true));
        point.readers.publish(1);
        request.join().unwrap();
    });
}

#[test]
fn a_hook_point_is_marked_until_the_last_request_with_callouts_is_gone() {
    loom::model(|| {
        let (readers, attached) = (Arc::new(Readers::new()), Arc::new(AtomicUsize::new(1)));
        let request = {
            let (readers, attached, slot) = (Arc::clone(&readers), Arc::clone(&attached), readers.register());
            loom::thread::spawn(move || {
                let number = readers.pin(&slot);
                let count = attached.load(Ordering::Relaxed);
                assert!(number != 0 || count > 0, "the set 0 has callouts");
                slot.counters(number).unpin();
            })
        };
        readers.publish(1);
        if readers.is_free(0) {
            attached.store(0, Ordering::Relaxed);
        }
        request.join().unwrap();
    });
}
