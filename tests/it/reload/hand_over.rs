//! What one instance of a plugin hands over to the next.

use fixture_api::sequence;
use hooks::{BoxError, Error, Hooks, LibraryConfig, Source};
use hooks_tests::{Journal, Origin, altered, both, logged, patched, script, shared, text_in_records};
use serde_json::{Value, json};

both!(
    other_parameters_begin_with_the_state,
    the_first_hands_over_to_the_first,
    what_is_kept_hands_nothing_over,
    a_failure_changes_nothing,
    a_set_that_is_refused_leaves_the_old_state,
    what_is_unloaded_first_hands_nothing_over,
    a_plugin_that_does_not_hand_over_is_told_of,
);

fn handing(origin: Origin, parameters: Value) -> LibraryConfig {
    LibraryConfig::new(origin.plugin("handing")).parameters(parameters)
}

fn named(origin: Origin, name: &str) -> LibraryConfig {
    handing(origin, json!({"name": name}))
}

/// Who was called, which instance of its line it is, and how often it has been called.
fn called(hooks: &Hooks) -> Vec<String> {
    let mut trace = Vec::new();
    let _ = sequence::call(&mut hooks.handle(), || sequence::Args { trace: &mut trace });
    trace
}

fn other_parameters_begin_with_the_state(origin: Origin) {
    let hooks = hooks_tests::hooks();
    hooks.reload(vec![named(origin, "a")]).unwrap();
    assert_eq!(called(&hooks), ["a 0 1"]);
    let old = hooks.handle();
    let (done, log) = logged(|| hooks.reload(vec![named(origin, "b")]));
    done.unwrap();
    assert!(log.contains("the state is handed over library=\"handing\""), "{log}");
    assert!(log.contains("b takes over from a as handing"), "{log}");
    assert_eq!(called(&hooks), ["b 1 2"]);
    // The old instance serves its request, and what it counts is its own.
    let (mut old, mut trace) = (old, Vec::new());
    let _ = sequence::call(&mut old, || sequence::Args { trace: &mut trace });
    assert_eq!(trace, ["a 0 2"]);
    hooks.reload(vec![named(origin, "c")]).unwrap();
    assert_eq!(called(&hooks), ["c 2 3"]);
}

#[test]
fn another_build_begins_with_the_state() {
    let (hooks, folder) = (hooks_tests::hooks(), Journal::new());
    let library = |mark| {
        let source = altered("handing", &folder.beside("libhanding.so"), mark);
        vec![LibraryConfig::new(source).parameters(json!({"name": "a"}))]
    };
    hooks.reload(library("one build")).unwrap();
    assert_eq!(called(&hooks), ["a 0 1"]);
    hooks.reload(library("another build")).unwrap();
    assert_eq!(called(&hooks), ["a 1 2"]);
    hooks.reload(vec![LibraryConfig::new(Source::Builtin("handing".into())).parameters(json!({"name": "b"}))]).unwrap();
    assert_eq!(called(&hooks), ["b 2 3"], "a plugin that is compiled in takes over from one that is not");
}

fn the_first_hands_over_to_the_first(origin: Origin) {
    let hooks = hooks_tests::hooks();
    hooks.reload(vec![named(origin, "a"), named(origin, "b"), named(origin, "c")]).unwrap();
    let mut trace = Vec::new();
    for round in 0..3 {
        trace = called(&hooks);
        assert_eq!(trace, ["a", "b", "c"].map(|name| format!("{name} 0 {}", round + 1)));
    }
    assert_eq!(trace.len(), 3);
    // `b` is kept, so the two that come are those for `a` and `c`; the third has nobody.
    hooks.reload(vec![named(origin, "x"), named(origin, "b"), named(origin, "y"), named(origin, "z")]).unwrap();
    assert_eq!(called(&hooks), ["x 1 4", "b 0 4", "y 1 4", "z 0 1"]);
    // Where fewer come, the last one's state goes.
    hooks.reload(vec![named(origin, "v"), named(origin, "w")]).unwrap();
    assert_eq!(called(&hooks), ["v 2 5", "w 1 5"]);
}

fn what_is_kept_hands_nothing_over(origin: Origin) {
    let hooks = hooks_tests::hooks();
    let set = || vec![named(origin, "a"), handing(origin, json!({"name": "b", "hand-over": "panic"}))];
    hooks.reload(set()).unwrap();
    assert_eq!(called(&hooks), ["a 0 1", "b 0 1"]);
    hooks.reload(set()).unwrap();
    assert_eq!(called(&hooks), ["a 0 2", "b 0 2"]);
    // One that goes without a successor is not asked either.
    hooks.reload(vec![named(origin, "a")]).unwrap();
    assert_eq!(called(&hooks), ["a 0 3"]);
}

