//! Libraries that are prepared first and loaded later, or never.

use std::fs;
use std::thread;

use fixture_api::Packet;
use hooks::{BoxError, Hooks, ImageState, LibraryConfig, LibraryPolicy, Source};
use hooks_tests::{Journal, Origin, altered, both, c_library, has_c_compilers, receive, script, text_of};
use serde_json::json;

use super::numbers::image;
use super::{counting, counts};

both!(
    what_is_prepared_is_loaded_later,
    what_is_kept_is_decided_when_it_is_loaded,
    the_component_may_refuse_what_is_prepared,
    what_is_prepared_on_other_terms_is_refused,
    nothing_is_prepared_in_test_mode,
    a_load_that_fails_changes_nothing,
);

fn what_is_prepared_is_loaded_later(origin: Origin) {
    let (journal, hooks) = (Journal::new(), hooks_tests::hooks());
    hooks.reload(vec![counting(origin, "a", &journal, 0)]).unwrap();
    let (mut request, before) = (hooks.handle(), (hooks.libraries(), hooks.generations().live.number));
    journal.take();
    let set = vec![counting(origin, "a", &journal, 0), counting(origin, "b", &journal, 0)];
    // On a thread that ends before they are loaded.
    let prepared = thread::scope(|scope| scope.spawn(|| hooks.prepare(set)).join().unwrap()).unwrap();
    assert_eq!((hooks.libraries(), hooks.generations().live.number), before);
    assert_eq!((journal.take(), counts(&hooks)), (vec![], vec!["1".to_owned()]));
    hooks.reload_prepared(prepared).unwrap();
    assert_eq!(journal.take(), ["b load"]);
    assert_eq!(counts(&hooks), ["2", "1"]);
    let mut packet = Packet::default();
    let _ = receive(&mut request, &mut packet);
    assert_eq!(packet.trace, ["3"], "a request that had begun sees its own set");
}

fn what_is_kept_is_decided_when_it_is_loaded(origin: Origin) {
    let (journal, hooks) = (Journal::new(), hooks_tests::hooks());
    let library = |name| counting(origin, name, &journal, 0);
    let first = hooks.prepare(vec![library("a"), library("b")]).unwrap();
    let second = hooks.prepare(vec![library("b"), library("c")]).unwrap();
    let third = hooks.prepare(vec![library("a"), library("c")]).unwrap();
    assert_eq!(journal.take(), [""; 0]);
    // In another order than they were prepared, and with another change in between.
    hooks.reload_prepared(third).unwrap();
    assert_eq!(counts(&hooks), ["1", "1"]);
    hooks.reload_prepared(first).unwrap();
    assert_eq!(counts(&hooks), ["2", "1"], "`a` is kept, which was not loaded when it was prepared");
    hooks.reload(vec![library("c"), library("b")]).unwrap();
    assert_eq!(counts(&hooks), ["1", "2"]);
    hooks.reload_prepared(second).unwrap();
    assert_eq!(counts(&hooks), ["3", "2"]);
    let loads = ["a load", "c load", "b load", "c unload", "c drop after 1 calls", "c load"];
    let lines = journal.take();
    assert_eq!(lines[..loads.len()], loads);
    assert_eq!(lines[loads.len()..], ["a unload", "a drop after 2 calls"]);
    // Also what has been unloaded meanwhile can be loaded.
    let prepared = hooks.prepare(vec![library("a")]).unwrap();
    assert!(hooks.unload_libraries());
    hooks.reload_prepared(prepared).unwrap();
    assert_eq!(counts(&hooks), ["1"]);
}

fn the_component_may_refuse_what_is_prepared(origin: Origin) {
    let (journal, hooks) = (Journal::new(), hooks_tests::hooks());
    hooks.reload(vec![counting(origin, "a", &journal, 0)]).unwrap();
    assert_eq!(counts(&hooks), ["1"]);
    let prepare = || hooks.prepare(vec![counting(origin, "b", &journal, 0)]).unwrap();
    let refused = hooks.reload_prepared_if(prepare(), |_| Err::<(), BoxError>("not today".into()));
    assert_eq!(refused.unwrap_err().to_string(), "not today");
    assert_eq!(counts(&hooks), ["2"]);
    hooks.reload_prepared_if(prepare(), |_| Ok::<(), BoxError>(())).unwrap();
    assert_eq!(counts(&hooks), ["1"]);
}

