//! Callouts and libraries that fail too often are not called any more, until they are tried again.

use std::time::Duration;

use fixture_api::{Packet, sent};
use hooks::{CalloutState, Disable, FailureAction, FailurePolicy, HookPointFailurePolicy, Hooks, LibraryConfig};
use hooks_tests::{Origin, both, logged, receive, script, wait_until};
use serde_json::json;

use super::{LONG, at, call, failing, load, step};

both!(
    a_callout_is_disabled_after_so_many_failures,
    a_library_is_disabled_with_all_of_its_callouts,
    a_call_that_is_going_on_finishes,
    what_is_disabled_is_tried_again_in_time,
    without_a_retry_a_reload_tries_again,
    a_hook_point_can_count_alone_or_not_at_all,
    the_log_says_what_is_disabled_and_what_comes_back,
    an_unload_while_something_is_disabled,
    a_disabled_deny_list_denies_nobody,
);

/// A library that traces its calls and fails with number 1, with failures that are no opinion otherwise.
fn disabling(origin: Origin, disable: Disable) -> LibraryConfig {
    failing(origin, "a").failure_policy(FailurePolicy::new(FailureAction::Continue).disable(disable))
}

/// How many callouts a new request reaches at `sent`, with a packet of this number.
fn reached(hooks: &Hooks, number: u64) -> usize {
    call(&mut hooks.handle(), number).1.len()
}

fn state(hooks: &Hooks) -> CalloutState {
    at(hooks, "sent")[0].state
}

fn a_callout_is_disabled_after_so_many_failures(origin: Origin) {
    let hooks = load(vec![disabling(origin, Disable::callout(3, LONG)), failing(origin, "b")]);
    let mut request = hooks.handle();
    for number in [1, 0, 1, 0] {
        assert_eq!(call(&mut request, number).1.len(), 2);
    }
    assert!(state(&hooks).is_active());
    assert_eq!(call(&mut request, 1).1.len(), 2, "its last call");
    assert_eq!(call(&mut request, 0).1.len(), 1, "also for a request that began before");
    assert_eq!(reached(&hooks, 0), 1);
    assert_eq!(state(&hooks), CalloutState::Disabled { retry_in: None });
    // The library's other callouts, and other libraries, are called.
    let mut packet = Packet::default();
    let _ = receive(&mut hooks.handle(), &mut packet);
    assert_eq!(packet.trace.len(), 2);
    let counts: Vec<_> = at(&hooks, "sent").iter().map(|of| (of.failures, of.times_disabled)).collect();
    assert_eq!(counts, [(3, 1), (3, 0)]);
    assert_eq!(hooks.callouts().iter().filter(|callout| callout.hook() == "sent").count(), 1);
}

fn a_library_is_disabled_with_all_of_its_callouts(origin: Origin) {
    let hooks = load(vec![disabling(origin, Disable::library(2, LONG).retry(LONG))]);
    assert_eq!(reached(&hooks, 1), 1);
    // The failures of all of its callouts count.
    let _ = receive(&mut hooks.handle(), &mut Packet { number: 1, ..Packet::default() });
    assert_eq!(reached(&hooks, 0), 0);
    assert!(!sent::callouts_present(&hooks.handle()), "its hook points are idle");
    for statistics in hooks.callout_statistics() {
        let CalloutState::LibraryDisabled { retry_in: Some(retry_in) } = statistics.state else {
            panic!("{statistics:?}");
        };
        assert!(retry_in <= LONG && statistics.times_disabled == 1);
    }
    assert!(hooks.callouts().is_empty());
}

fn a_call_that_is_going_on_finishes(origin: Origin) {
    // The failing callout disables its library in a nested call; the call around it walks the chain with which it has begun.
    let caller = json!({"received": [{"append": "1"}, {"call": "sent"}], "sent": [{"end": {"error": "no"}}]});
    let policy = FailurePolicy::new(FailureAction::Continue).disable(Disable::library(1, LONG));
    let caller = script(origin, "a", caller).failure_policy(policy);
    let after = script(origin, "b", json!({"received": [{"append": "2"}]}));
    let hooks = load(vec![after.clone(), caller, after]);
    for expected in ["212", "22"] {
        let mut packet = Packet::default();
        let _ = receive(&mut hooks.handle(), &mut packet);
        assert_eq!(packet.text, expected);
    }
}

fn what_is_disabled_is_tried_again_in_time(origin: Origin) {
    for disable in [Disable::callout(2, LONG), Disable::library(2, LONG)] {
        let hooks = load(vec![disabling(origin, disable.retry(Duration::from_millis(1)))]);
        assert_eq!([reached(&hooks, 1), reached(&hooks, 1)], [1, 1]);
        // Perhaps it is back already.
        assert_eq!(at(&hooks, "sent")[0].times_disabled, 1);
        for times in 2..6 {
            wait_until("the retry", || state(&hooks).is_active());
            assert_eq!(reached(&hooks, 0), 1);
            assert_eq!(at(&hooks, "sent")[0].times_disabled, times - 1);
            // One failure on trial is enough.
            assert_eq!(reached(&hooks, 1), 1);
            assert_eq!(at(&hooks, "sent")[0].times_disabled, times);
        }
        assert_eq!(at(&hooks, "sent")[0].failures, 6);
    }
}

