//! What the fuzz targets of this crate do with an input, and tests that replay the inputs that are kept.
//!
//! Each function panics if something does not hold for the input. It is here, and not in `fuzz/`, because it works on what is
//! private to the crate; nothing of it is in a normal build.

mod elf;
mod path;
mod records;
mod write;

pub use elf::elf;
pub use path::path;
pub use records::records;

/// An error is told on one line and cannot make a terminal or a log show something else than a text.
fn is_in_words(error: &str) {
    assert!(!error.is_empty() && !error.contains(char::is_control), "no error in words: {error:?}");
}

/// Replays the inputs that are kept for a target.
#[cfg(test)]
fn replay(target: &str, body: fn(&[u8])) {
    use std::{fs, panic, path::Path};

    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus").join(target);
    let mut files: Vec<_> = fs::read_dir(&directory).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(!files.is_empty(), "{} is empty", directory.display());
    let fails = |file: &&std::path::PathBuf| {
        let input = fs::read(file).unwrap();
        panic::catch_unwind(|| body(&input)).is_err()
    };
    let failed: Vec<_> = files.iter().filter(fails).collect();
    assert!(failed.is_empty(), "inputs for which something does not hold: {failed:#?}");
}
