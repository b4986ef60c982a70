//! The library's side of the log: its `tracing` events go to the host, because its own copy of `tracing` has no subscriber.

use std::fmt::{self, Write};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Dispatch, Event, Level, Metadata, Subscriber};

use crate::abi::{HostApi, Text};

/// Sends the events and the panics of this binary to the host's log, under the name of `library`.
pub(crate) fn forward(host: &'static HostApi, library: &'static str) {
    // An error means that the plugin has set a subscriber of its own from a static constructor: it knows what it wants.
    let _ = tracing::dispatcher::set_global_default(Dispatch::new(Forward { host, library }));
    std::panic::set_hook(Box::new(move |info| {
        let place = info.location().map(ToString::to_string).unwrap_or_default();
        let message = info.payload_as_str().unwrap_or("a panic with a value that is no text");
        // Of a panic in a callout the host also reports what it meant for the call; this line adds where it was.
        let text = format!("panicked at {place}: {message}");
        (host.log)(number(Level::WARN), Text::new(library), Text::new(library), Text::new(&text));
    }));
}

fn number(level: Level) -> u32 {
    match level {
        Level::ERROR => 1,
        Level::WARN => 2,
        Level::INFO => 3,
        Level::DEBUG => 4,
        Level::TRACE => 5,
    }
}

/// A subscriber that forwards events; spans have no meaning across the boundary.
struct Forward {
    host: &'static HostApi,
    library: &'static str,
}

impl Subscriber for Forward {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.is_event() && (self.host.log_enabled)(number(*metadata.level()))
    }

    fn register_callsite(&self, _: &'static Metadata<'static>) -> tracing::subscriber::Interest {
        // The host's level may change, so each event asks.
        tracing::subscriber::Interest::sometimes()
    }

    fn event(&self, event: &Event<'_>) {
        let mut text = Line { message: String::new(), fields: String::new() };
        event.record(&mut text);
        let metadata = event.metadata();
        let text = text.message + &text.fields;
        (self.host.log)(
            number(*metadata.level()),
            Text::new(self.library),
            Text::new(metadata.target()),
            Text::new(&text),
        );
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

/// The message and then the fields, as `name=value`.
struct Line {
    message: String,
    fields: String,
}

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        // Writing to a `String` cannot fail.
        let _ = match field.name() {
            "message" => write!(self.message, "{value:?}"),
            name => write!(self.fields, " {name}={value:?}"),
        };
    }
}
