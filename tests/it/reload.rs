//! Reloading: what did not change is kept with its state, what changed is replaced, and a failure changes nothing.

mod elsewhere;
mod hand_over;
mod lingering;
mod numbers;
mod prepared;
mod transaction;
mod unmapping;
mod within;

use fixture_api::Packet;
use hooks::{BoxError, Hooks, LibraryConfig, Source};
use hooks_tests::{Journal, Origin, altered, both, receive, script, send, shared};
use serde_json::{Value, json};

both!(
    what_did_not_change_is_kept_with_its_state,
    other_parameters_replace_a_library,
    equal_entries_are_matched_one_by_one,
    a_failed_reload_changes_nothing,
    libraries_that_are_gone_go_in_reverse_order,
    the_component_may_refuse_a_set_that_it_has_asked,
);

/// What `received` traces: the counts of the instances that are attached.
fn counts(hooks: &Hooks) -> Vec<String> {
    let mut packet = Packet::default();
    let _ = receive(&mut hooks.handle(), &mut packet);
    packet.trace
}

fn counting(origin: Origin, name: &str, journal: &Journal, ballast: usize) -> LibraryConfig {
    script(origin, name, json!({"journal": journal.path(), "received": ["count"], "ballast": ballast}))
}

fn what_did_not_change_is_kept_with_its_state(origin: Origin) {
    let (journal, hooks) = (Journal::new(), hooks_tests::hooks());
    let set = || vec![counting(origin, "a", &journal, 0), counting(origin, "b", &journal, 0)];
    hooks.load_libraries(set()).unwrap();
    assert_eq!(counts(&hooks), ["1", "1"]);
    hooks.reload(set()).unwrap();
    assert_eq!(counts(&hooks), ["2", "2"]);
    hooks.reload(vec![counting(origin, "b", &journal, 0)]).unwrap();
    assert_eq!(counts(&hooks), ["3"]);
    assert_eq!(journal.take(), ["a load", "b load", "a unload", "a drop after 2 calls"]);
    // The order of the keys of the parameters does not matter.
    let text =
        format!("{{\"ballast\": 0, \"received\": [\"count\"], \"journal\": {:?}, \"name\": \"b\"}}", journal.path());
    let parameters: Value = serde_json::from_str(&text).unwrap();
    hooks.reload(vec![LibraryConfig::new(origin.plugin("scripted")).parameters(parameters)]).unwrap();
    assert_eq!(counts(&hooks), ["4"]);
}

fn other_parameters_replace_a_library(origin: Origin) {
    let (journal, hooks) = (Journal::new(), hooks_tests::hooks());
    hooks.load_libraries(vec![counting(origin, "a", &journal, 0), counting(origin, "b", &journal, 0)]).unwrap();
    assert_eq!(counts(&hooks), ["1", "1"]);
    hooks.reload(vec![counting(origin, "a", &journal, 0), counting(origin, "b", &journal, 1)]).unwrap();
    assert_eq!(counts(&hooks), ["2", "1"]);
    assert_eq!(journal.take(), ["a load", "b load", "b load", "b unload", "b drop after 1 calls"]);
}

fn equal_entries_are_matched_one_by_one(origin: Origin) {
    let (journal, hooks) = (Journal::new(), hooks_tests::hooks());
    let entry = || counting(origin, "a", &journal, 0);
    hooks.load_libraries(vec![entry()]).unwrap();
    assert_eq!(counts(&hooks), ["1"]);
    hooks.reload(vec![entry(), entry()]).unwrap();
    assert_eq!(counts(&hooks), ["2", "1"]);
    hooks.reload(vec![entry()]).unwrap();
    assert_eq!(counts(&hooks), ["3"]);
    assert_eq!(journal.take(), ["a load", "a load", "a unload", "a drop after 1 calls"]);
}

fn a_failed_reload_changes_nothing(origin: Origin) {
    let loading = [
        script(origin, "bad", json!({"load": {"error": "no"}})),
        script(origin, "bad", json!({"load": "bomb"})),
        script(origin, "bad", json!({"unknown": 1})),
    ];
    let unusable = [
        LibraryConfig::new(Source::File("/nowhere/libnothing.so".into())),
        LibraryConfig::new(Source::Builtin("nothing".into())),
        LibraryConfig::new(shared("outdated-removed")),
    ];
    let there_and_back =
        ["c load", "d load", "d unload", "d drop after 0 calls", "c unload", "c drop after 0 calls"].as_slice();
    let cases = loading.map(|bad| (bad, there_and_back)).into_iter().chain(unusable.map(|bad| (bad, [].as_slice())));
    for (bad, expected) in cases {
        let (journal, hooks) = (Journal::new(), hooks_tests::hooks());
        let old = || vec![counting(origin, "a", &journal, 0), counting(origin, "b", &journal, 0)];
        hooks.load_libraries(old()).unwrap();
        assert_eq!(journal.take(), ["a load", "b load"]);
        let mut request = hooks.handle();
        assert_eq!(counts(&hooks), ["1", "1"]);
        let libraries = hooks.libraries();
        // One is kept, two are new, and then it fails.
        let (new, newer) = (counting(origin, "c", &journal, 0), counting(origin, "d", &journal, 0));
        let error = hooks.reload(vec![counting(origin, "b", &journal, 0), new, newer, bad]).unwrap_err();
        assert_eq!(journal.take(), expected, "{error}");
        assert_eq!(hooks.libraries(), libraries);
        assert_eq!(counts(&hooks), ["2", "2"], "the old set goes on with its state");
        let mut packet = Packet::default();
        assert!(receive(&mut request, &mut packet).is_continue());
        assert_eq!(packet.trace, ["3", "3"]);
        drop(request);
        assert!(hooks.unload_libraries());
    }
}

