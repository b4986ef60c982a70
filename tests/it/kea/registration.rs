//! Hook points by name and by index: declared, registered at run time, never gone again.

use hooks::{HookIndex, Hooks, NextStep, command_to_hook_name, hook_to_command_name};
use hooks_tests::{Origin, both, logged};
use serde_json::json;

use super::digits::{change, digits, loaded, register_closure};

both!(
    a_library_that_is_loaded_again_registers_its_hook_points_again,
    hook_points_stay_when_their_library_is_gone,
    a_library_is_refused_a_name_that_is_taken,
    two_spellings_of_a_command_are_one,
    a_hook_point_registered_after_loading_is_called,
);

// 1
#[test]
fn the_two_reserved_hook_points_come_first() {
    let hooks = hooks_tests::hooks();
    assert_eq!(hooks.hook_names()[..2], ["context_create", "context_destroy"]);
    assert_eq!(hooks.hook_index("context_create").unwrap(), HookIndex::CONTEXT_CREATE);
    assert_eq!(hooks.hook_index("context_destroy").unwrap(), HookIndex::CONTEXT_DESTROY);
    assert_eq!(HookIndex::CONTEXT_CREATE.to_string(), "0");
    assert_eq!(HookIndex::CONTEXT_DESTROY.to_string(), "1");
}

// 2
#[test]
fn indexes_ascend_without_gaps() {
    let hooks = hooks_tests::hooks();
    let one = hooks.register_hook("kea_ascending_one").unwrap();
    let two = hooks.register_hook("kea_ascending_two").unwrap();
    assert!(HookIndex::CONTEXT_DESTROY < one && one < two, "{one} {two}");
    for (place, name) in hooks.hook_names().iter().enumerate() {
        assert_eq!(hooks.hook_index(name).unwrap().to_string(), place.to_string(), "{name}");
    }
}

// 3
#[test]
fn a_name_that_is_registered_elsewhere_is_refused() {
    let hooks = hooks_tests::hooks();
    let index = hooks.register_hook("kea_twice").unwrap();
    let error = hooks.register_hook("kea_twice").unwrap_err();
    assert!(error.is_hook_point());
    let text = error.to_string();
    assert!(text.starts_with("the hook point `kea_twice` is registered twice: at "), "{text}");
    assert_eq!(text.matches("registration.rs:").count(), 2, "both places are named: {text}");
    assert_eq!(hooks.hook_index("kea_twice").unwrap(), index, "the first one stays");
}

// 3
#[test]
fn a_declared_name_is_refused() {
    let text = hooks_tests::hooks().register_hook("received").unwrap_err().to_string();
    assert!(text.contains("`received` is registered twice") && text.contains("api/src/lib.rs:"), "{text}");
}

// 3
#[test]
fn reserved_names_are_refused() {
    for name in ["context_create", "context_destroy"] {
        let error = hooks_tests::hooks().register_hook(name).unwrap_err();
        let text = error.to_string();
        assert!(error.is_hook_point() && text.contains("is reserved: the framework declares it at "), "{text}");
        assert!(text.contains("and calls it for each request; choose another name"), "{text}");
    }
}

// 3
#[test]
fn the_same_place_may_register_its_name_again() {
    let register = |hooks: &Hooks| hooks.register_hook("kea_again").unwrap();
    let hooks = hooks_tests::hooks();
    let index = register(&hooks);
    assert_eq!(register(&hooks), index);
    assert_eq!(register(&hooks_tests::hooks()), index, "also for another `Hooks`");
}

// 3
fn a_library_that_is_loaded_again_registers_its_hook_points_again(origin: Origin) {
    let hooks = hooks_tests::hooks();
    let library = || digits(origin, "a", json!({"load": [{"register-hook": "kea_of_library"}]}));
    hooks.load_libraries(vec![library()]).unwrap();
    let index = hooks.hook_index("kea_of_library").unwrap();
    assert!(hooks.unload_libraries());
    hooks.load_libraries(vec![library(), library()]).unwrap();
    assert_eq!(hooks.hook_index("kea_of_library").unwrap(), index);
}

// 3
fn a_library_is_refused_a_name_that_is_taken(origin: Origin) {
    for (name, expected) in [("sent", "is registered twice"), ("context_create", "is reserved"), ("", "cannot be")] {
        let library = digits(origin, "a", json!({"load": [{"register-hook": name}]}));
        let error = hooks_tests::hooks().load_libraries(vec![library]).unwrap_err();
        assert!(error.is_load() && error.to_string().contains(expected), "{error}");
    }
}

// 4
#[test]
fn names_that_cannot_be_used_are_refused() {
    let hooks = hooks_tests::hooks();
    for name in ["", "$kea", "$", "command_callout", "two\nlines", "nul\0", "bell\u{7}"] {
        let error = hooks.register_hook(name).unwrap_err();
        let text = error.to_string();
        assert!(error.is_hook_point() && text.contains("cannot be a hook point's name"), "{text}");
        assert!(text.contains("must not be empty, begin with `$` (commands do)"), "{text}");
        assert!(!text.contains(char::is_control), "{text:?}");
        assert_eq!(hooks.find_hook_index(name), None);
    }
}

