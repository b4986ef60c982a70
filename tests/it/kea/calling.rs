//! What a call does: the status begins anew, each callout runs whatever the others did, and data flows from one to the next.

use std::sync::Arc;

use fixture_api::Packet;
use fixture_api::digits::{alpha, beta, delta};
use hooks::{Callout, CalloutHandle, NextStep, Observer};
use hooks_tests::{Origin, both, logged, script, send};
use serde_json::{Value, json};

use super::digits::{change, digits, loaded, register};

both!(
    a_call_without_callouts_answers_continue,
    a_hook_point_that_others_use_is_idle_here,
    a_failing_callout_in_any_place_stops_nobody,
    no_callout_stops_the_chain,
    a_callout_knows_where_it_is,
);

fn call_alpha(handle: &mut CalloutHandle<'_>) -> alpha::NextStep {
    let mut digits = String::new();
    alpha::call(handle, || alpha::Args { digits: &mut digits })
}

fn call_delta(handle: &mut CalloutHandle<'_>) -> delta::NextStep {
    let mut digits = String::new();
    delta::call(handle, || delta::Args { digits: &mut digits })
}

/// Watches and does nothing.
struct Nothing;

impl Observer for Nothing {}

// 41
fn a_call_without_callouts_answers_continue(origin: Origin) {
    let hooks = loaded(origin, &["a"]);
    let skip = alpha::callout(|_, _| alpha::NextStep::Skip);
    hooks.post_callouts_library_handle().register_callout(&skip).unwrap();
    let index = hooks.register_hook("kea_without_callouts");
    let index = index.or_else(|_| hooks.hook_index("kea_without_callouts")).unwrap();
    let mut request = hooks.handle();
    for watched in [false, true] {
        hooks.set_observer(watched.then(|| Arc::new(Nothing) as Arc<dyn Observer>));
        assert!(call_alpha(&mut request).is_skip());
        assert!(call_delta(&mut request).is_continue());
        // A call answers for itself. What the handle tells is the status of the last call that had callouts.
        assert_eq!(request.status(), NextStep::Skip);
        assert_eq!(request.decided_by().unwrap().hook(), "alpha");
        // A call by index sets it back, as in the reference.
        assert_eq!(request.call_callouts(index).unwrap(), NextStep::Continue);
        assert_eq!(request.status(), NextStep::Continue);
        assert!(request.decided_by().is_none());
    }
}

// 41
fn a_hook_point_that_others_use_is_idle_here(origin: Origin) {
    let others = loaded(origin, &["a"]);
    change(&others, "a", register("beta", 1));
    let hooks = hooks_tests::hooks();
    let skip = alpha::callout(|_, _| alpha::NextStep::Skip);
    hooks.pre_callouts_library_handle().register_callout(&skip).unwrap();
    let mut request = hooks.handle();
    assert!(call_alpha(&mut request).is_skip());
    let mut digits = String::new();
    assert!(beta::call(&mut request, || beta::Args { digits: &mut digits }).is_continue());
    assert_eq!((digits.as_str(), request.status()), ("", NextStep::Skip));
    assert!(!beta::callouts_present(&request) && beta::callouts_present(&others.handle()));
}

// 41
#[test]
fn an_index_that_cannot_be_called_is_refused() {
    let hooks = hooks_tests::hooks();
    let error = hooks.handle().call_callouts(hooks.hook_index("alpha").unwrap()).unwrap_err();
    assert!(error.is_hook_point());
    let text = error.to_string();
    assert_eq!(text, "the hook point `alpha` has declared arguments; call it as `alpha::call`");
}

// 42, 43
fn a_failing_callout_in_any_place_stops_nobody(origin: Origin) {
    let failures = [(json!({"error": "bad luck"}), "bad luck"), (json!({"panic": "ouch"}), "ouch")];
    for (failure, text) in failures {
        for place in 0..3 {
            let library = |which: usize| {
                let mut actions = vec![json!({"append": which.to_string()}), json!("status")];
                if which == place {
                    actions.push(json!({"end": failure}));
                }
                script(origin, "a", json!({"sent": actions}))
            };
            let hooks = hooks_tests::hooks();
            hooks.load_libraries((0..3).map(library).collect()).unwrap();
            let (mut request, mut packet) = (hooks.handle(), Packet::default());
            let (step, log) = logged(|| send(&mut request, &mut packet));
            assert!(step.is_drop());
            assert_eq!(packet.text, "012", "all have run");
            let seen: Vec<_> = (0..3).map(|which| if which > place { "DROP" } else { "CONTINUE" }).collect();
            assert_eq!(packet.trace, seen);
            assert_eq!(log.matches("callout failed").count(), 1, "{log}");
            assert!(log.contains(text) && log.contains("hook=\"sent\""), "{log}");
        }
    }
}

// 44
fn no_callout_stops_the_chain(origin: Origin) {
    let actions: [Value; 4] = [
        json!(["status", {"return": "drop"}]),
        json!(["status", {"set": "skip"}]),
        json!(["status", {"end": {"panic": "ouch"}}]),
        json!(["status", {"append": "last"}]),
    ];
    let hooks = hooks_tests::hooks();
    let library = |actions: &Value| script(origin, "a", json!({"sent": actions}));
    hooks.load_libraries(actions.iter().map(library).collect()).unwrap();
    let mut packet = Packet::default();
    assert!(send(&mut hooks.handle(), &mut packet).is_drop());
    assert_eq!(packet.trace, ["CONTINUE", "DROP", "SKIP", "DROP"]);
    assert_eq!(packet.text, "last");
}

// 45
fn a_callout_knows_where_it_is(origin: Origin) {
    let library = |name: &str| {
        let load = json!([register("alpha", 1), register("beta", 1)]);
        digits(origin, name, json!({"load": load, "when": {"1": ["where"]}}))
    };
    let hooks = hooks_tests::hooks();
    hooks.load_libraries(vec![library("a")]).unwrap();
    let tell = Callout::by_name("alpha", |handle: &mut CalloutHandle<'_>, arguments: &mut hooks::Arguments<'_>| {
        let place = format!("[{} {}]", handle.hook_name(), handle.library_name());
        arguments.get_mut::<String>("digits").map(|digits| digits.push_str(&place))
    });
    hooks.pre_callouts_library_handle().register_callout(&tell).unwrap();
    let mut request = hooks.handle();
    let mut seen = String::new();
    assert!(alpha::call(&mut request, || alpha::Args { digits: &mut seen }).is_continue());
    assert!(beta::call(&mut request, || beta::Args { digits: &mut seen }).is_continue());
    assert_eq!(seen, "[alpha pre-callouts]1[alpha digits]1[beta digits]");
    assert_eq!((request.hook_name(), request.library_name()), (String::new(), String::new()));
}