fn what_is_prepared_on_other_terms_is_refused(origin: Origin) {
    let hooks = hooks_tests::hooks();
    let set = || vec![script(origin, "a", json!({}))];
    let refused = |of: &Hooks, prepared, expected: &str| {
        let error = of.reload_prepared(prepared).unwrap_err();
        assert!(error.is_refused() && error.to_string().contains(expected), "{error}");
        assert_eq!(of.libraries(), []);
    };
    refused(
        &hooks_tests::hooks(),
        hooks.prepare(set()).unwrap(),
        "by another `Hooks`, which may allow other libraries",
    );
    let prepared = {
        let gone = hooks_tests::hooks();
        gone.prepare(set()).unwrap()
    };
    refused(&hooks, prepared, "by another `Hooks`");
    // A clone is the same `Hooks`.
    hooks.clone().reload_prepared(hooks.prepare(set()).unwrap()).unwrap();
    assert!(hooks.unload_libraries());

    let (prepared, policy) = (hooks.prepare(set()).unwrap(), hooks.library_policy());
    hooks.set_library_policy(LibraryPolicy::new().directories(["/nowhere"]));
    refused(&hooks, prepared, "which libraries may be loaded has changed since they were prepared; prepare");
    hooks.set_library_policy(policy);

    hooks.set_multi_threading(false);
    let single = LibraryConfig::new(origin.plugin("single-threaded"));
    let prepared = hooks.prepare(vec![script(origin, "a", json!({})), single]).unwrap();
    hooks.set_multi_threading(true);
    let error = hooks.reload_prepared(prepared).unwrap_err();
    assert_eq!((error.position(), hooks.libraries()), (Some(1), vec![]));
    assert!(error.to_string().contains("is not multi-threading compatible"), "{error}");
}

fn nothing_is_prepared_in_test_mode(origin: Origin) {
    let hooks = hooks_tests::hooks();
    let set = || vec![script(origin, "a", json!({}))];
    let real = hooks.prepare(set()).unwrap();
    hooks.set_test_mode(true);
    let prepare = || hooks.prepare(vec![LibraryConfig::new(Source::File("/nowhere/libx.so".into()))]).unwrap();
    hooks.reload_prepared(real).unwrap();
    hooks.reload_prepared(prepare()).unwrap();
    assert_eq!(hooks.libraries(), []);
    let prepared = prepare();
    hooks.set_test_mode(false);
    let error = hooks.reload_prepared(prepared).unwrap_err();
    assert_eq!(error.to_string(), "the libraries were prepared in test mode; prepare the libraries again");
}

fn a_load_that_fails_changes_nothing(origin: Origin) {
    let (journal, hooks) = (Journal::new(), hooks_tests::hooks());
    let library = |name| counting(origin, name, &journal, 0);
    hooks.reload(vec![library("a")]).unwrap();
    journal.take();
    let bad = script(origin, "bad", json!({"load": {"error": "no"}}));
    let prepared = hooks.prepare(vec![library("x"), bad, library("a")]).unwrap();
    let error = hooks.reload_prepared(prepared).unwrap_err();
    assert!(error.is_load() && error.to_string().starts_with("entry 2 of 3: "), "{error}");
    assert_eq!((error.position(), counts(&hooks)), (Some(1), vec!["1".to_owned()]));
    assert_eq!(journal.take(), ["x load", "x unload", "x drop after 0 calls"]);
}

#[test]
fn what_was_read_is_what_is_loaded() {
    let (journal, hooks) = (Journal::new(), hooks_tests::hooks());
    let path = journal.beside("libread.so");
    let library =
        |source| LibraryConfig::new(source).parameters(json!({"name": "a", "received": [{"append": "read"}]}));
    let prepared = hooks.prepare(vec![library(altered("scripted", &path, "read"))]).unwrap();
    fs::write(&path, "something else").unwrap();
    fs::remove_file(&path).unwrap();
    hooks.reload_prepared(prepared).unwrap();
    assert_eq!(text_of(&hooks), "read");
}

