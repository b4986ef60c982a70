//! Parameters: what a library is loaded with.

use fixture_api::sequence;
use hooks::{Hooks, LibraryConfig};
use hooks_tests::{Journal, Origin, both, logged, script, text_of};
use serde_json::{Value, json};

both!(
    parameters_arrive_with_their_types,
    a_library_says_itself_what_does_not_fit,
    libraries_and_their_parameters_are_listed,
    parameters_that_do_not_fit_leave_the_old_set,
    a_set_is_compared_by_order_and_length,
);

fn all() -> Value {
    json!({"svalue": "string value", "ivalue": 42, "bvalue": true, "nested": {"list": [1, 2, 3]},
        "z": {"free": ["form", null]}, "a": 1.5})
}

fn parameterized(origin: Origin, parameters: Value) -> LibraryConfig {
    LibraryConfig::new(origin.plugin("parameterized")).parameters(parameters)
}

fn told(hooks: &Hooks) -> Vec<String> {
    let mut trace = Vec::new();
    let _ = sequence::call(&mut hooks.handle(), || sequence::Args { trace: &mut trace });
    trace
}

// 114
fn parameters_arrive_with_their_types(origin: Origin) {
    let hooks = hooks_tests::hooks();
    let mut other = all();
    other["ivalue"] = json!(43);
    other["nonexistent"] = json!("after all");
    hooks.load_libraries(vec![parameterized(origin, all()), parameterized(origin, other)]).unwrap();
    let told = told(&hooks);
    let expected = [
        "svalue: \"string value\"",
        "ivalue: 42",
        "bvalue: true",
        "nested.list: [1, 2, 3]",
        "nonexistent: None",
        "a: 1.5",
        "z: {\"free\":[\"form\",null]}",
    ];
    assert_eq!(told[..7], expected);
    assert_eq!([&told[8], &told[11]], ["ivalue: 43", "nonexistent: Some(\"after all\")"], "each has its own");
}

// 111, 114, 115
fn a_library_says_itself_what_does_not_fit(origin: Origin) {
    let without = |name: &str| {
        let mut parameters = all();
        parameters.as_object_mut().unwrap().remove(name);
        parameters
    };
    let with = |name: &str, value: Value| {
        let mut parameters = all();
        parameters[name] = value;
        parameters
    };
    let cases = [
        (without("svalue"), "missing field `svalue`"),
        (with("svalue", json!(42)), "invalid type: integer `42`, expected a string"),
        (with("ivalue", json!("42")), "invalid type: string \"42\", expected i64"),
        (with("bvalue", json!("true")), "invalid type: string \"true\", expected a boolean"),
        (with("nested", json!({"list": [1, 999]})), "invalid value: integer `999`, expected u8"),
        (with("ivalue", json!(-1)), "`ivalue` is -1; it must not be negative"),
        (json!(["no", "map"]), "invalid type: sequence"),
        (Value::Null, "invalid type: null"),
    ];
    for (parameters, expected) in cases {
        let hooks = hooks_tests::hooks();
        let error = hooks.load_libraries(vec![parameterized(origin, parameters)]).unwrap_err();
        assert!(error.is_load(), "{error}");
        let text = error.to_string();
        let source = origin.plugin("parameterized").to_string();
        assert!(text.starts_with(&format!("library `parameterized` from {source}: ")), "{text}");
        assert!(text.contains(expected), "{expected}: {text}");
    }
}

// 104
fn libraries_and_their_parameters_are_listed(origin: Origin) {
    let hooks = hooks_tests::hooks();
    assert!(hooks.library_names().is_empty() && hooks.libraries().is_empty());
    let plain = LibraryConfig::new(origin.plugin("by-name"));
    hooks.load_libraries(vec![parameterized(origin, all()), plain]).unwrap();
    assert_eq!(hooks.library_names(), ["parameterized", "by-name"]);
    let libraries = hooks.libraries();
    assert_eq!(libraries[0].source, origin.plugin("parameterized"));
    assert_eq!([&libraries[0].parameters, &libraries[1].parameters], [&all(), &json!({})]);
    assert!(libraries.iter().all(|library| library.multi_threading_compatible && !library.version.is_empty()));
    assert!(hooks.unload_libraries());
    assert!(hooks.library_names().is_empty());
}

// 110, 111, W24
fn parameters_that_do_not_fit_leave_the_old_set(origin: Origin) {
    let hooks = hooks_tests::hooks();
    hooks.load_libraries(vec![parameterized(origin, all())]).unwrap();
    let (error, log) = logged(|| hooks.reload(vec![parameterized(origin, json!({}))]).unwrap_err());
    assert!(error.to_string().contains("missing field"), "{error} {log}");
    assert_eq!(told(&hooks).len(), 7);
    assert_eq!(hooks.libraries()[0].parameters, all());
}

// 112, 113
fn a_set_is_compared_by_order_and_length(origin: Origin) {
    let (journal, hooks) = (Journal::new(), hooks_tests::hooks());
    let library = |name: &str| script(origin, name, json!({"journal": journal.path(), "received": [{"append": name}]}));
    let set = |names: &str| names.chars().map(|name| library(&name.to_string())).collect::<Vec<_>>();
    for (names, loads_and_unloads) in [
        ("ab", vec!["a load", "b load"]),
        // The same, reversed, a part, more than before, and none: each takes effect, and only what changed is touched.
        ("ab", vec![]),
        ("ba", vec![]),
        ("b", vec!["a unload"]),
        ("bc", vec!["c load"]),
        ("", vec!["c unload", "b unload"]),
    ] {
        hooks.reload(set(names)).unwrap();
        assert_eq!(text_of(&hooks), names);
        let lines: Vec<_> = journal.take().into_iter().filter(|line| !line.contains(" drop ")).collect();
        assert_eq!(lines, loads_and_unloads, "{names}");
    }
}
