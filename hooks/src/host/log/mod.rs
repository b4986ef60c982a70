//! The host's side of the log: events and spans of libraries go to the host's subscriber as if they were its own.
#![expect(unsafe_code, reason = "reads what a library lends, and what it gives back")]

mod fields;
mod sites;
mod spans;
mod thread;

use std::sync::Arc;
use std::sync::atomic::Ordering;

use tracing::field::Value;
use tracing::level_filters::LevelFilter;
use tracing::{Event, Span, dispatcher, span};

use self::fields::Values;
use self::sites::{Description, Site};
use self::spans::HostSpan;
use crate::abi::guard::guard;
use crate::abi::log::{ALWAYS, Fields, LogApi, NEVER, NO_SPAN, Parent, SiteDescription, SiteHead, number};
use crate::abi::{Sink, Text};

pub(super) const API: LogApi = LogApi {
    level,
    site,
    enabled,
    event,
    span,
    span_record,
    span_follows,
    span_enter,
    span_clone,
    span_drop,
    thread_name,
};

extern "C" fn level() -> u32 {
    LevelFilter::current().into_level().map_or(0, number)
}

/// Whether the host takes anything of this level.
pub(crate) fn level_enabled(number: u32) -> bool {
    number <= level()
}

/// A line of a library in C, which has no fields of its own.
pub(crate) fn log_line(level: u32, library: &str, message: &str) {
    let _ = guard(|| {
        let description = Description {
            level,
            span: false,
            name: "event of a library".into(),
            target: library.into(),
            module: String::new(),
            file: String::new(),
            line: 0,
            fields: vec!["message".to_owned()],
        };
        let site = sites::find(description);
        if is_enabled(site) {
            let message = tracing::field::display(message);
            site.with_values(library, &[Some(&message as &dyn Value)], None, |metadata, values| {
                Event::dispatch(metadata, values);
            });
        }
    });
}

unsafe extern "C" fn site(description: &SiteDescription) -> *const SiteHead {
    // SAFETY: the library lends the description and what it points to for this call.
    let description = unsafe { Description::read(description) };
    // A subscriber may panic when it is told of a new place; whatever comes from there is then asked about each time.
    let site = guard(|| sites::find(description)).unwrap_or_else(|_| sites::unregistered());
    std::ptr::from_ref(site).cast()
}

/// # Safety
///
/// `head` must come from `site`.
unsafe fn borrow(head: *const SiteHead) -> &'static Site {
    // SAFETY: `site` returned a `&'static Site`, whose first field is the head.
    unsafe { &*head.cast::<Site>() }
}

fn is_enabled(site: &Site) -> bool {
    match site.head.interest.load(Ordering::Relaxed) {
        NEVER => false,
        ALWAYS => true,
        _ => guard(|| dispatcher::get_default(|dispatch| dispatch.enabled(site.metadata()))).unwrap_or(false),
    }
}

unsafe extern "C" fn enabled(head: *const SiteHead) -> bool {
    // SAFETY: the library passes what `site` returned.
    is_enabled(unsafe { borrow(head) })
}

unsafe extern "C" fn event(head: *const SiteHead, library: Text, parent: Parent, fields: Fields) {
    // SAFETY: the library passes what `site` returned, and lends the rest for this call.
    let (site, library, parent, fields) =
        unsafe { (borrow(head), library.get(), Within::read(parent), Values::read(fields)) };
    // A subscriber that panics must not unwind into the library.
    let _ = guard(|| {
        site.with_values(&library, &fields.values(site), fields.rest(site), |metadata, values| {
            let event = match &parent {
                Within::Current => Event::new(metadata, values),
                Within::Root => Event::new_child_of(None, metadata, values),
                Within::Span(span) => Event::new_child_of(span.span.id(), metadata, values),
            };
            dispatcher::get_default(|dispatch| dispatch.event(&event));
        });
    });
}

unsafe extern "C" fn span(head: *const SiteHead, library: Text, parent: Parent, fields: Fields) -> u64 {
    // SAFETY: as in `event`.
    let (site, library, parent, fields) =
        unsafe { (borrow(head), library.get(), Within::read(parent), Values::read(fields)) };
    let made = guard(|| {
        site.with_values(&library, &fields.values(site), fields.rest(site), |metadata, values| match &parent {
            Within::Current => Span::new(metadata, values),
            Within::Root => Span::new_root(metadata, values),
            Within::Span(span) => Span::child_of(span.span.id(), metadata, values),
        })
    });
    match made {
        Ok(span) if !span.is_disabled() => spans::keep(HostSpan { span, site }),
        _ => NO_SPAN,
    }
}

/// In which span something is.
enum Within {
    Current,
    Root,
    Span(Arc<HostSpan>),
}

impl Within {
    fn read(parent: Parent) -> Within {
        match parent.kind {
            Parent::ROOT => Within::Root,
            // A span that is not known is one of another subscriber, or one that is gone.
            Parent::EXPLICIT => spans::find(parent.span).map_or(Within::Root, Within::Span),
            _ => Within::Current,
        }
    }
}

unsafe extern "C" fn span_record(span: u64, fields: Fields) {
    let Some(span) = spans::find(span) else { return };
    // SAFETY: the library lends the fields for this call.
    let fields = unsafe { Values::read(fields) };
    let HostSpan { span, site } = &*span;
    let _ = guard(|| {
        site.with_more_values(&fields.values(site), |values| {
            span.with_subscriber(|(id, dispatch)| dispatch.record(id, &span::Record::new(values)));
        });
    });
}

extern "C" fn span_follows(span: u64, from: u64) {
    if let (Some(span), Some(from)) = (spans::find(span), spans::find(from)) {
        let _ = guard(|| span.span.follows_from(from.span.id()));
    }
}

extern "C" fn span_enter(span: u64, enter: bool) {
    let Some(span) = spans::find(span) else { return };
    let _ = guard(|| {
        span.span.with_subscriber(|(id, dispatch)| if enter { dispatch.enter(id) } else { dispatch.exit(id) });
    });
}

extern "C" fn span_clone(span: u64) {
    spans::count(span);
}

extern "C" fn span_drop(span: u64) -> bool {
    let last = spans::give_up(span);
    let gone = last.is_some();
    let _ = guard(|| drop(last));
    gone
}

extern "C" fn thread_name(name: &mut Sink) {
    let _ = guard(|| name.write(&thread::name()));
}