fn libraries_that_are_gone_go_in_reverse_order(origin: Origin) {
    let (journal, hooks) = (Journal::new(), hooks_tests::hooks());
    let named = |name| counting(origin, name, &journal, 0);
    hooks.load_libraries(vec![named("a"), named("b"), named("c"), named("d")]).unwrap();
    journal.take();
    hooks.reload(vec![named("c"), named("e")]).unwrap();
    assert_eq!(
        journal.take(),
        [
            "e load",
            "d unload",
            "b unload",
            "a unload",
            "d drop after 0 calls",
            "b drop after 0 calls",
            "a drop after 0 calls"
        ]
    );
}

#[test]
fn other_bytes_replace_a_library_and_equal_bytes_do_not() {
    let (journal, hooks) = (Journal::new(), hooks_tests::hooks());
    let path = journal.beside("libchanging.so");
    let parameters = json!({"name": "a", "journal": journal.path(), "received": ["count"]});
    let library = |source: Source| vec![LibraryConfig::new(source).parameters(parameters.clone())];
    hooks.load_libraries(library(altered("scripted", &path, "first form"))).unwrap();
    assert_eq!(counts(&hooks), ["1"]);
    // Written again with the same content.
    hooks.reload(library(altered("scripted", &path, "first form"))).unwrap();
    assert_eq!(counts(&hooks), ["2"]);
    let mut old = hooks.handle();
    hooks.reload(library(altered("scripted", &path, "other form"))).unwrap();
    assert_eq!(counts(&hooks), ["1"]);
    assert_eq!(journal.take(), ["a load", "a load", "a unload"]);
    let mut packet = Packet::default();
    let _ = send(&mut old, &mut packet);
    let _ = receive(&mut old, &mut packet);
    assert_eq!(packet.trace, ["4"], "the old form still serves its request");
    drop(old);
    assert_eq!(hooks.collect(), 0);
    assert_eq!(journal.take(), ["a drop after 4 calls"]);
}

#[test]
fn equal_bytes_at_another_path_are_the_same_library() {
    let (journal, hooks) = (Journal::new(), hooks_tests::hooks());
    let parameters = json!({"name": "a", "journal": journal.path(), "received": ["count"]});
    let library = |source: &Source| vec![LibraryConfig::new(source.clone()).parameters(parameters.clone())];
    let one = altered("scripted", &journal.beside("libone.so"), "moved");
    let two = altered("scripted", &journal.beside("libtwo.so"), "moved");
    hooks.load_libraries(library(&one)).unwrap();
    assert_eq!(counts(&hooks), ["1"]);
    hooks.reload(library(&two)).unwrap();
    assert_eq!(counts(&hooks), ["2"]);
    assert_eq!(journal.take(), ["a load"]);
    assert_eq!(hooks.libraries()[0].source, two, "operators are told where it comes from now");
}

fn the_component_may_refuse_a_set_that_it_has_asked(origin: Origin) {
    let (journal, hooks) = (Journal::new(), hooks_tests::hooks());
    let set = |ballast| vec![counting(origin, "a", &journal, 0), counting(origin, "b", &journal, ballast)];
    hooks.load_libraries(set(0)).unwrap();
    assert_eq!(counts(&hooks), ["1", "1"]);
    let ask = |handle: &mut hooks::CalloutHandle<'_>| {
        let mut packet = Packet::default();
        let _ = receive(handle, &mut packet);
        packet.trace
    };
    let refused = hooks.reload_if(set(1), |handle| Err::<(), BoxError>(ask(handle).join(" ").into()));
    assert_eq!(refused.unwrap_err().to_string(), "2 1", "a library that did not change was asked, and the new one");
    // The old ones are back with their state, and have not been unloaded.
    assert_eq!(counts(&hooks), ["3", "2"]);
    assert_eq!(journal.take(), ["a load", "b load", "b load", "b unload", "b drop after 1 calls"]);
    hooks
        .reload_if(set(1), |handle| if ask(handle) == ["4", "1"] { Ok(()) } else { Err(BoxError::from("what?")) })
        .unwrap();
    assert_eq!(counts(&hooks), ["5", "2"]);
    assert_eq!(journal.take(), ["b load", "b unload", "b drop after 2 calls"]);
}
