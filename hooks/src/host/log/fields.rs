//! The values of fields as they come from a library, and as `tracing` wants them.

use std::borrow::Cow;
use std::error::Error;
use std::fmt::{self, Write};

use tracing::field::{DisplayValue, Value, display};

use super::sites::Site;
use crate::abi::log::{Field, Fields, kind};

/// One value.
enum Given<'a> {
    I64(i64),
    U64(u64),
    I128(i128),
    U128(u128),
    F64(f64),
    Bool(bool),
    Str(Cow<'a, str>),
    Debug(DisplayValue<Cow<'a, str>>),
    Error(Box<dyn Error>),
}

impl Given<'_> {
    fn value(&self) -> &dyn Value {
        match self {
            Given::I64(value) => value,
            Given::U64(value) => value,
            Given::I128(value) => value,
            Given::U128(value) => value,
            Given::F64(value) => value,
            Given::Bool(value) => value,
            Given::Str(Cow::Borrowed(value)) => value,
            Given::Str(Cow::Owned(value)) => value,
            Given::Debug(value) => value,
            Given::Error(value) => value,
        }
    }
}

impl fmt::Display for Given<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Given::I64(value) => write!(f, "{value}"),
            Given::U64(value) => write!(f, "{value}"),
            Given::I128(value) => write!(f, "{value}"),
            Given::U128(value) => write!(f, "{value}"),
            Given::F64(value) => write!(f, "{value}"),
            Given::Bool(value) => write!(f, "{value}"),
            Given::Str(value) => write!(f, "{value:?}"),
            Given::Debug(value) => write!(f, "{value}"),
            Given::Error(value) => write!(f, "{value}"),
        }
    }
}

/// The value of one field.
struct Named<'a> {
    index: usize,
    name: Cow<'a, str>,
    value: Given<'a>,
}

/// The values of some fields.
pub(super) struct Values<'a>(Vec<Named<'a>>);

impl<'a> Values<'a> {
    /// # Safety
    ///
    /// What `fields` points to must live as long as `'a`.
    #[expect(unsafe_code, reason = "reads what a library lends")]
    pub(super) unsafe fn read(fields: Fields) -> Values<'a> {
        let fields: &[Field] = if fields.count == 0 {
            &[]
        } else {
            // SAFETY: the caller's promise.
            unsafe { std::slice::from_raw_parts(fields.pointer, fields.count) }
        };
        let mut values = Vec::with_capacity(fields.len());
        let mut rest = fields;
        while let Some((field, others)) = rest.split_first() {
            rest = others;
            let [low, high] = field.bits.map(u128::from);
            let bits = low | high << 64;
            // SAFETY: the caller's promise.
            let text = || unsafe { field.text.get::<'a>() };
            let value = match field.kind {
                kind::I64 => Given::I64(bits as i64),
                kind::U64 => Given::U64(bits as u64),
                kind::I128 => Given::I128(bits as i128),
                kind::U128 => Given::U128(bits),
                kind::F64 => Given::F64(f64::from_bits(bits as u64)),
                kind::BOOL => Given::Bool(bits != 0),
                kind::STR => Given::Str(text()),
                kind::ERROR => {
                    let count = rest.iter().take_while(|field| field.kind == kind::SOURCE).count();
                    let (sources, others) = rest.split_at(count);
                    rest = others;
                    let source = sources.iter().rev().fold(None, |source, field| {
                        // SAFETY: the caller's promise.
                        Some(Box::new(Told { text: unsafe { field.text.get() }.into_owned(), source }))
                    });
                    Given::Error(Box::new(Told { text: text().into_owned(), source }))
                }
                _ => Given::Debug(display(text())),
            };
            // SAFETY: the caller's promise.
            let name = unsafe { field.name.get() };
            values.push(Named { index: field.index as usize, name, value });
        }
        Values(values)
    }

    /// The values in the order of the fields of `site`.
    pub(super) fn values(&self, site: &Site) -> Vec<Option<&dyn Value>> {
        let mut all = vec![None; site.own_fields()];
        for Named { index, value, .. } in &self.0 {
            if let Some(place) = all.get_mut(*index) {
                *place = Some(value.value());
            }
        }
        all
    }

    /// The values that are too many for a place that stands for many, as a text.
    pub(super) fn rest(&self, site: &Site) -> Option<String> {
        if !site.is_shared() {
            return None;
        }
        let mut text = String::new();
        for Named { name, value, .. } in &self.0 {
            // Writing to a `String` cannot fail.
            let _ = match (&**name, value) {
                ("message", value) => {
                    let fields = std::mem::take(&mut text);
                    write!(text, "{value}{fields}")
                }
                (name, value) => write!(text, " {name}={value}"),
            };
        }
        Some(text)
    }
}

/// What is known of an error on the other side: its text, and its source's.
#[derive(Debug)]
struct Told {
    text: String,
    source: Option<Box<Told>>,
}

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Error for Told {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as &dyn Error)
    }
}
