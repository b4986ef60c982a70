//! Files whose structure does not hold: cut off anywhere, or with numbers that the dynamic linker would trust.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use hooks::Source;
use hooks_tests::{Journal, c_library, has_c_compilers, library_path};
use object::elf::{self, FileHeader64, ProgramHeader64};
use object::read::elf::{Dyn, FileHeader, ProgramHeader, SectionHeader};
use object::{LittleEndian, Object, ObjectSegment};

use super::{child, refused, written};

const LITTLE: LittleEndian = LittleEndian;

/// The bytes of a C library with functions of others, data of threads, and a constructor.
fn c_bytes(journal: &Journal) -> Option<Vec<u8>> {
    if !has_c_compilers() {
        return None;
    }
    let define = format!("-DJOURNAL=\"{}\"", journal.path().display());
    let Source::File(path) = c_library(&journal.beside("."), "c", "staged.c", &[&define]) else { return None };
    fs::read(path).ok()
}

/// The bytes of a plugin, without what debuggers want, which is long.
fn plugin_bytes(journal: &Journal) -> Vec<u8> {
    let path = journal.beside("libplugin.so");
    fs::copy(library_path("ordered"), &path).unwrap();
    let stripped = Command::new("strip").arg("--strip-debug").arg(&path).status();
    if !stripped.is_ok_and(|status| status.success()) {
        fs::copy(library_path("ordered"), &path).unwrap();
    }
    fs::read(path).unwrap()
}

/// Where something begins or ends in a file.
fn boundaries(bytes: &[u8]) -> BTreeSet<usize> {
    let header = FileHeader64::<LittleEndian>::parse(bytes).unwrap();
    let sections = header.section_headers(LITTLE, bytes).unwrap();
    let segments = header.program_headers(LITTLE, bytes).unwrap();
    let sections = sections.iter().filter_map(|section| section.file_range(LITTLE));
    let segments = segments.iter().map(|segment| segment.file_range(LITTLE));
    let ends = sections.chain(segments).flat_map(|(at, size)| [at, at + size]);
    let tables = [64, header.e_phoff(LITTLE), header.e_shoff(LITTLE)];
    let around = |at: u64| [at.saturating_sub(1), at, at + 1];
    ends.chain(tables).flat_map(around).map(|at| at as usize).filter(|at| *at < bytes.len()).collect()
}

fn cut_off_everywhere(journal: &Journal, bytes: &[u8]) {
    let lengths = boundaries(bytes);
    assert!(lengths.len() > 60, "{lengths:?}");
    for length in lengths {
        let error = refused(&written(journal, "libcut.so", &bytes[..length]));
        let said =
            ["is a damaged shared library", "is not a shared library"].map(|said| error.to_string().contains(said));
        assert!(error.is_refused() && said.contains(&true), "cut at {length}: {error}");
    }
}

#[test]
fn cut_off_where_a_section_or_a_segment_begins_or_ends() {
    let journal = Journal::new();
    cut_off_everywhere(&journal, &plugin_bytes(&journal));
    let Some(bytes) = c_bytes(&journal) else { return };
    cut_off_everywhere(&journal, &bytes);
}

/// A file whose numbers are changed.
struct Changed {
    bytes: Vec<u8>,
}

impl Changed {
    /// Where the header of the segment of this kind is.
    fn segment(&self, kind: elf::ProgramType, which: usize) -> usize {
        let header = FileHeader64::<LittleEndian>::parse(&*self.bytes).unwrap();
        let segments = header.program_headers(LITTLE, &*self.bytes).unwrap();
        let of_kind = segments.iter().enumerate().filter(|(_, segment)| segment.p_type(LITTLE) == kind);
        let (number, _) = of_kind.into_iter().nth(which).unwrap_or_else(|| panic!("no segment {kind:?}"));
        64 + number * size_of::<ProgramHeader64<LittleEndian>>()
    }

    /// Where the dynamic section is, and how long.
    fn dynamic(&self) -> (usize, usize) {
        let at = self.segment(elf::PT_DYNAMIC, 0);
        (self.number(at + 8) as usize, self.number(at + 32) as usize)
    }

