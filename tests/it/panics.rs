//! Callouts that panic or return errors: the host goes on, and the failure counts as the hook point says.

use fixture_api::{Packet, lenient, narrow, tolerant};
use hooks::Hooks;
use hooks_tests::{Origin, both, logged, receive, script, send};
use serde_json::{Value, json};

both!(
    a_failure_counts_as_drop,
    a_failure_counts_as_the_hook_point_says,
    a_failure_does_not_undo_what_is_more_severe,
    later_callouts_still_run_and_cannot_undo_it,
    override_failure_undoes_it,
    a_second_failure_after_an_override_counts,
    a_failure_wins_over_what_the_callout_had_set,
    the_log_says_who_failed_and_why,
    what_a_plugin_logs_reaches_the_hosts_subscriber,
    a_failure_does_not_outlive_its_call,
);

fn failures() -> [Value; 4] {
    [
        json!({"end": {"panic": "ouch"}}),
        json!({"end": {"error": "bad luck"}}),
        json!({"end": "bomb"}),
        // A panic of the library's standard library, far below the callout.
        json!({"end": {"panic": "x".repeat(100_000)}}),
    ]
}

/// Loads libraries whose callouts do this on every hook point.
fn libraries(origin: Origin, scripts: &[Value]) -> Hooks {
    let hooks = hooks_tests::hooks();
    let library = |actions: &Value| {
        script(
            origin,
            "a",
            json!({"received": actions, "sent": actions, "narrow": actions, "lenient": actions,
            "tolerant": actions}),
        )
    };
    hooks.load_libraries(scripts.iter().map(library).collect()).unwrap();
    hooks
}

fn a_failure_counts_as_drop(origin: Origin) {
    for failure in failures() {
        let hooks = libraries(origin, &[json!([{"append": "x"}, failure, {"append": "never"}])]);
        let (mut request, mut packet) = (hooks.handle(), Packet::default());
        assert!(send(&mut request, &mut packet).is_drop());
        assert!(receive(&mut request, &mut packet).is_drop());
        assert_eq!(packet.text, "xx", "what was changed before stays");
        assert!(request.decided_by().is_some());
    }
}

fn a_failure_counts_as_the_hook_point_says(origin: Origin) {
    for failure in failures() {
        let hooks = libraries(origin, &[json!([failure]), json!(["status"])]);
        let (mut request, mut packet) = (hooks.handle(), Packet::default());
        assert!(narrow::call(&mut request, || narrow::Args { packet: &mut packet }).is_skip());
        assert!(lenient::call(&mut request, || lenient::Args { packet: &mut packet }).is_skip());
        assert!(tolerant::call(&mut request, || tolerant::Args { packet: &mut packet }).is_continue());
        assert_eq!(packet.trace, ["SKIP", "SKIP", "CONTINUE"]);
    }
}

fn a_failure_does_not_undo_what_is_more_severe(origin: Origin) {
    let ouch = || json!([{"end": {"panic": "ouch"}}]);
    let call = |scripts: &[Value]| {
        let hooks = libraries(origin, scripts);
        let (mut request, mut packet) = (hooks.handle(), Packet::default());
        let lenient = lenient::call(&mut request, || lenient::Args { packet: &mut packet });
        let tolerant = tolerant::call(&mut request, || tolerant::Args { packet: &mut packet });
        format!("{lenient:?} {tolerant:?}")
    };
    // A failure counts as SKIP there, and as no opinion here.
    let says = |status: &str| json!([{"return": status}]);
    assert_eq!(call(&[says("drop"), ouch()]), "Drop Drop");
    assert_eq!(call(&[says("skip"), ouch()]), "Skip Skip");
    // What comes after a failure cannot undo it, but may be more severe.
    assert_eq!(call(&[ouch(), says("drop")]), "Drop Drop");
    assert_eq!(call(&[ouch(), says("drop"), says("skip")]), "Drop Skip");
    assert_eq!(call(&[ouch(), says("continue")]), "Skip Continue");
    assert_eq!(call(&[says("drop"), ouch(), says("skip")]), "Drop Skip");
}

