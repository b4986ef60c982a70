//! The host's side of the log: lines of libraries go to the host's subscriber, with their own level and target.
#![expect(unsafe_code, reason = "reads texts that a library lends")]

use std::collections::HashMap;
use std::sync::{Mutex, OnceLock, PoisonError};

use tracing::field::{FieldSet, Value};
use tracing::level_filters::LevelFilter;
use tracing::metadata::Kind;
use tracing::subscriber::Interest;
use tracing::{Callsite, Event, Level, Metadata, callsite, dispatcher};

use crate::abi::Text;
use crate::abi::guard::guard;

/// A library's targets are the paths of its modules; if it makes up more than this, the rest shares one.
const MAX_SITES: usize = 1024;

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
    let _ = guard(|| {
        let metadata = metadata(level(number), target);
        dispatcher::get_default(|dispatch| {
            if dispatch.enabled(metadata) {
                let fields = metadata.fields();
                let (Some(text), Some(name)) = (fields.field("message"), fields.field("library")) else { return };
                let message = format_args!("{message}");
                let values = [(&text, Some(&message as &dyn Value)), (&name, Some(&library as &dyn Value))];
                dispatch.event(&Event::new(metadata, &fields.value_set(&values)));
            }
        });
    });
}

/// Where lines of one level and one target come from, as `tracing` wants it: it lives as long as the process.
struct Site {
    metadata: OnceLock<Metadata<'static>>,
}

impl Callsite for Site {
    fn set_interest(&self, _: Interest) {}

    fn metadata(&self) -> &Metadata<'_> {
        self.metadata.get().expect("it is set before the site is registered")
    }
}

/// The description of lines with this level and target; made once.
fn metadata(level: Level, target: &str) -> &'static Metadata<'static> {
    static SITES: Mutex<Option<HashMap<(Level, String), &'static Metadata<'static>>>> = Mutex::new(None);
    let mut sites = SITES.lock().unwrap_or_else(PoisonError::into_inner);
    let sites = sites.get_or_insert_default();
    let target = if sites.len() < MAX_SITES { target } else { "hooks" };
    if let Some(metadata) = sites.get(&(level, target.to_owned())) {
        return metadata;
    }
    let site: &'static Site = Box::leak(Box::new(Site { metadata: OnceLock::new() }));
    let name: &'static str = target.to_owned().leak();
    let metadata = site.metadata.get_or_init(|| {
        let fields = FieldSet::new(&["message", "library"], callsite::Identifier(site));
        Metadata::new("event of a library", name, level, None, None, Some(name), fields, Kind::EVENT)
    });
    callsite::register(site);
    sites.insert((level, target.to_owned()), metadata);
    metadata
}