#[test]
fn what_is_not_loaded_leaves_its_image_only() {
    let (journal, hooks) = (Journal::new(), hooks_tests::hooks());
    let staging = journal.beside("staging");
    fs::create_dir(&staging).unwrap();
    hooks.set_library_policy(LibraryPolicy::new().check_permissions(false).staging_directory(&staging));
    let kept = altered("scripted", &journal.beside("libprepared.so"), "prepared, kept");
    let unmapped = altered("lasting", &journal.beside("libprepared_unmapped.so"), "prepared, unmapped");
    let before = (hooks.generations().live.number, hooks.generations().retired);
    for _ in 0..3 {
        #[expect(unsafe_code, reason = "what is tested")]
        // SAFETY: nothing of the library but its handshake runs.
        let unmapping = unsafe { LibraryConfig::new(unmapped.clone()).unmap_at_unload() };
        let prepared = hooks.prepare(vec![LibraryConfig::new(kept.clone()), unmapping]).unwrap();
        assert_eq!(image(&kept).unwrap().state, ImageState::InUse);
        assert_eq!(image(&unmapped).unwrap().state, ImageState::InUse);
        // What it has is not closed by others.
        hooks.reload(vec![]).unwrap();
        assert_eq!(image(&unmapped).unwrap().state, ImageState::InUse);
        drop(prepared);
        assert_eq!(image(&kept).unwrap().state, ImageState::Retired);
        assert_eq!(image(&unmapped), None);
        assert!(fs::read_dir(&staging).unwrap().next().is_none());
    }
    assert!(hooks.libraries().is_empty() && hooks.callouts().is_empty());
    assert_eq!(hooks.generations().live.number, before.0 + 3, "only the reloads count");
    assert!(hooks.unload_libraries());
}

#[test]
fn all_files_are_checked_before_one_is_opened() {
    if !has_c_compilers() {
        return;
    }
    let (journal, hooks) = (Journal::new(), hooks_tests::hooks());
    let mark = journal.beside("mark");
    let define = format!("-DMARK=\"{}\"", mark.display());
    let first = LibraryConfig::new(c_library(&journal.beside("."), "first", "constructor.c", &[&define]));
    fs::write(journal.beside("libtext.so"), "no library").unwrap();
    let exception = hooks::HookPointFailurePolicy::new();
    let policy = hooks::FailurePolicy::default().at("nowhere", exception);
    for bad in [
        LibraryConfig::new(Source::File(journal.beside("libmissing.so"))),
        LibraryConfig::new(Source::File(journal.beside("libtext.so"))),
        LibraryConfig::new(Source::Builtin("nothing".to_owned())),
        LibraryConfig::new(hooks_tests::shared("outdated-removed")),
        LibraryConfig::new(hooks_tests::shared("scripted")).failure_policy(policy),
    ] {
        let set = || vec![first.clone(), LibraryConfig::new(hooks_tests::shared("ordered")), bad.clone()];
        let (prepared, loaded) = (hooks.prepare(set()).unwrap_err(), hooks.reload(set()).unwrap_err());
        assert_eq!((prepared.position(), prepared.to_string()), (loaded.position(), loaded.to_string()));
        assert_eq!(prepared.position(), Some(2), "{prepared}");
        assert!(!mark.exists(), "a constructor has run: {prepared}");
    }
    drop(hooks.prepare(vec![first]).unwrap());
    assert!(mark.exists());
}

#[test]
fn two_of_the_same_bytes_are_one_image() {
    let (journal, hooks) = (Journal::new(), hooks_tests::hooks());
    let number = hooks::images().len();
    let allowed = LibraryPolicy::new().check_permissions(false).max_images(number + 1000);
    hooks.set_library_policy(allowed);
    let paths = ["libone.so", "libtwo.so"].map(|name| altered("scripted", &journal.beside(name), "prepared twice"));
    let library = |source: &Source| {
        LibraryConfig::new(source.clone()).parameters(json!({"name": "a", "received": [{"append": "x"}]}))
    };
    hooks.reload_prepared(hooks.prepare(paths.iter().map(library).collect()).unwrap()).unwrap();
    assert_eq!(text_of(&hooks), "xx");
    assert_eq!(paths.iter().filter(|path| image(path).is_some()).count(), 1);
}
