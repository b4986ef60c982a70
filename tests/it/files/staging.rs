//! The private copies from which libraries run: who can look at them, and what happens where they cannot be made.

use std::ffi::OsStr;
use std::fs::{self, Permissions};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use hooks::{Error, LibraryConfig, LibraryPolicy, Source};
use hooks_tests::{Journal, altered, c_library, has_c_compilers};

use super::child;

fn load_from(staging: &Path, library: &Source, check: bool) -> Result<(), Error> {
    let hooks = hooks_tests::hooks();
    hooks.set_library_policy(LibraryPolicy::new().check_permissions(check).staging_directory(staging));
    hooks.load_libraries(vec![LibraryConfig::new(library.clone())])
}

fn is_empty(folder: &Path) -> bool {
    fs::read_dir(folder).unwrap().next().is_none()
}

#[test]
fn a_copy_is_for_nobody_else() {
    if !has_c_compilers() {
        return;
    }
    let journal = Journal::new();
    let staging = journal.beside("staging");
    fs::create_dir(&staging).unwrap();
    let define = format!("-DJOURNAL=\"{}\"", journal.path().display());
    let library = c_library(&journal.beside("."), "staged", "staged.c", &[&define]);
    load_from(&staging, &library, false).unwrap();
    let lines = journal.take();
    let real = staging.canonicalize().unwrap();
    assert!(lines[0].starts_with(&format!("100400 {}/hooks-", real.display())), "{lines:?}");
    assert!(lines[0].ends_with("/libstaged.so") && lines[1].starts_with("40700 "), "{lines:?}");
    // What is mapped needs no name.
    assert!(is_empty(&staging));
}

#[test]
fn folders_that_are_none_for_copies() {
    let journal = Journal::new();
    let library = |mark: &str| altered("ordered", &journal.beside(&format!("lib{mark}.so")), mark);
    let refused = |staging: &Path, expected: &str| {
        let error = load_from(staging, &library("unstaged"), false).unwrap_err();
        let named = format!("`{}` of private copies (see `LibraryPolicy::staging_directory`)", staging.display());
        assert!(error.to_string().contains(expected) && error.to_string().contains(&named), "{error}");
        assert!(error.to_string().contains("libunstaged.so`: the folder `"), "{error}");
    };
    refused(&journal.beside("missing"), ": cannot be found: No such file or directory");
    fs::write(journal.path(), "").unwrap();
    refused(&journal.path(), " is not a folder");
    // Whoever can write there could exchange the folder of the copy.
    let staging = journal.beside("staging");
    fs::create_dir(&staging).unwrap();
    for folder in [&journal.beside("."), &staging] {
        fs::set_permissions(folder, Permissions::from_mode(0o755)).unwrap();
    }
    let trusted = library("trusted");
    fs::set_permissions(journal.beside("libtrusted.so"), Permissions::from_mode(0o644)).unwrap();
    load_from(&staging, &trusted, true).unwrap();
    fs::set_permissions(&staging, Permissions::from_mode(0o777)).unwrap();
    let other = library("untrusted");
    fs::set_permissions(journal.beside("libuntrusted.so"), Permissions::from_mode(0o644)).unwrap();
    let error = load_from(&staging, &other, true).unwrap_err();
    assert!(
        error.is_refused() && error.to_string().contains("/staging` can be written by its group and every"),
        "{error}"
    );
    assert!(error.to_string().contains("of private copies"), "{error}");
    assert!(is_empty(&staging));
}

/// What is said when the copy of a library is to be made on a file system that is mounted with `options`.
fn mounted(options: &str, library: &Path, staging: &Path) -> Option<Vec<String>> {
    let script = format!(
        "mount -t tmpfs -o {options} none \"$HOOKS_TEST_STAGING\" && \"$@\"; ls -A \"$HOOKS_TEST_STAGING\" | sed 's/^/x| left /'"
    );
    let words = ["unshare", "-rm", "sh", "-c", &script, "sh"].map(OsStr::new);
    let said = child::run(child::command(&words, &[library], Some(staging)));
    if said.is_none() {
        let _ =
            writeln!(std::io::stderr(), "file systems of its own: skipped, because `unshare -rm` does not work here");
    }
    said
}

