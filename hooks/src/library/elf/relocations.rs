//! The relocations: where the dynamic linker writes, and with which symbols.

use object::NativeEndian;
use object::elf::{self, DynamicTag};
use object::read::elf::{Rel as _, Rela as _};

use super::NATIVE;
use super::dynamic::{Dynamic, named};
use super::image::Image;
use super::native::{Rel, Rela};
use super::symbols::Symbols;

/// The kinds that copy data out of another library, which only programs have, and that call a function of the file.
const COPY_AND_CALL: Option<(u32, u32)> = if cfg!(target_arch = "x86_64") {
    Some((5, 37))
} else if cfg!(target_arch = "aarch64") {
    Some((1024, 1032))
} else if cfg!(any(target_arch = "riscv64", target_arch = "riscv32")) {
    Some((4, 58))
} else {
    None
};

/// Checks where each of them writes, and the symbols that they name.
pub(super) fn check(image: &Image<'_>, dynamic: &Dynamic<'_>, symbols: &Symbols<'_>) -> Result<(), String> {
    let tables = [
        (elf::DT_RELA, elf::DT_RELASZ, Some(elf::DT_RELA)),
        (elf::DT_REL, elf::DT_RELSZ, Some(elf::DT_REL)),
        (elf::DT_JMPREL, elf::DT_PLTRELSZ, dynamic.plt_kind()),
    ];
    let place = Place { image, anywhere: dynamic.has_text_relocations() };
    for (table, size, kind) in tables {
        let Some(at) = dynamic.get(table) else { continue };
        let size = dynamic.required(size)?;
        if size > 0 {
            let checked = if kind == Some(elf::DT_RELA) {
                rela(&place, at, size, symbols)
            } else {
                rel(&place, at, size, symbols)
            };
            checked.map_err(|what| format!("{}: {what}", named(table)))?;
        }
    }
    match dynamic.get(elf::DT_RELR) {
        Some(at) => relr(&place, at, dynamic.required(elf::DT_RELRSZ)?).map_err(|what| {
            let table: DynamicTag = elf::DT_RELR;
            format!("{}: {what}", named(table))
        }),
        None => Ok(()),
    }
}

const UNMAPPED: &str = "it is not in a mapped part of the file";

/// Where relocations may write.
struct Place<'a> {
    image: &'a Image<'a>,
    anywhere: bool,
}

impl Place<'_> {
    fn check(&self, number: usize, address: u64) -> Result<(), String> {
        let size = size_of::<usize>() as u64;
        let is_right =
            if self.anywhere { self.image.is_memory(address, size) } else { self.image.is_writable(address, size) };
        match is_right {
            true => Ok(()),
            false => Err(format!("relocation {number} writes at {address:#x}, where it cannot")),
        }
    }
}

fn rela(place: &Place<'_>, at: u64, size: u64, symbols: &Symbols<'_>) -> Result<(), String> {
    let table = place.image.table::<Rela<NativeEndian>>(at, size).ok_or(UNMAPPED)?;
    for (number, entry) in table.iter().enumerate() {
        let kind = entry.r_type(NATIVE, false).0;
        if kind == 0 {
            continue;
        }
        place.check(number, entry.r_offset(NATIVE).into())?;
        symbols.check(entry.r_sym(NATIVE, false))?;
        let addend: i64 = entry.r_addend(NATIVE).into();
        match COPY_AND_CALL {
            Some((copy, _)) if kind == copy => return Err(format!("relocation {number} copies, as in a program")),
            Some((_, call)) if kind == call && !place.image.is_code(addend as u64) => {
                return Err(format!("relocation {number} calls {addend:#x}, which is no code"));
            }
            _ => {}
        }
    }
    Ok(())
}

fn rel(place: &Place<'_>, at: u64, size: u64, symbols: &Symbols<'_>) -> Result<(), String> {
    let table = place.image.table::<Rel<NativeEndian>>(at, size).ok_or(UNMAPPED)?;
    for (number, entry) in table.iter().enumerate().filter(|(_, entry)| entry.r_type(NATIVE).0 != 0) {
        place.check(number, entry.r_offset(NATIVE).into())?;
        symbols.check(entry.r_sym(NATIVE))?;
    }
    Ok(())
}

/// An even word is an address; an odd one has a bit for each of the words behind the last.
fn relr(place: &Place<'_>, at: u64, size: u64) -> Result<(), String> {
    const WORD: usize = size_of::<usize>();
    let table = place.image.table::<[u8; WORD]>(at, size).ok_or(UNMAPPED)?;
    let mut next: u64 = 0;
    for (number, entry) in table.iter().enumerate() {
        let entry = usize::from_ne_bytes(*entry);
        if entry & 1 == 0 {
            place.check(number, entry as u64)?;
            next = entry as u64 + WORD as u64;
            continue;
        }
        for bit in (1..usize::BITS).filter(|bit| entry >> bit & 1 == 1) {
            place.check(number, next.saturating_add(u64::from(bit - 1) * WORD as u64))?;
        }
        next = next.saturating_add((u64::from(usize::BITS) - 1) * WORD as u64);
    }
    Ok(())
}
