//! Callouts that take nothing but arguments and `this`: they are called without being asked for, and nothing else is different.

use std::sync::Arc;
use std::time::Duration;

use fixture_api::{Packet, received, sent};
use hooks::{CalloutHandle, Disable, FailureAction, FailurePolicy, Hooks, LibraryConfig, NextStep, Observer};
use hooks_tests::{Origin, both, receive, script, send};
use serde_json::json;

both!(
    all_of_a_chain_are_called,
    a_status_is_that_of_its_call,
    the_last_opinion_counts,
    a_failure_counts_as_drop_and_stands,
    a_failure_may_skip_the_library,
    a_failure_may_disable_the_callout,
    a_message_belongs_to_its_failure,
    a_status_without_a_ticket_or_not_honoured_is_a_failure,
    what_is_registered_in_a_call_is_called_by_the_next_one,
    an_observer_sees_each_of_them_from_the_next_call_on,
    nested_calls_are_their_own,
);

fn plain(origin: Origin, name: &str, answer: &str) -> LibraryConfig {
    LibraryConfig::new(origin.plugin("plain")).parameters(json!({"name": name, "answer": answer}))
}

fn load(libraries: Vec<LibraryConfig>) -> Hooks {
    let hooks = hooks_tests::hooks();
    hooks.load_libraries(libraries).unwrap();
    hooks
}

/// Calls `sent` with this number: who was called, and what came of it.
fn sent_with(handle: &mut CalloutHandle<'_>, number: u64) -> (String, sent::Step) {
    let mut packet = Packet { number, ..Packet::default() };
    let step = send(handle, &mut packet);
    (packet.text, step)
}

fn text(text: &str, step: sent::Step) -> (String, sent::Step) {
    (text.to_owned(), step)
}

fn decided_by(handle: &CalloutHandle<'_>) -> Option<String> {
    handle.decided_by().map(|callout| callout.callout().to_owned())
}

fn all_of_a_chain_are_called(origin: Origin) {
    for names in ["", "a", "ab", "abcdefgh"] {
        let hooks = load(names.chars().map(|name| plain(origin, &name.to_string(), "continue")).collect());
        let mut handle = hooks.handle();
        for _ in 0..3 {
            assert_eq!(sent_with(&mut handle, 1), text(names, sent::Step::Continue));
        }
        assert_eq!((handle.status(), handle.decided_by().is_none()), (NextStep::Continue, true));
    }
}

fn a_status_is_that_of_its_call(origin: Origin) {
    for names in ["a", "abc"] {
        let hooks = load(names.chars().map(|name| plain(origin, &name.to_string(), "drop")).collect());
        let mut handle = hooks.handle();
        for _ in 0..2 {
            assert_eq!(sent_with(&mut handle, 1), text(names, sent::Step::Drop), "all are called");
            assert_eq!((handle.status(), decided_by(&handle)), (NextStep::Drop, Some("send".to_owned())));
            assert_eq!(sent_with(&mut handle, 0), text(names, sent::Step::Continue));
            assert_eq!((handle.status(), decided_by(&handle)), (NextStep::Continue, None));
        }
    }
}

fn the_last_opinion_counts(origin: Origin) {
    let answers = |answers: [&str; 3]| {
        let named = ["a", "b", "c"].into_iter().zip(answers);
        let hooks = load(named.map(|(name, answer)| plain(origin, name, answer)).collect());
        sent_with(&mut hooks.handle(), 1)
    };
    assert_eq!(answers(["drop", "skip", "continue"]), text("abc", sent::Step::Skip));
    assert_eq!(answers(["skip", "continue", "drop"]), text("abc", sent::Step::Drop));
    assert_eq!(answers(["continue", "drop", "continue"]), text("abc", sent::Step::Drop));
}

fn a_failure_counts_as_drop_and_stands(origin: Origin) {
    for failing in ["error", "panic"] {
        let libraries = vec![plain(origin, "a", "continue"), plain(origin, "b", failing), plain(origin, "c", "skip")];
        for libraries in [libraries.clone(), libraries[1..].to_vec(), vec![libraries[1].clone()]] {
            let hooks = load(libraries);
            let mut handle = hooks.handle();
            assert_eq!(sent_with(&mut handle, 1).1, sent::Step::Drop, "{failing}");
            let failures: u64 = hooks.callout_statistics().iter().map(|callout| callout.failures).sum();
            assert_eq!(failures, 1);
            assert_eq!(sent_with(&mut handle, 0).1, sent::Step::Continue);
        }
    }
}

