//! A value inside of the arguments of a call, known by its layout: how it is read and written as C sees it.
#![expect(unsafe_code, reason = "reaches values through pointers, with the functions and offsets of their own layouts")]

use std::ffi::{c_int, c_void};

use super::boundary::{Done, Failure};
use super::constants::{
    HOOKS_ERROR_INVALID, HOOKS_ERROR_NOT_FOUND, HOOKS_ERROR_RANGE, HOOKS_ERROR_READ_ONLY, HOOKS_ERROR_TYPE,
};
use super::path::Step;
use crate::abi::access::Access;
use crate::abi::layout::{Field, Parts, TypeLayout};
use crate::abi::record::{ArgumentRecord, Mode};

/// Where a value is. It is of the type that the layout describes, and alive as long as the call.
#[derive(Debug)]
pub(super) struct Place {
    layout: &'static TypeLayout,
    pointer: *mut c_void,
    /// Whether the hook point lends it as `&mut`.
    writable: bool,
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
        Place { layout: record.layout, pointer, writable, path: record.name.to_owned() }
    }

    fn failure(&self, code: c_int, text: impl std::fmt::Display) -> Failure {
        Failure::new(code, format!("`{}`: {text}", self.path))
    }

    fn wrong_type(&self, expected: &str) -> Failure {
        self.failure(HOOKS_ERROR_TYPE, format!("it is a `{}`, expected {expected}", self.layout.spell()))
    }

    fn check_writable(&self) -> Done {
        if self.writable {
            return Ok(());
        }
        Err(self.failure(HOOKS_ERROR_READ_ONLY, "the hook point lends it read-only"))
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

    /// The type inside of the options that are around it, whatever is there now.
    fn leaf(&self) -> &'static TypeLayout {
        let mut layout = self.layout;
        while let (Access::Optional(_), Parts::Generic([inner])) = (layout.access, &layout.parts) {
            layout = inner;
        }
        layout
    }

    /// As [`Self::inner`], to write; the caller has seen that the value fits, so that a mistake fills nothing: an option that is empty gets an empty value.
    fn filled(mut self) -> Result<Place, Failure> {
        self.check_writable()?;
        while let (Access::Optional(access), Parts::Generic([layout])) = (self.layout.access, &self.layout.parts) {
            // SAFETY: the functions are those of the layout of the value, which may be written.
            let mut pointer = unsafe { (access.get_mut)(self.pointer) };
            if pointer.is_null() {
                let Some(empty) = layout.empty else {
                    let text = format!("it is absent (None), and the host makes no `{}` for C", layout.spell());
                    return Err(self.failure(HOOKS_ERROR_NOT_FOUND, text));
                };
                // SAFETY: as above; the function makes a value of the layout that is inside.
                pointer = unsafe { (access.insert)(self.pointer, empty) };
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
        // SAFETY: the field lies at this offset of the struct.
        let pointer = unsafe { self.pointer.byte_add(field.offset) };
        let path = format!("{}.{name}", self.path);
        Ok(Place { layout: field.layout, pointer, writable: self.writable, path })
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
        Ok(Place { layout, pointer, writable: self.writable, path })
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

    /// # Safety
    ///
    /// The value must be a `T`.
    unsafe fn read<T: Copy>(&self) -> T {
        // SAFETY: the caller's promise.
        unsafe { *self.pointer.cast::<T>() }
    }

    /// # Safety
    ///
    /// The value must be a `T` and may be written.
    unsafe fn write<T>(&self, value: T) {
        // SAFETY: the caller's promise.
        unsafe { *self.pointer.cast::<T>() = value };
    }

    /// The name of a primitive type, or nothing.
    fn primitive(&self) -> &'static str {
        primitive(self.layout)
    }

    /// An integer of any width, or the number of an enum's variant.
    pub(super) fn integer(&self) -> Result<i128, Failure> {
        if let (Parts::Enum { variants, .. }, Some(variant)) = (&self.layout.parts, self.variant())
            && let Some(variant) = variants.get(variant)
        {
            return Ok(variant.discriminant);
        }
        macro_rules! any {
            ($($ty:ident)*) => {
                match self.primitive() {
                    $(stringify!($ty) => {
                        // SAFETY: a primitive type's name says which it is.
                        let value = unsafe { self.read::<$ty>() };
                        i128::try_from(value).map_err(|_| self.failure(HOOKS_ERROR_RANGE, format!("{value} is too large")))
                    })*
                    _ => Err(self.wrong_type("an integer")),
                }
            };
        }
        any!(u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize)
    }

    /// Writes an integer of any width.
    pub(super) fn set_integer(self, new: i128) -> Done {
        self.check_writable()?;
        macro_rules! any {
            ($($ty:ident)*) => {
                match primitive(self.leaf()) {
                    $(stringify!($ty) => {
                        let range = || self.failure(HOOKS_ERROR_RANGE, format!("{new} does not fit a `{}`", stringify!($ty)));
                        let value = <$ty>::try_from(new).map_err(|_| range())?;
                        // SAFETY: a primitive type's name says which it is; `filled` has seen that it may be written.
                        unsafe { self.filled()?.write(value) };
                        Ok(())
                    })*
                    _ => Err(self.wrong_type("an integer")),
                }
            };
        }
        any!(u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize)
    }

    pub(super) fn boolean(&self) -> Result<bool, Failure> {
        match self.primitive() {
            // SAFETY: the name says that it is one.
            "bool" => Ok(unsafe { self.read() }),
            _ => Err(self.wrong_type("a bool")),
        }
    }

    pub(super) fn set_boolean(self, new: bool) -> Done {
        self.check_writable()?;
        match primitive(self.leaf()) {
            // SAFETY: the name says that it is one; `filled` has seen that it may be written.
            "bool" => unsafe { self.filled()?.write(new) },
            _ => return Err(self.wrong_type("a bool")),
        }
        Ok(())
    }

    pub(super) fn character(&self) -> Result<char, Failure> {
        match self.primitive() {
            // SAFETY: the name says that it is one.
            "char" => Ok(unsafe { self.read() }),
            _ => Err(self.wrong_type("a char")),
        }
    }

    pub(super) fn set_character(self, new: u32) -> Done {
        self.check_writable()?;
        let Some(new) = char::from_u32(new) else {
            return Err(self.failure(HOOKS_ERROR_RANGE, format!("{new:#x} is no Unicode character")));
        };
        match primitive(self.leaf()) {
            // SAFETY: the name says that it is one; `filled` has seen that it may be written.
            "char" => unsafe { self.filled()?.write(new) },
            _ => return Err(self.wrong_type("a char")),
        }
        Ok(())
    }

    pub(super) fn double(&self) -> Result<f64, Failure> {
        match self.primitive() {
            // SAFETY: the name says that it is one.
            "f64" => Ok(unsafe { self.read() }),
            // SAFETY: as above.
            "f32" => Ok(f64::from(unsafe { self.read::<f32>() })),
            _ => Err(self.wrong_type("a floating-point number")),
        }
    }

    pub(super) fn set_double(self, new: f64) -> Done {
        self.check_writable()?;
        match primitive(self.leaf()) {
            // SAFETY: the name says that it is one; `filled` has seen that it may be written.
            "f64" => unsafe { self.filled()?.write(new) },
            // SAFETY: as above.
            "f32" => unsafe { self.filled()?.write(new as f32) },
            _ => return Err(self.wrong_type("a floating-point number")),
        }
        Ok(())
    }

    fn variant(&self) -> Option<usize> {
        match self.layout.access {
            // SAFETY: the function is that of the layout of the value.
            Access::Variants(variant) => Some(unsafe { variant(self.pointer) }),
            _ => None,
        }
    }

    /// A text, an address as text, or the name of an enum's variant.
    pub(super) fn text(&self) -> Result<String, Failure> {
        if let (Parts::Enum { variants, .. }, Some(variant)) = (&self.layout.parts, self.variant())
            && let Some(variant) = variants.get(variant)
        {
            return Ok(variant.name.to_owned());
        }
        match self.layout.access {
            // SAFETY: the function is that of the layout of the value.
            Access::Text { get, .. } => Ok(unsafe { get(self.pointer) }),
            _ => Err(self.wrong_type("a text, an address or an enum")),
        }
    }

    pub(super) fn set_text(self, new: &str) -> Done {
        self.check_writable()?;
        let Access::Text { set, .. } = self.leaf().access else {
            return Err(self.wrong_type("a text or an address"));
        };
        let place = self.filled()?;
        // SAFETY: the function is that of the layout of the value; `filled` has seen that it may be written.
        unsafe { set(place.pointer, new) }
            .map_err(|error| place.failure(HOOKS_ERROR_INVALID, format!("`{}`: {error}", new.escape_debug())))
    }

    /// Bytes: a vector or an array of them, or those of a text.
    pub(super) fn bytes(&self) -> Result<Vec<u8>, Failure> {
        if self.layout.name == "String" {
            return self.text().map(String::into_bytes);
        }
        let bytes = match (&self.layout.parts, self.layout.access) {
            (Parts::Generic([layout]), Access::List(_)) if is_byte(layout) => {
                // SAFETY: the layout is that of a `Vec<u8>`.
                unsafe { (*self.pointer.cast::<Vec<u8>>()).clone() }
            }
            (Parts::Array(layout), _) if is_byte(layout) => {
                // SAFETY: the layout is that of an array of as many bytes.
                unsafe { std::slice::from_raw_parts(self.pointer.cast::<u8>(), self.layout.size) }.to_vec()
            }
            _ => return Err(self.wrong_type("bytes: `Vec<u8>`, `[u8; N]` or `String`")),
        };
        Ok(bytes)
    }

    pub(super) fn set_bytes(self, new: &[u8]) -> Done {
        self.check_writable()?;
        let leaf = self.leaf();
        match (&leaf.parts, leaf.access) {
            (Parts::Generic([layout]), Access::List(_)) if is_byte(layout) => {
                // SAFETY: the layout is that of a `Vec<u8>`; `filled` has seen that it may be written.
                unsafe { self.filled()?.write(new.to_vec()) };
            }
            (Parts::Array(layout), _) if is_byte(layout) => {
                if new.len() != leaf.size {
                    return Err(
                        self.failure(HOOKS_ERROR_RANGE, format!("{} bytes do not fit a `{}`", new.len(), leaf.spell()))
                    );
                }
                let place = self.filled()?;
                // SAFETY: the array has as many bytes; `filled` has seen that it may be written. `new` is C's.
                unsafe { std::ptr::copy_nonoverlapping(new.as_ptr(), place.pointer.cast(), new.len()) };
            }
            _ => return Err(self.wrong_type("bytes: `Vec<u8>` or `[u8; N]`")),
        }
        Ok(())
    }

    /// Makes an option nothing, a list or a text empty.
    pub(super) fn clear(self) -> Done {
        self.check_writable()?;
        match self.layout.access {
            // SAFETY: the functions are those of the layout of the value, which may be written.
            Access::Optional(access) => unsafe { (access.clear)(self.pointer) },
            // SAFETY: as above.
            Access::List(list) => unsafe { (list.clear)(self.pointer) },
            _ if self.layout.name == "String" => return self.set_text(""),
            _ => return Err(self.wrong_type("an option, a list or a text")),
        }
        Ok(())
    }
}

fn primitive(layout: &TypeLayout) -> &'static str {
    if matches!(layout.parts, Parts::Primitive) { layout.name } else { "" }
}

fn is_byte(layout: &TypeLayout) -> bool {
    matches!(layout.parts, Parts::Primitive) && layout.name == "u8"
}
