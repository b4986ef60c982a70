//! What a file has by name: its section of records, the symbols that it defines, the libraries that it needs. Everything takes time
//! and space that its size bounds, whatever its tables say.

use object::read::elf::{Dyn, ElfFile, FileHeader};
use object::{File, Object, ObjectSection, ObjectSymbol, SymbolKind, elf};

use crate::abi::TARGET;

/// The section of the records.
const RECORDS: &str = ".hooks";

/// A file's tables that were found to be in order.
pub(crate) struct Binary<'a> {
    file: File<'a>,
    size: usize,
}

/// A global symbol that the file itself defines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Symbol<'a> {
    pub(crate) name: &'a str,
    pub(crate) is_function: bool,
}

/// How many bytes of names may still be looked at: names may overlap, so that a small file could have very many very long ones.
struct Budget(usize);

impl Budget {
    fn take(&mut self, name: &[u8]) -> Result<(), String> {
        match self.0.checked_sub(name.len() + 1) {
            Some(rest) => {
                self.0 = rest;
                Ok(())
            }
            None => Err("is damaged: its names are longer than the file".to_owned()),
        }
    }
}

impl<'a> Binary<'a> {
    /// The file in `bytes`.
    pub(crate) fn parse(bytes: &'a [u8]) -> Result<Binary<'a>, String> {
        let file = File::parse(bytes)
            .map_err(|error| format!("is not a shared library ({error}); expected an ELF file for {TARGET}"))?;
        Ok(Binary { file, size: bytes.len() })
    }

    fn budget(&self) -> Budget {
        // Linkers share the ends of names, so that all of them are a little longer than their table.
        Budget(self.size.saturating_mul(4).saturating_add(4096))
    }

    /// The bytes of its section of records, if it has one.
    pub(crate) fn records(&self) -> Result<Option<&'a [u8]>, String> {
        let mut budget = self.budget();
        for section in self.file.sections() {
            let Ok(name) = section.name_bytes() else { continue };
            budget.take(name)?;
            if name == RECORDS.as_bytes() {
                let data = section.data();
                return data.map(Some).map_err(|error| format!("its section `.hooks` cannot be read: {error}"));
            }
        }
        Ok(None)
    }

    /// The global symbols that the file itself defines, in the order of its table.
    ///
    /// Without those that are there only for programs that were linked with an older version of the file (`sqrt@V1`): to look up
    /// their bare name finds that of a dependency.
    pub(crate) fn symbols(&self) -> Result<Vec<Symbol<'a>>, String> {
        let mut budget = self.budget();
        let mut symbols = Vec::new();
        let old = self.old_versions();
        for symbol in self.file.dynamic_symbols() {
            let is_old = old.get(symbol.index().0).is_some_and(|is_old| *is_old);
            if !symbol.is_global() || symbol.is_undefined() || is_old {
                continue;
            }
            let Ok(name) = symbol.name_bytes() else { continue };
            budget.take(name)?;
            if let Ok(name) = str::from_utf8(name) {
                symbols.push(Symbol { name, is_function: symbol.kind() == SymbolKind::Text });
            }
        }
        Ok(symbols)
    }

    /// Of each symbol, whether it is hidden behind a newer version.
    fn old_versions(&self) -> Vec<bool> {
        match &self.file {
            File::Elf32(file) => hidden(file),
            File::Elf64(file) => hidden(file),
            _ => Vec::new(),
        }
    }

    /// The libraries that it needs (`DT_NEEDED`), in their order.
    pub(crate) fn needed(&self) -> Result<Vec<&'a str>, String> {
        match &self.file {
            File::Elf32(file) => needed(file, self.budget()),
            File::Elf64(file) => needed(file, self.budget()),
            _ => Ok(Vec::new()),
        }
    }
}

fn hidden<Elf: FileHeader>(file: &ElfFile<'_, Elf>) -> Vec<bool> {
    let endian = file.endian();
    // The versions' names do not matter, and their tables are lists that may be very long.
    let Ok(Some((versions, _))) = file.elf_section_table().gnu_versym(endian, file.data()) else { return Vec::new() };
    versions.iter().map(|version| version.0.get(endian).is_hidden()).collect()
}

fn needed<'a, Elf: FileHeader>(file: &ElfFile<'a, Elf>, mut budget: Budget) -> Result<Vec<&'a str>, String> {
    let endian = file.endian();
    let damaged = |error| format!("its dynamic section cannot be read: {error}");
    let sections = file.elf_section_table();
    let Some((entries, strings)) = sections.dynamic(endian, file.data()).map_err(damaged)? else {
        return Ok(Vec::new());
    };
    let strings = sections.strings(endian, file.data(), strings).map_err(damaged)?;
    let mut needed = Vec::new();
    for entry in entries.iter().take_while(|entry| entry.tag(endian) != elf::DT_NULL) {
        if entry.tag(endian) != elf::DT_NEEDED {
            continue;
        }
        let name = entry.string(endian, strings).map_err(damaged)?;
        budget.take(name)?;
        needed.push(str::from_utf8(name).map_err(|_| "the name of a library that it needs is not UTF-8".to_owned())?);
    }
    Ok(needed)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The header of a section of an ELF file with 64 bits.
    fn section(kind: u32, offset: usize, size: usize, link: u32, entry: u64) -> Vec<u8> {
        let words = [0, 0, offset as u64, size as u64].map(u64::to_le_bytes).concat();
        let (first, rest) = ([0, kind].map(u32::to_le_bytes).concat(), [link, 1].map(u32::to_le_bytes).concat());
        [first, words, rest, [1, entry].map(u64::to_le_bytes).concat()].concat()
    }

    /// An ELF file whose `symbols` all have the same name, of `length` letters.
    fn overlapping(symbols: usize, length: usize) -> Vec<u8> {
        let names = [vec![b'a'; length], vec![0]].concat();
        // The name, a global function, the section in which it is, address and size.
        let symbol = [&0u32.to_le_bytes()[..], &[0x12, 0, 1, 0], &[0; 16]].concat();
        let table = [vec![0; 24], symbol.repeat(symbols)].concat();
        let sections = 64 + names.len() + table.len();
        let mut file = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0".to_vec();
        file.extend([3u16, 62].map(u16::to_le_bytes).concat());
        file.extend([1u32].map(u32::to_le_bytes).concat());
        file.extend([0, 0, sections as u64].map(u64::to_le_bytes).concat());
        file.extend(0u32.to_le_bytes());
        file.extend([64u16, 0, 0, 64, 3, 1].map(u16::to_le_bytes).concat());
        file.extend([names.clone(), table.clone()].concat());
        file.extend(section(0, 0, 0, 0, 0));
        file.extend(section(3, 64, names.len(), 0, 0));
        file.extend(section(11, 64 + names.len(), table.len(), 1, 24));
        file
    }

    #[test]
    fn names_that_overlap_are_not_copied_without_end() {
        let bytes = overlapping(2, 5);
        let symbols = Binary::parse(&bytes).unwrap().symbols().unwrap();
        assert_eq!(symbols, [Symbol { name: "aaaaa", is_function: true }; 2]);
        let bytes = overlapping(2000, 100_000);
        let error = Binary::parse(&bytes).unwrap().symbols().unwrap_err();
        assert_eq!(error, "is damaged: its names are longer than the file");
    }
}
