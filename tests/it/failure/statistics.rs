//! What is counted of callouts, and for how long.

use std::time::Duration;

use fixture_api::sent;
use hooks::{FailureAction, FailurePolicy};
use hooks_tests::{Origin, both, script};
use serde_json::json;

use super::{LONG, at, failing, load, step};

both!(
    failures_are_counted_with_their_texts,
    counts_outlive_replaced_chains_and_reloads,
    all_callouts_are_listed_in_their_order,
);

fn failures_are_counted_with_their_texts(origin: Origin) {
    let texts = json!([{"end-if": [1, {"error": "first"}]}, {"end-if": [2, {"panic": "x".repeat(100_000)}]},
        {"end-if": [3, "bomb"]}]);
    let hooks = load(vec![script(origin, "a", json!({"sent": texts}))]);
    assert!(at(&hooks, "sent")[0].last_failure.is_none());
    // A shared library also says where it panicked.
    let bomb = "a panic with a value that is no text";
    for (number, start, length) in [(1, "first", 5..=5), (2, "xxx", 1027..=1027), (3, bomb, bomb.len()..=1027)] {
        assert_eq!(step(&hooks, number), "Drop");
        let last = at(&hooks, "sent")[0].last_failure.clone().unwrap();
        assert!(last.text.starts_with(start) && length.contains(&last.text.len()), "{} {}", last.text.len(), last.text);
        assert!(last.age < LONG);
    }
    assert_eq!(step(&hooks, 0), "Continue");
    let statistics = &at(&hooks, "sent")[0];
    assert_eq!((statistics.failures, statistics.slow_calls, statistics.longest), (3, 0, None));
}

fn counts_outlive_replaced_chains_and_reloads(origin: Origin) {
    let set = || vec![failing(origin, "a"), script(origin, "b", json!({}))];
    let hooks = load(set());
    assert_eq!(step(&hooks, 1), "Drop");
    let quiet = sent::callout(|_, _| {});
    let handle = hooks.post_callouts_library_handle();
    handle.register_callout(&quiet).unwrap();
    assert_eq!(step(&hooks, 1), "Drop");
    assert!(handle.deregister_callout(&quiet));
    hooks.reload(set()).unwrap();
    assert_eq!(step(&hooks, 1), "Drop");
    hooks.reload(set()[..1].to_vec()).unwrap();
    assert_eq!(at(&hooks, "sent")[0].failures, 3);
    // Another instance has counts of its own.
    hooks.reload(vec![failing(origin, "c")]).unwrap();
    assert_eq!(at(&hooks, "sent")[0].failures, 0);
}

fn all_callouts_are_listed_in_their_order(origin: Origin) {
    let hooks = load(vec![failing(origin, "a"), script(origin, "b", json!({}))]);
    let (pre, post) = (sent::callout(|_, _| {}), sent::callout(|_, _| {}));
    hooks.post_callouts_library_handle().register_callout(&post).unwrap();
    hooks.pre_callouts_library_handle().register_callout(&pre).unwrap();
    let names = |callouts: Vec<hooks::CalloutInfo>| {
        let name = |callout: &hooks::CalloutInfo| format!("{} {callout}", callout.hook());
        callouts.iter().map(name).collect::<Vec<_>>()
    };
    let listed = hooks.callout_statistics().into_iter().map(|statistics| statistics.callout).collect();
    assert_eq!(names(listed), names(hooks.callouts()));
}

#[test]
fn the_components_own_failures_are_counted_and_outlive_a_load() {
    let hooks = hooks_tests::hooks();
    let fails = sent::callout(|_, _| Err::<(), _>("no"));
    hooks.pre_callouts_library_handle().across_loads().register_callout(&fails).unwrap();
    assert_eq!(step(&hooks, 0), "Drop");
    let lax = failing(Origin::BuiltIn, "a").failure_policy(FailurePolicy::new(FailureAction::Continue));
    hooks.load_libraries(vec![lax]).unwrap();
    assert_eq!(step(&hooks, 0), "Drop", "a library's policy is not the component's");
    let statistics = &at(&hooks, "sent")[0];
    assert_eq!((statistics.callout.library(), statistics.failures), ("pre-callouts", 2));
    assert!(statistics.last_failure.as_ref().unwrap().age < Duration::from_secs(3600));
}
