//! What the fuzz targets of the server do with an input, and tests that replay the inputs that are kept.
//!
//! Each function panics if something does not hold for the input. It is here, and not in `fuzz/`, because it works on what is
//! private to the crate; nothing of it is in a normal build. That of the packets is in `tests/model`.

mod channel;
mod config;
mod parameters;

pub use channel::channel;
pub use config::config;
pub use parameters::parameters;

hooks::builtin!(deny_list, flex_option, lease_log, ping_check, static_lease);

/// Replays the inputs that are kept for a target.
#[cfg(test)]
fn replay(target: &str, body: fn(&[u8])) {
    use std::{fs, panic, path::Path};

    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus").join(target);
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
