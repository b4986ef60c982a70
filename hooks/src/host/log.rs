//! The host's side of the log: lines of libraries go to the host's subscriber.
#![expect(unsafe_code, reason = "reads texts that a library lends")]

use tracing::Level;
use tracing::level_filters::LevelFilter;

use crate::abi::Text;
use crate::abi::guard::guard;

fn level(number: u32) -> Level {
    match number {
        1 => Level::ERROR,
        2 => Level::WARN,
        3 => Level::INFO,
        4 => Level::DEBUG,
        _ => Level::TRACE,
    }
}

/// Whether the host takes lines of this level.
pub(super) extern "C" fn log_enabled(number: u32) -> bool {
    level(number) <= LevelFilter::current()
}

/// A line of a library's log.
pub(super) extern "C" fn log(number: u32, library: Text, target: Text, message: Text) {
    // SAFETY: the texts are lent for this call.
    let texts = unsafe { [library.get(), target.get(), message.get()] };
    let [library, target, message] = texts.each_ref().map(|text| &**text);
    // A subscriber that panics must not unwind into the library.
    let _ = guard(|| match level(number) {
        Level::ERROR => tracing::error!(library, target, "{message}"),
        Level::WARN => tracing::warn!(library, target, "{message}"),
        Level::INFO => tracing::info!(library, target, "{message}"),
        Level::DEBUG => tracing::debug!(library, target, "{message}"),
        Level::TRACE => tracing::trace!(library, target, "{message}"),
    });
}
