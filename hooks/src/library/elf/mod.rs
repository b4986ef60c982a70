//! Whether the dynamic linker can be given a file: it trusts what the file says of itself, and a wrong number ends the process.
//!
//! Looked at is each structure that glibc's linker follows when it opens a library: header, segments, the dynamic section and the
//! tables that it names, each symbol and version that these reach, and where relocations write. Not looked at is what only code
//! uses: instructions, unwind tables, and the values of pointers in data. Whoever can forge those can as well write a plugin.
#![cfg_attr(
    target_pointer_width = "64",
    expect(clippy::useless_conversion, reason = "other hosts have shorter numbers")
)]

mod dynamic;
mod image;
mod kind;
mod relocations;
mod sections;
mod symbols;
mod versions;

use object::NativeEndian;

pub(crate) use dynamic::Dynamic;
use image::Image;

#[cfg(target_pointer_width = "64")]
mod native {
    pub(super) use object::elf::{
        Dyn64 as Dyn, FileHeader64 as FileHeader, ProgramHeader64 as ProgramHeader, Rel64 as Rel, Rela64 as Rela,
        SectionHeader64 as SectionHeader, Sym64 as Sym,
    };
}
#[cfg(target_pointer_width = "32")]
mod native {
    pub(super) use object::elf::{
        Dyn32 as Dyn, FileHeader32 as FileHeader, ProgramHeader32 as ProgramHeader, Rel32 as Rel, Rela32 as Rela,
        SectionHeader32 as SectionHeader, Sym32 as Sym,
    };
}

/// The byte order of this host, which a file has that gets past [`kind::check`].
const NATIVE: NativeEndian = NativeEndian;

/// Whether the file is for this host, so that [`check`] can tell anything of it.
#[cfg(feature = "cli")]
pub(crate) fn is_native(bytes: &[u8]) -> bool {
    kind::check(bytes).is_ok()
}

/// Checks `bytes` and returns what the file asks the dynamic linker for.
pub(crate) fn check(bytes: &[u8]) -> Result<Dynamic<'_>, String> {
    kind::check(bytes)?;
    let damaged = |what: String| {
        format!(
            "is a damaged shared library: {what}; it was cut off, or changed after it had been linked: build it or copy it again"
        )
    };
    let image = Image::new(bytes).map_err(damaged)?;
    let dynamic = Dynamic::new(&image).map_err(damaged)?;
    if dynamic.is_program() {
        return Err(kind::not_a_library("it is a program"));
    }
    sections::check(&image, &dynamic).map_err(damaged)?;
    let versions = versions::check(&image, &dynamic).map_err(damaged)?;
    let symbols = symbols::Symbols::new(&image, &dynamic, versions).map_err(damaged)?;
    symbols.check_hash_tables().map_err(damaged)?;
    relocations::check(&image, &dynamic, &symbols).map_err(damaged)?;
    Ok(dynamic)
}
