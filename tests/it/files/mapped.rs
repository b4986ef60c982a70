//! Libraries that are loaded: mapped once, from a private copy.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::FileExt;
use std::thread;

use hooks::{LibraryConfig, Source, images};
use hooks_tests::{Journal, altered, text_of};
use serde_json::json;
use sha2::{Digest, Sha256};

/// How many files with this name are mapped into this process.
pub(super) fn mapped(name: &str) -> usize {
    let maps = fs::read_to_string("/proc/self/maps").unwrap();
    let paths: BTreeSet<_> = maps.lines().filter_map(|line| line.split_whitespace().nth(5)).collect();
    paths.iter().filter(|path| path.ends_with(name)).count()
}

fn appending(source: &Source, text: &str) -> Vec<LibraryConfig> {
    let parameters = json!({"name": "a", "received": [{"append": text}]});
    vec![LibraryConfig::new(source.clone()).parameters(parameters)]
}

#[test]
fn equal_bytes_are_mapped_once() {
    let journal = Journal::new();
    let one = altered("scripted", &journal.beside("libmapped_once.so"), "mapped once");
    fs::create_dir(journal.beside("other")).unwrap();
    let two = altered("scripted", &journal.beside("other/libmapped_once.so"), "mapped once");
    assert_eq!(mapped("libmapped_once.so"), 0);
    let (hooks, others) = (hooks_tests::hooks(), hooks_tests::hooks());
    for round in 0..10 {
        hooks.reload(appending(&one, &round.to_string())).unwrap();
        others.reload(appending(&two, "x")).unwrap();
        assert_eq!((text_of(&hooks), text_of(&others)), (round.to_string(), "x".to_owned()));
        assert_eq!(mapped("libmapped_once.so"), 1);
    }
    // Other bytes are another image.
    others.reload(appending(&altered("scripted", &journal.beside("libmapped_once.so"), "again"), "y")).unwrap();
    assert_eq!(mapped("libmapped_once.so"), 2);
    assert_eq!((text_of(&hooks), text_of(&others)), ("9".to_owned(), "y".to_owned()));
}

#[test]
fn equal_bytes_are_mapped_once_by_many_threads() {
    let journal = Journal::new();
    let source = altered("scripted", &journal.beside("libmany_threads.so"), "many threads");
    thread::scope(|scope| {
        for number in 0..4 {
            let source = &source;
            scope.spawn(move || {
                let hooks = hooks_tests::hooks();
                hooks.load_libraries(appending(source, &number.to_string())).unwrap();
                assert_eq!(text_of(&hooks), number.to_string());
            });
        }
    });
    assert_eq!(mapped("libmany_threads.so"), 1);
}

#[test]
fn what_happens_to_the_file_afterwards_does_not_matter() {
    let journal = Journal::new();
    let path = journal.beside("liboverwritten.so");
    let source = altered("scripted", &path, "overwritten");
    let hooks = hooks_tests::hooks();
    hooks.load_libraries(appending(&source, "x")).unwrap();
    assert_eq!(text_of(&hooks), "x");
    let loaded: [u8; 32] = Sha256::digest(fs::read(&path).unwrap()).into();
    let length = fs::metadata(&path).unwrap().len();
    let file = fs::OpenOptions::new().write(true).open(&path).unwrap();
    for at in (0..length).step_by(4096) {
        file.write_all_at(&[0xcc; 64], at).unwrap();
    }
    assert_eq!(text_of(&hooks), "x");
    file.set_len(0).unwrap();
    assert_eq!(text_of(&hooks), "x");
    // Nobody has asked for the hash before.
    let image = images().into_iter().find(|image| image.path == path).unwrap();
    assert_eq!(image.sha256, loaded);
    fs::remove_file(&path).unwrap();
    assert_eq!(text_of(&hooks), "x");
    // A failed reload from there leaves the loaded one alone.
    let error = hooks.reload(appending(&source, "y")).unwrap_err();
    assert!(error.is_not_found());
    assert_eq!(text_of(&hooks), "x");
    // Code that has not run yet is there as well: unload, drop, a panic.
    assert!(hooks.unload_libraries());
}

#[test]
fn private_copies_are_removed() {
    let journal = Journal::new();
    let source = altered("scripted", &journal.beside("libprivate_copy.so"), "private");
    let hooks = hooks_tests::hooks();
    hooks.load_libraries(appending(&source, "x")).unwrap();
    let maps = fs::read_to_string("/proc/self/maps").unwrap();
    let line = maps.lines().find(|line| line.contains("libprivate_copy.so")).unwrap();
    assert!(line.ends_with("(deleted)"), "{line}");
    let copy = std::path::Path::new(line.split_whitespace().nth(5).unwrap());
    assert!(!copy.exists() && !copy.parent().unwrap().exists(), "{line}");
}
