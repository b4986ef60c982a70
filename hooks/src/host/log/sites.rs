//! The places from where libraries' events and spans come, as `tracing` wants them: each lives as long as the process.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

use tracing::field::{FieldSet, Value, ValueSet, display};
use tracing::metadata::Kind;
use tracing::subscriber::Interest;
use tracing::{Callsite, Level, Metadata, callsite};

use crate::abi::log::{ALWAYS, NEVER, SOMETIMES, SiteDescription, SiteHead};

/// So many places are told apart, some 500 bytes each; what comes from others is told apart by level and target only, with its
/// fields in the text. The same place in another version of a library is the same, if nothing of it has changed.
const MAX_SITES: usize = 8192;
/// So many are made of what is told apart by level and target only; the rest shares one for each level.
const MAX_SHARED: usize = 1024;

/// The name of the field that says which library it was.
const LIBRARY: &str = "library";

/// What tells a place apart.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Description {
    /// 1 error … 5 trace.
    pub(super) level: u32,
    pub(super) span: bool,
    pub(super) name: String,
    pub(super) target: String,
    /// Empty if it is unknown, like the file.
    pub(super) module: String,
    pub(super) file: String,
    /// 0 if it is unknown.
    pub(super) line: u32,
    pub(super) fields: Vec<String>,
}

impl Description {
    /// # Safety
    ///
    /// What `description` points to must be alive.
    #[expect(unsafe_code, reason = "reads what a library lends")]
    pub(super) unsafe fn read(description: &SiteDescription) -> Description {
        let SiteDescription { level, span, name, target, module, file, line, fields, field_count } = *description;
        // SAFETY: the caller's promise, for each of the texts.
        let text = |text: crate::abi::Text| unsafe { text.get() }.into_owned();
        let fields = match field_count {
            0 => Vec::new(),
            // SAFETY: the caller's promise.
            _ => unsafe { std::slice::from_raw_parts(fields, field_count) }.iter().copied().map(text).collect(),
        };
        let (name, target, module, file) = (text(name), text(target), text(module), text(file));
        Description { level, span, name, target, module, file, line, fields }
    }

    /// What is left of it if it shares its place with others.
    fn shared(&self, target: &str) -> Description {
        let name = if self.span { "span of a library" } else { "event of a library" };
        let (name, target, fields) = (name.to_owned(), target.to_owned(), vec!["message".to_owned()]);
        Description { level: self.level, span: self.span, name, target, fields, ..Description::default() }
    }
}

/// A place from where events or spans of libraries come.
#[derive(Debug)]
#[repr(C)]
pub(super) struct Site {
    pub(super) head: SiteHead,
    metadata: OnceLock<Metadata<'static>>,
    shared: bool,
}

impl Callsite for Site {
    fn set_interest(&self, interest: Interest) {
        let interest = match () {
            () if interest.is_never() => NEVER,
            () if interest.is_always() => ALWAYS,
            () => SOMETIMES,
        };
        // Relaxed: whoever reads the old value a little longer logs a line more or less, as everywhere in `tracing`.
        self.head.interest.store(interest, Ordering::Relaxed);
    }

    fn metadata(&self) -> &Metadata<'_> {
        Site::metadata(self)
    }
}

impl Site {
    pub(super) fn metadata(&self) -> &Metadata<'static> {
        self.metadata.get().expect("it is set before anyone else has the site")
    }

    /// The number of its fields without those that the host adds.
    pub(super) fn own_fields(&self) -> usize {
        self.metadata().fields().len() - 1
    }

    /// Whether it stands for many places, so that fields are in the text.
    pub(super) fn is_shared(&self) -> bool {
        self.shared
    }

    /// Lends `own`, or for a shared place the text `rest`, and the name of the library, to `body`.
    pub(super) fn with_values<R>(
        &'static self,
        library: &str,
        own: &[Option<&dyn Value>],
        rest: Option<String>,
        body: impl FnOnce(&'static Metadata<'static>, &ValueSet<'_>) -> R,
    ) -> R {
        let rest = rest.map(display);
        let mut values: Vec<Option<&dyn Value>> = Vec::with_capacity(own.len() + 1);
        match &rest {
            Some(rest) => values.push(Some(rest)),
            None => values.extend_from_slice(own),
        }
        values.push(Some(&library));
        let metadata = self.metadata();
        body(metadata, &metadata.fields().value_set_all(&values))
    }

    /// Lends more values of a span.
    pub(super) fn with_more_values(&self, own: &[Option<&dyn Value>], body: impl FnOnce(&ValueSet<'_>)) {
        if !self.shared {
            let values: Vec<_> = own.iter().copied().chain([None]).collect();
            body(&self.metadata().fields().value_set_all(&values));
        }
    }
}

type Sites = HashMap<Description, &'static Site>;

/// The place that is described; made and registered if there is none.
pub(super) fn find(description: Description) -> &'static Site {
    find_among(&SITES, description, MAX_SITES)
}

