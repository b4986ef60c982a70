//! Callouts that call hook points themselves.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use fixture_api::{Packet, sequence};
use hooks::{Hooks, LibraryConfig, NextStep};
use hooks_tests::{Origin, both, logged, receive, script, send, shared};
use serde_json::json;

both!(
    a_callout_of_one_library_calls_a_hook_point_of_another,
    an_inner_call_leaves_the_outer_one_alone,
    an_inner_failure_stays_inside,
    recursion_ends,
);

fn a_callout_of_one_library_calls_a_hook_point_of_another(origin: Origin) {
    let hooks = hooks_tests::hooks();
    let caller =
        script(origin, "caller", json!({"received": [{"append": "("}, {"call": "sent"}, {"append": ")"}, "place"]}));
    let called = script(origin, "called", json!({"sent": [{"append": "inner"}, "place", {"return": "skip"}]}));
    hooks.load_libraries(vec![caller, called]).unwrap();
    let mut packet = Packet::default();
    assert!(receive(&mut hooks.handle(), &mut packet).is_continue());
    assert_eq!(packet.text, "(inner)");
    assert_eq!(packet.trace, ["sent scripted", "Skip", "received scripted"]);
}

fn an_inner_call_leaves_the_outer_one_alone(origin: Origin) {
    let hooks = hooks_tests::hooks();
    let caller =
        json!({"received": [{"set": "skip"}, {"call": "sent"}, "status"], "sent": ["status", {"return": "drop"}]});
    hooks.load_libraries(vec![script(origin, "a", caller)]).unwrap();
    let (mut request, mut packet) = (hooks.handle(), Packet::default());
    assert!(receive(&mut request, &mut packet).is_skip());
    assert_eq!(packet.trace, ["CONTINUE", "Drop", "SKIP"]);
    assert_eq!(request.status(), NextStep::Skip);
    assert_eq!(request.decided_by().unwrap().hook(), "received");
}

fn an_inner_failure_stays_inside(origin: Origin) {
    let hooks = hooks_tests::hooks();
    let caller = json!({"received": [{"call": "sent"}, {"call": "narrow"}, {"return": "continue"}],
        "sent": [{"end": "bomb"}], "narrow": [{"end": {"panic": "ouch"}}]});
    hooks.load_libraries(vec![script(origin, "a", caller)]).unwrap();
    let mut packet = Packet::default();
    assert!(receive(&mut hooks.handle(), &mut packet).is_continue());
    assert_eq!(packet.trace, ["Drop", "Skip"]);
}

fn recursion_ends(origin: Origin) {
    let hooks = hooks_tests::hooks();
    hooks.load_libraries(vec![script(origin, "a", json!({"sent": [{"append": "x"}, {"call": "sent"}]}))]).unwrap();
    let (mut request, mut packet) = (hooks.handle(), Packet::default());
    for _ in 0..2 {
        packet = Packet::default();
        let (step, log) = logged(|| send(&mut request, &mut packet));
        assert!(step.is_continue());
        assert!(log.contains("hook points are nested 32 deep within one request"), "{log}");
    }
    assert_eq!(packet.text, "x".repeat(32));
    // The call that would be too deep is answered by the failure status; the others are not touched by that.
    assert_eq!(packet.trace[0], "Drop");
    assert_eq!(packet.trace[1..], ["Continue"; 31]);
}

#[test]
fn a_hook_point_that_only_plugins_know() {
    let (caller, listener) = (LibraryConfig::new(shared("side-caller")), LibraryConfig::new(shared("side-listener")));
    let hooks = hooks_tests::hooks();
    let trace = |hooks: &Hooks| {
        let mut trace = Vec::new();
        let step = sequence::call(&mut hooks.handle(), || sequence::Args { trace: &mut trace });
        assert!(step.is_continue());
        trace
    };
    hooks.load_libraries(vec![caller.clone()]).unwrap();
    assert_eq!(trace(&hooks), ["false Continue "]);
    for set in [[caller.clone(), listener.clone()], [listener.clone(), caller.clone()]] {
        hooks.reload(set.to_vec()).unwrap();
        assert_eq!(trace(&hooks), ["true Continue asked side-listener"]);
    }
    hooks.reload(vec![listener.clone(), caller, listener.clone()]).unwrap();
    assert_eq!(trace(&hooks), ["true Skip asked side-listener asked side-listener"]);
    assert!(hooks.hook_names().contains(&"asked".to_owned()));
    // A listener alone is attached to something that nobody calls.
    hooks.load_libraries(vec![listener]).unwrap();
    assert_eq!(trace(&hooks), [""; 0]);
    assert_eq!(hooks.callouts()[0].hook(), "asked");
}

#[test]
fn handles_made_in_both_context_callouts_come_to_an_end() {
    let (hooks, count) = (hooks_tests::hooks(), Arc::new(AtomicU32::new(0)));
    let library = hooks.pre_callouts_library_handle();
    let make = || {
        let (hooks, count) = (hooks.clone(), Arc::clone(&count));
        move || {
            count.fetch_add(1, Ordering::Relaxed);
            drop(hooks.handle());
        }
    };
    let (begin, end) = (make(), make());
    library.register_callout(&hooks::context_create::callout(move |_, _| begin())).unwrap();
    library.register_callout(&hooks::context_destroy::callout(move |_, _| end())).unwrap();
    let ((), log) = logged(|| drop(hooks.handle()));
    let made = count.load(Ordering::Relaxed);
    assert!((2..1000).contains(&made), "{made} callouts for one handle");
    assert!(log.contains("callout handles are made 8 deep"), "{log}");
    // The closures keep the `Hooks`, and go with the set.
    hooks.reload(vec![]).unwrap();
}