    /// Where the value of this entry is, if it is there.
    fn entry(&self, tag: elf::DynamicTag) -> Option<usize> {
        let (at, size) = self.dynamic();
        let entries =
            object::pod::slice_from_bytes::<elf::Dyn64<LittleEndian>>(&self.bytes[at..], size / 16).unwrap().0;
        entries.iter().position(|entry| entry.tag(LITTLE) == tag).map(|number| at + 16 * number + 8)
    }

    /// Where in the file the table is that this entry names.
    fn table(&self, tag: elf::DynamicTag) -> usize {
        let address = self.number(self.entry(tag).unwrap());
        let file = object::File::parse(&*self.bytes).unwrap();
        let (segment, start) = file
            .segments()
            .find(|segment| (segment.address()..segment.address() + segment.size()).contains(&address))
            .map(|segment| (segment.file_range().0, segment.address()))
            .unwrap();
        (segment + address - start) as usize
    }

    fn number(&self, at: usize) -> u64 {
        u64::from_le_bytes(self.bytes[at..at + 8].try_into().unwrap())
    }

    fn set(&mut self, at: usize, number: u64) {
        self.bytes[at..at + 8].copy_from_slice(&number.to_le_bytes());
    }

    fn set_entry(&mut self, tag: elf::DynamicTag, number: u64) {
        let at = self.entry(tag).unwrap_or_else(|| panic!("no entry {tag:?}"));
        self.set(at, number);
    }
}

