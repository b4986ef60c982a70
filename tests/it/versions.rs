//! Plugins that were built against an older form of the interface crate.

use fixture_api::versions::{appended, unchanged};
use hooks::{Hooks, LibraryConfig, Source};
use hooks_tests::{Journal, Origin, logged, script, shared, text_of, with_one_callout};
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
    let text = refusal(shared(name));
    let place = format!("plugin `{name}` {}, callout `{callout}`, hook point `{hook}`: ", env!("CARGO_PKG_VERSION"));
    for part in parts.iter().chain([&&*place, &"libfixture_outdated_"]) {
        assert!(text.contains(part), "{part:?} is missing in {text:?}");
    }
    assert!(text.contains(WAY_OUT), "{text}");
}

/// What each refusal of an outdated library ends with.
const WAY_OUT: &str =
    "; rebuild the library with the version and the features of the interface crate that the host has (it declares `";

/// Why the library is refused; the set that runs is not touched.
fn refusal(source: Source) -> String {
    let hooks = hooks_tests::hooks();
    let running = script(Origin::Shared, "a", json!({"received": [{"append": "a"}]}));
    hooks.load_libraries(vec![running.clone()]).unwrap();
    let error = hooks.reload(vec![running, LibraryConfig::new(source)]).unwrap_err();
    assert!(error.is_refused());
    assert_eq!(text_of(&hooks), "a");
    assert_eq!(hooks.libraries().len(), 1);
    error.to_string()
}

/// The library `outdated-types`, of whose callouts only `callout` is left, is refused with an error that contains `difference`.
fn type_refused(callout: &str, hook: &str, difference: &str) {
    let journal = Journal::new();
    let text = refusal(with_one_callout("outdated-types", callout, &journal.beside("libone.so")));
    let place = format!(
        "plugin `outdated-types` {}, callout `{callout}`, hook point `{hook}`: {difference}{WAY_OUT}{hook}` at ",
        env!("CARGO_PKG_VERSION")
    );
    assert!(text.contains(&place), "{place:?} is missing in {text:?}");
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

#[test]
fn an_argument_behind_one_that_was_inserted() {
    let difference = "argument `after`: the host has it at byte 16 of the arguments, the library at byte 8";
    type_refused("use_after", "inserted", difference);
}

#[test]
fn fields_in_another_order() {
    let at = |ty: &str| format!("argument `value`, type `fixture_api::versions::{ty}`");
    // Where the compiler chooses the places, both may have chosen the same.
    let journal = Journal::new();
    let text = refusal(with_one_callout("outdated-types", "use_swapped", &journal.beside("libone.so")));
    assert!(text.contains(&at("Swapped")) && text.contains(WAY_OUT), "{text}");
    let order = text.contains(": the fields are declared in another order");
    assert!(order || text.contains(", field `first`: the host has it at byte "), "{text}");
    let moved = ", field `first`: the host has it at byte 0, the library at byte 4";
    type_refused("use_swapped_c", "swapped_c", &(at("SwappedC") + moved));
}

#[test]
fn enums_that_have_changed() {
    let at = |ty: &str| format!("argument `value`, type `fixture_api::versions::{ty}`");
    let gone = ": the host has a variant `New`, the library has none";
    type_refused("use_extended", "extended", &(at("Extended") + gone));
    let turned = ": the host has the variant `One` where the library has `Two`";
    type_refused("use_turned", "turned", &(at("Turned") + turned));
    let refilled = ", variant `Filled`, field `0`: the host's type is `i32`, the library's is `u32`";
    type_refused("use_refilled", "refilled", &(at("Refilled") + refilled));
}

#[test]
fn an_interface_crate_with_other_features() {
    let difference = "argument `value`, type `fixture_api::versions::Featured`: the host has a field `wide: u64`, the library has none";
    type_refused("use_featured", "featured", difference);
}

#[test]
fn of_many_differences_the_first_is_told_and_their_number() {
    let text = refusal(shared("outdated-types"));
    assert!(text.ends_with("; and 6 more, which `hooks check` lists"), "{text}");
    assert!(text.contains("plugin `outdated-types` ") && text.contains("argument `"), "{text}");
}
