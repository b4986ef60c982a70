//! The sections of a file. They are not mapped, and the dynamic linker does not look at them; but the linker that made the file did
//! so from them, so that what the other structures say has to be the same.

use object::NativeEndian;
use object::elf::{self, DynamicTag, SectionType};
use object::read::elf::{FileHeader as _, SectionHeader as _};

use super::NATIVE;
use super::dynamic::{Dynamic, named};
use super::image::{Image, range, table};
use super::native::{FileHeader, SectionHeader};

/// Sections that the dynamic section names, by where they are and, if it says so, how long they are.
const NAMED: [(SectionType, DynamicTag, Option<DynamicTag>); 8] = [
    (elf::SHT_DYNSYM, elf::DT_SYMTAB, None),
    (elf::SHT_HASH, elf::DT_HASH, None),
    (elf::SHT_GNU_HASH, elf::DT_GNU_HASH, None),
    (elf::SHT_GNU_VERSYM, elf::DT_VERSYM, None),
    (elf::SHT_GNU_VERNEED, elf::DT_VERNEED, None),
    (elf::SHT_GNU_VERDEF, elf::DT_VERDEF, None),
    (elf::SHT_INIT_ARRAY, elf::DT_INIT_ARRAY, Some(elf::DT_INIT_ARRAYSZ)),
    (elf::SHT_FINI_ARRAY, elf::DT_FINI_ARRAY, Some(elf::DT_FINI_ARRAYSZ)),
];

/// Relocations: the dynamic section may name several sections at once.
const RELOCATIONS: [(DynamicTag, DynamicTag); 4] = [
    (elf::DT_RELA, elf::DT_RELASZ),
    (elf::DT_REL, elf::DT_RELSZ),
    (elf::DT_JMPREL, elf::DT_PLTRELSZ),
    (elf::DT_RELR, elf::DT_RELRSZ),
];

/// The table of sections; it is the last in a file, so that if it is there, the file has not been cut off.
pub(super) fn table_of<'a>(
    header: &FileHeader<NativeEndian>,
    bytes: &'a [u8],
) -> Result<&'a [SectionHeader<NativeEndian>], String> {
    let at: u64 = header.e_shoff(NATIVE).into();
    if at == 0 {
        return Ok(&[]);
    }
    if usize::from(header.e_shentsize(NATIVE)) != size_of::<SectionHeader<NativeEndian>>() {
        return Err(format!("the entries of its table of sections have {} bytes", header.e_shentsize(NATIVE)));
    }
    let missing =
        || format!("its table of sections, at byte {at}, is not in the file, which has {} bytes", bytes.len());
    let first = table::<SectionHeader<_>>(bytes, at, 1).and_then(<[_]>::first).ok_or_else(&missing)?;
    // More than fit into the header's number are counted in the first one.
    let count = match header.e_shnum(NATIVE) {
        0 => first.sh_size(NATIVE).into(),
        count => count.into(),
    };
    table::<SectionHeader<_>>(bytes, at, count).ok_or_else(&missing)
}

/// Checks that segments and dynamic section say the same as the sections.
pub(super) fn check(image: &Image<'_>, dynamic: &Dynamic<'_>) -> Result<(), String> {
    for (number, section) in image.sections.iter().enumerate() {
        let checked = check_one(image, section).and_then(|()| check_named(section, dynamic));
        checked.map_err(|what| format!("section {number} {what}"))?;
    }
    Ok(())
}

fn is(section: &SectionHeader<NativeEndian>, flag: elf::SectionFlags) -> bool {
    section.sh_flags(NATIVE).0 & flag.0 != 0
}

/// Whether it is in the file, and is mapped as it has to be.
fn check_one(image: &Image<'_>, section: &SectionHeader<NativeEndian>) -> Result<(), String> {
    if [elf::SHT_NOBITS, elf::SHT_NULL].contains(&section.sh_type(NATIVE)) {
        return Ok(());
    }
    let (at, size): (u64, u64) = (section.sh_offset(NATIVE).into(), section.sh_size(NATIVE).into());
    if range(image.file(), at, size).is_none() {
        return Err(format!("is at the bytes {at} + {size} of a file of {}", image.file().len()));
    }
    if !is(section, elf::SHF_ALLOC) || size == 0 {
        return Ok(());
    }
    let start: u64 = section.sh_addr(NATIVE).into();
    let last = start.saturating_add(size - 1);
    if image.file_offset(start) != Some(at) || image.file_offset(last) != Some(at + (size - 1)) {
        return Err(format!("at {start:#x} + {size:#x} is not what is mapped there"));
    }
    let is_writable = !is(section, elf::SHF_WRITE) || image.is_writable(start, size);
    if !is_writable || is(section, elf::SHF_EXECINSTR) && !image.is_code(start) {
        return Err(format!("at {start:#x} is to be written or to run, but is not mapped so"));
    }
    Ok(())
}

/// Whether the dynamic section names it, if it is one for the dynamic linker.
fn check_named(section: &SectionHeader<NativeEndian>, dynamic: &Dynamic<'_>) -> Result<(), String> {
    let (start, size): (u64, u64) = (section.sh_addr(NATIVE).into(), section.sh_size(NATIVE).into());
    let kind = section.sh_type(NATIVE);
    if !is(section, elf::SHF_ALLOC) || size == 0 {
        return Ok(());
    }
    if let Some((_, tag, length)) = NAMED.iter().find(|(named, ..)| *named == kind) {
        let found = (dynamic.get(*tag), length.and_then(|length| dynamic.get(length)));
        return match found == (Some(start), length.map(|_| size)) {
            true => Ok(()),
            false => Err(format!("at {start:#x} + {size:#x} is not where {} says", named(*tag))),
        };
    }
    if [elf::SHT_RELA, elf::SHT_REL, elf::SHT_RELR].contains(&kind) {
        let holds = |(table, length): (DynamicTag, DynamicTag)| {
            let (at, length) = (dynamic.get(table)?, dynamic.get(length)?);
            Some(at <= start && start.checked_add(size)? <= at.checked_add(length)?)
        };
        if !RELOCATIONS.into_iter().any(|table| holds(table) == Some(true)) {
            return Err(format!("at {start:#x} + {size:#x} has relocations that the dynamic section does not name"));
        }
    }
    Ok(())
}
