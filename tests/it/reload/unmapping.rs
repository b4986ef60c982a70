//! Libraries that are really unmapped, as whoever loads them has asked for.

use std::fs;
use std::sync::mpsc;
use std::thread;

use hooks::{ImageState, LibraryConfig, Source};
use hooks_tests::{Journal, altered, has_c_compilers, logged, text_of};
use serde_json::{Value, json};

use super::numbers::image;
use crate::c_libraries::journal_library;

fn unmapping(source: &Source, parameters: Value) -> Vec<LibraryConfig> {
    let library = LibraryConfig::new(source.clone()).parameters(parameters);
    #[expect(unsafe_code, reason = "what is tested")]
    // SAFETY: these libraries have no threads then, hand out nothing, and have no destructors that the system does not know of.
    let library = unsafe { library.unmap_at_unload() };
    vec![library]
}

/// A build of the plugin `lasting` that no other test has.
fn lasting(journal: &Journal, mark: &str) -> Source {
    altered("lasting", &journal.beside(&format!("lib{mark}.so")), mark)
}

/// Whether the system has mapped a file of this name for execution.
fn is_mapped(source: &Source) -> bool {
    let Source::File(path) = source else { panic!("a file is expected") };
    let name = path.file_name().unwrap().to_str().unwrap();
    let maps = fs::read_to_string("/proc/self/maps").unwrap();
    maps.lines().any(|line| line.contains(&format!("/{name}")) && line.contains("r-xp"))
}

#[test]
fn a_c_library_is_unmapped_with_its_last_request() {
    if !has_c_compilers() {
        return;
    }
    let (journal, hooks, other) = (Journal::new(), hooks_tests::hooks(), hooks_tests::hooks());
    let source = journal_library(&journal, "unmapped", &[]);
    for _ in 0..3 {
        hooks.load_libraries(unmapping(&source, json!({}))).unwrap();
        other.load_libraries(unmapping(&source, json!({}))).unwrap();
        let request = hooks.handle();
        assert_eq!(text_of(&hooks), "unmapped");
        assert!(!hooks.unload_libraries());
        assert!(other.unload_libraries());
        assert!(is_mapped(&source));
        assert_eq!(image(&source).unwrap().state, ImageState::InUse);
        drop(request);
        let (unloaded, log) = logged(|| hooks.unload_libraries());
        assert!(unloaded && log.contains(" INFO hooks::library::images: unmapped library=\"unmapped\""), "{log}");
        assert_eq!((is_mapped(&source), image(&source)), (false, None));
    }
}

#[test]
fn a_rust_library_that_is_fit_for_it_is_unmapped() {
    let (journal, hooks) = (Journal::new(), hooks_tests::hooks());
    let source = lasting(&journal, "fit");
    for _ in 0..3 {
        hooks.reload(unmapping(&source, json!({"journal": journal.path()}))).unwrap();
        assert_eq!((text_of(&hooks).as_str(), is_mapped(&source)), ("1", true));
        // Replaced by itself with other parameters it goes on being used.
        hooks.reload(unmapping(&source, json!({"journal": journal.path(), "thread-local": false}))).unwrap();
        assert_eq!((text_of(&hooks).as_str(), is_mapped(&source)), ("1", true));
        let (done, log) = logged(|| hooks.reload(vec![]));
        done.unwrap();
        assert!(log.contains("unmapped library=\"lasting\""), "{log}");
        assert_eq!((is_mapped(&source), image(&source)), (false, None));
        // Its statics of hook points are forgotten: attaching others to them touches nothing that is gone.
        hooks.reload(vec![LibraryConfig::new(super::shared("scripted")).parameters(json!({"name": "a"}))]).unwrap();
        assert_eq!(text_of(&hooks), "");
    }
}

#[test]
fn a_failed_load_leaves_no_image() {
    let (journal, hooks) = (Journal::new(), hooks_tests::hooks());
    let source = lasting(&journal, "never-loaded");
    let (error, log) = logged(|| hooks.reload(unmapping(&source, json!({"journal": 7}))).unwrap_err());
    assert!(error.is_load() && log.contains("unmapped library=\"lasting\""), "{error}: {log}");
    assert_eq!((is_mapped(&source), image(&source)), (false, None));
}

#[test]
fn what_the_system_keeps_is_told() {
    let (journal, hooks) = (Journal::new(), hooks_tests::hooks());
    let source = lasting(&journal, "kept");
    let parameters = json!({"journal": journal.path(), "thread-local": true});
    hooks.reload(unmapping(&source, parameters.clone())).unwrap();
    let ((called, calls), (end, ends)) = (mpsc::channel(), mpsc::channel::<()>());
    let elsewhere = hooks.clone();
    let thread = thread::spawn(move || {
        called.send(text_of(&elsewhere)).unwrap();
        let _ = ends.recv();
    });
    assert_eq!(calls.recv().unwrap(), "1");
    let (unloaded, log) = logged(|| hooks.unload_libraries());
    assert!(unloaded, "to be unloaded is another matter");
    assert!(log.contains("WARN") && log.contains("the system keeps the mapping library=\"lasting\""), "{log}");
    let kept = image(&source).unwrap();
    assert_eq!((kept.state, is_mapped(&source)), (ImageState::KeptBySystem, true));
    assert!(kept.mapped_bytes > 0);
    // The same bytes may be loaded meanwhile, as another image.
    hooks.reload(unmapping(&source, json!({"journal": journal.path()}))).unwrap();
    assert_eq!(text_of(&hooks), "1");
    drop(end);
    thread.join().unwrap();
    assert_eq!(journal.take(), ["the value of a thread is dropped"], "by code that was still there");
    // With the next library that is closed the system unmaps this one too.
    assert!(hooks.unload_libraries());
    assert_eq!((is_mapped(&source), image(&source)), (false, None));
}

#[test]
fn bytes_that_are_also_loaded_for_good_stay() {
    let journal = Journal::new();
    let parameters = json!({"journal": journal.path()});
    for (mark, unmapping_first) in [("before", true), ("after", false)] {
        let (one, two) = (hooks_tests::hooks(), hooks_tests::hooks());
        let source = lasting(&journal, mark);
        let normal = vec![LibraryConfig::new(source.clone()).parameters(parameters.clone())];
        if unmapping_first {
            one.reload(unmapping(&source, parameters.clone())).unwrap();
            two.reload(normal).unwrap();
        } else {
            two.reload(normal).unwrap();
            one.reload(unmapping(&source, parameters.clone())).unwrap();
        }
        let address = image(&source).unwrap();
        let (unloaded, log) = logged(|| two.unload_libraries() && one.unload_libraries());
        assert!(unloaded && !log.contains("unmapped"), "{log}");
        assert!(is_mapped(&source));
        assert_eq!(image(&source).unwrap().state, ImageState::Retired);
        one.reload(unmapping(&source, parameters.clone())).unwrap();
        assert_eq!(image(&source).unwrap(), address, "it is used again");
        assert!(one.unload_libraries() && is_mapped(&source));
    }
}
