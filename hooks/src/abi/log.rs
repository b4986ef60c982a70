//! Events and spans that cross the boundary, with their fields.

use std::sync::atomic::AtomicU8;

use tracing::Level;

use super::{Sink, Text};

/// The functions of the host's log; none unwinds.
#[derive(Debug)]
#[repr(C)]
pub struct LogApi {
    /// The most verbose level that anything in the host takes: 0 none, 1 error … 5 trace.
    pub(crate) level: extern "C" fn() -> u32,
    /// The host's place for what has this description; it lives as long as the process.
    pub(crate) site: unsafe extern "C" fn(&SiteDescription) -> *const SiteHead,
    /// Whether the host takes what comes from this place now; to be asked right before each event and each span.
    pub(crate) enabled: unsafe extern "C" fn(*const SiteHead) -> bool,
    /// An event.
    pub(crate) event: unsafe extern "C" fn(*const SiteHead, library: Text, parent: Parent, fields: Fields),
    /// The number of a new span, [`NO_SPAN`] if the host does not take it. Numbers are never used again, and one that is not that of
    /// a span, or of one that is gone, does no harm: safe code may keep and make up what `tracing` calls an `Id`.
    pub(crate) span: unsafe extern "C" fn(*const SiteHead, library: Text, parent: Parent, fields: Fields) -> u64,
    /// More fields of a span.
    pub(crate) span_record: unsafe extern "C" fn(span: u64, fields: Fields),
    /// A span follows from another one.
    pub(crate) span_follows: extern "C" fn(span: u64, from: u64),
    /// This thread is in the span from now on, or no more.
    pub(crate) span_enter: extern "C" fn(span: u64, enter: bool),
    /// Counts one more owner of a span.
    pub(crate) span_clone: extern "C" fn(span: u64),
    /// Gives up a count of a span; whether it was the last.
    pub(crate) span_drop: extern "C" fn(span: u64) -> bool,
    /// What the host, or else the system, calls this thread.
    pub(crate) thread_name: extern "C" fn(&mut Sink),
}

/// What the two sides share of a place from where events come.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct SiteHead {
    /// What the host's subscribers think of it; kept up to date by the host.
    pub(crate) interest: AtomicU8,
}

/// None of the host's subscribers takes anything from this place.
pub(crate) const NEVER: u8 = 0;
/// `enabled` says whether it is taken.
pub(crate) const SOMETIMES: u8 = 1;
/// All of it is taken.
pub(crate) const ALWAYS: u8 = 2;

/// A place from where events or spans come; lent for one call.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct SiteDescription {
    /// 1 error … 5 trace.
    pub(crate) level: u32,
    /// Whether it makes spans.
    pub(crate) span: bool,
    pub(crate) name: Text,
    pub(crate) target: Text,
    /// The module, or an empty text.
    pub(crate) module: Text,
    /// The file, or an empty text.
    pub(crate) file: Text,
    /// The line, or 0.
    pub(crate) line: u32,
    /// The names of the fields.
    pub(crate) fields: *const Text,
    /// Their number.
    pub(crate) field_count: usize,
}

/// The number of a level: 1 error … 5 trace.
pub(crate) fn number(level: Level) -> u32 {
    match level {
        Level::ERROR => 1,
        Level::WARN => 2,
        Level::INFO => 3,
        Level::DEBUG => 4,
        Level::TRACE => 5,
    }
}

/// The number of no span.
pub(crate) const NO_SPAN: u64 = u64::MAX;

/// In which span an event or a span is.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub(crate) struct Parent {
    pub(crate) kind: u32,
    /// For `EXPLICIT`.
    pub(crate) span: u64,
}

impl Parent {
    /// The one that the thread is in.
    pub(crate) const CURRENT: u32 = 0;
    /// None.
    pub(crate) const ROOT: u32 = 1;
    /// The one that is named.
    pub(crate) const EXPLICIT: u32 = 2;
}

/// The values of some of a place's fields; lent for one call.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub(crate) struct Fields {
    pub(crate) pointer: *const Field,
    pub(crate) count: usize,
}

/// The value of one field.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub(crate) struct Field {
    /// Which of the place's fields it is; of a `SOURCE`, which one's error it belongs to.
    pub(crate) index: u32,
    pub(crate) kind: u32,
    /// Its name, for a place that stands for many.
    pub(crate) name: Text,
    /// The bits of a number, the lower half first.
    pub(crate) bits: [u64; 2],
    /// What is not a number.
    pub(crate) text: Text,
}

/// What the value of a field is.
pub(crate) mod kind {
    pub(crate) const I64: u32 = 1;
    pub(crate) const U64: u32 = 2;
    pub(crate) const I128: u32 = 3;
    pub(crate) const U128: u32 = 4;
    pub(crate) const F64: u32 = 5;
    pub(crate) const BOOL: u32 = 6;
    /// A text.
    pub(crate) const STR: u32 = 7;
    /// What `Debug` or `Display` wrote.
    pub(crate) const DEBUG: u32 = 8;
    /// What an error's `Display` wrote.
    pub(crate) const ERROR: u32 = 9;
    /// The same of the source of the error before it.
    pub(crate) const SOURCE: u32 = 10;
}