// 4
#[test]
fn all_other_names_can_be_used() {
    let hooks = hooks_tests::hooks();
    for name in ["kea with spaces", "KEA_CAPITAL", "käse", "kea-4", "pow", "kea$money"] {
        let index = hooks.register_hook(name).unwrap();
        assert_eq!(hooks.hook_name(index).unwrap(), name);
        assert_eq!(hooks.handle().call_callouts(index).unwrap(), NextStep::Continue);
    }
}

// 5
fn hook_points_stay_when_their_library_is_gone(origin: Origin) {
    let hooks = hooks_tests::hooks();
    let load = json!([{"register-hook": "kea_staying"}, {"register-command": {"command": "kea-staying", "digit": 1}}]);
    hooks.load_libraries(vec![digits(origin, "a", json!({"load": load}))]).unwrap();
    let (index, command) = (hooks.hook_index("kea_staying").unwrap(), hooks.hook_index("$kea_staying").unwrap());
    assert!(hooks.unload_libraries());
    drop(hooks);
    let later = hooks_tests::hooks();
    assert_eq!(later.hook_index("kea_staying").unwrap(), index);
    assert_eq!(later.hook_index("$kea_staying").unwrap(), command);
    assert!(!later.callouts_present(command).unwrap());
}

// 6
#[test]
fn an_unknown_name_is_an_error_or_nothing() {
    let hooks = hooks_tests::hooks();
    let error = hooks.hook_index("kea_nowhere").unwrap_err();
    assert!(error.is_hook_point());
    let text = error.to_string();
    assert!(text.starts_with("no hook point has the name `kea_nowhere`; there are: context_create, "), "{text}");
    assert_eq!(hooks.find_hook_index("kea_nowhere"), None);
    assert_eq!(hooks.find_hook_index("context_destroy"), Some(HookIndex::CONTEXT_DESTROY));
}

// 7
#[test]
fn each_index_has_its_name() {
    let hooks = hooks_tests::hooks();
    hooks.register_hook("kea_named").unwrap();
    let names = hooks.hook_names();
    assert!(names.contains(&"kea_named".to_owned()));
    for name in names {
        assert_eq!(hooks.hook_name(hooks.hook_index(&name).unwrap()).unwrap(), name);
    }
}

// 8
#[test]
fn hook_points_are_listed_and_counted() {
    let hooks = hooks_tests::hooks();
    let (before, count_before) = (hooks.hook_names(), hooks.hook_count());
    let new = ["kea_counted_1", "kea_counted_2", "kea_counted_3", "kea_counted_4"];
    for name in new {
        hooks.register_hook(name).unwrap();
    }
    let (count, after) = (hooks.hook_count(), hooks.hook_names());
    // Other tests register hook points at the same time; none goes.
    assert!(before.len() <= count_before && count_before + new.len() <= count && count <= after.len());
    assert_eq!(after[..before.len()], before, "in the order of their indexes");
    for name in new {
        assert_eq!(after[before.len()..].iter().filter(|known| *known == name).count(), 1, "{name}");
    }
}

// 10
#[test]
fn commands_have_names_of_hook_points() {
    for (command, hook) in [("x-y-z", "$x_y_z"), ("foo-bar_foo", "$foo_bar_foo"), ("", "$")] {
        assert_eq!(command_to_hook_name(command), hook);
    }
    for (hook, command) in [("$x_y_z", "x-y-z"), ("$foo_bar-foo", "foo-bar-foo"), ("$", ""), ("received", "")] {
        assert_eq!(hook_to_command_name(hook), command);
    }
}

// 10
fn two_spellings_of_a_command_are_one(origin: Origin) {
    let hooks = loaded(origin, &["a"]);
    change(&hooks, "a", json!({"register-command": {"command": "kea-one_two", "digit": 1}}));
    assert!(hooks.command_handlers_present("kea_one-two") && hooks.command_handlers_present("kea-one-two"));
    assert_eq!(hooks.commands(), ["a-change", "kea-one-two"]);
}

// 11
#[test]
fn declared_hook_points_are_there_without_any_code_and_registering_logs_nothing() {
    let (hooks, log) = logged(|| {
        let hooks = hooks_tests::hooks();
        hooks.register_hook("kea_quiet").unwrap();
        hooks
    });
    assert_eq!(log, "");
    for name in ["received", "alpha", "sequence"] {
        assert!(hooks.find_hook_index(name).is_some(), "{name}");
    }
}

// 12
fn a_hook_point_registered_after_loading_is_called(origin: Origin) {
    let hooks = loaded(origin, &["a"]);
    let mut request = hooks.handle();
    let name = format!("kea_late_{origin:?}");
    let index = hooks.register_hook(&name).unwrap();
    assert!(!hooks.callouts_present(index).unwrap());
    request.set_argument("digits", String::new()).unwrap();
    assert_eq!(request.call_callouts(index).unwrap(), NextStep::Continue);
    assert_eq!(change(&hooks, "a", json!({"deregister-all": name})), "false");
    assert_eq!(change(&hooks, "a", register_closure(&name, 4)), "registered");
    assert!(hooks.callouts_present(index).unwrap());
    // A request that was there before the hook point sees it as well: its set of libraries is the same.
    assert_eq!(request.call_callouts(index).unwrap(), NextStep::Continue);
    assert_eq!(request.argument::<String>("digits").unwrap(), "4");
}
