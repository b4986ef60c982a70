//! Panics in drops, on either side of the boundary, and in every other place where a plugin's code runs.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use fixture_api::fragile::{Fragile, handled};
use fixture_api::{Packet, waiting};
use hooks::{CalloutHandle, Command, Hooks, LibraryConfig, Response, Step, command_callout};
use hooks_tests::{Origin, both, logged, script};
use serde_json::json;

both!(
    a_panic_in_a_callout_is_a_failure,
    a_value_of_the_host_may_break_in_the_plugin,
    a_value_of_the_plugin_may_break_in_the_host,
    an_extra_argument_may_break,
    an_extra_argument_of_the_component_may_break_in_the_plugin,
    a_context_may_break,
    a_payload_may_break_again_and_again,
    a_failing_load_says_where,
    unload_and_drop_may_panic,
    a_closure_may_panic_and_break,
    context_destroy_may_panic,
    a_command_handler_may_panic,
    a_component_s_closure_may_panic_beneath_a_plugin,
    what_resumes_a_request_may_panic,
    a_parked_request_may_break,
    a_hook_point_s_own_body_may_panic,
);

fn loaded(origin: Origin, parameters: &str) -> Hooks {
    let hooks = hooks_tests::hooks();
    hooks.load_libraries(vec![config(origin, parameters)]).unwrap();
    hooks
}

fn config(origin: Origin, parameters: &str) -> LibraryConfig {
    LibraryConfig::new(origin.plugin("panicking")).parameters(json!(parameters))
}

/// Calls the hook point; whether that counted as a failure.
fn handle(request: &mut CalloutHandle<'_>, what: &str, value: &mut Fragile) -> bool {
    let what = what.to_owned();
    handled::call(request, || handled::Args { what: &what, value }).is_drop()
}

/// The log has this text once, and this many errors; and the host goes on.
fn check(hooks: &Hooks, log: &str, text: &str, errors: usize) {
    assert_eq!(log.matches(text).count(), 1, "{text}: {log}");
    assert_eq!(log.matches("ERROR").count(), errors, "{log}");
    assert!(!handle(&mut hooks.handle(), "nothing", &mut Fragile::default()));
}

fn a_panic_in_a_callout_is_a_failure(origin: Origin) {
    let hooks = loaded(origin, "");
    let (failed, log) = logged(|| handle(&mut hooks.handle(), "panic", &mut Fragile::default()));
    assert!(failed);
    check(&hooks, &log, "callout failed: in the callout", 1);
    // And one in a call within a callout.
    let (failed, log) = logged(|| handle(&mut hooks.handle(), "nested", &mut Fragile::default()));
    assert!(failed);
    check(&hooks, &log, "callout failed: the nested call ended with Drop", 2);
}

fn a_value_of_the_host_may_break_in_the_plugin(origin: Origin) {
    let hooks = loaded(origin, "");
    let mut value = Fragile::cracked("host's value");
    let (failed, log) = logged(|| handle(&mut hooks.handle(), "replace", &mut value));
    assert!(failed);
    check(&hooks, &log, "callout failed: host's value broke", 1);
    // The drop has happened, and the new value is in its place.
    assert!(!value.cracked && value.text.is_empty());
}

fn a_value_of_the_plugin_may_break_in_the_host(origin: Origin) {
    let hooks = loaded(origin, "");
    let mut value = Fragile::default();
    assert!(!handle(&mut hooks.handle(), "give", &mut value));
    assert_eq!(value.text, "plugin's value");
    // It is the host that drops it, with its own copy of the code.
    assert!(catch_unwind(AssertUnwindSafe(|| drop(value))).is_err());
    check(&hooks, "once", "once", 0);
}

fn an_extra_argument_may_break(origin: Origin) {
    let hooks = loaded(origin, "");
    let fragile = &mut Fragile::default();
    let broke = "panicked in its drop: argument broke";
    for what in ["argument", "argument deleted", "argument replaced"] {
        let (failed, log) = logged(|| handle(&mut hooks.handle(), what, fragile));
        assert!(!failed, "{what}");
        check(&hooks, &log, broke, 1);
    }
    // The host deletes it.
    let mut request = hooks.handle();
    assert!(!handle(&mut request, "argument", fragile));
    let (deleted, log) = logged(|| request.delete_argument("fragile"));
    assert!(deleted);
    check(&hooks, &log, broke, 1);
}

