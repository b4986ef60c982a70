//! Plugins that are compiled into this binary, found by name through inventory.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::{Attachment, Code, sort};
use crate::abi::decode;
use crate::error::{Error, Kind};
use crate::{plugin, registry};

/// The built-in plugins that have been used, so that a reload recognizes them.
static USED: Mutex<Option<HashMap<String, Arc<Code>>>> = Mutex::new(None);

/// The code of the built-in plugin `name`.
pub(crate) fn open(name: &str) -> Result<Arc<Code>, Error> {
    let mut used = USED.lock().unwrap_or_else(PoisonError::into_inner);
    let used = used.get_or_insert_default();
    if let Some(code) = used.get(name) {
        return Ok(Arc::clone(code));
    }
    let code = Arc::new(collect(name)?);
    used.insert(name.to_owned(), Arc::clone(&code));
    Ok(code)
}

fn collect(name: &str) -> Result<Code, Error> {
    let refuse = |text: String| Error::new(Kind::Refused, format!("built-in plugin `{name}`: {text}"));
    let entry = plugin::entry(&format!("`{name}`"), |entry| entry.name == name).map_err(refuse)?;
    let Some(entry) = entry else {
        let mut linked: Vec<_> = plugin::entries().map(|entry| entry.name).collect();
        linked.sort_unstable();
        let linked = if linked.is_empty() { "none".to_owned() } else { linked.join(", ") };
        let text = format!(
            "built-in plugin `{name}`: no such plugin is linked into this program (linked: {linked}); name its crate with \
             `hooks::builtin!({});`",
            name.replace('-', "_")
        );
        return Err(Error::new(Kind::NotFound, text));
    };
    let library: Arc<str> = entry.name.into();
    let mut registry = registry::lock();
    let mut callouts = Vec::new();
    for callout in plugin::callouts_of(entry).map_err(refuse)? {
        let records = decode::records(callout.record()).map_err(refuse)?;
        let Some(record) = records.callouts.first() else { continue };
        // Built-in callouts share the types of this binary, so there is nothing to compare.
        let Some((index, point)) = registry.find_for_callout(&record.hook) else {
            let unknown = registry.unknown(&record.hook);
            return Err(refuse(format!("callout `{}`, hook point `{}`: {unknown}", record.name, record.hook)));
        };
        callouts.push(Attachment::new(index, &point, callout, &library, record));
    }
    if callouts.is_empty() {
        return Err(refuse("it has no callouts: no `#[callout]` of it is linked".to_owned()));
    }
    sort(&mut callouts);
    Ok(Code {
        name: library,
        version: entry.version.to_owned(),
        plugin: entry.api,
        multi_threading_compatible: entry.multi_threading_compatible,
        callouts,
        c: None,
    })
}
