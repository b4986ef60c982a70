//! How callouts decide together what the component does next.

use fixture_api::{Packet, narrow, received};
use hooks::{CalloutHandle, Hooks, NextStep};
use hooks_tests::{Origin, both, receive, script, send};
use serde_json::{Value, json};

both!(
    each_status_reaches_the_component,
    the_status_begins_anew_with_each_call,
    the_last_writer_wins,
    no_opinion_leaves_the_status_as_it_was,
    the_status_can_be_set_back,
    a_return_value_comes_after_what_was_set,
    what_is_not_honoured_cannot_be_set,
    who_decided_is_known,
);

/// Libraries `a`, `b`, … whose callouts on `received` and `sent` do this.
fn libraries(origin: Origin, scripts: &[Value]) -> Hooks {
    let hooks = hooks_tests::hooks();
    let names = ["a", "b", "c", "d"];
    let library = |(name, actions): (&str, &Value)| script(origin, name, json!({"received": actions, "sent": actions}));
    hooks.load_libraries(names.into_iter().zip(scripts).map(library).collect()).unwrap();
    hooks
}

fn step_of(hooks: &Hooks) -> (String, Vec<String>) {
    let mut packet = Packet::default();
    let step = send(&mut hooks.handle(), &mut packet);
    (format!("{step:?}"), packet.trace)
}

fn each_status_reaches_the_component(origin: Origin) {
    for (answer, expected) in [("continue", "Continue"), ("skip", "Skip"), ("drop", "Drop")] {
        let hooks = libraries(origin, &[json!([{"return": answer}])]);
        let mut request = hooks.handle();
        assert_eq!(format!("{:?}", send(&mut request, &mut Packet::default())), expected);
        assert_eq!(format!("{:?}", receive(&mut request, &mut Packet::default())), expected);
        assert_eq!(request.status().to_string(), expected.to_uppercase());
        // The same through the handle instead of the returned value.
        let hooks = libraries(origin, &[json!([{"set": answer}])]);
        assert_eq!(step_of(&hooks), (expected.to_owned(), vec![]));
    }
    let hooks = libraries(origin, &[json!(["resume-now", {"return": "park"}])]);
    let step = receive(&mut hooks.handle(), &mut Packet::default());
    assert!(matches!(step, received::Step::Parked(_)), "{step:?}");
}

fn the_status_begins_anew_with_each_call(origin: Origin) {
    let hooks = libraries(origin, &[json!(["status", {"set": "drop"}]), json!(["status"])]);
    let (mut request, mut packet) = (hooks.handle(), Packet::default());
    for _ in 0..3 {
        assert!(send(&mut request, &mut packet).is_drop());
        assert!(receive(&mut request, &mut packet).is_drop());
    }
    assert_eq!(packet.trace, ["CONTINUE", "DROP"].repeat(6));
    // A hook point where nobody has an opinion.
    assert!(narrow::call(&mut request, || narrow::Args { packet: &mut packet }).is_continue());
    assert_eq!(request.status(), NextStep::Continue);
    assert!(request.decided_by().is_none());
}

fn the_last_writer_wins(origin: Origin) {
    let of = |answers: &[&str]| {
        let scripts: Vec<_> = answers.iter().map(|answer| json!(["status", {"return": answer}])).collect();
        step_of(&libraries(origin, &scripts))
    };
    assert_eq!(of(&["drop", "skip"]), ("Skip".to_owned(), vec!["CONTINUE".to_owned(), "DROP".to_owned()]));
    assert_eq!(of(&["skip", "drop"]).0, "Drop");
    assert_eq!(of(&["skip", "drop", "skip", "drop"]).0, "Drop");
}

fn no_opinion_leaves_the_status_as_it_was(origin: Origin) {
    // As a deny list that is followed by a plugin that returns CONTINUE: the packet stays dropped.
    let hooks = libraries(origin, &[json!([{"return": "drop"}]), json!([{"return": "continue"}]), json!(["status"])]);
    assert_eq!(step_of(&hooks), ("Drop".to_owned(), vec!["DROP".to_owned()]));
    let hooks = libraries(origin, &[json!([{"return": "continue"}]), json!([{"return": "skip"}]), json!([])]);
    assert_eq!(step_of(&hooks).0, "Skip");
}

