//! Where plugins come from.

use std::env::consts::{DLL_PREFIX, DLL_SUFFIX};
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

use hooks::Source;
use object::{Object, ObjectSection};

/// Whether the plugins of a test are shared libraries or compiled in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Each plugin is a file.
    Shared,
    /// Each plugin is linked into the test.
    BuiltIn,
}

impl Origin {
    /// The plugin `name`.
    pub fn plugin(self, name: &str) -> Source {
        match self {
            Origin::Shared => shared(name),
            Origin::BuiltIn => Source::Builtin(name.to_owned()),
        }
    }
}

/// The plugin `name` as a shared library.
pub fn shared(name: &str) -> Source {
    Source::File(library_path(name))
}

/// The file of the plugin `name`: Cargo puts it beside the test.
///
/// # Panics
///
/// If the test's own file is unknown.
pub fn library_path(name: &str) -> PathBuf {
    let test = std::env::current_exe().expect("a test knows its own file");
    test.with_file_name(format!("{DLL_PREFIX}fixture_{}{DLL_SUFFIX}", name.replace('-', "_")))
}

/// A copy of the library of the plugin `name` with other bytes that mean the same: `mark` is put behind its end.
///
/// # Panics
///
/// If the copy cannot be made.
pub fn altered(name: &str, copy: &Path, mark: &str) -> Source {
    let mut bytes = fs::read(library_path(name)).expect("the library is there");
    bytes.extend_from_slice(mark.as_bytes());
    fs::write(copy, bytes).expect("the copy can be written");
    Source::File(copy.to_owned())
}

/// The bytes of the library of the plugin `name`, and where its records are in them.
///
/// # Panics
///
/// If the library is not there or has no records.
pub fn records(name: &str) -> (Vec<u8>, Range<usize>) {
    let bytes = fs::read(library_path(name)).expect("the library is there");
    let file = object::File::parse(&*bytes).expect("it is a library");
    let section = file.section_by_name(".hooks").expect("it has records");
    let (start, length) = section.file_range().expect("they are in the file");
    (bytes, start as usize..(start + length) as usize)
}

/// A copy of the library of the plugin `name` whose records have the second of each pair wherever they had the first.
///
/// # Panics
///
/// If the copy cannot be made, if the lengths differ, or if the records do not have what is to be replaced.
pub fn patched(name: &str, copy: &Path, pairs: &[(&[u8], &[u8])]) -> Source {
    let (mut bytes, section) = records(name);
    for (old, new) in pairs {
        assert_eq!(old.len(), new.len(), "records have a fixed length");
        let begins = |at: &usize| bytes.get(*at..).is_some_and(|rest| rest.starts_with(old));
        let places: Vec<_> = section.clone().filter(begins).collect();
        assert!(!places.is_empty(), "{} is not among the records", String::from_utf8_lossy(old));
        for at in places {
            bytes.splice(at..at + new.len(), new.iter().copied());
        }
    }
    fs::write(copy, bytes).expect("the copy can be written");
    Source::File(copy.to_owned())
}

/// The bytes of a text as records have it: its length comes first.
pub fn text_in_records(text: &str) -> Vec<u8> {
    [&(text.len() as u32).to_le_bytes(), text.as_bytes()].concat()
}

/// A copy of the library of the plugin `name` in which no callout is described but `callout`.
///
/// # Panics
///
/// If the copy cannot be made, or if there is no such callout.
pub fn with_one_callout(name: &str, callout: &str, copy: &Path) -> Source {
    const CALLOUT: u8 = 4;
    let (mut bytes, section) = records(name);
    let mut kept = 0;
    let mut at = section.start;
    while at < section.end {
        if bytes[at] == 0 {
            at += 1;
            continue;
        }
        // The magic word, the length, the kind; of a callout then the hook point's name and its own.
        let number = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().expect("four bytes")) as usize;
        let end = at + number(at + 8);
        if bytes[at + 12] == CALLOUT {
            let own = at + 17 + number(at + 13);
            if bytes[own..].starts_with(&text_in_records(callout)) {
                kept += 1;
            } else {
                // Records may have zero bytes between them.
                bytes[at..end].fill(0);
            }
        }
        at = end;
    }
    assert_eq!(kept, 1, "there is one callout `{callout}`");
    fs::write(copy, bytes).expect("the copy can be written");
    Source::File(copy.to_owned())
}