/// A change, and what is said of it.
type Case = (fn(&mut Changed), &'static str);

/// Fields of a program header: where they are in it.
const OFFSET: usize = 8;
const ADDRESS: usize = 16;
const IN_FILE: usize = 32;
const IN_MEMORY: usize = 40;

const NOWHERE: u64 = 0x7fff_0000;

const HEADERS: [Case; 20] = [
    (|file| file.bytes[54] = 55, "the entries of its table of segments have 55 bytes"),
    (|file| file.bytes[56..58].fill(0xff), "its 65535 segments at byte 64 are not in the file"),
    (|file| file.set(32, u64::MAX - 8), "segments at byte 18446744073709551607 are not in the file"),
    (|file| file.bytes[58] = 65, "the entries of its table of sections have 65 bytes"),
    (|file| file.set(40, u64::MAX - 8), "table of sections, at byte 18446744073709551607, is not in the file"),
    (|file| set_segment(file, elf::PT_LOAD, 1, IN_FILE, 1 << 30), "is at the bytes "),
    (|file| set_segment(file, elf::PT_LOAD, 1, IN_MEMORY, 1), " and 1 in memory"),
    (|file| set_segment(file, elf::PT_LOAD, 1, IN_MEMORY, u64::MAX), "is at the address "),
    (|file| set_segment(file, elf::PT_LOAD, 1, ADDRESS, NOWHERE + 8), "but at the byte"),
    (|file| overlap(file), "is not behind the one before"),
    (|file| set_segment(file, elf::PT_LOAD, 1, 0, 0x4_0000_0001), "is no code"),
    (|file| set_segment(file, elf::PT_LOAD, 0, 0, 1), " is not in a mapped part of the file"),
    (|file| set_segment(file, elf::PT_DYNAMIC, 0, ADDRESS, NOWHERE), "(DYNAMIC) at 0x7fff0000 is not in a mapped part"),
    (|file| set_segment(file, elf::PT_DYNAMIC, 0, IN_FILE, 0), "(DYNAMIC) at "),
    (|file| set_segment(file, elf::PT_DYNAMIC, 0, IN_FILE, 32), "its dynamic section has no end"),
    (|file| set_segment(file, elf::PT_DYNAMIC, 0, 0, 0x6_0000_0000), "it has no dynamic section"),
    (
        |file| set_segment(file, elf::PT_GNU_RELRO, 0, ADDRESS, NOWHERE),
        "(GNU_RELRO) at 0x7fff0000 is not in a mapped part",
    ),
    (|file| set_segment(file, elf::PT_GNU_EH_FRAME, 0, ADDRESS, NOWHERE), "(GNU_EH_FRAME) at 0x7fff0000"),
    (|file| set_segment(file, elf::PT_NOTE, 0, ADDRESS, NOWHERE), "(NOTE) at 0x7fff0000"),
    (|file| thread_data(file), "(TLS) has 1099511627776 bytes for each thread"),
];

const ENTRIES: [Case; 22] = [
    (|file| file.set_entry(elf::DT_STRTAB, NOWHERE), "its table of names is not in a mapped part"),
    (|file| file.set_entry(elf::DT_STRSZ, 3), "its table of names is not in a mapped part of the file, or has no end"),
    (|file| file.set_entry(elf::DT_NEEDED, NOWHERE), "the name of a dependency is not in its table"),
    (|file| file.set_entry(elf::DT_SYMTAB, NOWHERE), "is not in a mapped part of the file"),
    (|file| file.set_entry(elf::DT_SYMTAB, u64::MAX - 7), "is not in a mapped part of the file"),
    (|file| file.set_entry(elf::DT_SYMENT, 23), "its symbols have 23 bytes each"),
    (|file| file.set_entry(elf::DT_RELAENT, 0), "the entry RELA has "),
    (|file| file.set_entry(elf::DT_RELASZ, 24 << 40), "the entry RELA: it is not in a mapped part"),
    (|file| file.set_entry(elf::DT_RELA, NOWHERE), "the entry RELA: it is not in a mapped part"),
    (|file| file.set_entry(elf::DT_PLTREL, 3), "the entry JMPREL has "),
    (|file| file.set_entry(elf::DT_PLTRELSZ, 24 << 40), "the entry JMPREL: it is not in a mapped part"),
    (|file| file.set_entry(elf::DT_PLTGOT, NOWHERE), "the entry PLTGOT at 0x7fff0000"),
    (|file| file.set_entry(elf::DT_INIT, NOWHERE), "the entry INIT at 0x7fff0000 is no code"),
    (|file| file.set_entry(elf::DT_FINI, 0), "the entry FINI at 0x0 is no code"),
    (|file| file.set_entry(elf::DT_INIT_ARRAY, NOWHERE), "the entry INIT_ARRAY at 0x7fff0000"),
    (|file| file.set_entry(elf::DT_FINI_ARRAYSZ, 1 << 40), "the entry FINI_ARRAY at "),
    (|file| file.set_entry(elf::DT_GNU_HASH, NOWHERE), "the entry GNU_HASH: it is not in a mapped part"),
    (|file| file.set_entry(elf::DT_VERSYM, NOWHERE), "has the version None"),
    (|file| file.set_entry(elf::DT_VERNEED, NOWHERE), "the entry VERNEED leads out"),
    // The entry is there no more.
    (|file| remove(file, elf::DT_SYMTAB), "its dynamic section lacks the entry SYMTAB"),
    (|file| remove(file, elf::DT_RELAENT), "its dynamic section lacks the entry RELAENT"),
    (|file| remove(file, elf::DT_VERSYM), "its dynamic section lacks the entry VERSYM"),
];

const TABLES: [Case; 16] = [
    // The first symbol but the empty one: how it is bound, and who can see it.
    (|file| change(file, elf::DT_SYMTAB, 24 + 4, 0), "symbol 1 is for this file alone, which does not define it"),
    (|file| change(file, elf::DT_SYMTAB, 24 + 4, 0x0212), "symbol 1 is for this file alone, which does not define it"),
    (|file| change(file, elf::DT_GNU_HASH, 8, 3), "its filter has 3 words"),
    (|file| change(file, elf::DT_GNU_HASH, 0, 0x1000_0000), "the entry GNU_HASH: it is not in a mapped part"),
    (|file| change(file, elf::DT_GNU_HASH, 4, 0x1000_0000), "before 268435456"),
    (|file| change(file, elf::DT_GNU_HASH, 12, 64), "is shifted by 64"),
    (|file| endless(file), "the entry GNU_HASH: "),
    (|file| change(file, elf::DT_RELA, 0, 0x7fff_0000), "relocation 0 writes at 0x7fff0000, where it cannot"),
    (|file| change(file, elf::DT_RELA, 0, 0), "relocation 0 writes at 0x0, where it cannot"),
    (|file| change(file, elf::DT_RELA, 12, 0x00ff_ffff), "symbol 16777215 is not in a mapped part"),
    (|file| change(file, elf::DT_RELA, 8, 5), "relocation 0 copies, as in a program"),
    (|file| change(file, elf::DT_RELA, 8, 37), "relocation 0 is of the kind 37, not relative as the first"),
    (|file| change(file, elf::DT_RELA, 16, 0), "relocation 0 has 0x0 called, which is no code"),
    (|file| file.set_entry(elf::DT_INIT_ARRAY, file.number(file.entry(elf::DT_PLTGOT).unwrap())), "has no address"),
    (|file| change(file, elf::DT_VERNEED, 4, 0), "it needs versions of ``, which is not among"),
    (|file| change(file, elf::DT_VERNEED, 8, 0x7fff_0000), "the entry VERNEED leads out"),
];

fn set_segment(file: &mut Changed, kind: elf::ProgramType, which: usize, field: usize, number: u64) {
    let at = file.segment(kind, which);
    file.set(at + field, number);
}

/// The second mapped part where the first one is.
fn overlap(file: &mut Changed) {
    let (first, second) = (file.segment(elf::PT_LOAD, 0), file.segment(elf::PT_LOAD, 1));
    let offset = file.number(second + 8) % 4096;
    file.set(second + ADDRESS, file.number(first + ADDRESS) + offset);
}

/// Data of threads, of which there is as much as in no memory.
fn thread_data(file: &mut Changed) {
    let at = file.segment(elf::PT_GNU_STACK, 0);
    file.set(at, 0x4_0000_0007);
    file.set(at + IN_MEMORY, 1 << 40);
}

/// Makes of an entry one that says nothing.
fn remove(file: &mut Changed, tag: elf::DynamicTag) {
    let at = file.entry(tag).unwrap();
    file.set(at - 8, 0x6fff_0001);
}

/// The word at this place in the table.
fn change(file: &mut Changed, tag: elf::DynamicTag, place: usize, word: u32) {
    let at = file.table(tag) + place;
    file.bytes[at..at + 4].copy_from_slice(&word.to_le_bytes());
}

/// No chain of the table of symbols has an end.
fn endless(file: &mut Changed) {
    let at = file.table(elf::DT_GNU_HASH);
    let word = |at: usize| u32::from_le_bytes(file.bytes[at..at + 4].try_into().unwrap()) as usize;
    let chains = at + 16 + 8 * word(at + 8) + 4 * word(at);
    for place in (chains..chains + 4096).step_by(4) {
        file.bytes[place] &= 0xfe;
    }
}

/// Where sections and segments, or sections and the dynamic section, say different things.
const SECTIONS: [Case; 5] = [
    (|file| remove(file, elf::DT_JMPREL), "has relocations that the dynamic section does not name"),
    (|file| file.set_entry(elf::DT_PLTRELSZ, 0), "has relocations that the dynamic section does not name"),
    (|file| remove(file, elf::DT_VERSYM), "is not where the entry VERSYM says"),
    (|file| file.set_entry(elf::DT_INIT_ARRAYSZ, 0), "is not where the entry INIT_ARRAY says"),
    (|file| set_segment(file, elf::PT_LOAD, 1, OFFSET, 0), " is not what is mapped there"),
];

fn damaged(journal: &Journal, file: &Changed, expected: &str) {
    let error = refused(&written(journal, "liblying.so", &file.bytes)).to_string();
    assert!(error.contains("is a damaged shared library: ") && error.contains(expected), "{expected}: {error}");
    assert!(error.contains("it was cut off, or changed after it had been linked"), "{error}");
}

#[test]
fn numbers_that_lie() {
    let journal = Journal::new();
    let Some(bytes) = c_bytes(&journal) else { return };
    if !cfg!(target_arch = "x86_64") {
        return;
    }
    for (change, expected) in HEADERS.iter().chain(&SECTIONS) {
        let mut file = Changed { bytes: bytes.clone() };
        change(&mut file);
        damaged(&journal, &file, expected);
    }
    for (change, expected) in ENTRIES.iter().chain(&TABLES) {
        let mut file = Changed { bytes: bytes.clone() };
        change(&mut file);
        damaged(&journal, &file, "");
        // Without sections, with which the dynamic linker does not compare either.
        file.set(40, 0);
        damaged(&journal, &file, expected);
    }
}

#[test]
fn files_for_others_and_of_other_kinds() {
    let journal = Journal::new();
    let plugin = plugin_bytes(&journal);
    let cases = [
        (4, 1, "it is for 32 bits"),
        (5, 2, "its bytes are in big-endian order"),
        (16, 1, "it is an object file that has not been linked"),
        (16, 2, "it is a program"),
        (16, 4, "it is the memory of a process that has crashed"),
        (18, 243, "it is for RISC-V"),
    ];
    for (at, value, expected) in cases {
        let mut bytes = plugin.clone();
        bytes[at] = value;
        let error = refused(&written(&journal, "libother.so", &bytes));
        assert!(
            error.is_refused() && error.to_string().contains(&format!("is not a shared library ({expected})")),
            "{error}"
        );
    }
    if !has_c_compilers() {
        return;
    }
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("c/only_version.c");
    let (object, archive) = (journal.beside("only_version.o"), journal.beside("libonly_version.a"));
    let mut compiler = Command::new("cc");
    compiler.arg("-I").arg(hooks_tests::include()).arg("-c").arg(source).arg("-o").arg(&object);
    assert!(compiler.status().unwrap().success());
    assert!(refused(&object).to_string().contains("it is an object file that has not been linked"));
    assert!(Command::new("ar").arg("rc").args([&archive, &object]).status().unwrap().success());
    assert!(refused(&archive).to_string().contains("it is a static archive"));
}

/// Other numbers for each byte of the headers and of the dynamic section.
#[test]
fn changed_bytes_in_the_headers() {
    let journal = Journal::new();
    let Some(bytes) = c_bytes(&journal) else { return };
    let file = Changed { bytes };
    let headers = 64 + usize::from(file.bytes[56]) * size_of::<ProgramHeader64<LittleEndian>>();
    let (at, size) = file.dynamic();
    // What these name runs as code, wherever it is in the library.
    let code = [elf::DT_INIT, elf::DT_FINI].map(|tag| file.entry(tag));
    let code = |at: &usize| code.iter().flatten().any(|entry| (*entry..entry + 8).contains(at));
    let mut accepted: Vec<PathBuf> = Vec::new();
    let mut refusals = 0;
    for place in (0..headers).chain(at..at + size).filter(|at| !code(at)) {
        for other in [file.bytes[place] ^ 0x55, 0, 0xff, file.bytes[place].wrapping_add(8)] {
            let mut bytes = file.bytes.clone();
            if std::mem::replace(&mut bytes[place], other) == other {
                continue;
            }
            let path = written(&journal, &format!("libchanged_{place}_{other}.so"), &bytes);
            let config = hooks::LibraryConfig::new(Source::File(path.clone()));
            match hooks_tests::hooks().validate_libraries(&[config]).is_empty() {
                true => accepted.push(path),
                false => refusals += 1,
            }
        }
    }
    assert!(refusals > 500 && accepted.len() > 100, "{refusals} refused, {} accepted", accepted.len());
    // Those that may be opened, are, at the risk of a process of its own.
    for accepted in accepted.chunks(100) {
        let paths: Vec<_> = accepted.iter().map(PathBuf::as_path).collect();
        let said = child::run(child::command(&[], &paths, None)).unwrap();
        assert_eq!(said.len(), paths.len(), "{said:?}");
    }
}
