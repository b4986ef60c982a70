//! What a failure counts as.

use fixture_api::{Packet, lenient, narrow, received, tolerant};
use hooks::{BoxError, Disable, FailureAction, FailurePolicy, HookPointFailurePolicy, Hooks, LibraryConfig};
use hooks_tests::{Origin, both, logged, receive, script, send};
use serde_json::json;

use super::{LONG, at, call, failing, load, on_all_points, step};

both!(
    each_action_counts_as_it_says,
    an_exception_holds_at_its_hook_point,
    what_was_set_before_a_failure_stays,
    a_failure_lowers_no_severity,
    park_without_a_ticket_is_a_failure_like_others,
    a_policy_that_cannot_be_kept_is_refused,
    another_policy_alone_keeps_the_library,
    a_refused_set_changes_no_policy,
    libraries_with_one_content_have_their_own_policies,
    the_log_says_what_a_failure_counts_as,
);

/// The statuses of failures at `received`, `sent`, `narrow`, `lenient` and `tolerant`, each in a request of its own.
fn statuses(hooks: &Hooks) -> String {
    let mut packet = Packet { number: 1, ..Packet::default() };
    let packet = &mut packet;
    let received = receive(&mut hooks.handle(), packet);
    let sent = send(&mut hooks.handle(), packet);
    let narrow = narrow::call(&mut hooks.handle(), || narrow::Args { packet: &mut *packet });
    let lenient = lenient::call(&mut hooks.handle(), || lenient::Args { packet: &mut *packet });
    let tolerant = tolerant::call(&mut hooks.handle(), || tolerant::Args { packet });
    format!("{received:?} {sent:?} {narrow:?} {lenient:?} {tolerant:?}")
}

fn each_action_counts_as_it_says(origin: Origin) {
    for (action, expected) in [
        (FailureAction::HookPoint, "Drop Drop Skip Skip Continue"),
        (FailureAction::Continue, "Continue Continue Continue Continue Continue"),
        // `narrow` does not honour DROP.
        (FailureAction::Drop, "Drop Drop Skip Drop Drop"),
        (FailureAction::SkipLibrary, "Continue Continue Continue Continue Continue"),
    ] {
        let hooks = load(vec![failing(origin, "a").failure_policy(FailurePolicy::new(action))]);
        assert_eq!(statuses(&hooks), expected, "{action:?}");
        assert!(hooks.callout_statistics().iter().all(|callout| callout.state.is_active()));
    }
}

fn an_exception_holds_at_its_hook_point(origin: Origin) {
    let exception = |action| HookPointFailurePolicy::new().action(action);
    let policy = FailurePolicy::new(FailureAction::Continue)
        .at("sent", exception(FailureAction::Drop))
        .at("lenient", exception(FailureAction::HookPoint));
    let hooks = load(vec![failing(origin, "a").failure_policy(policy)]);
    assert_eq!(statuses(&hooks), "Continue Drop Continue Skip Continue");
}

fn what_was_set_before_a_failure_stays(origin: Origin) {
    let actions = json!([{"set": "skip"}, {"end": {"error": "no"}}]);
    for (action, expected) in [(FailureAction::Continue, "Skip"), (FailureAction::HookPoint, "Drop")] {
        let hooks = load(vec![on_all_points(origin, "a", &actions).failure_policy(FailurePolicy::new(action))]);
        assert_eq!(step(&hooks, 0), expected);
    }
}

fn a_failure_lowers_no_severity(origin: Origin) {
    let drops = on_all_points(origin, "d", &json!([{"return": "drop"}]));
    let skips = on_all_points(origin, "s", &json!([{"return": "skip"}]));
    let continues = on_all_points(origin, "o", &json!([{"override": "continue"}]));
    for action in [FailureAction::Continue, FailureAction::SkipLibrary] {
        let failing = || failing(origin, "a").failure_policy(FailurePolicy::new(action));
        assert_eq!(step(&load(vec![drops.clone(), failing()]), 1), "Drop", "{action:?}");
        assert_eq!(step(&load(vec![failing(), skips.clone()]), 1), "Skip", "{action:?}");
    }
    let failing = || failing(origin, "a").failure_policy(FailurePolicy::new(FailureAction::Drop));
    assert_eq!(step(&load(vec![failing(), skips]), 1), "Drop");
    assert_eq!(step(&load(vec![failing(), continues]), 1), "Continue");
}

fn park_without_a_ticket_is_a_failure_like_others(origin: Origin) {
    let parks = || script(origin, "a", json!({"received": [{"return": "park"}]}));
    for (action, expected) in [(FailureAction::HookPoint, "Drop"), (FailureAction::Continue, "Continue")] {
        let hooks = load(vec![parks().failure_policy(FailurePolicy::new(action))]);
        assert_eq!(format!("{:?}", receive(&mut hooks.handle(), &mut Packet::default())), expected);
        assert_eq!(at(&hooks, "received")[0].failures, 1);
    }
    // One that fails with its ticket in hand is not parked, and nothing is left behind.
    let loses = script(origin, "a", json!({"received": ["keep-ticket", {"end": {"error": "no"}}]}));
    let hooks = load(vec![loses.failure_policy(FailurePolicy::new(FailureAction::SkipLibrary))]);
    let step = receive(&mut hooks.handle(), &mut Packet::default());
    assert!(matches!(step, received::Step::Continue), "{step:?}");
}

