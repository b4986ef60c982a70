//! Files that were libraries before bytes of them were changed: whatever they say now, reading them ends in words.

use std::ops::Range;
use std::{env, fs};

use hooks::{LibraryConfig, Source};
use hooks_tests::{Journal, c_library, has_c_compilers, records};

/// Numbers that look random and are the same each time.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit as u64) as usize
    }
}

/// Values that counts and offsets are likely to be wrong with.
const EXTREMES: [u64; 8] = [0, 1, 0x7f, 0xff, 0xffff, 0xffff_ffff, 0x7fff_ffff_ffff_ffff, u64::MAX];

/// Changes a few places: a bit, a byte, a word that becomes extreme, a piece that is copied elsewhere, the end cut off.
fn change(bytes: &mut Vec<u8>, places: &[Range<usize>], numbers: &mut Numbers) {
    for _ in 0..=numbers.below(4) {
        let place = places[numbers.below(places.len())].clone();
        let at = place.start + numbers.below(place.len().max(1));
        let Some(left) = bytes.len().checked_sub(at).filter(|left| *left > 0) else { continue };
        match numbers.below(6) {
            0 => bytes[at] ^= 1 << numbers.below(8),
            1 => bytes[at] = numbers.next() as u8,
            2 | 3 => {
                let width = [1, 2, 4, 8][numbers.below(4)].min(left);
                let value = EXTREMES[numbers.below(EXTREMES.len())].to_le_bytes();
                bytes[at..at + width].copy_from_slice(&value[..width]);
            }
            4 => {
                let from = numbers.below(bytes.len());
                let length = numbers.below(64).min(left).min(bytes.len() - from);
                bytes.copy_within(from..from + length, at);
            }
            _ if numbers.below(20) == 0 => bytes.truncate(at),
            _ => bytes[at] = bytes[at].wrapping_add(1),
        }
    }
}

/// Where in an ELF file its header, the sections' headers, the texts, the symbols of the dynamic linker and their versions lie.
fn tables(bytes: &[u8]) -> Vec<Range<usize>> {
    let word = |at: usize| u64::from_le_bytes(bytes[at..at + 8].try_into().unwrap()) as usize;
    let half = |at: usize| usize::from(u16::from_le_bytes([bytes[at], bytes[at + 1]]));
    let (sections, size, count) = (word(0x28), half(0x3a), half(0x3c));
    // The lower halves of their kinds.
    let (symbols, texts, versions) = (11, 3, 0xfffd..=0xffff);
    let mut places = vec![0..64, sections..sections + size * count];
    for header in (0..count).map(|number| sections + number * size) {
        let kind = half(header + 4);
        if kind == symbols || kind == texts || versions.contains(&kind) {
            places.push(word(header + 0x18)..word(header + 0x18) + word(header + 0x20));
        }
    }
    places
}

/// Validates `whole` with changes in `places`, `rounds` times.
fn fuzz(whole: &[u8], places: &[Range<usize>], rounds: u64) {
    let (journal, mut numbers, hooks) = (Journal::new(), Numbers(0x9e37_79b9_7f4a_7c15), hooks_tests::hooks());
    hooks.set_multi_threading(false);
    let file = journal.beside("libchanged.so");
    let libraries = [LibraryConfig::new(Source::File(file.clone()))];
    let (mut good, mut refused) = (0, 0);
    for _ in 0..rounds {
        let mut bytes = whole.to_vec();
        change(&mut bytes, places, &mut numbers);
        fs::write(&file, &bytes).unwrap();
        match hooks.validate_libraries(&libraries).first() {
            Some((_, error)) => {
                assert!(error.is_refused() && error.to_string().contains("libchanged.so"), "{error}");
                refused += 1;
            }
            None => good += 1,
        }
    }
    assert!(good > 0 && refused > 0, "{good} fit and {refused} do not: the changes hit nothing, or all");
}

/// More of them: `HOOKS_FUZZ_ROUNDS=100000 cargo test --release -p hooks-tests --test it fuzzed`.
fn rounds() -> u64 {
    env::var("HOOKS_FUZZ_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(1000)
}

#[test]
fn changed_c_libraries_fit_or_are_refused() {
    if !has_c_compilers() {
        return;
    }
    let journal = Journal::new();
    let Source::File(path) = c_library(&journal.beside("."), "small", "only_version.c", &["-s"]) else {
        panic!("not a file")
    };
    let whole = fs::read(path).unwrap();
    fuzz(&whole, &tables(&whole), rounds());
}

#[test]
fn changed_rust_libraries_fit_or_are_refused() {
    // They are large, so there are fewer rounds.
    let (whole, section) = records("ordered");
    fuzz(&whole, &[0..64, section.clone(), section], rounds() / 20);
}
