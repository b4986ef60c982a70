//! The logger of a library: what it logs through the crate `log` goes to the host's subscriber.
#![expect(unsafe_code, reason = "calls the functions of the host's log")]

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::sync::{OnceLock, PoisonError, RwLock};

use log::{LevelFilter, Log, Metadata, Record, kv};

use super::Bound;
use super::fields::{KeyValue, Values};
use super::places::Place;
use crate::abi::Text;
use crate::abi::log::{Fields, NO_SPAN, Parent, SiteDescription, kind};

/// So many places are remembered here; the host is asked for others each time, and has a limit of its own.
const MAX_KNOWN: usize = 1024;

/// Makes it the logger of this binary, unless there is one.
pub(super) fn install(bound: &'static Bound) {
    static FORWARD: OnceLock<Forward> = OnceLock::new();
    let logger = || Forward { bound, known: RwLock::default(), hasher: RandomState::new() };
    if log::set_logger(FORWARD.get_or_init(logger)).is_ok() {
        // The host's level may change, so each record asks.
        log::set_max_level(LevelFilter::Trace);
    }
}

struct Forward {
    bound: &'static Bound,
    /// By the hash of what tells them apart.
    known: RwLock<HashMap<u64, Vec<Known>>>,
    hasher: RandomState,
}

/// A place with what tells it apart.
struct Known {
    level: u32,
    target: String,
    module: String,
    file: String,
    line: u32,
    keys: Vec<String>,
    place: Place,
}

impl Known {
    fn is(&self, record: &Record<'_>, keys: &[kv::Key<'_>]) -> bool {
        self.level == record.level() as u32
            && self.line == record.line().unwrap_or(0)
            && self.target == record.target()
            && self.module == record.module_path().unwrap_or_default()
            && self.file == record.file().unwrap_or_default()
            && self.keys.iter().map(String::as_str).eq(keys.iter().map(kv::Key::as_str))
    }
}

impl Forward {
    fn is_level_enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.level() as u32 <= (self.bound.host.log.level)()
    }

    fn place(&self, record: &Record<'_>, keys: &[kv::Key<'_>]) -> Place {
        let mut parts = (record.level() as u32, record.line(), record.target(), 0_u64);
        for key in keys {
            parts.3 = self.hasher.hash_one((parts.3, key.as_str()));
        }
        let hash = self.hasher.hash_one(parts);
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = known.get(&hash).into_iter().flatten().find(|known| known.is(record, keys)) {
            return known.place;
        }
        drop(known);
        let place = self.new_place(record, keys);
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        if known.len() < MAX_KNOWN {
            known.entry(hash).or_default().push(Known {
                level: record.level() as u32,
                target: record.target().to_owned(),
                module: record.module_path().unwrap_or_default().to_owned(),
                file: record.file().unwrap_or_default().to_owned(),
                line: record.line().unwrap_or(0),
                keys: keys.iter().map(ToString::to_string).collect(),
                place,
            });
        }
        place
    }

    fn new_place(&self, record: &Record<'_>, keys: &[kv::Key<'_>]) -> Place {
        let fields: Vec<_> = ["message"].into_iter().chain(keys.iter().map(kv::Key::as_str)).map(Text::new).collect();
        let description = SiteDescription {
            level: record.level() as u32,
            span: false,
            name: Text::new("log event"),
            target: Text::new(record.target()),
            module: Text::new(record.module_path().unwrap_or_default()),
            file: Text::new(record.file().unwrap_or_default()),
            line: record.line().unwrap_or(0),
            fields: fields.as_ptr(),
            field_count: fields.len(),
        };
        Place::new(self.bound.host, &description)
    }
}

/// Collects the keys and the values of a record.
struct Pairs<'kvs>(Vec<(kv::Key<'kvs>, kv::Value<'kvs>)>);

impl<'kvs> kv::VisitSource<'kvs> for Pairs<'kvs> {
    fn visit_pair(&mut self, key: kv::Key<'kvs>, value: kv::Value<'kvs>) -> Result<(), kv::Error> {
        self.0.push((key, value));
        Ok(())
    }
}

impl Log for Forward {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        self.is_level_enabled(metadata)
    }

    fn log(&self, record: &Record<'_>) {
        if !self.is_level_enabled(record.metadata()) {
            return;
        }
        let mut pairs = Pairs(Vec::new());
        // A source that fails has given as much as it could.
        let _ = record.key_values().visit(&mut pairs);
        let (keys, given): (Vec<_>, Vec<_>) = pairs.0.into_iter().unzip();
        let place = self.place(record, &keys);
        let host = self.bound.host;
        if !place.is_enabled(&host.log) {
            return;
        }
        let mut values = Values::default();
        values.text(0, "message".into(), kind::DEBUG, record.args().to_string());
        for (i, (key, value)) in keys.iter().zip(&given).enumerate() {
            let _ = value.visit(KeyValue { values: &mut values, index: i + 1, name: key.as_str() });
        }
        let parent = Parent { kind: Parent::CURRENT, span: NO_SPAN };
        values.lend(|fields: Fields| {
            // SAFETY: the place is the host's; the texts and the values are lent for this call.
            unsafe { (host.log.event)(place.head(), Text::new(self.bound.library), parent, fields) };
        });
    }

    fn flush(&self) {}
}
