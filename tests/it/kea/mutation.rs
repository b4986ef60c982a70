//! Callouts that are registered and deregistered while a call goes on: it finishes with those that it began with, and the next
//! call has the new ones.

mod threads;

use std::sync::{Arc, Mutex};

use fixture_api::digits::alpha as point;
use hooks::{Callout, Hooks};
use hooks_tests::{Origin, both};
use serde_json::{Value, json};

use super::digits::{add_to_alpha, alpha, alpha_with, beta, change, deregister, digits, register, register_closure};

both!(
    a_callout_registers_another_on_its_own_hook_point,
    a_callout_registers_another_on_a_different_hook_point,
    a_callout_deregisters_another_on_its_own_hook_point,
    a_callout_deregisters_another_on_a_different_hook_point,
    a_callout_deregisters_itself,
    a_callout_deregisters_all_of_its_library,
    one_callout_removes_and_another_adds,
    a_callout_reaches_its_own_library_only,
    a_callout_moves_itself_to_the_end,
    requests_of_all_sets_with_the_library_see_the_change,
);

/// A library with the functions 1, 2 and 3 on `alpha`, which do this while they run.
fn library(origin: Origin, when: Value) -> Hooks {
    let load = json!([register("alpha", 1), register("alpha", 2), register("alpha", 3)]);
    let hooks = hooks_tests::hooks();
    hooks.load_libraries(vec![digits(origin, "a", json!({"load": load, "when": when}))]).unwrap();
    hooks
}

// 47
fn a_callout_registers_another_on_its_own_hook_point(origin: Origin) {
    for new in [register("alpha", 4), register_closure("alpha", 4)] {
        let hooks = library(origin, json!({"1": [new]}));
        let mut request = hooks.handle();
        assert_eq!(alpha_with(&mut request), "123");
        assert_eq!(alpha_with(&mut request), "1234", "the same request sees it from its next call on");
        assert_eq!(alpha(&hooks), "12344");
    }
}

// 47
fn a_callout_registers_another_on_a_different_hook_point(origin: Origin) {
    let hooks = library(origin, json!({"2": [register("beta", 5)]}));
    assert_eq!(beta(&hooks), "");
    for expected in ["5", "55"] {
        assert_eq!(alpha(&hooks), "123");
        assert_eq!(beta(&hooks), expected);
    }
}

// 47
fn a_callout_deregisters_another_on_its_own_hook_point(origin: Origin) {
    for (which, rest) in [(1, "23"), (3, "12")] {
        let hooks = library(origin, json!({"2": [deregister("alpha", which)]}));
        let mut request = hooks.handle();
        assert_eq!(alpha_with(&mut request), "123");
        assert_eq!(alpha_with(&mut request), rest);
        assert_eq!(alpha(&hooks), rest);
    }
}

// 47
fn a_callout_deregisters_another_on_a_different_hook_point(origin: Origin) {
    let hooks = library(origin, json!({"2": [deregister("beta", 5)]}));
    change(&hooks, "a", register("beta", 5));
    change(&hooks, "a", register("beta", 6));
    assert_eq!(beta(&hooks), "56");
    assert_eq!(alpha(&hooks), "123");
    assert_eq!(beta(&hooks), "6");
}

// 47
fn a_callout_deregisters_itself(origin: Origin) {
    for which in [1, 2, 3] {
        let when = Value::Object([(which.to_string(), json!([deregister("alpha", which)]))].into_iter().collect());
        let hooks = library(origin, when);
        assert_eq!(alpha(&hooks), "123");
        assert_eq!(alpha(&hooks), "123".replace(&which.to_string(), ""));
    }
}

// 47
fn a_callout_deregisters_all_of_its_library(origin: Origin) {
    let hooks = library(origin, json!({"1": [{"deregister-all": "alpha"}]}));
    let request = &mut hooks.handle();
    assert_eq!(alpha_with(request), "123");
    assert!(!hooks.callouts_present(hooks.hook_index("alpha").unwrap()).unwrap());
    assert_eq!(alpha_with(request), "");
    change(&hooks, "a", register("alpha", 2));
    assert_eq!(alpha_with(request), "2");
}