fn an_extra_argument_of_the_component_may_break_in_the_plugin(origin: Origin) {
    let hooks = loaded(origin, "");
    let mut request = hooks.handle();
    request.set_argument("component's", Fragile::cracked("component's")).unwrap();
    let (failed, log) = logged(|| handle(&mut request, "delete the component's", &mut Fragile::default()));
    // It is the component's code that panics.
    assert!(!failed);
    check(&hooks, &log, "panicked in its drop: component's broke", 1);
}

fn a_context_may_break(origin: Origin) {
    let hooks = loaded(origin, "");
    let (failed, log) = logged(|| handle(&mut hooks.handle(), "context", &mut Fragile::default()));
    assert!(!failed);
    check(&hooks, &log, "panicked in its drop: context broke", 1);
}

fn a_payload_may_break_again_and_again(origin: Origin) {
    let hooks = loaded(origin, "");
    for what in ["bomb", "bomb in a bomb"] {
        let (failed, log) = logged(|| handle(&mut hooks.handle(), what, &mut Fragile::default()));
        assert!(failed);
        check(&hooks, &log, "callout failed: a panic with a value that is no text", 1);
        assert!(log.contains("to drop its value panicked, too"), "{log}");
    }
}

fn a_failing_load_says_where(origin: Origin) {
    let hooks = loaded(origin, "");
    for (parameters, expected) in [
        ("load", "`load` panicked: in load"),
        ("load with a state", "`load` panicked: state broke"),
        ("deserialize", "`load` panicked: while it was deserialized"),
    ] {
        let error = hooks.load_libraries(vec![config(origin, parameters)]).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
        let place = if parameters == "load with a state" { "api/src/fragile.rs:" } else { "panicking/src/lib.rs:" };
        assert_eq!(error.contains(place), origin == Origin::Shared, "{error}");
        check(&hooks, "once", "once", 0);
    }
}

fn unload_and_drop_may_panic(origin: Origin) {
    for (parameters, expected) in [
        ("unload", "unload failed: `unload` panicked: in unload"),
        ("state", "the plugin panicked while it was dropped: state broke"),
    ] {
        let hooks = loaded(origin, parameters);
        let (unloaded, log) = logged(|| hooks.unload_libraries());
        assert!(unloaded);
        check(&hooks, &log, expected, 1);
        hooks.load_libraries(vec![config(origin, "")]).unwrap();
        check(&hooks, "once", "once", 0);
    }
}

fn a_closure_may_panic_and_break(origin: Origin) {
    let hooks = loaded(origin, "closure");
    let (failed, log) = logged(|| handle(&mut hooks.handle(), "closure", &mut Fragile::default()));
    assert!(failed);
    check(&hooks, &log, "callout failed: in the closure with closure", 1);
    let (unloaded, log) = logged(|| hooks.unload_libraries());
    assert!(unloaded);
    check(&hooks, &log, "a panic in a drop: closure broke", 1);
}

fn context_destroy_may_panic(origin: Origin) {
    let hooks = loaded(origin, "");
    let ((), log) = logged(|| hooks.handle().set_argument("what", "destroy".to_owned()).unwrap());
    check(&hooks, &log, "callout failed: in context_destroy", 1);
}

fn a_command_handler_may_panic(origin: Origin) {
    let hooks = loaded(origin, "");
    let mut response = Response::default();
    let command = Command::new("panic-now", "");
    let call = || hooks.call_command_handlers(&mut hooks.handle(), &command, &mut response);
    let (called, log) = logged(call);
    called.unwrap();
    check(&hooks, &log, "callout failed: in the handler", 1);
    assert!(response.json().is_some_and(|json| json.contains("in the handler")), "{response:?}");
    // One of the component's own.
    let handler = command_callout::callout(|_, arguments| {
        assert!(arguments.command.arguments_json() == "never", "the component's");
    });
    hooks.pre_callouts_library_handle().register_command_callout("of-mine", &handler).unwrap();
    let command = Command::new("of-mine", "");
    let (_, log) = logged(|| hooks.call_command_handlers(&mut hooks.handle(), &command, &mut response));
    check(&hooks, &log, "callout failed: the component's", 1);
}

