//! The dynamic section: what a file tells the dynamic linker.

use std::collections::HashMap;

use object::elf::{self, DynamicTag};
use object::read::elf::Dyn as _;

use super::image::Image;
use super::native::{Dyn, Rel, Rela, Sym};
use super::{NATIVE, native};

/// What stands in the dynamic section; where a number is given twice, the linker takes the last.
#[derive(Debug)]
pub(crate) struct Dynamic<'a> {
    values: HashMap<i64, u64>,
    strings: &'a [u8],
    /// The libraries that it depends on.
    pub(crate) needed: Vec<&'a [u8]>,
}

/// Tables with the number of bytes that they have and that each entry has.
const TABLES: [(DynamicTag, DynamicTag, DynamicTag, usize); 3] = [
    (elf::DT_RELA, elf::DT_RELASZ, elf::DT_RELAENT, size_of::<Rela<object::NativeEndian>>()),
    (elf::DT_REL, elf::DT_RELSZ, elf::DT_RELENT, size_of::<Rel<object::NativeEndian>>()),
    (elf::DT_RELR, elf::DT_RELRSZ, elf::DT_RELRENT, size_of::<usize>()),
];

impl<'a> Dynamic<'a> {
    pub(super) fn new(image: &Image<'a>) -> Result<Dynamic<'a>, String> {
        let (at, size) = image.dynamic;
        let entries = image.table::<native::Dyn<_>>(at, size).filter(|_| size > 0);
        let entries: &[Dyn<object::NativeEndian>] = entries.ok_or("it has no dynamic section")?;
        let end = entries.iter().position(|entry| entry.tag(NATIVE) == elf::DT_NULL);
        let entries = end.and_then(|end| entries.get(..end)).ok_or("its dynamic section has no end")?;
        let values = entries.iter().map(|entry| (entry.tag(NATIVE).0, entry.val(NATIVE))).collect();
        let mut dynamic = Dynamic { values, strings: &[], needed: Vec::new() };
        let (at, size) = (dynamic.required(elf::DT_STRTAB)?, dynamic.required(elf::DT_STRSZ)?);
        let strings = image.data(at, size).filter(|strings| strings.ends_with(b"\0"));
        dynamic.strings = strings.ok_or("its table of names is not in a mapped part of the file, or has no end")?;
        for entry in entries {
            match entry.tag(NATIVE) {
                elf::DT_NEEDED => dynamic.needed.push(dynamic.text("a dependency", entry.val(NATIVE))?),
                elf::DT_SONAME | elf::DT_RPATH | elf::DT_RUNPATH | elf::DT_AUXILIARY | elf::DT_FILTER => {
                    dynamic.text("its dynamic section", entry.val(NATIVE))?;
                }
                _ => {}
            }
        }
        dynamic.check(image)?;
        Ok(dynamic)
    }

    fn check(&self, image: &Image<'_>) -> Result<(), String> {
        for (table, bytes, entry, expected) in TABLES {
            if self.get(table).is_some() {
                let (size, entry) = (self.required(bytes)?, self.required(entry)?);
                if entry != expected as u64 || size % entry != 0 {
                    return Err(format!("{} has {size} bytes, {entry} for each; expected {expected}", named(table)));
                }
            }
        }
        if self.required(elf::DT_SYMENT)? != size_of::<Sym<object::NativeEndian>>() as u64 {
            return Err(format!("its symbols have {} bytes each", self.required(elf::DT_SYMENT)?));
        }
        if self.get(elf::DT_JMPREL).is_some() {
            let entries =
                if self.required(elf::DT_PLTREL)? == elf::DT_RELA.0 as u64 { TABLES[0].3 } else { TABLES[1].3 };
            let size = self.required(elf::DT_PLTRELSZ)?;
            if self.plt_kind().is_none() || size % entries as u64 != 0 {
                return Err(format!("{} has {size} bytes of an unknown kind", named(elf::DT_JMPREL)));
            }
        }
        let word = size_of::<usize>() as u64;
        if let Some(at) = self.get(elf::DT_PLTGOT).filter(|at| !image.is_memory(*at, 3 * word)) {
            return Err(format!("{} at {at:#x} is not in a mapped part", named(elf::DT_PLTGOT)));
        }
        for function in [elf::DT_INIT, elf::DT_FINI] {
            if let Some(at) = self.get(function).filter(|at| !image.is_code(*at)) {
                return Err(format!("{} at {at:#x} is no code", named(function)));
            }
        }
        for (array, size) in [(elf::DT_INIT_ARRAY, elf::DT_INIT_ARRAYSZ), (elf::DT_FINI_ARRAY, elf::DT_FINI_ARRAYSZ)] {
            let Some(at) = self.get(array) else { continue };
            let size = self.required(size)?;
            if size % word != 0 || at % word != 0 || size > 0 && image.data(at, size).is_none() {
                return Err(format!("{} at {at:#x} + {size:#x} is not in a mapped part of the file", named(array)));
            }
        }
        Ok(())
    }

    /// The value of `tag`.
    pub(super) fn get(&self, tag: DynamicTag) -> Option<u64> {
        self.values.get(&tag.0).copied()
    }

    /// The value of `tag`, without which the linker ends the process.
    pub(super) fn required(&self, tag: DynamicTag) -> Result<u64, String> {
        self.get(tag).ok_or_else(|| format!("its dynamic section lacks {}", named(tag)))
    }

    /// Whether there is a name at `offset` in the table of names, which ends with the end of a name.
    pub(super) fn has_text(&self, offset: u32) -> bool {
        (offset as usize) < self.strings.len()
    }

    /// The name at `offset` in the table of names, for `what`.
    pub(super) fn text(&self, what: &str, offset: u64) -> Result<&'a [u8], String> {
        let rest = usize::try_from(offset).ok().and_then(|offset| self.strings.get(offset..));
        let text = rest.filter(|rest| !rest.is_empty()).and_then(|rest| rest.split(|byte| *byte == 0).next());
        text.ok_or_else(|| format!("the name of {what} is not in its table of names"))
    }

