//! Libraries whose bytes are not as they were built.

use std::fs;

use fixture_api::sequence;
use hooks::{LibraryConfig, Source};
use hooks_tests::{Journal, library_path, patched, records, text_in_records};

use super::{refused, written};

#[test]
fn cut_off_at_many_lengths() {
    let journal = Journal::new();
    let bytes = fs::read(library_path("ordered")).unwrap();
    let few = (0..8).chain([16, 63, 64, 65, 4095, 4096]);
    let many = (1..20).map(|part| bytes.len() / 20 * part);
    let last = (1..=8).map(|missing| bytes.len() - missing);
    for length in few.chain(many).chain(last) {
        let error = refused(&written(&journal, "libcut.so", &bytes[..length]));
        assert!(error.is_refused(), "cut at {length}: {error}");
    }
}

#[test]
fn changed_bytes_in_the_records() {
    let journal = Journal::new();
    let (bytes, section) = records("ordered");
    let (mut refusals, mut loaded) = (0, 0);
    // An odd step, so that all fields of all kinds of records are hit.
    for at in section.clone().step_by((section.len() / 100) | 1) {
        let mut changed = bytes.clone();
        changed[at] ^= 0x55;
        let path = written(&journal, "libchanged.so", &changed);
        let hooks = hooks_tests::hooks();
        match hooks.load_libraries(vec![LibraryConfig::new(Source::File(path))]) {
            Err(error) => {
                refusals += 1;
                assert!(error.is_refused() && error.to_string().contains("libchanged.so"), "byte {at}: {error}");
                assert!(hooks.libraries().is_empty() && hooks.callouts().is_empty());
            }
            // Names of files, lines, versions and hook points that it does not use may change without harm.
            Ok(()) => {
                loaded += 1;
                let mut trace = Vec::new();
                let step = sequence::call(&mut hooks.handle(), || sequence::Args { trace: &mut trace });
                assert!(step.is_continue() && trace.len() == 4, "byte {at}: {trace:?}");
            }
        }
    }
    assert!(refusals > 10 && loaded > 10, "{refusals} refused, {loaded} loaded");
}

/// The error for a copy of the library `name` whose records have the second of each pair instead of the first.
fn error_of(name: &str, pairs: &[(&[u8], &[u8])]) -> String {
    let journal = Journal::new();
    let path = journal.beside("libpatched.so");
    patched(name, &path, pairs);
    let error = refused(&path);
    assert!(error.is_refused(), "{error}");
    error.to_string()
}

#[test]
fn built_with_another_version_of_the_framework() {
    // The protocol's number stands between the kind of the library's record and the framework's version.
    let (bytes, section) = records("ordered");
    let version = text_in_records(env!("CARGO_PKG_VERSION"));
    let at = section.clone().find(|&at| bytes[at] == 1 && bytes[at + 5..].starts_with(&version)).unwrap() + 1;
    let protocol = u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap());
    let header = |number: u32| [&number.to_le_bytes()[..], &version].concat();
    let error = error_of("ordered", &[(&header(protocol), &header(77))]);
    assert!(error.contains("was built with hooks 0.1.0 (protocol 77)"), "{error}");
    let host = format!("this host with hooks 0.1.0 (protocol {protocol}); rebuild it with the host's version");
    assert!(error.contains(&host), "{error}");
}

#[test]
fn built_for_another_target() {
    let error = error_of("ordered", &[(b"-unknown-linux-", b"-unknown-xunil-")]);
    assert!(error.contains("-unknown-xunil-") && error.contains("the host for "), "{error}");
}

#[test]
fn built_so_that_panics_abort() {
    let unwinds = |flag: u8| [&[flag][..], &text_in_records("ordered")].concat();
    let error = error_of("ordered", &[(&unwinds(1), &unwinds(0))]);
    assert!(error.contains("was built with `panic = \"abort\"`"), "{error}");
}

#[test]
fn built_with_another_compiler() {
    // `Vec<String>` has a layout that only one compiler knows, so its hash, which follows name, mode and offset, is another.
    let (bytes, section) = records("ordered");
    let argument = [&text_in_records("trace")[..], &[2], &[0; 8]].concat();
    let at = section.clone().find(|&at| bytes[at..].starts_with(&argument)).unwrap() + argument.len();
    let hash = &bytes[at..at + 16];
    let other: Vec<_> = hash.iter().map(|byte| !byte).collect();
    let error = error_of("ordered", &[(b"1.95.0 ", b"1.94.7 "), (hash, &other)]);
    assert!(error.contains("hook point `sequence`: argument `trace`: its type `Vec`"), "{error}");
    assert!(error.contains("depends on the compiler, and the compilers differ"), "{error}");
    assert!(error.contains("library: rustc 1.94.7 ") && error.contains("host: rustc 1.95.0 "), "{error}");
}

#[test]
fn a_hook_point_by_another_name() {
    // In the callouts only: the library then lacks its own description of the hook point.
    let hook = |name: &str, callout: &str| [text_in_records(name), text_in_records(callout)].concat();
    let error = error_of("ordered", &[(&hook("sequence", "ape"), &hook("sequel__", "ape"))]);
    assert!(error.contains("callout `ape`, hook point `sequel__`"), "{error}");
    assert!(error.contains("the library lacks its own record of the hook point"), "{error}");
}