fn later_callouts_still_run_and_cannot_undo_it(origin: Origin) {
    for failure in failures() {
        for later in [json!({"return": "continue"}), json!({"return": "skip"}), json!({"set": "continue"})] {
            let hooks = libraries(origin, &[json!([failure.clone()]), json!([{"append": "later"}, "status", later])]);
            let mut packet = Packet::default();
            assert!(send(&mut hooks.handle(), &mut packet).is_drop(), "{later}");
            assert_eq!(packet.text, "later");
            assert_eq!(packet.trace[0], "DROP");
            if later.get("set").is_some() {
                assert!(packet.trace[1].contains("`override_failure` sets another one"), "{:?}", packet.trace);
            }
        }
    }
}

fn override_failure_undoes_it(origin: Origin) {
    for (status, expected) in [("continue", "Continue"), ("skip", "Skip"), ("drop", "Drop")] {
        let hooks = libraries(origin, &[json!([{"end": {"panic": "ouch"}}]), json!([{"override": status}])]);
        let mut packet = Packet::default();
        assert_eq!(format!("{:?}", send(&mut hooks.handle(), &mut packet)), expected);
        assert!(packet.trace.is_empty());
    }
    // Afterwards the last writer wins again.
    let hooks = libraries(
        origin,
        &[
            json!([{"end": "bomb"}]),
            json!([{"override": "continue"}]),
            json!([{"set": "drop"}]),
            json!([{"return": "skip"}]),
        ],
    );
    assert!(send(&mut hooks.handle(), &mut Packet::default()).is_skip());
}

fn a_second_failure_after_an_override_counts(origin: Origin) {
    let ouch = json!({"end": {"panic": "ouch"}});
    let hooks = libraries(origin, &[json!([ouch]), json!([{"override": "skip"}, ouch]), json!([{"return": "skip"}])]);
    assert!(send(&mut hooks.handle(), &mut Packet::default()).is_drop());
}

fn a_failure_wins_over_what_the_callout_had_set(origin: Origin) {
    let hooks = libraries(origin, &[json!([{"set": "skip"}, {"end": {"error": "bad luck"}}])]);
    assert!(send(&mut hooks.handle(), &mut Packet::default()).is_drop());
}

fn the_log_says_who_failed_and_why(origin: Origin) {
    let log = |failure: &str| {
        let hooks = libraries(origin, &[json!([{"end": serde_json::from_str::<Value>(failure).unwrap()}])]);
        logged(|| send(&mut hooks.handle(), &mut Packet::default())).1
    };
    for (failure, text) in [
        ("{\"panic\": \"ouch\"}", "ouch"),
        ("{\"error\": \"bad luck\"}", "bad luck"),
        ("\"bomb\"", "a panic with a value that is no text"),
    ] {
        let log = log(failure);
        for part in ["ERROR", "hook=\"sent\"", "library=\"scripted\"", "callout=\"on_sent\"", "status=DROP", text] {
            assert!(log.contains(part), "{part} is missing: {log}");
        }
    }
}

fn what_a_plugin_logs_reaches_the_hosts_subscriber(origin: Origin) {
    let hooks = libraries(origin, &[json!([{"log": "a line of its own"}])]);
    let (_, log) = logged(|| send(&mut hooks.handle(), &mut Packet::default()));
    let line =
        log.lines().find(|line| line.contains("a line of its own")).unwrap_or_else(|| panic!("not logged: {log}"));
    // Level, target and fields; a shared library's lines also carry its name.
    for part in ["INFO", "scripted::action", "calls=1"] {
        assert!(line.contains(part), "{part} is missing: {line}");
    }
}

fn a_failure_does_not_outlive_its_call(origin: Origin) {
    let hooks = hooks_tests::hooks();
    let scripts = json!({"received": [{"end": {"panic": "ouch"}}], "sent": ["status", {"set": "skip"}]});
    hooks.load_libraries(vec![script(origin, "a", scripts)]).unwrap();
    let (mut request, mut packet) = (hooks.handle(), Packet::default());
    for _ in 0..3 {
        assert!(receive(&mut request, &mut packet).is_drop());
        assert!(send(&mut request, &mut packet).is_skip());
    }
    assert_eq!(packet.trace, ["CONTINUE"; 3]);
}
