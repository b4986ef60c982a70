//! The log of a piece of a test.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Debug;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};
use tracing_log::NormalizeEvent;
use tracing_subscriber::fmt::writer::MakeWriterExt;
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::{Layer, Registry, fmt};

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Runs `body` and returns what it logged on this thread.
pub fn logged<R>(body: impl FnOnce() -> R) -> (R, String) {
    let lines = Lines::default();
    let writer = lines.clone();
    let subscriber = fmt::Subscriber::builder()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .without_time()
        .with_writer(move || writer.clone())
        .finish();
    let result = tracing::subscriber::with_default(subscriber, body);
    let bytes = lines.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
    (result, String::from_utf8_lossy(&bytes).into_owned())
}

/// The warnings that any thread of the process has logged since the first call of this function; without what [`logged`] returns.
///
/// # Panics
///
/// If somebody else has set a subscriber for the process.
pub fn warnings() -> String {
    static LINES: OnceLock<Lines> = OnceLock::new();
    let lines = LINES.get_or_init(|| {
        let lines = Lines::default();
        let writer = lines.clone();
        let subscriber = fmt::Subscriber::builder()
            .with_max_level(tracing::Level::WARN)
            .with_ansi(false)
            .without_time()
            .with_writer((move || writer.clone()).with_filter(|event| *event.level() == tracing::Level::WARN))
            .finish();
        tracing::subscriber::set_global_default(subscriber).expect("it is the only one");
        lines
    });
    let bytes = lines.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
    String::from_utf8_lossy(&bytes).into_owned()
}

/// An event as a subscriber got it.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// Its level.
    pub level: Level,
    /// Its target.
    pub target: String,
    /// Its name.
    pub name: &'static str,
    /// The file, the line and the module.
    pub place: (Option<String>, Option<u32>, Option<String>),
    /// The fields by their names; each value has its type before it.
    pub fields: BTreeMap<&'static str, String>,
    /// The spans around it, the outermost first, with their fields.
    pub spans: Vec<(&'static str, BTreeMap<&'static str, String>)>,
}

/// Runs `body` and returns the events that it logged on this thread, with their fields.
pub fn recorded<R>(body: impl FnOnce() -> R) -> (R, Vec<Recorded>) {
    let recorder = Recorder::default();
    let result = tracing::subscriber::with_default(Registry::default().with(recorder.clone()), body);
    let events = recorder.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
    (result, events)
}

/// Keeps what is logged.
#[derive(Clone, Default, Debug)]
pub struct Recorder(Arc<Mutex<Vec<Recorded>>>);

impl Recorder {
    /// What has been logged since the last time.
    pub fn take(&self) -> Vec<Recorded> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[derive(Default)]
struct Fields(BTreeMap<&'static str, String>);

impl Fields {
    fn keep(&mut self, field: &Field, value: String) {
        // What is there twice is not lost.
        self.0.entry(field.name()).and_modify(|all| *all = format!("{all}, {value}")).or_insert(value);
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.keep(field, format!("debug {value:?}"));
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.keep(field, format!("f64 {value}"));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.keep(field, format!("i64 {value}"));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.keep(field, format!("u64 {value}"));
    }

    fn record_i128(&mut self, field: &Field, value: i128) {
        self.keep(field, format!("i128 {value}"));
    }

    fn record_u128(&mut self, field: &Field, value: u128) {
        self.keep(field, format!("u128 {value}"));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.keep(field, format!("bool {value}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.keep(field, format!("str {value}"));
    }

    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        let mut text = format!("error {value}");
        let mut source = value.source();
        while let Some(error) = source {
            text.push_str(&format!(" <- {error}"));
            source = error.source();
        }
        self.keep(field, text);
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Recorder {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        if let Some(span) = context.span(id) {
            span.extensions_mut().insert(fields);
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        if let Some(span) = context.span(id)
            && let Some(fields) = span.extensions_mut().get_mut::<Fields>()
        {
            values.record(fields);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        // What came through the crate `log` has its place and its target in fields.
        let normalized = event.normalized_metadata();
        let metadata: &Metadata<'_> = normalized.as_ref().unwrap_or_else(|| event.metadata());
        fields.0.retain(|name, _| !name.starts_with("log."));
        let scope = context.event_scope(event).into_iter().flat_map(|scope| scope.from_root());
        let spans = scope.map(|span| {
            let fields = span.extensions().get::<Fields>().map(|fields| fields.0.clone());
            (span.name(), fields.unwrap_or_default())
        });
        let recorded = Recorded {
            level: *metadata.level(),
            target: metadata.target().to_owned(),
            name: event.metadata().name(),
            place: (metadata.file().map(str::to_owned), metadata.line(), metadata.module_path().map(str::to_owned)),
            fields: fields.0,
            spans: spans.collect(),
        };
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(recorded);
    }
}
