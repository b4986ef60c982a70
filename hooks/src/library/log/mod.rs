//! The library's side of the log: its events, spans and panics go to the host, because its own copies of `tracing`, of `log`
//! and of the standard library have no subscriber, no logger and nobody's panic hook.

mod fields;
mod panics;
mod places;
mod records;
mod subscriber;

use std::sync::OnceLock;

use crate::abi::HostApi;

/// What this binary needs to know to log.
struct Bound {
    host: &'static HostApi,
    library: &'static str,
}

/// Sends the events and the panics of this binary to the host's log, under the name of `library`.
///
/// What a static constructor of the plugin has set for itself stays: it knows what it wants.
pub(crate) fn forward(host: &'static HostApi, library: &'static str) {
    static BOUND: OnceLock<Bound> = OnceLock::new();
    let bound = BOUND.get_or_init(|| Bound { host, library });
    subscriber::install(bound);
    records::install(bound);
    panics::install(bound);
}
