//! The relocations: where the dynamic linker writes, and with which symbols.

use std::collections::HashSet;
use std::ops::Range;

use object::NativeEndian;
use object::elf;
use object::read::elf::{Rel as _, Rela as _};

use super::NATIVE;
use super::dynamic::{Dynamic, named};
use super::image::Image;
use super::native::{Rel, Rela};
use super::symbols::Symbols;

/// The numbers of some kinds of relocations on this machine.
struct Kinds {
    /// It adds the image's place in memory.
    relative: u32,
    /// It calls a function of the file.
    call: Option<u32>,
    /// It copies data out of another library, which only programs have.
    copy: u32,
}

const KINDS: Option<Kinds> = if cfg!(target_arch = "x86_64") {
    Some(Kinds { relative: 8, call: Some(37), copy: 5 })
} else if cfg!(target_arch = "aarch64") {
    Some(Kinds { relative: 1027, call: Some(1032), copy: 1024 })
} else if cfg!(any(target_arch = "riscv64", target_arch = "riscv32")) {
    Some(Kinds { relative: 3, call: Some(58), copy: 4 })
} else if cfg!(target_arch = "x86") {
    Some(Kinds { relative: 8, call: None, copy: 5 })
} else if cfg!(target_arch = "arm") {
    Some(Kinds { relative: 23, call: None, copy: 20 })
} else {
    None
};

/// Checks where each of them writes, and the symbols that they name.
pub(super) fn check(image: &Image<'_>, dynamic: &Dynamic<'_>, symbols: &Symbols<'_>) -> Result<(), String> {
    let arrays = [(elf::DT_INIT_ARRAY, elf::DT_INIT_ARRAYSZ), (elf::DT_FINI_ARRAY, elf::DT_FINI_ARRAYSZ)];
    let arrays = arrays.map(|(array, size)| {
        let start = dynamic.get(array).unwrap_or_default();
        start..start + dynamic.get(size).unwrap_or_default()
    });
    let mut place = Place { image, anywhere: dynamic.has_text_relocations(), arrays, set: HashSet::new() };
    let tables = [
        (elf::DT_RELA, elf::DT_RELASZ, Some(elf::DT_RELA), Some(elf::DT_RELACOUNT)),
        (elf::DT_REL, elf::DT_RELSZ, Some(elf::DT_REL), Some(elf::DT_RELCOUNT)),
        (elf::DT_JMPREL, elf::DT_PLTRELSZ, dynamic.plt_kind(), None),
    ];
    for (table, size, kind, count) in tables {
        let Some(at) = dynamic.get(table) else { continue };
        let (size, count) = (dynamic.required(size)?, count.and_then(|count| dynamic.get(count)).unwrap_or_default());
        if size > 0 {
            let check = if kind == Some(elf::DT_RELA) { rela } else { rel };
            check(&mut place, at, size, count, symbols).map_err(|what| format!("{}: {what}", named(table)))?;
        }
    }
    if let Some(at) = dynamic.get(elf::DT_RELR) {
        let size = dynamic.required(elf::DT_RELRSZ)?;
        relr(&mut place, at, size).map_err(|what| format!("{}: {what}", named(elf::DT_RELR)))?;
    }
    place.check_arrays()
}

const UNMAPPED: &str = "it is not in a mapped part of the file";

const WORD: usize = size_of::<usize>();

/// Where relocations may write.
struct Place<'a> {
    image: &'a Image<'a>,
    anywhere: bool,
    /// The lists of functions that are called when the library is opened and closed.
    arrays: [Range<u64>; 2],
    /// The places in these lists that have got an address.
    set: HashSet<u64>,
}