fn a_failure_may_skip_the_library(origin: Origin) {
    let skipping = plain(origin, "a", "error").failure_policy(FailurePolicy::new(FailureAction::SkipLibrary));
    let hooks = load(vec![skipping, plain(origin, "b", "continue")]);
    let mut handle = hooks.handle();
    assert_eq!(sent_with(&mut handle, 1), text("ab", sent::Step::Continue));
    assert_eq!(sent_with(&mut handle, 0), text("b", sent::Step::Continue), "it is skipped in this request");
    drop(handle);
    // The inside of the handle is used again; nothing of the request before is left in it.
    assert_eq!(sent_with(&mut hooks.handle(), 0), text("ab", sent::Step::Continue));
}

fn a_failure_may_disable_the_callout(origin: Origin) {
    let disable = Disable::callout(2, Duration::from_secs(3600));
    let policy = FailurePolicy::new(FailureAction::Continue).disable(disable);
    let hooks = load(vec![plain(origin, "a", "error").failure_policy(policy), plain(origin, "b", "continue")]);
    let mut handle = hooks.handle();
    assert_eq!(sent_with(&mut handle, 1), text("ab", sent::Step::Continue));
    assert_eq!(sent_with(&mut handle, 1), text("ab", sent::Step::Continue));
    assert_eq!(sent_with(&mut handle, 0), text("b", sent::Step::Continue), "also in requests that have begun");
}

fn a_message_belongs_to_its_failure(origin: Origin) {
    let hooks = load(vec![plain(origin, "a", "error"), plain(origin, "b", "panic")]);
    let _ = sent_with(&mut hooks.handle(), 1);
    let said = |library: usize| {
        let statistics = hooks.callout_statistics();
        let at_sent: Vec<_> = statistics.iter().filter(|callout| callout.callout.hook() == "sent").collect();
        at_sent[library].last_failure.clone().unwrap().text
    };
    assert_eq!(said(0), "a has failed");
    assert!(said(1).starts_with("b has panicked"), "{}", said(1));
}

fn a_status_without_a_ticket_or_not_honoured_is_a_failure(origin: Origin) {
    let hooks = load(vec![plain(origin, "a", "park")]);
    let mut packet = Packet { number: 1, ..Packet::default() };
    let step = receive(&mut hooks.handle(), &mut packet);
    assert!(matches!(step, received::Step::Drop), "{step:?}");
    assert!(hooks.callout_statistics().iter().any(|callout| {
        callout.last_failure.as_ref().is_some_and(|failure| failure.text.contains("without taking a ticket"))
    }));
}

fn what_is_registered_in_a_call_is_called_by_the_next_one(origin: Origin) {
    for others in [0, 1] {
        let others = || (0..others).map(|_| plain(origin, "b", "continue"));
        let rest = "b".repeat(others().count());
        let hooks = load(std::iter::once(plain(origin, "a", "register")).chain(others()).collect());
        let mut handle = hooks.handle();
        assert_eq!(sent_with(&mut handle, 1), text(&format!("a{rest}"), sent::Step::Continue));
        assert_eq!(sent_with(&mut handle, 0), text(&format!("a+{rest}"), sent::Step::Continue));

        let hooks = load(std::iter::once(plain(origin, "a", "deregister")).chain(others()).collect());
        let mut handle = hooks.handle();
        assert_eq!(sent_with(&mut handle, 1), text(&format!("a{rest}"), sent::Step::Continue));
        assert_eq!(sent_with(&mut handle, 0), text(&rest, sent::Step::Continue));
    }
}

struct Silent;
impl Observer for Silent {}

fn an_observer_sees_each_of_them_from_the_next_call_on(origin: Origin) {
    let hooks = load(vec![plain(origin, "a", "drop"), plain(origin, "b", "continue")]);
    let mut handle = hooks.handle();
    for _ in 0..2 {
        assert_eq!(sent_with(&mut handle, 1), text("ab", sent::Step::Drop));
        hooks.set_observer(Some(Arc::new(Silent)));
        assert_eq!(sent_with(&mut handle, 1), text("ab", sent::Step::Drop));
        assert_eq!(sent_with(&mut handle, 0), text("ab", sent::Step::Continue));
        hooks.set_observer(None);
        assert_eq!(sent_with(&mut handle, 0), text("ab", sent::Step::Continue));
    }
}

fn nested_calls_are_their_own(origin: Origin) {
    let calling = script(origin, "c", json!({"received": [{"call": "sent"}]}));
    let hooks = load(vec![calling, plain(origin, "a", "drop")]);
    let mut handle = hooks.handle();
    for number in [1, 0, 1] {
        let mut packet = Packet { number, ..Packet::default() };
        let step = receive(&mut handle, &mut packet);
        assert_eq!((packet.text.as_str(), step.is_drop()), ("aa", number == 1), "{:?}", packet.trace);
        assert_eq!(handle.status() == NextStep::Drop, number == 1);
    }
}
