//! What is no C library, or none that fits: refused in words, before or after its own functions have been asked.

use std::fs;

use hooks::{LibraryConfig, Source};
use hooks_tests::{Journal, c_library, has_c_compilers};

use super::{config, journal_library, load};

/// What loading and validating say of `source`; `threads` says whether the host has several.
fn answers(source: &Source, threads: bool) -> (Option<String>, Option<String>) {
    let hooks = hooks_tests::hooks();
    hooks.set_multi_threading(threads);
    let libraries = [LibraryConfig::new(source.clone())];
    let validated = hooks.validate_libraries(&libraries).pop().map(|(_, error)| error);
    let loaded = hooks.load_libraries(libraries.to_vec()).err();
    for error in validated.iter().chain(&loaded) {
        assert!(error.is_refused(), "{error}");
        assert!(error.to_string().starts_with(&format!("library {source}: ")), "{error}");
    }
    assert_eq!(hooks.libraries().is_empty(), loaded.is_some());
    (validated.map(|error| error.to_string()), loaded.map(|error| error.to_string()))
}

fn both(source: &Source, expected: &str) {
    let (validated, loaded) = answers(source, true);
    let (validated, loaded) = (validated.unwrap(), loaded.unwrap());
    assert!(validated.contains(expected), "{validated}");
    assert_eq!(validated, loaded);
}

#[test]
fn the_version_decides() {
    if !has_c_compilers() {
        return;
    }
    let journal = Journal::new();
    let wrong = journal_library(&journal, "wrong", &["-DVERSION=77"]);
    // Twice: the second time it is mapped already.
    for _ in 0..2 {
        let (validated, loaded) = answers(&wrong, true);
        assert_eq!(validated, None, "only its own code knows the version");
        let loaded = loaded.unwrap();
        assert!(
            loaded.contains("its function `version` returns 77, this host's C interface has the number 1"),
            "{loaded}"
        );
    }
    assert_eq!(journal.take(), [""; 0], "nothing else of it is called");
    both(
        &journal_library(&journal, "missing", &["-DVERSION=none"]),
        "has no section `.hooks` and defines no symbol `version`",
    );

    let folder = journal.beside(".");
    c_library(&folder, "versioned", "only_version.c", &[]);
    let flags =
        [format!("-L{}", folder.display()), "-lversioned".to_owned(), format!("-Wl,-rpath,{}", folder.display())];
    let flags: Vec<_> = flags.iter().map(String::as_str).collect();
    both(&c_library(&folder, "imported", "imported.c", &flags), "defines no symbol `version`");
}

#[test]
fn threads_are_asked_for_only_where_there_are_several() {
    if !has_c_compilers() {
        return;
    }
    let journal = Journal::new();
    let zero = journal_library(&journal, "zero", &["-DTHREADS=0"]);
    let (validated, loaded) = answers(&zero, true);
    assert_eq!(validated, None, "only its own code knows the answer");
    assert!(loaded.unwrap().contains("its function `int multi_threading_compatible(void)` is missing or returns 0"));
    let missing = journal_library(&journal, "missing", &["-DTHREADS=none"]);
    both(&missing, "its function `int multi_threading_compatible(void)` is missing, and this host works");
    for source in [zero, missing] {
        assert_eq!(answers(&source, false), (None, None));
    }
}

#[test]
fn data_is_no_function() {
    if !has_c_compilers() {
        return;
    }
    let journal = Journal::new();
    let folder = journal.beside(".");
    let data = c_library(&folder, "data", "data.c", &["-fno-builtin"]);
    both(&data, "its symbol `sqrt` has the name of a hook point but is data, not a function; rename it");
    let version = c_library(&folder, "data_version", "data.c", &["-fno-builtin", "-DVERSION_IS_DATA"]);
    both(&version, "its symbol `version` is data, not a function");
}

#[test]
fn validating_runs_and_maps_nothing() {
    if !has_c_compilers() {
        return;
    }
    let journal = Journal::new();
    let source = journal_library(&journal, "looked_at_only", &[]);
    assert!(hooks_tests::hooks().validate_libraries(&[config(&source)]).is_empty());
    assert_eq!(journal.take(), [""; 0]);
    assert!(!fs::read_to_string("/proc/self/maps").unwrap().contains("liblooked_at_only.so"));
    load(&source).unwrap();
    assert!(fs::read_to_string("/proc/self/maps").unwrap().contains("liblooked_at_only.so"), "it is kept mapped");
}

#[test]
fn a_file_that_is_cut_off_is_refused() {
    if !has_c_compilers() {
        return;
    }
    let journal = Journal::new();
    let Source::File(path) = c_library(&journal.beside("."), "whole", "only_version.c", &[]) else {
        panic!("not a file")
    };
    let bytes = fs::read(&path).unwrap();
    let cut = journal.beside("libcut.so");
    for eighth in 0..8 {
        fs::write(&cut, &bytes[..bytes.len() * eighth / 8]).unwrap();
        let error = load(&Source::File(cut.clone())).unwrap_err();
        assert!(error.is_refused(), "{eighth}: {error}");
    }
    // Any byte of the tables by which symbols are found may be wrong; reading the file survives it.
    for at in (0..bytes.len()).step_by(7) {
        let mut changed = bytes.clone();
        changed[at] ^= 0xff;
        fs::write(&cut, &changed).unwrap();
        // What has just been written is only read when its time tells whether it is written again.
        fs::File::open(&cut).unwrap().set_modified(std::time::UNIX_EPOCH).unwrap();
        let _ = hooks_tests::hooks().validate_libraries(&[LibraryConfig::new(Source::File(cut.clone()))]);
    }
}
