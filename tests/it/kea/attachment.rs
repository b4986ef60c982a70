//! Callouts that are attached because they are there, without code in `load`.

use std::fs;

use hooks::LibraryConfig;
use hooks_tests::{Journal, Origin, altered, both, library_path};
use object::{Object, ObjectSymbol};
use serde_json::json;

use super::digits::{deregister, digits, gamma, register};

both!(
    callouts_are_attached_without_code_in_load,
    attached_callouts_come_before_those_that_load_registers,
    load_may_deregister_attached_callouts,
);

// 13
fn callouts_are_attached_without_code_in_load(origin: Origin) {
    let hooks = hooks_tests::hooks();
    hooks.load_libraries(vec![digits(origin, "a", json!({})), digits(origin, "b", json!({}))]).unwrap();
    assert_eq!(gamma(&hooks), "1212");
    let on_gamma = hooks.callouts().into_iter().filter(|callout| callout.hook() == "gamma");
    let names: Vec<_> = on_gamma.map(|callout| callout.callout().to_owned()).collect();
    assert_eq!(names, ["one", "two", "one", "two"], "`three` waits to be registered");
}

// 14
#[test]
fn a_callout_for_a_hook_point_that_is_not_there_is_refused() {
    let hooks = hooks_tests::hooks();
    let library = |origin: Origin| LibraryConfig::new(origin.plugin("late-listener"));
    for origin in [Origin::Shared, Origin::BuiltIn] {
        let error = hooks.load_libraries(vec![library(origin)]).unwrap_err();
        assert!(error.is_refused(), "{error}");
        let text = error.to_string();
        assert!(text.contains("callout `listen`, hook point `registered_late`: no hook point has the name"), "{text}");
        assert!(hooks.libraries().is_empty());
    }
    // One that is registered before the library is loaded is found.
    let index = hooks.register_hook("registered_late").unwrap();
    for origin in [Origin::Shared, Origin::BuiltIn] {
        hooks.load_libraries(vec![library(origin), library(origin)]).unwrap();
        let mut request = hooks.handle();
        request.set_argument("heard", 0_u32).unwrap();
        request.call_callouts(index).unwrap();
        assert_eq!(request.argument::<u32>("heard").unwrap(), &2);
    }
}

// 15
fn attached_callouts_come_before_those_that_load_registers(origin: Origin) {
    let hooks = hooks_tests::hooks();
    let library = |name: &str| digits(origin, name, json!({"load": [register("gamma", 3), register("gamma", 1)]}));
    hooks.load_libraries(vec![library("a"), library("b")]).unwrap();
    assert_eq!(gamma(&hooks), "12311231");
}

// 15
fn load_may_deregister_attached_callouts(origin: Origin) {
    let hooks = hooks_tests::hooks();
    let load = |changes| digits(origin, "a", json!({"load": changes}));
    hooks.load_libraries(vec![load(json!([deregister("gamma", 1), register("gamma", 3)]))]).unwrap();
    assert_eq!(gamma(&hooks), "23");
    hooks.load_libraries(vec![load(json!([deregister("gamma", 1), register("gamma", 1)]))]).unwrap();
    assert_eq!(gamma(&hooks), "21");
    hooks.load_libraries(vec![load(json!([{"deregister-all": "gamma"}]))]).unwrap();
    assert_eq!(gamma(&hooks), "");
    assert!(!hooks.callouts_present(hooks.hook_index("gamma").unwrap()).unwrap());
    // A library that is loaded again begins with all that its attributes say.
    hooks.load_libraries(vec![load(json!([]))]).unwrap();
    assert_eq!(gamma(&hooks), "12");
}

// 16
#[test]
fn symbols_attach_nothing() {
    let bytes = fs::read(library_path("ordered")).unwrap();
    let file = object::File::parse(&*bytes).unwrap();
    let own = file.dynamic_symbols().filter(|symbol| symbol.is_definition() && symbol.is_global());
    let own: Vec<_> = own.map(|symbol| symbol.name().unwrap().to_owned()).collect();
    assert!(own.iter().any(|name| name.starts_with("hooks_library_")), "the library exports something: {own:?}");
    let hooks = hooks_tests::hooks();
    let names = own.iter().map(String::as_str).chain(["cbrt", "malloc", "memcpy", "pthread_create"]);
    let indexes: Vec<_> = names.map(|name| hooks.register_hook(name).unwrap()).collect();
    // Other bytes than those that other tests have loaded: all that is decided is decided now.
    let journal = Journal::new();
    let library = altered("ordered", &journal.beside("libordered.so"), "symbols");
    hooks.load_libraries(vec![LibraryConfig::new(library)]).unwrap();
    assert_eq!(hooks.callouts().len(), 4);
    for index in indexes {
        assert!(!hooks.callouts_present(index).unwrap(), "{}", hooks.hook_name(index).unwrap());
    }
}