fn the_status_can_be_set_back(origin: Origin) {
    let hooks = libraries(origin, &[json!([{"return": "drop"}]), json!([{"set": "continue"}, "status"])]);
    assert_eq!(step_of(&hooks), ("Continue".to_owned(), vec!["CONTINUE".to_owned()]));
    let hooks = libraries(origin, &[json!([{"return": "drop"}]), json!([{"set": "continue"}, {"return": "skip"}])]);
    assert_eq!(step_of(&hooks).0, "Skip");
}

fn a_return_value_comes_after_what_was_set(origin: Origin) {
    let hooks = libraries(origin, &[json!([{"set": "drop"}, "status", {"return": "skip"}])]);
    assert_eq!(step_of(&hooks), ("Skip".to_owned(), vec!["DROP".to_owned()]));
    let hooks = libraries(origin, &[json!([{"set": "drop"}, {"return": "continue"}])]);
    assert_eq!(step_of(&hooks).0, "Drop");
}

fn what_is_not_honoured_cannot_be_set(origin: Origin) {
    let hooks = hooks_tests::hooks();
    let narrow_script = json!([{"set": "skip"}, {"set": "drop"}, {"override": "park"}, "keep-ticket", "status"]);
    let sent_script = json!([{"set": "park"}, "status"]);
    hooks.load_libraries(vec![script(origin, "a", json!({"narrow": narrow_script, "sent": sent_script}))]).unwrap();
    let mut packet = Packet::default();
    let step = narrow::call(&mut hooks.handle(), || narrow::Args { packet: &mut packet });
    assert!(step.is_skip());
    assert_eq!(
        packet.trace,
        [
            "status DROP: the hook point `narrow` honours only CONTINUE, SKIP",
            "status PARK: the hook point `narrow` honours only CONTINUE, SKIP",
            "the hook point `narrow` does not honour PARK",
            "SKIP",
        ]
    );
    let refused = "status PARK: the hook point `sent` honours only CONTINUE, SKIP, DROP".to_owned();
    assert_eq!(step_of(&hooks), ("Continue".to_owned(), vec![refused, "CONTINUE".to_owned()]));
}

fn who_decided_is_known(origin: Origin) {
    let decided = |hooks: &Hooks, request: &mut CalloutHandle<'_>| {
        let _ = send(request, &mut Packet::default());
        let callouts = hooks.callouts();
        let info = request.decided_by()?;
        assert_eq!((info.hook(), info.library(), info.callout()), ("sent", "scripted", "on_sent"));
        assert!(callouts.iter().any(|known| known.callout() == info.callout()));
        Some(())
    };
    let hooks = libraries(origin, &[json!([{"return": "continue"}])]);
    assert_eq!(decided(&hooks, &mut hooks.handle()), None);
    for scripts in [json!([{"return": "skip"}]), json!([{"set": "drop"}]), json!([{"end": {"panic": "ouch"}}])] {
        let hooks = libraries(origin, &[scripts, json!([{"return": "continue"}])]);
        assert_eq!(decided(&hooks, &mut hooks.handle()), Some(()));
    }
    // Between two libraries it is the last one that had an opinion.
    let hooks = hooks_tests::hooks();
    let by_name = hooks::LibraryConfig::new(origin.plugin("by-name"));
    let skip = script(origin, "a", json!({"received": [{"return": "skip"}]}));
    hooks.load_libraries(vec![by_name.clone(), skip, by_name]).unwrap();
    let mut request = hooks.handle();
    assert!(request.decided_by().is_none());
    assert!(receive(&mut request, &mut Packet::default()).is_skip());
    assert_eq!(request.decided_by().unwrap().library(), "scripted");
}

#[test]
fn outside_of_a_callout_there_is_no_status_to_set() {
    let hooks = hooks_tests::hooks();
    let mut request = hooks.handle();
    for error in [request.set_status(NextStep::Drop), request.override_failure(NextStep::Drop)] {
        let error = error.unwrap_err();
        assert!(error.is_status());
        assert_eq!(error.to_string(), "status DROP: the status can only be set while a callout runs");
    }
    assert!(request.park().unwrap_err().is_park());
    assert_eq!((request.hook_name(), request.library_name()), (String::new(), String::new()));
}
