//! Validation: which libraries of a set could not be loaded, before anything is touched.

use std::slice::from_ref;

use hooks::{Hooks, LibraryConfig, Source};
use hooks_tests::{Journal, Origin, both, script, shared, text_of};
use serde_json::json;

both!(
    all_that_fail_are_named_in_their_order,
    one_thread_or_several_is_looked_at,
    validation_runs_no_code_and_touches_nothing,
    what_is_valid_loads,
);

/// Libraries by what is wrong with them.
fn missing() -> LibraryConfig {
    LibraryConfig::new(Source::File("/nowhere/libnothere.so".into()))
}

fn outdated() -> LibraryConfig {
    LibraryConfig::new(shared("outdated-removed"))
}

fn unmarked() -> LibraryConfig {
    LibraryConfig::new(shared("unmarked"))
}

fn unlinked() -> LibraryConfig {
    LibraryConfig::new(Source::Builtin("not-linked".to_owned()))
}

fn single_threaded(origin: Origin) -> LibraryConfig {
    LibraryConfig::new(origin.plugin("single-threaded"))
}

fn good(origin: Origin) -> LibraryConfig {
    script(origin, "a", json!({}))
}

/// The sources of those that fail.
fn failing(hooks: &Hooks, libraries: &[LibraryConfig]) -> Vec<Source> {
    hooks.validate_libraries(libraries).into_iter().map(|(source, _)| source).collect()
}

fn sources(libraries: &[LibraryConfig]) -> Vec<Source> {
    libraries.iter().map(|library| library.source().clone()).collect()
}

// 103
fn all_that_fail_are_named_in_their_order(origin: Origin) {
    let hooks = hooks_tests::hooks();
    let other = LibraryConfig::new(origin.plugin("ordered"));
    assert_eq!(failing(&hooks, &[]), []);
    assert_eq!(failing(&hooks, &[good(origin)]), []);
    assert_eq!(failing(&hooks, &[good(origin), other.clone(), good(origin)]), []);
    let bad = [outdated(), missing(), unmarked(), unlinked()];
    assert_eq!(failing(&hooks, &bad), sources(&bad));
    for one in &bad {
        assert_eq!(failing(&hooks, from_ref(one)), sources(from_ref(one)));
    }
    let mixed = [good(origin), missing(), other, outdated(), good(origin), unlinked()];
    assert_eq!(failing(&hooks, &mixed), sources(&[missing(), outdated(), unlinked()]));
    let kinds: Vec<_> = hooks.validate_libraries(&bad).iter().map(|(_, error)| error.is_not_found()).collect();
    assert_eq!(kinds, [false, true, false, true], "not there, or refused");
}

// 103, 119
fn one_thread_or_several_is_looked_at(origin: Origin) {
    let hooks = hooks_tests::hooks();
    let set = [good(origin), single_threaded(origin), missing()];
    assert_eq!(failing(&hooks, &set), sources(&set[1..]));
    hooks.set_multi_threading(false);
    assert_eq!(failing(&hooks, &set), sources(&set[2..]));
    hooks.set_multi_threading(true);
    assert_eq!(failing(&hooks, &set), sources(&set[1..]));
    let (_, error) = hooks.validate_libraries(&[single_threaded(origin)]).remove(0);
    assert!(error.is_refused() && error.to_string().contains("plugin `single-threaded` "), "{error}");
}

// 103
fn validation_runs_no_code_and_touches_nothing(origin: Origin) {
    let (journal, hooks) = (Journal::new(), hooks_tests::hooks());
    let library = |name: &str| script(origin, name, json!({"journal": journal.path(), "received": [{"append": name}]}));
    hooks.load_libraries(vec![library("old")]).unwrap();
    let request = hooks.handle();
    assert_eq!(failing(&hooks, &[library("new"), missing()]), sources(&[missing()]));
    assert_eq!((journal.take(), text_of(&hooks)), (vec!["old load".to_owned()], "old".to_owned()));
    drop(request);
    // What only `load` can tell is not known: the reference says no more.
    let unwilling = script(origin, "a", json!({"load": {"error": "no"}, "unheard of": 1}));
    assert_eq!(failing(&hooks, &[unwilling]), []);
}

// 103
fn what_is_valid_loads(origin: Origin) {
    for multi_threading in [true, false] {
        for library in [good(origin), single_threaded(origin), missing(), outdated(), unmarked(), unlinked()] {
            let hooks = hooks_tests::hooks();
            hooks.set_multi_threading(multi_threading);
            let errors = hooks.validate_libraries(from_ref(&library));
            let loaded = hooks.load_libraries(vec![library.clone()]);
            assert_eq!(errors.is_empty(), loaded.is_ok(), "{library:?}");
            if let (Some((_, one)), Err(other)) = (errors.first(), &loaded) {
                assert_eq!(one.to_string(), other.to_string(), "for the same reason");
            }
        }
    }
}
