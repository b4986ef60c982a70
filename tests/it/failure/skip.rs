//! A library that has failed is skipped for the rest of the request.

use std::sync::Arc;

use fixture_api::Packet;
use hooks::{FailureAction, FailurePolicy, Hooks, LibraryConfig, Observer};
use hooks_tests::{Journal, Origin, both, receive, script, send};
use serde_json::json;

use super::{at, failing, load};

both!(
    it_is_called_no_more_in_this_request,
    a_failure_in_a_nested_call_counts_in_the_calls_around_it,
    each_instance_is_a_library_of_its_own,
    its_context_destroy_is_called,
    one_that_fails_in_context_create_is_skipped_at_all_points,
    several_libraries_are_skipped,
);

struct Silent;
impl Observer for Silent {}

/// Runs `test` with the calls on their usual path, and with an observer, for whom they take another one.
fn on_both_paths(hooks: &Hooks, test: impl Fn(&Hooks)) {
    test(hooks);
    hooks.set_observer(Some(Arc::new(Silent)));
    test(hooks);
    hooks.set_observer(None);
}

fn skipping(library: LibraryConfig) -> LibraryConfig {
    library.failure_policy(FailurePolicy::new(FailureAction::SkipLibrary))
}

/// A library that leaves its name at each hook point, and fails at `received` if the packet's number is 1.
fn named(origin: Origin, name: &str) -> LibraryConfig {
    let name_it = json!({"append": name});
    skipping(script(
        origin,
        name,
        json!({"received": [name_it, {"end-if": [1, {"error": "no"}]}], "sent": [name_it], "narrow": [name_it]}),
    ))
}

/// A request that passes `received` with this number, then `sent`: who was called.
fn passed(hooks: &Hooks, number: u64) -> String {
    let (mut request, mut packet) = (hooks.handle(), Packet { number, ..Packet::default() });
    assert!(receive(&mut request, &mut packet).is_continue());
    packet.text.push('/');
    assert!(send(&mut request, &mut packet).is_continue());
    packet.text
}

fn it_is_called_no_more_in_this_request(origin: Origin) {
    let other = |name: &str| script(origin, name, json!({"received": [{"append": name}], "sent": [{"append": name}]}));
    let hooks = load(vec![other("a"), named(origin, "b"), other("c")]);
    on_both_paths(&hooks, |hooks| {
        let before = at(hooks, "sent")[1].skipped_requests;
        assert_eq!(passed(hooks, 0), "abc/abc");
        assert_eq!(passed(hooks, 1), "abc/ac");
        assert_eq!(passed(hooks, 0), "abc/abc", "the next request has it again");
        let skipped: Vec<_> = at(hooks, "sent").iter().map(|callout| callout.skipped_requests).collect();
        assert_eq!(skipped, [0, before + 1, 0]);
    });
}

fn a_failure_in_a_nested_call_counts_in_the_calls_around_it(origin: Origin) {
    let name_it = |name: &str| json!({"append": name});
    // `a` calls `sent` from within `received`, and there `b` fails.
    let a = script(origin, "a", json!({"received": [name_it("a"), {"call": "sent"}], "narrow": [name_it("a")]}));
    let b =
        json!({"received": [name_it("b")], "sent": [name_it("B"), {"end": {"error": "no"}}], "narrow": [name_it("b")]});
    let c = script(origin, "c", json!({"received": [name_it("c")], "sent": [name_it("C")], "narrow": [name_it("c")]}));
    let hooks = load(vec![c.clone(), a, skipping(script(origin, "b", b)), c]);
    on_both_paths(&hooks, |hooks| {
        let (mut request, mut packet) = (hooks.handle(), Packet::default());
        assert!(receive(&mut request, &mut packet).is_continue());
        assert_eq!((packet.text.as_str(), packet.trace), ("caCBCc", vec!["Continue".to_owned()]));
        let mut packet = Packet::default();
        let _ = fixture_api::narrow::call(&mut request, || fixture_api::narrow::Args { packet: &mut packet });
        assert_eq!(packet.text, "cac");
    });
    // The one that fails in the nested call is the one that has made it: it goes on, and is called no more.
    let own = json!({"received": [name_it("a"), {"call": "sent"}, name_it("a")], "sent": [{"end": {"error": "no"}}]});
    let hooks = load(vec![skipping(script(origin, "a", own))]);
    on_both_paths(&hooks, |hooks| {
        let mut request = hooks.handle();
        for expected in ["aa", ""] {
            let mut packet = Packet::default();
            assert!(receive(&mut request, &mut packet).is_continue());
            assert_eq!(packet.text, expected);
        }
    });
}

fn each_instance_is_a_library_of_its_own(origin: Origin) {
    let hooks = load(vec![named(origin, "a"), named(origin, "a")]);
    on_both_paths(&hooks, |hooks| {
        let (mut request, mut packet) = (hooks.handle(), Packet { number: 1, ..Packet::default() });
        assert!(receive(&mut request, &mut packet).is_continue());
        assert_eq!(packet.text, "aa", "the failure of the first is not one of the second");
        assert!(receive(&mut request, &mut packet).is_continue());
        assert_eq!(packet.text, "aa");
    });
    assert_eq!(at(&hooks, "received").iter().map(|callout| callout.failures).collect::<Vec<_>>(), [2, 2]);
}

fn its_context_destroy_is_called(origin: Origin) {
    let journal = Journal::new();
    let storing = LibraryConfig::new(origin.plugin("storing")).parameters(json!({
        "name": "s", "journal": journal.path(),
        "create": [{"set": ["context", "kept", {"text": "value"}]}],
        "received": [{"panic": "ouch"}],
        "sent": [{"panic": "never"}],
        "destroy": [{"get": ["context", "kept", "text"]}],
    }));
    let hooks = load(vec![skipping(storing)]);
    on_both_paths(&hooks, |hooks| {
        assert_eq!(passed(hooks, 0), "/");
        assert_eq!(journal.take(), ["s kept = value"]);
    });
    assert_eq!((at(&hooks, "received")[0].failures, at(&hooks, "sent")[0].failures), (2, 0));
}

fn one_that_fails_in_context_create_is_skipped_at_all_points(origin: Origin) {
    let storing = LibraryConfig::new(origin.plugin("storing"))
        .parameters(json!({"name": "s", "create": [{"panic": "ouch"}], "received": [{"panic": "never"}]}));
    let hooks = load(vec![skipping(storing)]);
    assert_eq!(passed(&hooks, 0), "/");
    assert_eq!((at(&hooks, "context_create")[0].failures, at(&hooks, "received")[0].failures), (1, 0));
}

fn several_libraries_are_skipped(origin: Origin) {
    let hooks = load(vec![named(origin, "a"), failing(origin, "x"), named(origin, "b"), named(origin, "c")]);
    hooks.reload(vec![named(origin, "a"), named(origin, "b"), named(origin, "c")]).unwrap();
    on_both_paths(&hooks, |hooks| assert_eq!(passed(hooks, 1), "abc/"));
    assert_eq!(hooks.collect(), 0, "a request with skipped libraries holds nothing back");
}