impl Place<'_> {
    /// Whether relocation `number` may write there; `value` is the address in the image that it makes, as far as it is known.
    fn check(&mut self, number: usize, address: u64, value: Option<u64>) -> Result<(), String> {
        let size = WORD as u64;
        let is_right =
            if self.anywhere { self.image.is_memory(address, size) } else { self.image.is_writable(address, size) };
        if !is_right {
            return Err(format!("relocation {number} writes at {address:#x}, where it cannot"));
        }
        if self.arrays.iter().any(|array| array.contains(&address)) {
            if let Some(value) = value.filter(|value| !self.image.is_code(*value & !1)) {
                return Err(format!("relocation {number} has {value:#x} called, which is no code"));
            }
            self.set.insert(address);
        }
        Ok(())
    }

    /// The linker calls what stands in these lists, whatever it is.
    fn check_arrays(&self) -> Result<(), String> {
        let places = |array: &Range<u64>| array.clone().step_by(WORD);
        match self.arrays.iter().flat_map(places).find(|place| !self.set.contains(place)) {
            Some(place) => Err(format!("what is to be called at {place:#x} has no address")),
            None => Ok(()),
        }
    }
}

fn rela(place: &mut Place<'_>, at: u64, size: u64, relative: u64, symbols: &Symbols<'_>) -> Result<(), String> {
    let table = place.image.table::<Rela<NativeEndian>>(at, size).ok_or(UNMAPPED)?;
    for (number, entry) in table.iter().enumerate() {
        let kind = entry.r_type(NATIVE, false).0;
        let addend: i64 = entry.r_addend(NATIVE).into();
        check_kind(number, kind, relative)?;
        if kind == 0 {
            continue;
        }
        let is_relative = KINDS.is_some_and(|kinds| kind == kinds.relative);
        place.check(number, entry.r_offset(NATIVE).into(), is_relative.then_some(addend as u64))?;
        symbols.check(entry.r_sym(NATIVE, false))?;
        if KINDS.is_some_and(|kinds| Some(kind) == kinds.call) && !place.image.is_code(addend as u64) {
            return Err(format!("relocation {number} calls {addend:#x}, which is no code"));
        }
    }
    Ok(())
}

fn rel(place: &mut Place<'_>, at: u64, size: u64, relative: u64, symbols: &Symbols<'_>) -> Result<(), String> {
    let table = place.image.table::<Rel<NativeEndian>>(at, size).ok_or(UNMAPPED)?;
    for (number, entry) in table.iter().enumerate() {
        let kind = entry.r_type(NATIVE).0;
        check_kind(number, kind, relative)?;
        if kind != 0 {
            place.check(number, entry.r_offset(NATIVE).into(), None)?;
            symbols.check(entry.r_sym(NATIVE))?;
        }
    }
    Ok(())
}

/// The linker ends the process if one of those that are counted as relative is something else.
fn check_kind(number: usize, kind: u32, relative: u64) -> Result<(), String> {
    match KINDS {
        Some(kinds) if kind == kinds.copy => Err(format!("relocation {number} copies, as in a program")),
        Some(kinds) if (number as u64) < relative && kind != kinds.relative => {
            Err(format!("relocation {number} is of the kind {kind}, not relative as the first {relative}"))
        }
        _ => Ok(()),
    }
}

/// An even word is an address; an odd one has a bit for each of the words behind the last.
fn relr(place: &mut Place<'_>, at: u64, size: u64) -> Result<(), String> {
    let table = place.image.table::<[u8; WORD]>(at, size).ok_or(UNMAPPED)?;
    let image = place.image;
    let value = |address| image.at::<[u8; WORD]>(address).map(|bytes| usize::from_ne_bytes(*bytes) as u64);
    let mut next: u64 = 0;
    for (number, entry) in table.iter().enumerate() {
        let entry = usize::from_ne_bytes(*entry);
        if entry & 1 == 0 {
            place.check(number, entry as u64, value(entry as u64))?;
            next = entry as u64 + WORD as u64;
            continue;
        }
        for bit in (1..usize::BITS).filter(|bit| entry >> bit & 1 == 1) {
            let address = next.saturating_add(u64::from(bit - 1) * WORD as u64);
            place.check(number, address, value(address))?;
        }
        next = next.saturating_add((u64::from(usize::BITS) - 1) * WORD as u64);
    }
    Ok(())
}
