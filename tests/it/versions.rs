//! Plugins that were built against an older form of the interface crate.

use fixture_api::versions::{appended, unchanged};
use hooks::{Hooks, LibraryConfig};
use hooks_tests::{Origin, logged, script, shared, text_of};
use serde_json::json;

fn older() -> Hooks {
    let hooks = hooks_tests::hooks();
    hooks.load_libraries(vec![LibraryConfig::new(shared("older"))]).unwrap();
    hooks
}

#[test]
fn an_argument_that_was_appended_does_no_harm() {
    let hooks = older();
    for (before, after, skip) in [(1, 2, false), (100, 101, true)] {
        let (mut number, extra) = (before, "new".to_owned());
        let step = appended::call(&mut hooks.handle(), || appended::Args { number: &mut number, extra: &extra });
        assert_eq!((number, step.is_skip()), (after, skip));
    }
}

#[test]
fn a_hook_point_known_in_another_form_is_not_called() {
    let hooks = older();
    let mut trace = Vec::new();
    let (step, log) = logged(|| unchanged::call(&mut hooks.handle(), || unchanged::Args { trace: &mut trace }));
    assert!(step.is_continue());
    assert_eq!(trace, ["Skip 5"], "the failure status, and nothing was touched");
    assert!(log.contains("rebuild the library"), "{log}");
}

/// The library `name` is refused with an error that contains `parts`, and the set that runs is not touched.
fn refused(name: &str, callout: &str, hook: &str, parts: &[&str]) {
    let hooks = hooks_tests::hooks();
    let running = script(Origin::Shared, "a", json!({"received": [{"append": "a"}]}));
    hooks.load_libraries(vec![running.clone()]).unwrap();
    let error = hooks.reload(vec![running, LibraryConfig::new(shared(name))]).unwrap_err();
    assert!(error.is_refused());
    let text = error.to_string();
    let place = format!("plugin `{name}` {}, callout `{callout}`, hook point `{hook}`: ", env!("CARGO_PKG_VERSION"));
    for part in parts.iter().chain([&&*place, &"libfixture_outdated_"]) {
        assert!(text.contains(part), "{part:?} is missing in {text:?}");
    }
    assert_eq!(text_of(&hooks), "a");
    assert_eq!(hooks.libraries().len(), 1);
}

#[test]
fn an_argument_that_is_gone() {
    let parts = ["argument `gone`: the host's hook point has no such argument, it has `number`"];
    refused("outdated-removed", "use_gone", "removed", &parts);
}

#[test]
fn an_argument_with_another_name() {
    let parts = ["argument `stale`: the host's hook point has no such argument, it has `fresh`"];
    refused("outdated-renamed", "use_stale", "renamed", &parts);
}

#[test]
fn an_argument_with_another_type() {
    let parts = ["argument `value`: the host's type is `u64`, the library's is `u32`"];
    refused("outdated-retyped", "use_value", "retyped", &parts);
}

#[test]
fn an_argument_in_another_place() {
    let parts = ["argument `two`: the host has it at byte 8 of the arguments, the library at byte 0"];
    refused("outdated-moved", "use_two", "moved", &parts);
}

#[test]
fn a_field_with_another_type() {
    let parts = [
        "argument `record`, type `fixture_api::versions::Record`, field `changed`: the host's type is `u64`, the library's is `u32`",
    ];
    refused("outdated-field", "use_record", "field", &parts);
}

#[test]
fn an_argument_lent_in_another_way() {
    let parts = ["argument `value`: the host lends it as `&u64`, the library was built for `&mut u64`"];
    refused("outdated-lent", "use_value", "lent", &parts);
}

#[test]
fn a_status_that_is_not_honoured_any_more() {
    let parts = ["the library may answer SKIP, which the host's hook point does not honour"];
    refused("outdated-status", "ask_to_skip", "status", &parts);
}
