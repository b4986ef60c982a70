//! Which files are trusted: those that nobody else could have changed, that are where they may be, and that have the right hash.

use std::fs::{self, Permissions};
use std::io::Write;
use std::os::unix::fs::{PermissionsExt, chown, symlink};
use std::path::{Path, PathBuf};

use hooks::{Error, Hooks, LibraryConfig, LibraryPolicy, Source, parse_sha256};
use hooks_tests::{Journal, altered};
use sha2::{Digest, Sha256};

use super::written;

/// A folder that is trusted whatever the umask is, with a library in it.
fn trusted(name: &str) -> (Journal, PathBuf) {
    let journal = Journal::new();
    set_mode(&journal.beside("."), 0o755);
    fs::create_dir(journal.beside("lib")).unwrap();
    set_mode(&journal.beside("lib"), 0o755);
    let path = journal.beside("lib").join(format!("lib{name}.so"));
    altered("ordered", &path, name);
    set_mode(&path, 0o644);
    (journal, path)
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

fn load_with(policy: LibraryPolicy, library: LibraryConfig) -> Result<(), Error> {
    let hooks = Hooks::new();
    hooks.set_library_policy(policy.clone());
    assert_eq!(hooks.library_policy(), policy);
    let loaded = hooks.load_libraries(vec![library.clone()]);
    // What can be told beforehand is the same.
    let found: Vec<_> = hooks.validate_libraries(&[library]).iter().map(|(_, error)| error.to_string()).collect();
    assert_eq!(loaded.as_ref().err().map(ToString::to_string), found.first().cloned());
    assert_eq!(hooks.libraries().len(), usize::from(loaded.is_ok()));
    loaded
}

fn load(path: &Path) -> Result<(), Error> {
    load_with(LibraryPolicy::new(), LibraryConfig::new(Source::File(path.to_owned())))
}

fn refused(path: &Path, expected: &[&str]) {
    let error = load(path).unwrap_err();
    assert!(error.is_refused() && error.to_string().starts_with(&format!("library `{}`: ", path.display())), "{error}");
    for expected in expected {
        assert!(error.to_string().contains(expected), "{error}: {expected}");
    }
    let unchecked = LibraryPolicy::new().check_permissions(false);
    load_with(unchecked, LibraryConfig::new(Source::File(path.to_owned()))).unwrap();
}

#[test]
fn a_file_that_others_can_write_is_refused() {
    let (_journal, path) = trusted("writable_file");
    load(&path).unwrap();
    set_mode(&path, 0o664);
    refused(&path, &["the file `", "can be written by its group", "(mode 0664, owner ", "`chmod g-w '"]);
    set_mode(&path, 0o646);
    refused(&path, &["can be written by everybody", "`chmod o-w '"]);
    set_mode(&path, 0o444);
    load(&path).unwrap();
}

#[test]
fn a_folder_that_others_can_write_is_refused() {
    let (journal, path) = trusted("writable_folder");
    let (near, far) = (journal.beside("lib"), journal.beside("."));
    for folder in [&near, &far] {
        set_mode(folder, 0o777);
        refused(&path, &["the folder `", "can be written by its group and everybody", "(mode 0777", "`chmod go-w '"]);
        // Where only its owner may replace a file.
        set_mode(folder, 0o1777);
        load(&path).unwrap();
        set_mode(folder, 0o755);
        load(&path).unwrap();
    }
}

#[test]
fn the_folders_of_links_are_looked_at_too() {
    let (journal, path) = trusted("linked");
    fs::create_dir(journal.beside("links")).unwrap();
    let (folder, link) = (journal.beside("links"), journal.beside("links").join("liblinked.so"));
    symlink("../lib/liblinked.so", &link).unwrap();
    set_mode(&folder, 0o755);
    load(&link).unwrap();
    set_mode(&folder, 0o775);
    refused(&link, &["/links` can be written by its group"]);
    load(&path).unwrap();
    // Also where a link is in the middle of the way.
    symlink("../lib", folder.join("folder")).unwrap();
    refused(&folder.join("folder/liblinked.so"), &["/links` can be written by its group"]);
}

#[test]
fn what_belongs_to_somebody_else_is_refused() {
    let (journal, path) = trusted("owned");
    let link = journal.beside("libowned.so");
    symlink(&path, &link).unwrap();
    const NOBODY: u32 = 65534;
    if chown(&path, Some(NOBODY), None).is_err() {
        let _ = writeln!(std::io::stderr(), "files of other users: skipped, because only root can give a file away");
        return;
    }
    refused(&path, &["the file `", "belongs to the user 65534", "expected root or the user 0", "`chown 0 '"]);
    chown(&path, Some(0), None).unwrap();
    load(&link).unwrap();
    std::os::unix::fs::lchown(&link, Some(NOBODY), None).unwrap();
    refused(&link, &["the link `", "belongs to the user 65534"]);
    chown(journal.beside("lib"), Some(NOBODY), None).unwrap();
    refused(&path, &["the folder `", "/lib` belongs to the user 65534"]);
}

#[test]
fn only_configured_directories_are_allowed() {
    let (journal, path) = trusted("placed");
    let (lib, other) = (journal.beside("lib"), journal.beside("other"));
    fs::create_dir(&other).unwrap();
    set_mode(&other, 0o755);
    symlink(&path, other.join("libout.so")).unwrap();
    symlink(&lib, journal.beside("alias")).unwrap();
    let policy = |directory: &Path| LibraryPolicy::new().directories([directory]);
    let source = |path: &Path| LibraryConfig::new(Source::File(path.to_owned()));
    for inside in [path.clone(), other.join("libout.so"), other.join("../lib/libplaced.so"), lib.join("./libplaced.so")]
    {
        load_with(policy(&lib), source(&inside)).unwrap();
        load_with(policy(&journal.beside("alias")), source(&inside)).unwrap();
        // A link out of a directory does not help, and neither do dots.
        let error = load_with(policy(&other), source(&inside)).unwrap_err();
        let place = path.canonicalize().unwrap();
        assert!(error.to_string().contains(&format!("is really `{}`", place.display())), "{error}");
        assert!(error.is_refused() && error.to_string().contains("add its directory to `LibraryPolicy::directories`"));
    }
    let error = load_with(LibraryPolicy::new().directories(Vec::<PathBuf>::new()), source(&path)).unwrap_err();
    assert!(error.to_string().contains("loaded from no directory only"), "{error}");
}

#[test]
fn the_hash_is_compared_before_anything_in_the_file_is_looked_at() {
    let (journal, path) = trusted("hashed");
    let hash: [u8; 32] = Sha256::digest(fs::read(&path).unwrap()).into();
    let text: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    let config = |path: &Path| LibraryConfig::new(Source::File(path.to_owned())).sha256(parse_sha256(&text).unwrap());
    assert_eq!(config(&path).expected_sha256(), Some(hash));
    load_with(LibraryPolicy::new(), config(&path)).unwrap();
    let other = written(&journal, "libother.so", b"no library");
    set_mode(&other, 0o644);
    let error = load_with(LibraryPolicy::new(), config(&other)).unwrap_err();
    assert!(error.is_refused() && error.to_string().contains(&format!("the configuration expects {text}")), "{error}");
    let found: String = Sha256::digest("no library").iter().map(|byte| format!("{byte:02x}")).collect();
    assert!(error.to_string().contains(&format!("its SHA-256 is {found}")), "{error}");
    let builtin = LibraryConfig::new(Source::Builtin("ordered".to_owned())).sha256(hash);
    let error = load_with(LibraryPolicy::new(), builtin).unwrap_err();
    assert!(error.to_string().contains("the built-in plugin `ordered` has no file"), "{error}");
}

#[test]
fn what_may_not_be_read() {
    let (journal, path) = trusted("unreadable");
    set_mode(&path, 0);
    let lines = match fs::File::open(&path) {
        Err(_) => vec![load(&path).unwrap_err().to_string()],
        // Root may read it all the same, and root's child somebody else must be.
        Ok(_) => {
            let words = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"].map(std::ffi::OsStr::new);
            let closed = journal.beside("closed");
            fs::create_dir(&closed).unwrap();
            set_mode(&closed, 0o700);
            fs::copy(&path, closed.join("libx.so")).unwrap();
            let child = super::child::command(&words, &[&path, &closed.join("libx.so")], None);
            match super::child::run(child) {
                Some(lines) => lines,
                None => {
                    let _ = writeln!(
                        std::io::stderr(),
                        "files without permission: skipped, because `setpriv` does not work here"
                    );
                    return;
                }
            }
        }
    };
    assert!(lines[0].contains("cannot be opened: Permission denied"), "{lines:?}");
    assert!(lines.get(1).is_none_or(|line| line.contains("cannot be found: Permission denied")), "{lines:?}");
}
