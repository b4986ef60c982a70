//! What a library is asked when it is loaded, and told when it goes.

use hooks::LibraryConfig;
use hooks_tests::{Journal, Origin, both, logged};
use serde_json::json;

use super::digits::{alpha, beta, change, digits, gamma, loaded, register, register_closure};

both!(
    what_a_failed_load_registered_is_gone,
    a_kept_library_handle_acts_for_its_own_library,
    a_library_without_unload_goes_without_a_word,
    callouts_and_commands_come_with_load_and_go_with_unload,
    a_kept_library_handle_is_refused_when_its_library_is_gone,
    each_library_runs_its_own_functions,
);

// 22
fn what_a_failed_load_registered_is_gone(origin: Origin) {
    for end in ["error", "panic"] {
        let (journal, hooks) = (Journal::new(), hooks_tests::hooks());
        let load = json!([
            register("alpha", 1), register_closure("alpha", 2), {"register-hook": "kea_of_failed_load"},
            {"register-command": {"command": "kea-failed", "digit": 1}}
        ]);
        let changes = json!([{"deregister-all": "alpha"}]);
        let bad = json!({"load": load, "end": end, "journal": journal.path(), "unload": changes, "drop": changes});
        let good = || digits(origin, "good", json!({"load": [register("alpha", 7)]}));
        let error = hooks.load_libraries(vec![good(), digits(origin, "bad", bad)]).unwrap_err();
        assert!(error.is_load() && error.to_string().contains("as it was told"), "{error}");
        assert_eq!((alpha(&hooks).as_str(), hooks.callouts().len()), ("", 0));
        assert_eq!(hooks.commands(), [""; 0]);
        assert!(!hooks.command_handlers_present("kea-failed"));
        assert_eq!(journal.take(), [""; 0], "there is no plugin yet that could be unloaded or dropped");
        // The hook points stay, as always.
        assert!(hooks.find_hook_index("kea_of_failed_load").is_some());
        hooks.load_libraries(vec![good()]).unwrap();
        assert_eq!(alpha(&hooks), "7");
    }
}

// 23
fn a_kept_library_handle_acts_for_its_own_library(origin: Origin) {
    let hooks = loaded(origin, &["a", "b"]);
    assert_eq!(change(&hooks, "b", register("alpha", 2)), "registered");
    assert_eq!(change(&hooks, "a", register("alpha", 1)), "registered");
    assert_eq!(alpha(&hooks), "12", "the library that was loaded first registered last");
    assert_eq!(change(&hooks, "a", json!({"deregister-all": "alpha"})), "true");
    assert_eq!(alpha(&hooks), "2");
}

// 24
fn a_library_without_unload_goes_without_a_word(origin: Origin) {
    let hooks = hooks_tests::hooks();
    hooks.load_libraries(vec![LibraryConfig::new(origin.plugin("by-name"))]).unwrap();
    let (unloaded, log) = logged(|| hooks.unload_libraries());
    assert!(unloaded);
    assert!(!log.contains("ERROR") && !log.contains("WARN"), "{log}");
}

// 25
fn callouts_and_commands_come_with_load_and_go_with_unload(origin: Origin) {
    let hooks = hooks_tests::hooks();
    let load = json!([
        register("alpha", 3), register_closure("beta", 4), {"register-command": {"command": "kea-go-one", "digit": 5}},
        {"register-command": {"command": "kea-go-two", "digit": 6}}
    ]);
    let present = || {
        let points = ["context_create", "context_destroy", "alpha", "beta", "gamma", "delta"];
        let is_present = |name: &str| hooks.callouts_present(hooks.hook_index(name).unwrap()).unwrap();
        (points.map(is_present), hooks.commands())
    };
    let nothing = ([false; 6], Vec::new());
    assert_eq!(present(), nothing);
    for in_two_steps in [false, true] {
        hooks.load_libraries(vec![digits(origin, "a", json!({"load": load}))]).unwrap();
        let commands = ["a-change", "kea-go-one", "kea-go-two"].map(str::to_owned).to_vec();
        assert_eq!(present(), ([false, false, true, true, true, false], commands));
        assert_eq!([alpha(&hooks), beta(&hooks), gamma(&hooks)], ["3", "4", "12"]);
        if in_two_steps {
            hooks.prepare_unload_libraries();
            assert_eq!(present(), nothing);
        }
        assert!(hooks.unload_libraries());
        assert_eq!(present(), nothing);
        assert_eq!([alpha(&hooks), beta(&hooks), gamma(&hooks)], ["", "", ""]);
    }
}

// 25
fn a_kept_library_handle_is_refused_when_its_library_is_gone(origin: Origin) {
    let (journal, hooks) = (Journal::new(), hooks_tests::hooks());
    let last = json!([register("alpha", 1), {"deregister-all": "alpha"}]);
    let parameters = json!({"journal": journal.path(), "unload": last, "drop": last});
    hooks.load_libraries(vec![digits(origin, "a", parameters)]).unwrap();
    assert!(hooks.unload_libraries());
    // While `unload` runs, requests may still be inside of the library.
    assert_eq!(journal.take(), ["registered", "true", "the library `digits` is not loaded any more", "false"]);
    assert_eq!(alpha(&hooks), "");
}

// 30
fn each_library_runs_its_own_functions(origin: Origin) {
    // Both have functions of the same names; each `load` and each callout finds the parameters of its own.
    let library = |name: &str, digit| digits(origin, name, json!({"load": [register("alpha", digit)]}));
    let ordered = || LibraryConfig::new(origin.plugin("ordered"));
    let hooks = hooks_tests::hooks();
    hooks.load_libraries(vec![library("a", 1), ordered(), library("b", 2)]).unwrap();
    assert_eq!(hooks.library_names(), ["digits", "ordered", "digits"]);
    assert_eq!([alpha(&hooks), gamma(&hooks)], ["12", "1212"]);
    assert_eq!(change(&hooks, "b", register("alpha", 3)), "registered");
    // One goes, the other one stays as it is.
    hooks.reload(vec![ordered(), library("b", 2)]).unwrap();
    assert_eq!([alpha(&hooks), gamma(&hooks)], ["23", "12"]);
    assert_eq!(hooks.commands(), ["b-change"]);
}
