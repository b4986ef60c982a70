//! Files that are no libraries, or none that can be used: each is refused in words, and nothing is loaded.

mod changing;
mod child;
mod damaged;
mod dependencies;
mod mapped;
mod names;
mod staging;
mod structure;
mod trust;

use std::fs;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::process::Command;

use hooks::{Error, LibraryConfig, Source};
use hooks_tests::{Journal, library_path};

/// The error for the library at `path`, which must not be loaded.
fn refused(path: &Path) -> Error {
    let hooks = hooks_tests::hooks();
    let error = hooks.load_libraries(vec![LibraryConfig::new(Source::File(path.to_owned()))]).unwrap_err();
    assert!(error.to_string().contains(&path.display().to_string()), "{error}");
    assert!(hooks.libraries().is_empty() && hooks.callouts().is_empty());
    error
}

fn written(journal: &Journal, name: &str, bytes: &[u8]) -> PathBuf {
    let path = journal.beside(name);
    fs::write(&path, bytes).unwrap();
    // What has just been written is only read when its time tells whether it is written again.
    let long_ago = std::time::SystemTime::now() - std::time::Duration::from_secs(60);
    fs::File::open(&path).unwrap().set_modified(long_ago).unwrap();
    path
}

#[test]
fn what_is_not_there_or_no_file() {
    let journal = Journal::new();
    let error = refused(&journal.beside("libmissing.so"));
    assert!(error.is_not_found() && error.to_string().contains("cannot be found"), "{error}");
    assert!(std::error::Error::source(&error).is_some());
    let _listener = UnixListener::bind(journal.beside("socket")).unwrap();
    // To open it would wait for whoever writes into it.
    let pipe = journal.beside("libpipe.so");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    std::os::unix::fs::symlink("/nowhere", journal.beside("libdangling.so")).unwrap();
    for path in [
        "/",
        "/dev/null",
        "/dev/zero",
        &journal.beside("socket").display().to_string(),
        &pipe.display().to_string(),
        ".",
    ] {
        let error = refused(Path::new(path));
        assert!(error.is_not_found() && error.to_string().contains("is not a regular file"), "{error}");
    }
    for path in ["", "/dev/null/x", &journal.beside("libdangling.so").display().to_string(), "a\0b"] {
        let error = refused(Path::new(path));
        assert!(error.is_not_found() && error.to_string().contains("cannot be found"), "{error}");
    }
}

#[test]
fn what_is_larger_than_any_library() {
    let journal = Journal::new();
    let path = journal.beside("libsparse.so");
    fs::File::create(&path).unwrap().set_len(1 << 40).unwrap();
    let error = refused(&path);
    assert!(error.is_not_found() && error.to_string().contains("has 1099511627776 bytes"), "{error}");
}

#[test]
fn what_is_no_library() {
    let journal = Journal::new();
    let files: [(&str, &[u8]); 5] = [
        ("libempty.so", b""),
        ("libtext.so", b"this is a text\n"),
        ("libscript.so", b"#!/bin/sh\nexit 0\n"),
        ("libmagic.so", b"\x7fELF"),
        ("libzeros.so", &[0; 4096]),
    ];
    let found = ["it is empty", "it is a text", "it is a script", "it is no ELF file", "it is no ELF file"];
    for ((name, bytes), found) in files.into_iter().zip(found) {
        let error = refused(&written(&journal, name, bytes));
        assert!(error.is_refused() && error.to_string().contains("is not a shared library ("), "{error}");
        assert!(error.to_string().contains(&format!("({found}); expected an ELF file for ")), "{error}");
    }
}

#[test]
fn libraries_without_records() {
    let maps = fs::read_to_string("/proc/self/maps").unwrap();
    let system = maps
        .lines()
        .filter_map(|line| line.split_whitespace().nth(5))
        .find(|path| path.contains("/libc.so") || path.contains("/libc-"));
    let test = std::env::current_exe().unwrap();
    let error = refused(Path::new(system.expect("a C library is mapped")));
    assert!(error.is_refused() && error.to_string().contains("has no section `.hooks`"), "{error}");
    // A program with hook points and plugins is no library.
    let error = refused(&test);
    assert!(error.is_refused() && error.to_string().contains("is not a shared library (it is a program)"), "{error}");
}

#[test]
fn libraries_that_are_put_together_wrongly() {
    let cases = [
        ("unmarked", "has no line `hooks::library!`"),
        ("rootless", "has 0 `#[hooks::plugin]` in the crate `fixture_rootless`, expected one"),
        ("two-roots", "has 2 `#[hooks::plugin]` in the crate `fixture_two_roots`, expected one"),
        ("no-callouts", "plugin `no-callouts` 0.1.0 has no callouts: no `#[callout]` is linked into it"),
        (
            "stray",
            "the callout `nobodys` in the crate `stray_callout` belongs to no plugin: the crate has no `#[hooks::plugin]`",
        ),
    ];
    for (name, expected) in cases {
        // Twice: the second time the image may be mapped already.
        for _ in 0..2 {
            let error = refused(&library_path(name));
            assert!(error.is_refused() && error.to_string().contains(expected), "{error}");
        }
    }
}
