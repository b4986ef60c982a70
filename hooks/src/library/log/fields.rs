//! Collects the values of fields, so that they can be lent to the host.

use std::borrow::Cow;
use std::error::Error;
use std::fmt::{Debug, Write};

use log::kv;
use tracing::field::Visit;

use crate::abi::Text;
use crate::abi::log::{Field, Fields, kind};

/// The values of an event or a span.
#[derive(Debug, Default)]
pub(super) struct Values {
    values: Vec<Value>,
}

#[derive(Debug)]
struct Value {
    index: usize,
    name: Cow<'static, str>,
    kind: u32,
    bits: u128,
    text: String,
}

impl Values {
    /// A number, as its bits.
    fn number(&mut self, index: usize, name: Cow<'static, str>, kind: u32, bits: u128) {
        self.values.push(Value { index, name, kind, bits, text: String::new() });
    }

    /// A text.
    pub(super) fn text(&mut self, index: usize, name: Cow<'static, str>, kind: u32, text: String) {
        self.values.push(Value { index, name, kind, bits: 0, text });
    }

    /// Lends the values to `body`.
    pub(super) fn lend<R>(&self, body: impl FnOnce(Fields) -> R) -> R {
        let field = |value: &Value| Field {
            index: u32::try_from(value.index).unwrap_or(u32::MAX),
            kind: value.kind,
            name: Text::new(&value.name),
            bits: [value.bits as u64, (value.bits >> 64) as u64],
            text: Text::new(&value.text),
        };
        let fields: Vec<_> = self.values.iter().map(field).collect();
        body(Fields { pointer: fields.as_ptr(), count: fields.len() })
    }
}

fn written(value: &dyn Debug) -> String {
    let mut text = String::new();
    // A `Debug` that fails has written as much as it could.
    let _ = write!(text, "{value:?}");
    text
}

impl Visit for Values {
    fn record_debug(&mut self, field: &tracing::field::Field, value: &dyn Debug) {
        self.text(field.index(), field.name().into(), kind::DEBUG, written(value));
    }

    fn record_f64(&mut self, field: &tracing::field::Field, value: f64) {
        self.number(field.index(), field.name().into(), kind::F64, value.to_bits().into());
    }

    fn record_i64(&mut self, field: &tracing::field::Field, value: i64) {
        self.number(field.index(), field.name().into(), kind::I64, value as u128);
    }

    fn record_u64(&mut self, field: &tracing::field::Field, value: u64) {
        self.number(field.index(), field.name().into(), kind::U64, value.into());
    }

    fn record_i128(&mut self, field: &tracing::field::Field, value: i128) {
        self.number(field.index(), field.name().into(), kind::I128, value as u128);
    }

    fn record_u128(&mut self, field: &tracing::field::Field, value: u128) {
        self.number(field.index(), field.name().into(), kind::U128, value);
    }

    fn record_bool(&mut self, field: &tracing::field::Field, value: bool) {
        self.number(field.index(), field.name().into(), kind::BOOL, value.into());
    }

    fn record_str(&mut self, field: &tracing::field::Field, value: &str) {
        self.text(field.index(), field.name().into(), kind::STR, value.to_owned());
    }

    fn record_error(&mut self, field: &tracing::field::Field, value: &(dyn Error + 'static)) {
        let (index, name) = (field.index(), field.name().into());
        self.text(index, name, kind::ERROR, value.to_string());
        let mut source = value.source();
        while let Some(error) = source {
            self.text(index, "".into(), kind::SOURCE, error.to_string());
            source = error.source();
        }
    }
}

/// A key-value of `log` at its index among the fields.
pub(super) struct KeyValue<'a> {
    pub(super) values: &'a mut Values,
    pub(super) index: usize,
    pub(super) name: &'a str,
}

impl<'v> kv::VisitValue<'v> for KeyValue<'_> {
    fn visit_any(&mut self, value: kv::Value<'_>) -> Result<(), kv::Error> {
        self.values.text(self.index, self.name.to_owned().into(), kind::DEBUG, value.to_string());
        Ok(())
    }

    fn visit_u64(&mut self, value: u64) -> Result<(), kv::Error> {
        self.values.number(self.index, self.name.to_owned().into(), kind::U64, value.into());
        Ok(())
    }

    fn visit_i64(&mut self, value: i64) -> Result<(), kv::Error> {
        self.values.number(self.index, self.name.to_owned().into(), kind::I64, value as u128);
        Ok(())
    }

    fn visit_u128(&mut self, value: u128) -> Result<(), kv::Error> {
        self.values.number(self.index, self.name.to_owned().into(), kind::U128, value);
        Ok(())
    }

    fn visit_i128(&mut self, value: i128) -> Result<(), kv::Error> {
        self.values.number(self.index, self.name.to_owned().into(), kind::I128, value as u128);
        Ok(())
    }

    fn visit_f64(&mut self, value: f64) -> Result<(), kv::Error> {
        self.values.number(self.index, self.name.to_owned().into(), kind::F64, value.to_bits().into());
        Ok(())
    }

    fn visit_bool(&mut self, value: bool) -> Result<(), kv::Error> {
        self.values.number(self.index, self.name.to_owned().into(), kind::BOOL, value.into());
        Ok(())
    }

    fn visit_str(&mut self, value: &str) -> Result<(), kv::Error> {
        self.values.text(self.index, self.name.to_owned().into(), kind::STR, value.to_owned());
        Ok(())
    }
}