#[test]
fn a_file_system_without_execution_is_named() {
    let journal = Journal::new();
    fs::create_dir(journal.beside("mounted")).unwrap();
    let Source::File(library) = altered("ordered", &journal.beside("libnoexec.so"), "noexec") else { return };
    let Some(said) = mounted("noexec", &library, &journal.beside("mounted")) else { return };
    let [said] = &said[..] else { panic!("{said:?}") };
    assert!(said.contains("libnoexec.so`: cannot be opened: private copies are made in `"), "{said}");
    assert!(said.contains("/mounted`, from which no code may run (it is mounted `noexec`)"), "{said}");
    assert!(said.contains("set another folder with `LibraryPolicy::staging_directory`"), "{said}");
}

#[test]
fn a_full_file_system_is_named_and_nothing_is_left_there() {
    let journal = Journal::new();
    fs::create_dir(journal.beside("mounted")).unwrap();
    let Source::File(library) = altered("ordered", &journal.beside("libfull.so"), "full") else { return };
    let Some(said) = mounted("size=64k", &library, &journal.beside("mounted")) else { return };
    let [said] = &said[..] else { panic!("{said:?}") };
    assert!(said.contains("libfull.so`: its private copy cannot be written into the folder `"), "{said}");
    assert!(said.contains("/mounted` of private copies") && said.contains("No space left on device"), "{said}");
}

#[test]
fn a_limit_of_the_process_is_named() {
    let journal = Journal::new();
    let Source::File(library) = altered("ordered", &journal.beside("liblimited.so"), "limited") else { return };
    // To write more would end the process.
    let words = ["sh", "-c", "ulimit -f 8; exec \"$@\"", "sh"].map(OsStr::new);
    let said = child::run(child::command(&words, &[&library], None)).unwrap();
    assert!(said[0].contains("liblimited.so`: its private copy cannot be written into"), "{said:?}");
    assert!(said[0].contains("this process may write files of 4096 (ulimit -f)"), "{said:?}");
}

#[test]
fn only_so_many_images_are_mapped() {
    let journal = Journal::new();
    let hooks = hooks_tests::hooks();
    let known = altered("ordered", &journal.beside("libknown.so"), "known");
    hooks.load_libraries(vec![LibraryConfig::new(known.clone())]).unwrap();
    hooks.set_library_policy(LibraryPolicy::new().check_permissions(false).max_images(1));
    let another = altered("ordered", &journal.beside("libanother.so"), "another");
    let error = hooks.reload(vec![LibraryConfig::new(known.clone()), LibraryConfig::new(another.clone())]).unwrap_err();
    assert!(error.is_refused() && error.to_string().contains("libanother.so`: this process has mapped "), "{error}");
    assert!(error.to_string().contains("`LibraryPolicy::max_images` allows 1; restart the process"), "{error}");
    assert_eq!(hooks.library_names(), ["ordered"]);
    // What is mapped, and what is no file, is loaded as before.
    let builtin = LibraryConfig::new(Source::Builtin("ordered".to_owned()));
    hooks.reload(vec![LibraryConfig::new(known), builtin]).unwrap();
    assert_eq!(hooks.library_names(), ["ordered", "ordered"]);
    let policy = hooks.library_policy();
    hooks.set_library_policy(policy.max_images(100_000));
    hooks.reload(vec![LibraryConfig::new(another)]).unwrap();
}

#[test]
fn an_image_that_is_refused_after_it_was_mapped_is_mapped_once() {
    let journal = Journal::new();
    let source = altered("stray", &journal.beside("libstrayed.so"), "strayed");
    for _ in 0..5 {
        let error = hooks_tests::hooks().load_libraries(vec![LibraryConfig::new(source.clone())]).unwrap_err();
        assert!(error.is_refused() && error.to_string().contains("belongs to no plugin"), "{error}");
        assert_eq!(super::mapped::mapped("libstrayed.so"), 1);
    }
}
