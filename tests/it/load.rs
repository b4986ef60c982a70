//! Loading: parameters, failures of `load`, and all or nothing.

use fixture_api::Packet;
use hooks::{LibraryConfig, Source};
use hooks_tests::{Journal, Origin, both, receive, script, shared, text_of};
use serde_json::{Value, json};

both!(
    wrong_parameters_are_shown_with_the_path_to_them,
    a_load_that_fails_says_why,
    the_first_two_go_in_reverse_order_when_the_third_fails,
    no_code_runs_if_a_library_of_the_set_cannot_be_used,
    after_a_failed_load_nothing_is_loaded,
    a_set_in_use_cannot_be_loaded_over,
    an_old_request_without_libraries_hinders_nobody,
);

fn error_of(configs: Vec<LibraryConfig>) -> hooks::Error {
    let hooks = hooks_tests::hooks();
    let error = hooks.load_libraries(configs).unwrap_err();
    assert!(hooks.libraries().is_empty() && hooks.callouts().is_empty());
    error
}

fn wrong_parameters_are_shown_with_the_path_to_them(origin: Origin) {
    let cases = [
        (json!({"received": ["count", {"apend": "x"}]}), "`parameters.received[1]`: unknown variant `apend`"),
        (json!({"ballast": "much"}), "`parameters.ballast`: invalid type: string \"much\", expected usize"),
        (json!({"load": {"panic": 5}}), "`parameters.load.panic`: invalid type: integer `5`, expected a string"),
        (json!({"naem": "x"}), "`parameters.naem`: unknown field `naem`"),
    ];
    for (parameters, expected) in cases {
        let error = error_of(vec![script(origin, "a", parameters)]);
        assert!(error.is_load(), "{error}");
        let text = error.to_string();
        assert!(text.contains(expected), "{text}");
        assert!(text.contains("`scripted`") && text.contains(&origin.plugin("scripted").to_string()), "{text}");
        assert!(!text.contains(" line "), "a line of parameters that were rewritten misleads: {text}");
    }
    let none = LibraryConfig::new(origin.plugin("scripted"));
    let cases = [
        (none.clone(), "missing field `name`"),
        (none.clone().parameters(Value::Null), "invalid type: null"),
        (none.parameters(json!(["a"])), "`parameters"),
        (
            LibraryConfig::new(origin.plugin("ordered")).parameters(json!("a")),
            "`parameters`: invalid type: string \"a\"",
        ),
    ];
    for (config, expected) in cases {
        let text = error_of(vec![config]).to_string();
        assert!(text.contains(expected), "{text}");
    }
}

fn a_load_that_fails_says_why(origin: Origin) {
    let cases = [
        (json!({"error": "no database"}), "no database: an error occurred when formatting an argument"),
        (json!({"panic": "no idea"}), "`load` panicked: no idea"),
        (json!("bomb"), "`load` panicked: a panic with a value that is no text"),
    ];
    for (load, expected) in cases {
        let error = error_of(vec![script(origin, "a", json!({"load": load}))]);
        assert!(error.is_load());
        let text = error.to_string();
        assert!(text.contains("library `scripted` from ") && text.contains(expected), "{text}");
    }
}

/// Ways in which a library fails to load.
fn failures(origin: Origin) -> Vec<LibraryConfig> {
    vec![
        script(origin, "c", json!({"load": {"error": "no"}})),
        script(origin, "c", json!({"load": {"panic": "no"}})),
        script(origin, "c", json!({"unknown": 1})),
    ]
}

/// Libraries that are not there, or do not fit.
fn unusable() -> Vec<LibraryConfig> {
    vec![
        LibraryConfig::new(Source::File("/nowhere/libnothing.so".into())),
        LibraryConfig::new(Source::Builtin("nothing".into())),
        LibraryConfig::new(shared("outdated-removed")),
        LibraryConfig::new(shared("stray")),
    ]
}

fn the_first_two_go_in_reverse_order_when_the_third_fails(origin: Origin) {
    for third in failures(origin) {
        let (journal, hooks) = (Journal::new(), hooks_tests::hooks());
        let library = |name| script(origin, name, json!({"journal": journal.path()}));
        let error = hooks.load_libraries(vec![library("a"), library("b"), third]).unwrap_err();
        let expected = ["a load", "b load", "b unload", "b drop after 0 calls", "a unload", "a drop after 0 calls"];
        assert_eq!(journal.take(), expected, "{error}");
        assert!(hooks.libraries().is_empty());
    }
}

fn no_code_runs_if_a_library_of_the_set_cannot_be_used(origin: Origin) {
    for third in unusable() {
        let (journal, hooks) = (Journal::new(), hooks_tests::hooks());
        let library = |name| script(origin, name, json!({"journal": journal.path()}));
        let error = hooks.load_libraries(vec![library("a"), library("b"), third]).unwrap_err();
        assert!(error.is_not_found() || error.is_refused(), "{error}");
        assert_eq!(journal.take(), [""; 0], "{error}");
        assert!(hooks.libraries().is_empty());
    }
}

fn after_a_failed_load_nothing_is_loaded(origin: Origin) {
    for bad in failures(origin).into_iter().chain(unusable()) {
        let (journal, hooks) = (Journal::new(), hooks_tests::hooks());
        let good = script(origin, "a", json!({"journal": journal.path(), "received": [{"append": "a"}]}));
        hooks.load_libraries(vec![good.clone()]).unwrap();
        hooks.load_libraries(vec![bad]).unwrap_err();
        assert_eq!(journal.take(), ["a load", "a unload", "a drop after 0 calls"]);
        assert_eq!((text_of(&hooks).as_str(), hooks.libraries().len(), hooks.callouts().len()), ("", 0, 0));
        hooks.load_libraries(vec![good]).unwrap();
        assert_eq!(text_of(&hooks), "a");
    }
}

fn a_set_in_use_cannot_be_loaded_over(origin: Origin) {
    let (journal, hooks) = (Journal::new(), hooks_tests::hooks());
    let library = |name| script(origin, name, json!({"journal": journal.path()}));
    hooks.load_libraries(vec![library("a")]).unwrap();
    let request = hooks.handle();
    let error = hooks.load_libraries(vec![library("b")]).unwrap_err();
    assert!(error.is_still_open(), "{error}");
    assert_eq!(journal.take(), ["a load", "a unload"]);
    drop(request);
    hooks.load_libraries(vec![library("b")]).unwrap();
    assert_eq!(journal.take(), ["a drop after 0 calls", "b load"]);
}

fn an_old_request_without_libraries_hinders_nobody(origin: Origin) {
    let hooks = hooks_tests::hooks();
    let library = |text| script(origin, "a", json!({"received": [{"append": text}]}));
    let mut request = hooks.handle();
    hooks.load_libraries(vec![library("x")]).unwrap();
    assert_eq!(text_of(&hooks), "x");
    hooks.reload(vec![library("y")]).unwrap();
    assert_eq!(text_of(&hooks), "y");
    let mut packet = Packet::default();
    assert!(receive(&mut request, &mut packet).is_continue());
    assert_eq!(packet.text, "");
    drop(request);
    assert!(hooks.unload_libraries());
}
