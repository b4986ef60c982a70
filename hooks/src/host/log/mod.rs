//! The host's side of the log: events and spans of libraries go to the host's subscriber as if they were its own.
#![expect(unsafe_code, reason = "reads what a library lends, and what it gives back")]

mod fields;
mod sites;
mod thread;

use std::ffi::c_void;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use tracing::field::Value;
use tracing::level_filters::LevelFilter;
use tracing::{Event, Level, Span, dispatcher, span};

use self::fields::Values;
use self::sites::{Description, Site};
use crate::abi::guard::guard;
use crate::abi::log::{ALWAYS, Fields, LogApi, NEVER, Parent, SiteDescription, SiteHead};
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

fn number(level: Level) -> u32 {
    match level {
        Level::ERROR => 1,
        Level::WARN => 2,
        Level::INFO => 3,
        Level::DEBUG => 4,
        Level::TRACE => 5,
    }
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
    // SAFETY: the library passes what `site` returned, lends the rest for this call, and holds a count of the parent.
    let (site, library, parent, fields) =
        unsafe { (borrow(head), library.get(), Within::read(parent), Values::read(fields)) };
    // A subscriber that panics must not unwind into the library.
    let _ = guard(|| {
        site.with_values(&library, &fields.values(site), fields.rest(site), |metadata, values| {
            let event = match &parent {
                Within::Current => Event::new(metadata, values),
                Within::Root => Event::new_child_of(None, metadata, values),
                Within::Span(span) => Event::new_child_of(span.id(), metadata, values),
            };
            dispatcher::get_default(|dispatch| dispatch.event(&event));
        });
    });
}

unsafe extern "C" fn span(head: *const SiteHead, library: Text, parent: Parent, fields: Fields) -> *const c_void {
    // SAFETY: as in `event`.
    let (site, library, parent, fields) =
        unsafe { (borrow(head), library.get(), Within::read(parent), Values::read(fields)) };
    let made = guard(|| {
        site.with_values(&library, &fields.values(site), fields.rest(site), |metadata, values| match &parent {
            Within::Current => Span::new(metadata, values),
            Within::Root => Span::new_root(metadata, values),
            Within::Span(span) => Span::child_of(span.id(), metadata, values),
        })
    });
    match made {
        Ok(span) if !span.is_disabled() => Arc::into_raw(Arc::new(HostSpan { span, site })).cast(),
        _ => std::ptr::null(),
    }
}

/// A span of a library; libraries count its owners.
struct HostSpan {
    /// It knows its subscriber, whichever is the thread's at the time.
    span: Span,
    site: &'static Site,
}

/// # Safety
///
/// `pointer` must come from `span`, and its caller holds a count for as long as `'a`.
unsafe fn borrow_span<'a>(pointer: *const c_void) -> &'a HostSpan {
    // SAFETY: the caller's promise.
    unsafe { &*pointer.cast::<HostSpan>() }
}

/// In which span something is.
enum Within<'a> {
    Current,
    Root,
    Span(&'a Span),
}

impl Within<'_> {
    /// # Safety
    ///
    /// As for `borrow_span`, if a span is named.
    unsafe fn read<'a>(parent: Parent) -> Within<'a> {
        match parent.kind {
            Parent::ROOT => Within::Root,
            // SAFETY: the caller's promise.
            Parent::EXPLICIT => Within::Span(&unsafe { borrow_span(parent.span) }.span),
            _ => Within::Current,
        }
    }
}

unsafe extern "C" fn span_record(span: *const c_void, fields: Fields) {
    // SAFETY: the library holds a count of the span, and lends the fields for this call.
    let (HostSpan { span, site }, fields) = unsafe { (borrow_span(span), Values::read(fields)) };
    let _ = guard(|| {
        site.with_more_values(&fields.values(site), |values| {
            span.with_subscriber(|(id, dispatch)| dispatch.record(id, &span::Record::new(values)));
        });
    });
}

unsafe extern "C" fn span_follows(span: *const c_void, from: *const c_void) {
    // SAFETY: the library holds a count of both.
    let (span, from) = unsafe { (borrow_span(span), borrow_span(from)) };
    let _ = guard(|| span.span.follows_from(from.span.id()));
}

unsafe extern "C" fn span_enter(span: *const c_void, enter: bool) {
    // SAFETY: the library holds a count of the span.
    let HostSpan { span, .. } = unsafe { borrow_span(span) };
    let _ = guard(|| {
        span.with_subscriber(|(id, dispatch)| if enter { dispatch.enter(id) } else { dispatch.exit(id) });
    });
}

unsafe extern "C" fn span_clone(span: *const c_void) {
    // SAFETY: the library holds a count of the span.
    unsafe { Arc::increment_strong_count(span.cast::<HostSpan>()) };
}

unsafe extern "C" fn span_drop(span: *const c_void) -> bool {
    // SAFETY: the library gives up a count of the span.
    let span = unsafe { Arc::from_raw(span.cast::<HostSpan>()) };
    match Arc::into_inner(span) {
        None => false,
        Some(span) => {
            let _ = guard(|| drop(span));
            true
        }
    }
}

extern "C" fn thread_name(name: &mut Sink) {
    let _ = guard(|| name.write(&thread::name()));
}