fn a_component_s_closure_may_panic_beneath_a_plugin(origin: Origin) {
    let hooks = hooks_tests::hooks();
    hooks.load_libraries(vec![script(origin, "a", json!({"received": [{"call": "sent"}]}))]).unwrap();
    let guard = Arc::new(Fragile::default());
    let closure = fixture_api::sent::callout(move |_, _| {
        assert!(guard.cracked, "the component's closure");
    });
    hooks.post_callouts_library_handle().register_callout(&closure).unwrap();
    let mut packet = Packet::default();
    let (step, log) = logged(|| hooks_tests::receive(&mut hooks.handle(), &mut packet));
    assert!(step.is_continue());
    assert_eq!(packet.trace, ["Drop"]);
    assert_eq!(log.matches("callout failed: the component's closure").count(), 1, "{log}");
}

/// A request that is parked, with a ticket that `waiting` has kept.
fn parked(origin: Origin, waiting_does: serde_json::Value) -> (Hooks, hooks::Parked) {
    let hooks = hooks_tests::hooks();
    let parameters = json!({"waiting": waiting_does, "sent": ["resume-kept"], "narrow": [{"end": "well"}]});
    hooks.load_libraries(vec![script(origin, "a", parameters)]).unwrap();
    let mut packet = Packet::default();
    match waiting::call(&mut hooks.handle(), || waiting::Args { packet: &mut packet }) {
        waiting::Step::Parked(parked) => (hooks, parked),
        step => panic!("not parked: {step:?}"),
    }
}

fn what_resumes_a_request_may_panic(origin: Origin) {
    let park = json!(["keep-ticket", {"return": "park"}]);
    // In the plugin's call, that is beneath its callout.
    let (hooks, parked_call) = parked(origin, park.clone());
    parked_call.resume_with((), |(), _| panic!("in the component's closure"));
    let (step, log) = logged(|| hooks_tests::send(&mut hooks.handle(), &mut Packet::default()));
    assert!(step.is_continue());
    assert_eq!(
        log.matches("a panic while a parked request was resumed: in the component's closure").count(),
        1,
        "{log}"
    );
    // In the drop of a ticket: the plugin's state goes with it.
    let (hooks, parked_call) = parked(origin, park);
    parked_call.resume_with((), |(), _| panic!("in the component's closure"));
    let (unloaded, log) = logged(|| hooks.unload_libraries());
    assert!(unloaded);
    assert_eq!(log.matches("in the component's closure").count(), 1, "{log}");
}

fn a_parked_request_may_break(origin: Origin) {
    let (hooks, parked_call) = parked(origin, json!(["keep-ticket", {"return": "park"}]));
    let cracked = Fragile::cracked("parked request");
    parked_call.resume_with(cracked, |request, _| drop(request));
    let (unloaded, log) = logged(|| hooks.unload_libraries());
    assert!(unloaded);
    assert_eq!(log.matches("a panic while a parked request was resumed: parked request broke").count(), 1, "{log}");
}

#[hooks::hook_point(handled)]
fn body(handle: &mut CalloutHandle, what: &String, value: &mut Fragile) -> usize {
    assert!(what != "body", "in the body with {}", value.text);
    what.len()
}

fn a_hook_point_s_own_body_may_panic(origin: Origin) {
    let hooks = loaded(origin, "");
    let mut request = hooks.handle();
    let mut value = Fragile::default();
    // It is the component's own code: the panic is the component's, and the handle is as it was.
    assert!(catch_unwind(AssertUnwindSafe(|| body(&mut request, &"body".to_owned(), &mut value))).is_err());
    assert_eq!(body(&mut request, &"other".to_owned(), &mut value), Step::Done(5));
    drop(request);
    assert!(hooks.unload_libraries());
}