fn without_a_retry_a_reload_tries_again(origin: Origin) {
    for disable in [Disable::callout(2, LONG), Disable::library(2, LONG), Disable::library(2, LONG).retry(LONG)] {
        let set = || vec![disabling(origin, disable)];
        let hooks = load(set());
        assert_eq!([reached(&hooks, 1), reached(&hooks, 1), reached(&hooks, 0)], [1, 1, 0]);
        let bad = script(origin, "bad", json!({"load": {"error": "no"}}));
        hooks.reload(vec![set().remove(0), bad]).unwrap_err();
        assert_eq!(reached(&hooks, 0), 0, "a reload that fails changes nothing");
        hooks.reload(set()).unwrap();
        let (_, trace) = call(&mut hooks.handle(), 1);
        assert_eq!(trace, ["3"], "it is the same instance");
        assert_eq!(reached(&hooks, 0), 0, "on trial");
        // Another policy disables nothing.
        let lax = || vec![failing(origin, "a").failure_policy(FailurePolicy::new(FailureAction::Continue))];
        hooks.reload(lax()).unwrap();
        assert_eq!([reached(&hooks, 1), reached(&hooks, 1), reached(&hooks, 0)], [1, 1, 1]);
        assert_eq!((at(&hooks, "sent")[0].failures, at(&hooks, "sent")[0].times_disabled), (5, 2));
    }
}

fn a_hook_point_can_count_alone_or_not_at_all(origin: Origin) {
    let policy = FailurePolicy::new(FailureAction::Continue)
        .disable(Disable::library(2, LONG))
        .at("sent", HookPointFailurePolicy::new().disable(Disable::library(3, LONG)))
        .at("received", HookPointFailurePolicy::new().disable(None));
    let hooks = load(vec![failing(origin, "a").failure_policy(policy)]);
    for _ in 0..10 {
        let _ = receive(&mut hooks.handle(), &mut Packet { number: 1, ..Packet::default() });
    }
    // One of those that count together.
    let mut packet = Packet { number: 1, ..Packet::default() };
    let _ = fixture_api::narrow::call(&mut hooks.handle(), || fixture_api::narrow::Args { packet: &mut packet });
    assert_eq!([reached(&hooks, 1), reached(&hooks, 1)], [1, 1]);
    assert!(state(&hooks).is_active());
    assert_eq!(reached(&hooks, 1), 1);
    assert_eq!(state(&hooks), CalloutState::LibraryDisabled { retry_in: None });
}

fn the_log_says_what_is_disabled_and_what_comes_back(origin: Origin) {
    let of = |disable: Disable| {
        let hooks = load(vec![disabling(origin, disable)]);
        let ((), log) = logged(|| drop((step(&hooks, 1), step(&hooks, 1))));
        let line = log.lines().find(|line| line.contains("disabled: ")).unwrap_or_else(|| panic!("{log}")).to_owned();
        for part in ["ERROR", "library=\"scripted\"", "hook=\"sent\"", "callout=\"on_sent\""] {
            assert!(line.contains(part), "{part}: {line}");
        }
        let ((), back) = logged(|| hooks.reload(vec![disabling(origin, disable)]).unwrap());
        let ((), again) = logged(|| drop(step(&hooks, 1)));
        (line, back, again)
    };
    let (line, back, again) = of(Disable::callout(2, LONG));
    assert!(line.contains("callout disabled: 2 failures within 3600s; it is tried again at the next reload"), "{line}");
    assert!(back.contains("INFO") && back.contains("callout enabled again, on trial"), "{back}");
    assert!(again.contains("callout disabled: it failed again on trial"), "{again}");
    let (line, back, _) = of(Disable::library(2, LONG).retry(Duration::from_secs(90)));
    assert!(line.contains("library disabled: 2 failures within 3600s; it is tried again in 90s"), "{line}");
    assert!(back.contains("library enabled again, on trial"), "{back}");
}

fn an_unload_while_something_is_disabled(origin: Origin) {
    let hooks = load(vec![disabling(origin, Disable::library(1, LONG).retry(Duration::from_millis(20)))]);
    assert_eq!(reached(&hooks, 1), 1);
    assert!(hooks.unload_libraries());
    assert!(hooks.callout_statistics().is_empty());
    // Its time comes when it is long gone.
    let other = load(vec![disabling(origin, Disable::library(1, LONG).retry(Duration::from_millis(40)))]);
    assert_eq!(reached(&other, 1), 1);
    wait_until("the retry", || state(&other).is_active());
    assert!(hooks.libraries().is_empty());
}

fn a_disabled_deny_list_denies_nobody(origin: Origin) {
    // What the documentation warns of: it fails open.
    let denies = json!({"sent": [{"end-if": [1, {"error": "the list cannot be read"}]}, {"return": "drop"}]});
    let with = |policy| script(origin, "deny", denies.clone()).failure_policy(policy);
    let open = FailurePolicy::default().disable(Disable::callout(2, LONG));
    let hooks = load(vec![with(open)]);
    assert_eq!([0, 1, 1, 0].map(|number| step(&hooks, number)), ["Drop", "Drop", "Drop", "Continue"]);
    let hooks = load(vec![with(FailurePolicy::new(FailureAction::Drop))]);
    assert_eq!([0, 1, 1, 0].map(|number| step(&hooks, number)), ["Drop"; 4]);
}
