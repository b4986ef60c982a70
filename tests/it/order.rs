//! The order of callouts: libraries as they are configured, callouts of one library as they stand in its source.

use fixture_api::sequence;
use hooks::LibraryConfig;
use hooks_tests::{Origin, both, script, text_of};
use serde_json::json;

both!(libraries_in_the_order_of_the_configuration, callouts_in_the_order_of_the_source);

fn libraries_in_the_order_of_the_configuration(origin: Origin) {
    let library = |name: &str| script(origin, name, json!({"received": [{"append": name}]}));
    let hooks = hooks_tests::hooks();
    hooks.load_libraries(vec![library("a"), library("b"), library("c")]).unwrap();
    assert_eq!(text_of(&hooks), "abc");
    hooks.load_libraries(vec![library("c"), library("b"), library("a")]).unwrap();
    assert_eq!(text_of(&hooks), "cba");
    // A reload keeps the instances and still puts them into the new order.
    hooks.reload(vec![library("b"), library("c"), library("a")]).unwrap();
    assert_eq!(text_of(&hooks), "bca");
}

fn callouts_in_the_order_of_the_source(origin: Origin) {
    let library = |name: &str| LibraryConfig::new(origin.plugin("ordered")).parameters(json!({"name": name}));
    let hooks = hooks_tests::hooks();
    let trace = || {
        let mut trace = Vec::new();
        let step = sequence::call(&mut hooks.handle(), || sequence::Args { trace: &mut trace });
        assert!(step.is_continue());
        trace
    };
    let of = |name: &str| ["zebra", "monkey", "inner zebra", "ape"].map(|callout| format!("{name}: {callout}"));
    hooks.load_libraries(vec![library("x"), library("y")]).unwrap();
    assert_eq!(trace(), [of("x"), of("y")].concat());
    hooks.reload(vec![library("y"), library("x")]).unwrap();
    assert_eq!(trace(), [of("y"), of("x")].concat());
}
