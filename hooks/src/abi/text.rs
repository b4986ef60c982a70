//! Texts that cross the boundary, in both directions.
#![expect(unsafe_code, reason = "rebuilds texts from pointers that crossed the boundary")]

use std::borrow::Cow;
use std::ffi::c_void;

/// A text that is lent for the time of one call.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct Text {
    pointer: *const u8,
    length: usize,
}

impl Text {
    /// Lends `text`.
    pub const fn new(text: &str) -> Text {
        Text { pointer: text.as_ptr(), length: text.len() }
    }

    /// Its bytes.
    ///
    /// # Safety
    ///
    /// As for [`Text::get`].
    pub(crate) unsafe fn bytes<'a>(self) -> &'a [u8] {
        // SAFETY: both come from one `&str`, which the caller promises to be alive.
        unsafe { std::slice::from_raw_parts(self.pointer, self.length) }
    }

    /// The text, with what is not UTF-8 replaced.
    ///
    /// # Safety
    ///
    /// What was given to [`Text::new`] must live as long as `'a`.
    pub unsafe fn get<'a>(self) -> Cow<'a, str> {
        // SAFETY: the caller's promise.
        String::from_utf8_lossy(unsafe { self.bytes() })
    }
}

/// Where a function of the other side puts a text that it makes.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct Sink {
    context: *mut c_void,
    write: unsafe extern "C" fn(context: *mut c_void, text: Text),
}

impl Sink {
    /// A sink that keeps what was written in `target`.
    pub(crate) fn new(target: &mut String) -> Sink {
        unsafe extern "C" fn write(context: *mut c_void, text: Text) {
            // SAFETY: `context` is the `&mut String` of `new`, which outlives the call that lends the sink.
            let target = unsafe { &mut *context.cast::<String>() };
            // SAFETY: the writer lends its text for this call.
            target.push_str(&unsafe { text.get() });
        }
        Sink { context: std::ptr::from_mut(target).cast(), write }
    }

    /// Writes `text` to the other side.
    pub(crate) fn write(&mut self, text: &str) {
        // SAFETY: a sink is only lent, so its target is alive; `write` was made for `context` by `new`.
        unsafe { (self.write)(self.context, Text::new(text)) }
    }
}