fn a_failure_changes_nothing(origin: Origin) {
    let version = env!("CARGO_PKG_VERSION");
    let cases = [
        (json!({"hand-over": "error"}), json!({}), "no state"),
        (json!({"hand-over": "panic"}), json!({}), "`hand_over` panicked: no state at all"),
        (json!({"hand-over": "unspeakable"}), json!({}), "what it hands over has no form in JSON: nobody has counted"),
        (json!({"hand-over": "foreign"}), json!({}), "`state.calls`: invalid type: string \"many\", expected u64"),
        (json!({}), json!({"take-over": "error"}), "no state"),
        (json!({}), json!({"take-over": "panic"}), "`take_over` panicked: no state at all"),
        (json!({}), json!({"unknown": 1}), "`parameters.unknown`: unknown field `unknown`"),
    ];
    for (old, new, expected) in cases {
        let with = |name: &str, parameters: &Value| {
            let mut parameters = parameters.clone();
            parameters["name"] = name.into();
            handing(origin, parameters)
        };
        let (hooks, journal) = (hooks_tests::hooks(), Journal::new());
        let other = |name| script(origin, name, json!({"journal": journal.path()}));
        hooks.reload(vec![with("old", &old), other("a")]).unwrap();
        assert_eq!(called(&hooks), ["old 0 1"]);
        journal.take();
        let mut request = hooks.handle();
        let error = hooks.reload(vec![other("b"), with("new", &new)]).unwrap_err();
        let text = error.to_string();
        assert!(error.is_load() && error.position() == Some(1), "{text}");
        let source = origin.plugin("handing");
        let begin = format!(
            "entry 2 of 2: library `handing` from {source}: version {version} cannot take over from version {version}, which \
             was loaded from {source}: "
        );
        assert!(text.starts_with(&begin) && text[begin.len()..].starts_with(expected), "{text}");
        assert_eq!(journal.take(), ["b load", "b unload", "b drop after 0 calls"]);
        assert_eq!(called(&hooks), ["old 0 2"], "it goes on");
        let mut trace = Vec::new();
        let _ = sequence::call(&mut request, || sequence::Args { trace: &mut trace });
        assert_eq!(trace, ["old 0 3"]);
        drop(request);
        assert!(hooks.unload_libraries());
    }
}

fn a_set_that_is_refused_leaves_the_old_state(origin: Origin) {
    let hooks = hooks_tests::hooks();
    hooks.reload(vec![named(origin, "a")]).unwrap();
    assert_eq!(called(&hooks), ["a 0 1"]);
    let refuse = |handle: &mut hooks::CalloutHandle<'_>| {
        let mut trace = Vec::new();
        let _ = sequence::call(handle, || sequence::Args { trace: &mut trace });
        Err::<(), BoxError>(trace.join(" ").into())
    };
    let error = hooks.reload_if(vec![named(origin, "b")], refuse).unwrap_err();
    assert_eq!(error.to_string(), "b 1 2");
    assert_eq!(called(&hooks), ["a 0 2"], "as if nothing had happened");
    // It can hand over again.
    hooks.reload_if(vec![named(origin, "b")], |_| Ok::<(), Error>(())).unwrap();
    assert_eq!(called(&hooks), ["b 1 3"]);
}

fn what_is_unloaded_first_hands_nothing_over(origin: Origin) {
    let hooks = hooks_tests::hooks();
    hooks.load_libraries(vec![named(origin, "a")]).unwrap();
    assert_eq!(called(&hooks), ["a 0 1"]);
    hooks.load_libraries(vec![named(origin, "b")]).unwrap();
    assert_eq!(called(&hooks), ["b 0 1"]);
}

fn a_plugin_that_does_not_hand_over_is_told_of(origin: Origin) {
    let hooks = hooks_tests::hooks();
    hooks.reload(vec![script(origin, "a", json!({}))]).unwrap();
    let (done, log) = logged(|| hooks.reload(vec![script(origin, "b", json!({}))]));
    done.unwrap();
    let line = log.lines().find(|line| line.contains("nothing is handed over")).expect("a line");
    assert!(line.contains("DEBUG") && line.contains("library=\"scripted\" old=false new=false"), "{line}");
    // Another name is another plugin.
    let (done, log) = logged(|| hooks.reload(vec![named(origin, "a")]));
    done.unwrap();
    assert!(!log.contains("handed over"), "{log}");
}

#[test]
fn both_builds_have_to_take_part() {
    let (hooks, folder) = (hooks_tests::hooks(), Journal::new());
    // A build of the plugin that does not hand over: another plugin under its name.
    let names = [text_in_records("ordered"), text_in_records("handing")];
    let other = patched("ordered", &folder.beside("libhanding.so"), &[(&names[0], &names[1])]);
    let other = || LibraryConfig::new(other.clone()).parameters(json!({"name": "b"}));
    hooks.reload(vec![LibraryConfig::new(shared("handing")).parameters(json!({"name": "a"}))]).unwrap();
    let (done, log) = logged(|| hooks.reload(vec![other()]));
    done.unwrap();
    assert!(log.contains("old=true new=false"), "{log}");
    assert_eq!(hooks.library_names(), ["handing"]);
    let (done, log) =
        logged(|| hooks.reload(vec![LibraryConfig::new(shared("handing")).parameters(json!({"name": "a"}))]));
    done.unwrap();
    assert!(log.contains("old=false new=true"), "{log}");
    assert_eq!(called(&hooks), ["a 0 1"]);
}
