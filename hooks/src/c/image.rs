//! The image of a C library: the symbols that it defines itself, and what its standard functions say.
#![expect(unsafe_code, reason = "calls functions of C by their names")]

use std::ffi::c_int;

use super::constants::HOOKS_VERSION;
use super::file::{Symbols, wrong_threads};
use super::types::Function;
use crate::library::image::Mapped;
use crate::registry::Registry;

/// A mapped C library.
#[derive(Debug)]
pub(crate) struct Image {
    mapped: Mapped,
    symbols: Symbols,
    version: c_int,
    pub(super) multi_threading_compatible: bool,
}

/// A standard function without parameters.
type Standard = unsafe extern "C-unwind" fn() -> c_int;

impl Image {
    /// Asks the library for its version; only if that fits, whether it is for several threads.
    pub(super) fn new(mapped: Mapped, symbols: Symbols) -> Result<Image, String> {
        let mut image = Image { mapped, symbols, version: 0, multi_threading_compatible: false };
        image.version = image.call("version")?.unwrap_or_default();
        if image.version == HOOKS_VERSION {
            image.multi_threading_compatible =
                image.call("multi_threading_compatible")?.is_some_and(|answer| answer != 0);
        }
        Ok(image)
    }

    /// Whether it fits, as far as it says itself.
    pub(crate) fn check(&self, registry: &Registry, multi_threading: bool) -> Result<(), String> {
        if self.version != HOOKS_VERSION {
            return Err(format!(
                "its function `version` returns {}, this host's C interface has the number {HOOKS_VERSION}; build the library \
                 with the host's `hooks.h` and `return HOOKS_VERSION;`",
                self.version
            ));
        }
        if multi_threading && !self.multi_threading_compatible {
            return Err(wrong_threads("is missing or returns 0"));
        }
        self.symbols.check(registry)
    }

    /// Whether it fits, as far as its symbols tell.
    pub(crate) fn validate(&self, registry: &Registry, multi_threading: bool) -> Result<(), String> {
        self.symbols.validate(registry, multi_threading)
    }

    /// The hook points to which its functions are to be attached, in the order of their names.
    pub(super) fn hooks(&self, registry: &Registry) -> Vec<String> {
        self.symbols.hooks(registry)
    }

    /// Calls the standard function `name`, if the library has it.
    pub(super) fn call(&self, name: &str) -> Result<Option<c_int>, String> {
        if !self.symbols.has_function(name)? {
            return Ok(None);
        }
        // SAFETY: the library defines a function of this name, which has this type in each C library.
        let function: Standard = unsafe { self.mapped.symbol(name) }?;
        // SAFETY: as above.
        Ok(Some(unsafe { function() }))
    }

    /// Its function `name`, which takes one pointer and returns an `int`, if the library has it.
    pub(super) fn function<F: Copy>(&self, name: &str) -> Result<Option<F>, String> {
        // A type of another size would be read out of what lies behind the symbol's address.
        const { assert!(size_of::<F>() == size_of::<Function>()) };
        if !self.symbols.has_function(name)? {
            return Ok(None);
        }
        // SAFETY: the library defines a function of this name. C has no way to tell of which type: as in each C program, it is what
        // the header says.
        unsafe { self.mapped.symbol(name) }.map(Some)
    }
}