    /// Whether it is a program that could run by itself.
    pub(super) fn is_program(&self) -> bool {
        self.get(elf::DT_FLAGS_1).is_some_and(|flags| flags & elf::DF_1_PIE.0 != 0)
    }

    /// Whether relocations may write where the image is read-only: the linker makes it writable meanwhile.
    pub(super) fn has_text_relocations(&self) -> bool {
        let flags = self.get(elf::DT_FLAGS).unwrap_or_default();
        self.get(elf::DT_TEXTREL).is_some() || flags & elf::DF_TEXTREL.0 != 0
    }

    /// Whether the relocations of functions are as in DT_RELA or as in DT_REL.
    pub(super) fn plt_kind(&self) -> Option<DynamicTag> {
        let kind = DynamicTag(self.get(elf::DT_PLTREL)? as i64);
        [elf::DT_RELA, elf::DT_REL].contains(&kind).then_some(kind)
    }

    /// Whether it may name the folder in which it is itself.
    pub(crate) fn looks_beside(&self) -> bool {
        self.strings.windows(7).any(|text| text == b"$ORIGIN" || text == b"{ORIGIN")
    }

    /// The folders in which it wants its dependencies looked for.
    pub(crate) fn folders(&self) -> Vec<&'a [u8]> {
        // The linker looks at the one only where there is not the other.
        let list = self.get(elf::DT_RUNPATH).or_else(|| self.get(elf::DT_RPATH));
        let list = list.and_then(|at| self.text("a folder", at).ok()).unwrap_or_default();
        if list.is_empty() { Vec::new() } else { list.split(|byte| *byte == b':').collect() }
    }
}

/// How tools such as `readelf` call it.
pub(super) fn named(tag: DynamicTag) -> String {
    let name = match tag {
        elf::DT_STRTAB => "STRTAB",
        elf::DT_STRSZ => "STRSZ",
        elf::DT_SYMTAB => "SYMTAB",
        elf::DT_SYMENT => "SYMENT",
        elf::DT_RELA => "RELA",
        elf::DT_RELASZ => "RELASZ",
        elf::DT_RELAENT => "RELAENT",
        elf::DT_REL => "REL",
        elf::DT_RELR => "RELR",
        elf::DT_JMPREL => "JMPREL",
        elf::DT_PLTREL => "PLTREL",
        elf::DT_PLTRELSZ => "PLTRELSZ",
        elf::DT_PLTGOT => "PLTGOT",
        elf::DT_INIT => "INIT",
        elf::DT_FINI => "FINI",
        elf::DT_INIT_ARRAY => "INIT_ARRAY",
        elf::DT_FINI_ARRAY => "FINI_ARRAY",
        elf::DT_GNU_HASH => "GNU_HASH",
        elf::DT_HASH => "HASH",
        elf::DT_VERSYM => "VERSYM",
        elf::DT_VERNEED => "VERNEED",
        elf::DT_VERDEF => "VERDEF",
        DynamicTag(number) => return format!("the entry {number:#x}"),
    };
    format!("the entry {name}")
}