// 47
fn one_callout_removes_and_another_adds(origin: Origin) {
    let hooks = library(origin, json!({"1": [deregister("alpha", 3)], "2": [register("alpha", 4)]}));
    assert_eq!(alpha(&hooks), "123");
    assert_eq!(alpha(&hooks), "124");
}

// 47
fn a_callout_reaches_its_own_library_only(origin: Origin) {
    let load = json!([register("alpha", 1), register("alpha", 2)]);
    let first = json!({"load": load, "when": {"1": [deregister("alpha", 2), register("alpha", 3)]}});
    let second = json!({"load": load, "when": {"1": [register("alpha", 9)]}});
    let hooks = hooks_tests::hooks();
    hooks.load_libraries(vec![digits(origin, "a", first), digits(origin, "b", second)]).unwrap();
    add_to_alpha(&hooks.post_callouts_library_handle(), '0');
    assert_eq!(alpha(&hooks), "12120");
    assert_eq!(alpha(&hooks), "131290", "each at the end of its library's part");
}

// 47
fn a_callout_moves_itself_to_the_end(origin: Origin) {
    let hooks = library(origin, json!({"1": [deregister("alpha", 1), register("alpha", 1)]}));
    assert_eq!([alpha(&hooks), alpha(&hooks), alpha(&hooks)], ["123", "231", "231"]);
}

// 47
fn requests_of_all_sets_with_the_library_see_the_change(origin: Origin) {
    let library = |name: &str, digit| digits(origin, name, json!({"load": [register("alpha", digit)]}));
    let hooks = hooks_tests::hooks();
    hooks.load_libraries(vec![library("kept", 1), library("gone", 2)]).unwrap();
    let mut old = hooks.handle();
    hooks.reload(vec![library("kept", 1), library("new", 3)]).unwrap();
    let mut new = hooks.handle();
    assert_eq!(change(&hooks, "kept", register("alpha", 7)), "registered");
    assert_eq!([alpha_with(&mut old), alpha_with(&mut new)], ["172", "173"]);
    assert_eq!(change(&hooks, "new", register("alpha", 8)), "registered");
    assert_eq!([alpha_with(&mut old), alpha_with(&mut new)], ["172", "1738"]);
    drop(old);
    assert_eq!(hooks.collect(), 0);
    assert_eq!(alpha(&hooks), "1738");
}

// 47
#[test]
fn a_closure_that_deregisters_itself_finishes() {
    let hooks = hooks_tests::hooks();
    let pre = hooks.pre_callouts_library_handle();
    let itself: Arc<Mutex<Option<Callout>>> = Arc::default();
    let (known, kept) = (Arc::clone(&itself), Arc::new("kept".to_owned()));
    let weak = Arc::downgrade(&kept);
    let callout = point::callout(move |handle, arguments| {
        // The last handle on it but for the chain goes here.
        let mine = known.lock().unwrap().take().expect("it is called once");
        assert!(handle.library_handle().expect("in a callout").deregister_callout(&mine));
        drop(mine);
        arguments.digits.push_str(&kept);
    });
    pre.register_callout(&callout).unwrap();
    *itself.lock().unwrap() = Some(callout);
    assert_eq!(alpha(&hooks), "kept");
    assert_eq!(alpha(&hooks), "");
    // What a request may still be in is kept until its set of libraries goes.
    hooks.reload(vec![]).unwrap();
    assert!(weak.upgrade().is_none(), "then the closure has been dropped");
}

// 47
#[test]
fn a_callout_of_the_component_changes_the_running_hook_point() {
    let hooks = hooks_tests::hooks();
    let (pre, post) = (hooks.pre_callouts_library_handle(), hooks.post_callouts_library_handle());
    let last = add_to_alpha(&post, '9');
    let (adding, removing) = (pre.clone(), post.clone());
    let exchange = point::callout(move |_, arguments| {
        arguments.digits.push('1');
        if removing.deregister_callout(&last) {
            add_to_alpha(&adding, '2');
            add_to_alpha(&removing, '8');
        }
    });
    pre.register_callout(&exchange).unwrap();
    assert_eq!([alpha(&hooks), alpha(&hooks), alpha(&hooks)], ["19", "128", "128"]);
}
