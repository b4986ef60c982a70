//! A callout calls a hook point with the handle that it is lent, and afterwards is where it was.

use fixture_api::digits::{alpha, beta};
use hooks::{Callout, CalloutHandle, NextStep};
use hooks_tests::{Origin, both, logged};
use serde_json::json;

use super::digits::{digits, register};

both!(
    hook_library_and_context_are_those_of_before,
    the_log_names_the_outer_callout_after_an_inner_call,
    the_status_is_that_of_before,
    a_registration_of_the_outer_callout_is_seen_by_the_inner_call,
);

// 48
fn hook_library_and_context_are_those_of_before(origin: Origin) {
    let outer = json!({"load": [register("alpha", 1), register("alpha", 2)],
        "when": {"1": ["where", {"context": "x"}, "call-beta", "where", {"context": "y"}],
                 "2": ["where", {"context": "z"}]}});
    let inner = json!({"load": [register("beta", 5)], "when": {"5": ["where", {"context": "i"}]}});
    let hooks = hooks_tests::hooks();
    hooks.load_libraries(vec![digits(origin, "outer", outer), digits(origin, "inner", inner)]).unwrap();
    let (mut request, mut seen) = (hooks.handle(), String::new());
    assert!(alpha::call(&mut request, || alpha::Args { digits: &mut seen }).is_continue());
    let expected = "1[alpha digits]{x}(5[beta digits]{i})[alpha digits]{x,y}2[alpha digits]{x,y,z}";
    assert_eq!(seen, expected, "each library has its own context, before and after");
    assert_eq!((request.hook_name(), request.library_name()), (String::new(), String::new()));
    assert_eq!(request.optional_context::<Vec<String>>("items").unwrap(), None, "nothing went astray");
}

// 48
fn the_log_names_the_outer_callout_after_an_inner_call(origin: Origin) {
    let outer = json!({"load": [register("alpha", 1), register("alpha", 2)], "when": {"1": ["call-beta", "fail"]}});
    let inner = json!({"load": [register("beta", 5)]});
    let hooks = hooks_tests::hooks();
    hooks.load_libraries(vec![digits(origin, "outer", outer), digits(origin, "inner", inner)]).unwrap();
    let mut seen = String::new();
    let (step, log) = logged(|| alpha::call(&mut hooks.handle(), || alpha::Args { digits: &mut seen }));
    assert!(step.is_drop());
    assert_eq!(seen, "1(5)2");
    for part in ["hook=\"alpha\"", "library=\"digits\"", "callout=\"one\"", "as it was told"] {
        assert!(log.contains(part), "{part} is missing: {log}");
    }
}

// 48
fn the_status_is_that_of_before(origin: Origin) {
    let hooks = hooks_tests::hooks();
    let library = json!({"load": [register("alpha", 1), register("beta", 5)], "when": {"1": ["call-beta"]}});
    hooks.load_libraries(vec![digits(origin, "a", library)]).unwrap();
    let skip = alpha::callout(|handle, _| handle.set_status(NextStep::Skip));
    let drop_it = beta::callout(|handle, _| {
        assert_eq!(handle.status(), NextStep::Continue);
        beta::NextStep::Drop
    });
    let tell = alpha::callout(|handle, arguments| arguments.digits.push_str(&handle.status().to_string()));
    let (pre, post) = (hooks.pre_callouts_library_handle(), hooks.post_callouts_library_handle());
    pre.register_callout(&skip).unwrap();
    post.register_callout(&drop_it).unwrap();
    post.register_callout(&tell).unwrap();
    let (mut request, mut seen) = (hooks.handle(), String::new());
    assert!(alpha::call(&mut request, || alpha::Args { digits: &mut seen }).is_skip());
    assert_eq!(seen, "1(5!)SKIP");
    assert_eq!((request.status(), request.decided_by().unwrap().hook()), (NextStep::Skip, "alpha"));
}

// 47, 48
fn a_registration_of_the_outer_callout_is_seen_by_the_inner_call(origin: Origin) {
    let when = json!([register("beta", 5), register("alpha", 3), "call-beta"]);
    let library = json!({"load": [register("alpha", 1), register("alpha", 2)], "when": {"1": when}});
    let hooks = hooks_tests::hooks();
    hooks.load_libraries(vec![digits(origin, "a", library)]).unwrap();
    let mut seen = String::new();
    let _ = alpha::call(&mut hooks.handle(), || alpha::Args { digits: &mut seen });
    // The inner call began after the registration, the outer one before.
    assert_eq!(seen, "1(5)2");
}

// 48
#[test]
fn hook_points_registered_at_run_time_nest_as_well() {
    fn note(handle: &mut CalloutHandle<'_>) -> Result<(), hooks::Error> {
        let place = format!("{}/{} ", handle.hook_name(), handle.library_name());
        handle.argument_mut::<String>("trace").map(|trace| trace.push_str(&place))
    }
    let hooks = hooks_tests::hooks();
    let (outer, inner) = (hooks.register_hook("kea_outer").unwrap(), hooks.register_hook("kea_inner").unwrap());
    let call_inner = move |handle: &mut CalloutHandle<'_>, _: &mut hooks::Arguments<'_>| {
        note(handle)?;
        assert_eq!(handle.call_callouts(inner)?, NextStep::Drop);
        note(handle)
    };
    let answer = |handle: &mut CalloutHandle<'_>, _: &mut hooks::Arguments<'_>| note(handle).map(|()| NextStep::Drop);
    hooks.pre_callouts_library_handle().register_callout(&Callout::by_name("kea_outer", call_inner)).unwrap();
    hooks.post_callouts_library_handle().register_callout(&Callout::by_name("kea_inner", answer)).unwrap();
    let mut request = hooks.handle();
    request.set_argument("trace", String::new()).unwrap();
    assert_eq!(request.call_callouts(outer).unwrap(), NextStep::Continue);
    let trace = request.argument::<String>("trace").unwrap();
    assert_eq!(trace, "kea_outer/pre-callouts kea_inner/post-callouts kea_outer/pre-callouts ");
}
