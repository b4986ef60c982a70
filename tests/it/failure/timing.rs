//! Callouts are timed while it is asked for.

use std::time::{Duration, Instant};

use fixture_api::Packet;
use hooks::{CalloutTimes, FailureAction, FailurePolicy, Hooks};
use hooks_tests::{Origin, both, receive, script, send};
use serde_json::json;

use super::{at, load};

both!(
    each_callout_is_counted,
    the_calls_of_a_callout_count_for_it,
    what_is_skipped_is_not_counted,
    a_watched_callout_is_timed_too,
    what_was_timed_stays,
);

/// How often the callouts at `hook` were timed, in their order.
fn counts(hooks: &Hooks, hook: &str) -> Vec<u64> {
    at(hooks, hook).iter().map(|callout| callout.times.as_ref().map_or(0, CalloutTimes::count)).collect()
}

fn receive_one(hooks: &Hooks) {
    let _ = receive(&mut hooks.handle(), &mut Packet::default());
}

fn each_callout_is_counted(origin: Origin) {
    let hooks = load(vec![
        script(origin, "a", json!({"received": [{"append": "a"}]})),
        script(origin, "b", json!({"received": [{"return": "drop"}]})),
        script(origin, "c", json!({"received": [{"append": "c"}]})),
    ]);
    receive_one(&hooks);
    assert!(at(&hooks, "received").iter().all(|callout| callout.times.is_none()));
    hooks.set_timing(true);
    let begun = Instant::now();
    (0..5).for_each(|_| receive_one(&hooks));
    let took = begun.elapsed();
    assert_eq!(counts(&hooks, "received"), [5, 5, 5]);
    for times in at(&hooks, "received").into_iter().filter_map(|callout| callout.times) {
        // The rate of the processor's counter is known to a few parts of a thousand.
        assert!(times.longest() <= took * 2 && times.mean() <= times.longest(), "{times:?} within {took:?}");
    }
}

fn the_calls_of_a_callout_count_for_it(origin: Origin) {
    let hooks = load(vec![script(origin, "a", json!({"received": [{"call": "sent"}], "sent": [{"append": "s"}]}))]);
    hooks.set_timing(true);
    receive_one(&hooks);
    assert_eq!((counts(&hooks, "received"), counts(&hooks, "sent")), (vec![1], vec![1]));
    let longest = |hook: &str| at(&hooks, hook).remove(0).times.unwrap().longest();
    assert!(longest("received") >= longest("sent"));
}

fn what_is_skipped_is_not_counted(origin: Origin) {
    let failing = json!({"received": [{"end": {"error": "no"}}], "sent": [{"append": "s"}]});
    let policy = FailurePolicy::new(FailureAction::SkipLibrary);
    let hooks = load(vec![script(origin, "a", failing).failure_policy(policy)]);
    hooks.set_timing(true);
    let mut request = hooks.handle();
    let _ = receive(&mut request, &mut Packet::default());
    let _ = send(&mut request, &mut Packet::default());
    assert_eq!((counts(&hooks, "received"), counts(&hooks, "sent")), (vec![1], vec![0]));
}

fn a_watched_callout_is_timed_too(origin: Origin) {
    let hooks = load(vec![script(origin, "a", json!({"received": [{"append": "a"}]}))]);
    hooks.set_timing(true);
    hooks.set_watchdog(Some(Duration::from_secs(60)));
    receive_one(&hooks);
    hooks.set_watchdog(None);
    receive_one(&hooks);
    assert_eq!(counts(&hooks, "received"), [2]);
}

fn what_was_timed_stays(origin: Origin) {
    let hooks = load(vec![script(origin, "a", json!({"received": [{"append": "a"}]}))]);
    hooks.set_timing(true);
    receive_one(&hooks);
    hooks.set_timing(false);
    receive_one(&hooks);
    assert_eq!(counts(&hooks, "received"), [1]);
    let (other, kept) = (script(origin, "b", json!({})), script(origin, "a", json!({"received": [{"append": "a"}]})));
    hooks.reload(vec![other, kept]).unwrap();
    assert_eq!(counts(&hooks, "received"), [0, 1], "the library was kept, and so were its counts");
}
