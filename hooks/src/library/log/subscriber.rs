//! The subscriber of a library: it forwards events and spans to the host.
#![expect(unsafe_code, reason = "calls the functions of the host's log")]

use std::ffi::c_void;
use std::ptr;

use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::Interest;
use tracing::{Dispatch, Event, Level, Metadata, Subscriber, dispatcher};

use super::Bound;
use super::fields::Values;
use super::places::{self, is_level_enabled};
use crate::abi::Text;
use crate::abi::log::{Fields, Parent};

/// Makes it the subscriber of this binary, unless there is one.
pub(super) fn install(bound: &'static Bound) {
    let _ = dispatcher::set_global_default(Dispatch::new(Forward(bound)));
}

/// 1 error … 5 trace.
pub(super) fn number(level: Level) -> u32 {
    match level {
        Level::ERROR => 1,
        Level::WARN => 2,
        Level::INFO => 3,
        Level::DEBUG => 4,
        Level::TRACE => 5,
    }
}

struct Forward(&'static Bound);

/// A span that the host does not take after all, although it was asked.
const NO_SPAN: u64 = u64::MAX;

/// The host's span behind an id, which is its address.
fn span(id: &Id) -> Option<*const c_void> {
    let id = id.into_u64();
    (id != NO_SPAN).then(|| ptr::with_exposed_provenance(id as usize))
}

fn parent(is_root: bool, explicit: Option<&Id>) -> Parent {
    match explicit.and_then(span) {
        Some(span) => Parent { kind: Parent::EXPLICIT, span },
        None => Parent { kind: if is_root { Parent::ROOT } else { Parent::CURRENT }, span: ptr::null() },
    }
}

impl Forward {
    fn with_span(&self, id: &Id, body: impl FnOnce(*const c_void)) {
        if let Some(span) = span(id) {
            body(span);
        }
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
            Some(entry) => entry.is_enabled(self.0.host),
            None => is_level_enabled(self.0.host, metadata),
        }
    }

    fn event(&self, event: &Event<'_>) {
        let mut values = Values::default();
        event.record(&mut values);
        let Bound { host, library } = self.0;
        let place = places::keep(event.metadata()).place(host);
        let parent = parent(event.is_root(), event.parent());
        values.lend(|fields: Fields| {
            // SAFETY: the place is the host's, the texts and the values are lent for this call, and whoever names the parent holds it.
            unsafe { (host.log.event)(place.head(), Text::new(library), parent, fields) };
        });
    }

    fn new_span(&self, attributes: &Attributes<'_>) -> Id {
        let mut values = Values::default();
        attributes.record(&mut values);
        let Bound { host, library } = self.0;
        let place = places::keep(attributes.metadata()).place(host);
        let parent = parent(attributes.is_root(), attributes.parent());
        let span = values.lend(|fields: Fields| {
            // SAFETY: as in `event`.
            unsafe { (host.log.span)(place.head(), Text::new(library), parent, fields) }
        });
        match span.expose_provenance() {
            0 => Id::from_u64(NO_SPAN),
            address => Id::from_u64(address as u64),
        }
    }

    fn record(&self, id: &Id, record: &Record<'_>) {
        let mut values = Values::default();
        record.record(&mut values);
        self.with_span(id, |span| {
            // SAFETY: whoever has the id has a count of the span; the values are lent for this call.
            values.lend(|fields: Fields| unsafe { (self.0.host.log.span_record)(span, fields) });
        });
    }

    fn record_follows_from(&self, id: &Id, follows: &Id) {
        if let (Some(span), Some(from)) = (span(id), span(follows)) {
            // SAFETY: as in `record`.
            unsafe { (self.0.host.log.span_follows)(span, from) };
        }
    }

    fn enter(&self, id: &Id) {
        // SAFETY: as in `record`.
        self.with_span(id, |span| unsafe { (self.0.host.log.span_enter)(span, true) });
    }

    fn exit(&self, id: &Id) {
        // SAFETY: as in `record`.
        self.with_span(id, |span| unsafe { (self.0.host.log.span_enter)(span, false) });
    }

    fn clone_span(&self, id: &Id) -> Id {
        // SAFETY: as in `record`.
        self.with_span(id, |span| unsafe { (self.0.host.log.span_clone)(span) });
        id.clone()
    }

    fn try_close(&self, id: Id) -> bool {
        // SAFETY: as in `record`; `tracing` gives up one count for each that it has.
        span(&id).is_none_or(|span| unsafe { (self.0.host.log.span_drop)(span) })
    }
}
