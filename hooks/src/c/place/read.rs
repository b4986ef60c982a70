//! How a value behind a path is read, as C sees it.
#![expect(unsafe_code, reason = "reads values through pointers, with the functions of their own layouts")]

use super::super::boundary::Failure;
use super::super::constants::HOOKS_ERROR_RANGE;
use super::{Place, is_byte};
use crate::abi::access::Access;
use crate::abi::layout::Parts;

impl Place {
    /// # Safety
    ///
    /// The value must be a `T`.
    unsafe fn read<T: Copy>(&self) -> T {
        // SAFETY: the caller's promise.
        unsafe { *self.pointer.cast::<T>() }
    }

    /// An integer of any width, or the number of an enum's variant.
    pub(in crate::c) fn integer(&self) -> Result<i128, Failure> {
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

    pub(in crate::c) fn boolean(&self) -> Result<bool, Failure> {
        match self.primitive() {
            // SAFETY: the name says that it is one.
            "bool" => Ok(unsafe { self.read() }),
            _ => Err(self.wrong_type("a bool")),
        }
    }

    pub(in crate::c) fn character(&self) -> Result<char, Failure> {
        match self.primitive() {
            // SAFETY: the name says that it is one.
            "char" => Ok(unsafe { self.read() }),
            _ => Err(self.wrong_type("a char")),
        }
    }

    pub(in crate::c) fn double(&self) -> Result<f64, Failure> {
        match self.primitive() {
            // SAFETY: the name says that it is one.
            "f64" => Ok(unsafe { self.read() }),
            // SAFETY: as above.
            "f32" => Ok(f64::from(unsafe { self.read::<f32>() })),
            _ => Err(self.wrong_type("a floating-point number")),
        }
    }

    fn variant(&self) -> Option<usize> {
        match self.layout.access {
            // SAFETY: the function is that of the layout of the value.
            Access::Variants(variant) => Some(unsafe { variant(self.pointer) }),
            _ => None,
        }
    }

    /// A text, an address as text, or the name of an enum's variant.
    pub(in crate::c) fn text(&self) -> Result<String, Failure> {
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

    /// Bytes: a vector or an array of them, or those of a text.
    pub(in crate::c) fn bytes(&self) -> Result<Vec<u8>, Failure> {
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
}