static SITES: Mutex<Option<Sites>> = Mutex::new(None);
static SHARED: Mutex<Option<Sites>> = Mutex::new(None);

fn find_among(places: &'static Mutex<Option<Sites>>, description: Description, max: usize) -> &'static Site {
    let site = {
        let mut sites = places.lock().unwrap_or_else(PoisonError::into_inner);
        let sites = sites.get_or_insert_default();
        if let Some(site) = sites.get(&description) {
            return site;
        }
        if sites.len() >= max {
            None
        } else {
            let site = make(&description, std::ptr::eq(places, &SHARED));
            sites.insert(description.clone(), site);
            Some(site)
        }
    };
    match site {
        // Not under the lock: subscribers are told of it, and whatever they do may be logged. Until they have answered, they are
        // asked about each event.
        Some(site) => {
            callsite::register(site);
            site
        }
        None if std::ptr::eq(places, &SITES) => {
            let description = description.shared(&description.target);
            find_among(&SHARED, description, MAX_SHARED)
        }
        None => {
            let description = description.shared("hooks");
            find_among(&SHARED, description, usize::MAX)
        }
    }
}

/// A place for what comes from one that no subscriber could be told of.
pub(super) fn unregistered() -> &'static Site {
    static SITE: OnceLock<&'static Site> = OnceLock::new();
    SITE.get_or_init(|| make(&Description { level: 1, ..Description::default() }.shared("hooks"), true))
}

fn make(description: &Description, shared: bool) -> &'static Site {
    let site: &'static Site = Box::leak(Box::new(Site {
        head: SiteHead { interest: AtomicU8::new(SOMETIMES) },
        metadata: OnceLock::new(),
        shared,
    }));
    let level = match description.level {
        1 => Level::ERROR,
        2 => Level::WARN,
        3 => Level::INFO,
        4 => Level::DEBUG,
        _ => Level::TRACE,
    };
    let leak = |text: &str| -> &'static str { text.to_owned().leak() };
    let known = |text: &str| (!text.is_empty()).then(|| leak(text));
    let names = description.fields.iter().map(String::as_str).chain([LIBRARY]).map(leak).collect::<Vec<_>>();
    let fields = FieldSet::new(names.leak(), callsite::Identifier(site));
    let kind = if description.span { Kind::SPAN } else { Kind::EVENT };
    site.metadata.get_or_init(|| {
        let line = (description.line != 0).then_some(description.line);
        let (name, target) = (leak(&description.name), leak(&description.target));
        Metadata::new(name, target, level, known(&description.file), line, known(&description.module), fields, kind)
    });
    site
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_beyond_the_limits_shares_places() {
        let description = |target: usize| Description {
            level: 3,
            name: "event".to_owned(),
            target: format!("target {target}"),
            fields: vec!["message".to_owned(), "number".to_owned()],
            ..Description::default()
        };
        let own = find(description(0));
        assert!(!own.is_shared() && own.own_fields() == 2);
        assert!(std::ptr::eq(own, find(description(0))), "the same place is made once");
        for target in 1..MAX_SITES {
            assert!(!find(description(target)).is_shared());
        }
        let shared = find(description(MAX_SITES));
        assert!(shared.is_shared() && shared.own_fields() == 1);
        assert_eq!(shared.metadata().target(), format!("target {MAX_SITES}"));
        // Another place with the same target.
        let other = Description { line: 7, ..description(MAX_SITES) };
        assert!(std::ptr::eq(shared, find(other)));
        for target in 1..MAX_SHARED {
            find(description(MAX_SITES + target));
        }
        let last = find(description(MAX_SITES + MAX_SHARED));
        assert_eq!((last.metadata().target(), *last.metadata().level()), ("hooks", Level::INFO));
        assert!(std::ptr::eq(last, find(description(MAX_SITES + MAX_SHARED + 1))));
        assert!(!find(description(0)).is_shared(), "those from before stay");
    }
}
