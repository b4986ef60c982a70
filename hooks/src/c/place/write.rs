//! How a value behind a path is written, as C gives it. The type decides what fits, so that each value stays a valid one.
#![expect(unsafe_code, reason = "writes values through pointers, with the functions of their own layouts")]

use super::super::boundary::{Done, Failure};
use super::super::constants::{HOOKS_ERROR_INVALID, HOOKS_ERROR_NOT_FOUND, HOOKS_ERROR_RANGE, HOOKS_ERROR_READ_ONLY};
use super::{Place, is_byte, primitive};
use crate::abi::access::Access;
use crate::abi::layout::{Parts, TypeLayout};

impl Place {
    fn check_writable(&self) -> Done {
        if self.writable {
            return Ok(());
        }
        Err(match self.private {
            Some(field) => {
                self.failure(HOOKS_ERROR_READ_ONLY, format!("the field `{field}` is not `pub`, so C can only read it"))
            }
            None => self.failure(HOOKS_ERROR_READ_ONLY, "the hook point lends it read-only"),
        })
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

    /// # Safety
    ///
    /// The value must be a `T` and may be written.
    unsafe fn write<T>(&self, value: T) {
        // SAFETY: the caller's promise.
        unsafe { *self.pointer.cast::<T>() = value };
    }

    /// Writes an integer of any width.
    pub(in crate::c) fn set_integer(self, new: i128) -> Done {
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

    pub(in crate::c) fn set_boolean(self, new: bool) -> Done {
        self.check_writable()?;
        match primitive(self.leaf()) {
            // SAFETY: the name says that it is one; `filled` has seen that it may be written.
            "bool" => unsafe { self.filled()?.write(new) },
            _ => return Err(self.wrong_type("a bool")),
        }
        Ok(())
    }

    pub(in crate::c) fn set_character(self, new: u32) -> Done {
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

    pub(in crate::c) fn set_double(self, new: f64) -> Done {
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

    pub(in crate::c) fn set_text(self, new: &str) -> Done {
        self.check_writable()?;
        let Access::Text { set, .. } = self.leaf().access else {
            return Err(self.wrong_type("a text or an address"));
        };
        let place = self.filled()?;
        // SAFETY: the function is that of the layout of the value; `filled` has seen that it may be written.
        unsafe { set(place.pointer, new) }
            .map_err(|error| place.failure(HOOKS_ERROR_INVALID, format!("`{}`: {error}", new.escape_debug())))
    }

    pub(in crate::c) fn set_bytes(self, new: &[u8]) -> Done {
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
    pub(in crate::c) fn clear(self) -> Done {
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
