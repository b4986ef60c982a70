//! A value inside of the arguments of a call, known by its layout: how it is found. `read.rs` and `write.rs` say what C sees of it.
#![expect(unsafe_code, reason = "reaches values through pointers, with the functions and offsets of their own layouts")]

mod read;
mod write;

use std::ffi::{c_int, c_void};

use super::boundary::Failure;
use super::constants::{HOOKS_ERROR_NOT_FOUND, HOOKS_ERROR_TYPE};
use super::path::Step;
use crate::abi::access::Access;
use crate::abi::layout::{Field, Parts, TypeLayout};
use crate::abi::record::{ArgumentRecord, Mode};

/// Where a value is. It is of the type that the layout describes, and alive as long as the call.
#[derive(Debug)]
pub(super) struct Place {
    layout: &'static TypeLayout,
    pointer: *mut c_void,
    /// Whether it may be written: the hook point lends it as `&mut`, and the fields that lead to it are all `pub`.
    writable: bool,
    /// The private field that leads to it.
    private: Option<&'static str>,
    /// The path to it, for errors.
    path: String,
}

impl Place {
    /// The argument that `record` describes, in the argument struct at `arguments`.
    ///
    /// # Safety
    ///
    /// `arguments` must point to the argument struct of the record's hook point, which this binary's own compiler laid out, and no
    /// other reference to the argument may be in use as long as the place and what comes from it.
    pub(super) unsafe fn new(record: &'static ArgumentRecord, arguments: *mut c_void) -> Place {
        // SAFETY: the offset lies within the struct, by its record.
        let slot = unsafe { arguments.byte_add(record.offset) };
        let pointer = match record.mode {
            Mode::Value => slot,
            // SAFETY: in these modes the slot holds a reference.
            Mode::Ref | Mode::Mut => unsafe { slot.cast::<*mut c_void>().read() },
        };
        let writable = record.mode == Mode::Mut;
        Place { layout: record.layout, pointer, writable, private: None, path: record.name.to_owned() }
    }

    fn failure(&self, code: c_int, text: impl std::fmt::Display) -> Failure {
        Failure::new(code, format!("`{}`: {text}", self.path))
    }

    fn wrong_type(&self, expected: &str) -> Failure {
        self.failure(HOOKS_ERROR_TYPE, format!("it is a `{}`, expected {expected}", self.layout.spell()))
    }

    /// What is inside of the options that are around it; an error if it is nothing.
    pub(super) fn inner(mut self) -> Result<Place, Failure> {
        while let (Access::Optional(access), Parts::Generic([layout])) = (self.layout.access, &self.layout.parts) {
            let pointer = match self.writable {
                // SAFETY: the functions are those of the layout of the value.
                true => unsafe { (access.get_mut)(self.pointer) },
                // SAFETY: as above.
                false => unsafe { (access.get)(self.pointer) }.cast_mut(),
            };
            if pointer.is_null() {
                return Err(self.failure(HOOKS_ERROR_NOT_FOUND, "it is absent (None)"));
            }
            (self.layout, self.pointer) = (layout, pointer);
        }
        Ok(self)
    }

    /// A part of it.
    pub(super) fn step(self, step: Step<'_>) -> Result<Place, Failure> {
        let place = self.inner()?;
        match step {
            Step::Field(name) => place.field(name),
            Step::Element(number) => place.element(number),
        }
    }

    fn fields(&self) -> &'static [Field] {
        match self.layout.parts {
            Parts::Struct { fields, .. } => fields,
            _ => &[],
        }
    }

    fn field(self, name: &str) -> Result<Place, Failure> {
        let Some(field) = self.fields().iter().find(|field| field.name == name) else {
            let names: Vec<_> = self.fields().iter().map(|field| field.name).collect();
            let names = if names.is_empty() { "none that C can reach".to_owned() } else { names.join(", ") };
            let text = format!("a `{}` has no field `{name}`; it has: {names}", self.layout.spell());
            return Err(self.failure(HOOKS_ERROR_NOT_FOUND, text));
        };
        if field.layout.align > self.layout.align {
            let text = format!("a `{}` is packed, so its field `{name}` cannot be reached", self.layout.spell());
            return Err(self.failure(HOOKS_ERROR_TYPE, text));
        }
        // SAFETY: the field lies at this offset of the struct.
        let pointer = unsafe { self.pointer.byte_add(field.offset) };
        // The functions of a type may rely on what they keep true of its private fields, so C may only look at them.
        let private = self.private.or((!field.public).then_some(field.name));
        let (writable, path) = (self.writable && field.public, format!("{}.{name}", self.path));
        Ok(Place { layout: field.layout, pointer, writable, private, path })
    }

    fn element(self, number: usize) -> Result<Place, Failure> {
        let (layout, first) = match (&self.layout.parts, self.layout.access) {
            (Parts::Array(layout), _) => (*layout, self.pointer),
            (Parts::Generic([layout]), Access::List(list)) => {
                let first = match self.writable {
                    // SAFETY: the functions are those of the layout of the value.
                    true => unsafe { (list.elements_mut)(self.pointer) },
                    // SAFETY: as above.
                    false => unsafe { (list.elements)(self.pointer) }.cast_mut(),
                };
                (*layout, first)
            }
            _ => return Err(self.wrong_type("a list or an array")),
        };
        let length = self.length()?;
        if number >= length {
            return Err(self.failure(HOOKS_ERROR_NOT_FOUND, format!("there is no element {number}; it has {length}")));
        }
        // SAFETY: the elements lie one after the other, and there are more than `number`.
        let pointer = unsafe { first.byte_add(layout.size * number) };
        let path = format!("{}[{number}]", self.path);
        Ok(Place { layout, pointer, path, ..self })
    }

    /// The number of elements, or of a text's bytes.
    pub(super) fn length(&self) -> Result<usize, Failure> {
        match (&self.layout.parts, self.layout.access) {
            // SAFETY: the function is that of the layout of the value.
            (_, Access::List(list)) => Ok(unsafe { (list.length)(self.pointer) }),
            (Parts::Array(layout), _) => Ok(self.layout.size.checked_div(layout.size).unwrap_or_default()),
            _ if self.layout.name == "String" => self.text().map(|text| text.len()),
            _ => Err(self.wrong_type("a list, an array or a text")),
        }
    }

    /// The type as Rust spells it.
    pub(super) fn type_name(&self) -> String {
        self.layout.spell()
    }

    /// The name of a field.
    pub(super) fn field_name(&self, index: usize) -> Result<&'static str, Failure> {
        let count = self.fields().len();
        self.fields().get(index).map(|field| field.name).ok_or_else(|| {
            let text = format!(
                "a `{}` has {count} fields that C can reach, none with the number {index}",
                self.layout.spell()
            );
            self.failure(HOOKS_ERROR_NOT_FOUND, text)
        })
    }

    pub(super) fn is_writable(&self) -> bool {
        self.writable
    }

    /// The name of a primitive type, or nothing.
    fn primitive(&self) -> &'static str {
        primitive(self.layout)
    }
}

fn primitive(layout: &TypeLayout) -> &'static str {
    if matches!(layout.parts, Parts::Primitive) { layout.name } else { "" }
}

fn is_byte(layout: &TypeLayout) -> bool {
    matches!(layout.parts, Parts::Primitive) && layout.name == "u8"
}
