//! Callouts are deregistered by the library that registered them, and by no other.

use hooks_tests::{Origin, both};
use serde_json::json;

use super::digits::{
    add_to_alpha, alpha, beta, change, deregister, deregister_closure, loaded, register, register_closure,
};

both!(
    a_callout_is_deregistered,
    it_is_deregistered_once,
    all_registrations_of_a_callout_go_at_once,
    other_libraries_keep_theirs,
    functions_and_closures_are_told_apart,
    all_callouts_of_a_library_go_from_one_hook_point,
    hook_points_with_the_same_callouts_do_not_interfere,
    what_is_not_there_cannot_be_deregistered,
    the_component_and_libraries_do_not_reach_each_other,
);

// 35
fn a_callout_is_deregistered(origin: Origin) {
    let hooks = loaded(origin, &["a"]);
    change(&hooks, "a", register("alpha", 1));
    assert_eq!(alpha(&hooks), "1");
    assert_eq!(change(&hooks, "a", deregister("alpha", 1)), "true");
    assert_eq!(alpha(&hooks), "");
    assert!(!hooks.callouts_present(hooks.hook_index("alpha").unwrap()).unwrap());
}

// 35
fn it_is_deregistered_once(origin: Origin) {
    let hooks = loaded(origin, &["a"]);
    change(&hooks, "a", register("alpha", 1));
    change(&hooks, "a", register("alpha", 2));
    assert_eq!(change(&hooks, "a", deregister("alpha", 1)), "true");
    assert_eq!(alpha(&hooks), "2");
    assert_eq!(change(&hooks, "a", deregister("alpha", 1)), "false");
    assert_eq!(alpha(&hooks), "2");
}

// 35
fn all_registrations_of_a_callout_go_at_once(origin: Origin) {
    let hooks = loaded(origin, &["a"]);
    for digit in [1, 2, 1, 2, 3, 3, 2] {
        change(&hooks, "a", register("alpha", digit));
    }
    assert_eq!(alpha(&hooks), "1212332");
    for (digit, rest) in [(2, "1133"), (1, "33"), (3, "")] {
        assert_eq!(change(&hooks, "a", deregister("alpha", digit)), "true");
        assert_eq!(alpha(&hooks), rest);
    }
}

// 35
fn other_libraries_keep_theirs(origin: Origin) {
    let hooks = loaded(origin, &["a", "b"]);
    for (library, digit) in [("a", 1), ("b", 2), ("a", 2), ("b", 1), ("b", 2)] {
        change(&hooks, library, register("alpha", digit));
    }
    assert_eq!(alpha(&hooks), "12212");
    assert_eq!(change(&hooks, "b", deregister("alpha", 2)), "true");
    assert_eq!(alpha(&hooks), "121", "the first library's same function stays");
    assert_eq!(change(&hooks, "b", deregister("alpha", 2)), "false");
    assert_eq!(change(&hooks, "a", deregister("alpha", 1)), "true");
    assert_eq!(alpha(&hooks), "21");
}

// 35
fn functions_and_closures_are_told_apart(origin: Origin) {
    let hooks = loaded(origin, &["a", "b"]);
    for library in ["a", "b"] {
        change(&hooks, library, register_closure("alpha", 1));
        change(&hooks, library, register("alpha", 1));
        change(&hooks, library, register_closure("alpha", 2));
    }
    assert_eq!(alpha(&hooks), "112112");
    assert_eq!(change(&hooks, "a", deregister_closure("alpha", 1)), "true");
    assert_eq!(change(&hooks, "a", deregister_closure("alpha", 1)), "false");
    assert_eq!(alpha(&hooks), "12112");
    assert_eq!(change(&hooks, "a", deregister("alpha", 1)), "true");
    assert_eq!(change(&hooks, "a", deregister("alpha", 2)), "false", "the closure is not the function");
    assert_eq!(alpha(&hooks), "2112");
}

// 36
fn all_callouts_of_a_library_go_from_one_hook_point(origin: Origin) {
    let hooks = loaded(origin, &["a", "b"]);
    for library in ["a", "b"] {
        for digit in [1, 2] {
            change(&hooks, library, register("alpha", digit));
            change(&hooks, library, register_closure("beta", digit));
        }
    }
    assert_eq!(change(&hooks, "b", json!({"deregister-all": "alpha"})), "true");
    assert_eq!((alpha(&hooks).as_str(), beta(&hooks).as_str()), ("12", "1212"));
    assert_eq!(change(&hooks, "b", json!({"deregister-all": "alpha"})), "false");
    assert_eq!(change(&hooks, "a", json!({"deregister-all": "alpha"})), "true");
    assert_eq!((alpha(&hooks).as_str(), beta(&hooks).as_str()), ("", "1212"));
}

// 33, 35
fn hook_points_with_the_same_callouts_do_not_interfere(origin: Origin) {
    let hooks = loaded(origin, &["a", "b"]);
    for hook in ["alpha", "beta"] {
        for (library, digit) in [("a", 1), ("a", 2), ("b", 1), ("b", 3)] {
            change(&hooks, library, register(hook, digit));
        }
    }
    change(&hooks, "a", register("beta", 4));
    assert_eq!((alpha(&hooks).as_str(), beta(&hooks).as_str()), ("1213", "12413"));
    assert_eq!(change(&hooks, "a", deregister("beta", 1)), "true");
    assert_eq!((alpha(&hooks).as_str(), beta(&hooks).as_str()), ("1213", "2413"));
    assert_eq!(change(&hooks, "b", json!({"deregister-all": "alpha"})), "true");
    assert_eq!((alpha(&hooks).as_str(), beta(&hooks).as_str()), ("12", "2413"));
}

// 32, 36
fn what_is_not_there_cannot_be_deregistered(origin: Origin) {
    let hooks = loaded(origin, &["a"]);
    assert_eq!(change(&hooks, "a", deregister("alpha", 1)), "false");
    assert_eq!(change(&hooks, "a", json!({"deregister-all": "alpha"})), "false");
    // A closure for a hook point that nobody has registered can be made, but it is nowhere.
    assert_eq!(change(&hooks, "a", deregister_closure("kea_no_such_point", 1)), "false");
    let answer = change(&hooks, "a", json!({"deregister-all": "kea_no_such_point"}));
    assert!(answer.starts_with("no hook point has the name `kea_no_such_point`; there are: "), "{answer}");
}

// 38
fn the_component_and_libraries_do_not_reach_each_other(origin: Origin) {
    let hooks = loaded(origin, &["a"]);
    let (pre, post) = (hooks.pre_callouts_library_handle(), hooks.post_callouts_library_handle());
    let callout = add_to_alpha(&pre, '1');
    post.register_callout(&callout).unwrap();
    change(&hooks, "a", register("alpha", 5));
    assert_eq!(alpha(&hooks), "151");
    assert_eq!(change(&hooks, "a", json!({"deregister-all": "alpha"})), "true");
    assert_eq!(alpha(&hooks), "11");
    assert!(post.deregister_callout(&callout));
    assert!(!post.deregister_callout(&callout));
    assert_eq!(alpha(&hooks), "1");
    assert!(!post.deregister_all_callouts("alpha").unwrap());
    assert!(pre.clone().deregister_callout(&callout.clone()), "a clone is the same handle, and the same callout");
    assert_eq!(alpha(&hooks), "");
}