fn a_policy_that_cannot_be_kept_is_refused(origin: Origin) {
    let hooks = load(vec![failing(origin, "old")]);
    let exception = |action| HookPointFailurePolicy::new().action(action);
    let policy = FailurePolicy::default;
    for (policy, part) in [
        (
            policy().at("sends", exception(FailureAction::Drop)),
            "hook point `sends`: no hook point has the name `sends`",
        ),
        (
            policy().at("narrow", exception(FailureAction::Drop)),
            "`drop` at the hook point `narrow`, which honours only",
        ),
        (policy().disable(Disable::callout(0, LONG)), "`after` is 0; expected a number of failures from 1 to 1000"),
        (policy().disable(Disable::callout(1, std::time::Duration::ZERO)), "`within` is 0; expected a time"),
    ] {
        let set = vec![failing(origin, "new").failure_policy(policy)];
        let error = hooks.reload(set.clone()).unwrap_err();
        let text = error.to_string();
        assert!(error.is_refused() && text.contains(part) && text.contains("scripted"), "{text}");
        assert_eq!(hooks.validate_libraries(&set)[0].1.to_string(), text);
    }
    assert_eq!(step(&hooks, 1), "Drop", "the old set goes on");
    // The hook point of a command need not be there: all have one shape.
    let command = policy().at("$list", exception(FailureAction::Continue));
    hooks.reload(vec![failing(origin, "new").failure_policy(command)]).unwrap();
}

fn another_policy_alone_keeps_the_library(origin: Origin) {
    let with = |action| failing(origin, "a").failure_policy(FailurePolicy::new(action));
    let hooks = load(vec![with(FailureAction::Continue)]);
    let mut request = hooks.handle();
    assert_eq!(call(&mut request, 1), ("Continue".to_owned(), vec!["1".to_owned()]));
    hooks.reload(vec![with(FailureAction::Drop)]).unwrap();
    // It is the same instance, also for a request that began before.
    assert_eq!(call(&mut request, 1), ("Drop".to_owned(), vec!["2".to_owned()]));
    assert_eq!(call(&mut hooks.handle(), 1), ("Drop".to_owned(), vec!["3".to_owned()]));
    assert_eq!(at(&hooks, "sent")[0].failures, 3);
}

fn a_refused_set_changes_no_policy(origin: Origin) {
    let with = |action| failing(origin, "a").failure_policy(FailurePolicy::new(action));
    let hooks = load(vec![with(FailureAction::Continue)]);
    let refused = hooks.reload_if(vec![with(FailureAction::Drop)], |_| Err::<(), BoxError>("not today".into()));
    assert_eq!(refused.unwrap_err().to_string(), "not today");
    assert_eq!(step(&hooks, 1), "Continue");
    let bad = script(origin, "bad", json!({"load": {"error": "no"}}));
    hooks.reload(vec![with(FailureAction::Drop), bad]).unwrap_err();
    assert_eq!(step(&hooks, 1), "Continue");
    hooks.reload_if(vec![with(FailureAction::Drop)], |_| Ok::<(), BoxError>(())).unwrap();
    assert_eq!(step(&hooks, 1), "Drop");
}

fn libraries_with_one_content_have_their_own_policies(origin: Origin) {
    let with = |action| failing(origin, "a").failure_policy(FailurePolicy::new(action));
    let (lax, strict) = (|| with(FailureAction::Continue), || with(FailureAction::Drop));
    let hooks = load(vec![lax(), strict()]);
    assert_eq!(step(&hooks, 1), "Drop");
    let set: Vec<LibraryConfig> = vec![lax(), lax()];
    hooks.reload(set).unwrap();
    assert_eq!(step(&hooks, 1), "Continue");
}

fn the_log_says_what_a_failure_counts_as(origin: Origin) {
    for (action, status, text) in [
        (FailureAction::HookPoint, "status=DROP", "callout failed: a has failed"),
        (FailureAction::Continue, "status=CONTINUE", "callout failed: a has failed"),
        (FailureAction::SkipLibrary, "status=CONTINUE", "callout failed, its library is skipped: a has failed"),
    ] {
        let hooks = load(vec![failing(origin, "a").failure_policy(FailurePolicy::new(action))]);
        let (_, log) = logged(|| step(&hooks, 1));
        for part in ["ERROR", "library=\"scripted\"", "callout=\"on_sent\"", "hook=\"sent\"", status, text] {
            assert!(log.contains(part), "{part}: {log}");
        }
    }
}
