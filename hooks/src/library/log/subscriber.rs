//! The subscriber of a library: it forwards events and spans to the host.
#![expect(unsafe_code, reason = "calls the functions of the host's log")]

use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::Interest;
use tracing::{Dispatch, Event, Metadata, Subscriber, dispatcher};

use super::Bound;
use super::fields::Values;
use super::places::{self, is_level_enabled};
use crate::abi::Text;
use crate::abi::log::{Fields, NO_SPAN, Parent};

/// Makes it the subscriber of this binary, unless there is one.
pub(super) fn install(bound: &'static Bound) {
    let _ = dispatcher::set_global_default(Dispatch::new(Forward(bound)));
}

struct Forward(&'static Bound);

fn parent(is_root: bool, explicit: Option<&Id>) -> Parent {
    match explicit.map(Id::into_u64).filter(|span| *span != NO_SPAN) {
        Some(span) => Parent { kind: Parent::EXPLICIT, span },
        None => Parent { kind: if is_root { Parent::ROOT } else { Parent::CURRENT }, span: NO_SPAN },
    }
}

impl Subscriber for Forward {
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        places::keep(metadata);
        // The host's filter may change, so each event asks; mostly that is to look at one byte.
        Interest::sometimes()
    }

    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        match places::find(metadata) {
            Some(entry) => entry.is_enabled(self.0.host, metadata),
            None => is_level_enabled(self.0.host, metadata),
        }
    }

    fn event(&self, event: &Event<'_>) {
        let mut values = Values::default();
        event.record(&mut values);
        let Bound { host, library } = self.0;
        let place = places::keep(event.metadata()).place(host, event.metadata());
        let parent = parent(event.is_root(), event.parent());
        values.lend(|fields: Fields| {
            // SAFETY: the place is the host's, and the texts and the values are lent for this call.
            unsafe { (host.log.event)(place.head(), Text::new(library), parent, fields) };
        });
    }

    fn new_span(&self, attributes: &Attributes<'_>) -> Id {
        let mut values = Values::default();
        attributes.record(&mut values);
        let Bound { host, library } = self.0;
        let place = places::keep(attributes.metadata()).place(host, attributes.metadata());
        let parent = parent(attributes.is_root(), attributes.parent());
        let span = values.lend(|fields: Fields| {
            // SAFETY: as in `event`.
            unsafe { (host.log.span)(place.head(), Text::new(library), parent, fields) }
        });
        Id::from_u64(span)
    }

    fn record(&self, id: &Id, record: &Record<'_>) {
        let mut values = Values::default();
        record.record(&mut values);
        // SAFETY: the values are lent for this call.
        values.lend(|fields: Fields| unsafe { (self.0.host.log.span_record)(id.into_u64(), fields) });
    }

    fn record_follows_from(&self, id: &Id, follows: &Id) {
        (self.0.host.log.span_follows)(id.into_u64(), follows.into_u64());
    }

    fn enter(&self, id: &Id) {
        (self.0.host.log.span_enter)(id.into_u64(), true);
    }

    fn exit(&self, id: &Id) {
        (self.0.host.log.span_enter)(id.into_u64(), false);
    }

    fn clone_span(&self, id: &Id) -> Id {
        (self.0.host.log.span_clone)(id.into_u64());
        id.clone()
    }

    fn try_close(&self, id: Id) -> bool {
        (self.0.host.log.span_drop)(id.into_u64())
    }
}
