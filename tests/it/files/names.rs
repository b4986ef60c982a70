//! The same library by several names, and names that are out of the ordinary.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use hooks::{Hooks, LibraryConfig, Source};
use hooks_tests::{Journal, altered, c_library, has_c_compilers, shared, text_of};
use serde_json::json;

use super::child;
use super::mapped::mapped;

fn config(path: &Path) -> LibraryConfig {
    LibraryConfig::new(Source::File(path.to_owned()))
}

fn appending(path: &Path, text: &str) -> LibraryConfig {
    config(path).parameters(json!({"name": text, "received": [{"append": text}]}))
}

/// The names of the libraries, as callouts and operators see them.
fn names(hooks: &Hooks) -> (Vec<String>, Vec<String>) {
    (hooks.library_names(), hooks.callouts().iter().map(|callout| callout.library().to_owned()).collect())
}

#[test]
fn one_path_twice_is_two_instances() {
    let Source::File(path) = shared("scripted") else { return };
    let hooks = hooks_tests::hooks();
    hooks.load_libraries(vec![appending(&path, "a"), appending(&path, "b"), appending(&path, "a")]).unwrap();
    assert_eq!(text_of(&hooks), "aba");
    hooks.reload(vec![appending(&path, "b"), appending(&path, "a")]).unwrap();
    assert_eq!(text_of(&hooks), "ba");
}

#[test]
fn links_and_other_ways_lead_to_one_image() {
    let journal = Journal::new();
    let real = journal.beside("libversioned.so.1.2.3");
    altered("scripted", &real, "versioned");
    symlink("libversioned.so.1.2.3", journal.beside("libversioned.so.1")).unwrap();
    symlink("libversioned.so.1", journal.beside("libversioned.so")).unwrap();
    fs::hard_link(&real, journal.beside("libhard.so")).unwrap();
    fs::create_dir(journal.beside("folder")).unwrap();
    let ways =
        ["libversioned.so", "libversioned.so.1", "libhard.so", "folder/../libversioned.so", "./folder/..//libhard.so"];
    let paths = ways.map(|way| journal.beside(way));
    let hooks = hooks_tests::hooks();
    hooks.load_libraries(paths.iter().map(|path| appending(path, "x")).collect()).unwrap();
    assert_eq!(text_of(&hooks), "xxxxx");
    let copies = || mapped("libversioned.so") + mapped("libversioned.so.1") + mapped("libhard.so");
    assert_eq!(copies(), 1);
    // A new version is installed, and the links are set to it.
    altered("scripted", &journal.beside("libversioned.so.2"), "versioned again");
    fs::remove_file(journal.beside("libversioned.so")).unwrap();
    symlink("libversioned.so.2", journal.beside("libversioned.so")).unwrap();
    hooks.reload(paths.iter().map(|path| appending(path, "y")).collect()).unwrap();
    assert_eq!((text_of(&hooks), copies()), ("yyyyy".to_owned(), 2));
}

#[test]
fn links_that_lead_nowhere() {
    let journal = Journal::new();
    symlink("libb.so", journal.beside("liba.so")).unwrap();
    symlink("liba.so", journal.beside("libb.so")).unwrap();
    symlink("nowhere/libx.so", journal.beside("libdangling.so")).unwrap();
    let error = super::refused(&journal.beside("liba.so"));
    assert!(error.is_not_found() && error.to_string().contains("by links in a circle"), "{error}");
    let error = super::refused(&journal.beside("libdangling.so"));
    assert!(error.is_not_found() && error.to_string().contains("/nowhere`: No such file"), "{error}");
}

#[test]
fn a_c_library_has_the_name_of_each_of_its_files() {
    if !has_c_compilers() {
        return;
    }
    let journal = Journal::new();
    c_library(&journal.beside("."), "first", "status.c", &[]);
    let first = journal.beside("libfirst.so");
    let second = journal.beside("libsecond.so.1");
    fs::copy(&first, &second).unwrap();
    let hooks = hooks_tests::hooks();
    hooks.load_libraries(vec![config(&second), config(&first)]).unwrap();
    assert_eq!(names(&hooks).0, ["second", "first"]);
    assert!(names(&hooks).1.iter().any(|name| name == "first") && names(&hooks).1.iter().any(|name| name == "second"));
    // Under the same names they are kept, under another they are others.
    let (kept, log) = hooks_tests::logged(|| hooks.reload(vec![config(&first), config(&second)]));
    kept.unwrap();
    assert!(!log.contains("loaded"), "{log}");
    let third = journal.beside("libthird.so");
    fs::rename(&second, &third).unwrap();
    hooks.reload(vec![config(&third), config(&first)]).unwrap();
    assert_eq!(names(&hooks).0, ["third", "first"]);
    assert!(!names(&hooks).1.iter().any(|name| name == "second"));
    assert_eq!(mapped("libfirst.so") + mapped("libsecond.so.1") + mapped("libthird.so"), 1);
}

#[test]
fn names_out_of_the_ordinary() {
    let journal = Journal::new();
    let long = format!("lib{}.so", "l".repeat(249));
    let odd: [&OsStr; 6] = [
        OsStr::from_bytes(b"lib\xff\xfe.so"),
        OsStr::new("lib with spaces.so"),
        OsStr::new("lib\nnewline'$(x)`.so"),
        OsStr::new("-rf"),
        OsStr::new(&long),
        OsStr::new("libö→.so"),
    ];
    let paths = odd.map(|name| journal.beside(".").join(name));
    for (number, path) in paths.iter().enumerate() {
        // Other bytes, so that each is copied and mapped under its name.
        altered("ordered", path, &format!("odd name {number}"));
    }
    // Not here, where other tests read the list of what is mapped, as text.
    let paths: Vec<_> = paths.iter().map(PathBuf::as_path).collect();
    let said = child::run(child::command(&[], &paths, None)).unwrap();
    assert_eq!(said, ["loaded ordered"; 6]);
    let longer = journal.beside(&"l".repeat(300));
    assert!(super::refused(&longer).to_string().contains("cannot be found: File name too long"));
    let deep = journal.beside(&"d/".repeat(3000)).join("libx.so");
    assert!(super::refused(&deep).is_not_found());
}

#[test]
fn a_bare_name_is_a_file_in_the_working_directory() {
    let journal = Journal::new();
    let (here, path) = (journal.beside("here"), journal.beside("path"));
    fs::create_dir(&here).unwrap();
    fs::create_dir(&path).unwrap();
    altered("ordered", &here.join("libhere.so"), "here");
    altered("ordered", &path.join("libelsewhere.so"), "elsewhere");
    let bare = [Path::new("libhere.so"), Path::new("./libhere.so"), Path::new("libelsewhere.so")];
    let mut command = child::command(&[], &bare, None);
    let search: OsString = [path.as_os_str(), here.as_os_str()].join(OsStr::new(":"));
    command.current_dir(&here).env("LD_LIBRARY_PATH", search);
    let said = child::run(command).unwrap();
    assert_eq!(said[..2], ["loaded ordered", "loaded ordered"]);
    // The dynamic linker would find it.
    assert!(said[2].contains("library `libelsewhere.so`: cannot be found"), "{said:?}");
}
