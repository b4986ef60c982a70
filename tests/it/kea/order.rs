//! Who is called, and in which order: the component's first callouts, the libraries as configured, the component's last ones.

use fixture_api::digits::{alpha as alpha_point, delta};
use hooks::{Arguments, Callout, CalloutHandle, Command, Response};
use hooks_tests::{Origin, both};
use serde_json::json;

use super::digits::{add_to_alpha, alpha, beta, change, digits, gamma, loaded, register, register_closure};
use crate::reentrant::Own;

both!(
    callouts_run_in_the_order_of_libraries_then_of_registration,
    an_unknown_hook_point_cannot_be_registered_for,
    a_callout_may_be_registered_several_times,
    callouts_are_present_where_they_are_registered,
    the_components_callouts_run_before_and_after_those_of_libraries,
    the_components_callouts_end_with_the_set_of_libraries,
    the_components_callouts_may_outlive_the_set_of_libraries,
    commands_have_handlers_in_the_order_of_libraries,
    a_library_loaded_twice_has_callouts_and_contexts_for_each,
);

// 32
fn callouts_run_in_the_order_of_libraries_then_of_registration(origin: Origin) {
    let hooks = loaded(origin, &["a", "b", "c", "d"]);
    for (library, digit) in [("a", 1), ("b", 3), ("c", 4), ("d", 5)] {
        change(&hooks, library, register("alpha", digit));
    }
    change(&hooks, "d", register("beta", 2));
    change(&hooks, "c", register_closure("beta", 1));
    assert_eq!((alpha(&hooks), beta(&hooks)), ("1345".to_owned(), "12".to_owned()));
    change(&hooks, "c", register("alpha", 6));
    assert_eq!(alpha(&hooks), "13465");
    change(&hooks, "a", register_closure("alpha", 7));
    assert_eq!(alpha(&hooks), "173465");
    assert_eq!((beta(&hooks), gamma(&hooks)), ("12".to_owned(), "12".repeat(4)), "others are as they were");
    let on_alpha: Vec<_> = hooks.callouts().into_iter().filter(|callout| callout.hook() == "alpha").collect();
    assert!(on_alpha.iter().all(|callout| callout.library() == "digits"));
    assert_eq!(on_alpha.len(), 6);
}

// 32
fn an_unknown_hook_point_cannot_be_registered_for(origin: Origin) {
    let hooks = loaded(origin, &["a"]);
    let answer = change(&hooks, "a", register_closure("kea_not_there", 1));
    assert!(answer.starts_with("no hook point has the name `kea_not_there`; there are: "), "{answer}");
    let answer = change(&hooks, "a", register_closure("command_callout", 1));
    assert!(answer.starts_with("which command? ") && answer.ends_with("use `register_command_callout`"), "{answer}");
    // A library whose `load` tries it is not loaded.
    let library = digits(origin, "a", json!({"load": [register_closure("kea_not_there", 1)]}));
    let error = hooks.load_libraries(vec![library]).unwrap_err();
    assert!(error.is_load() && error.to_string().contains("no hook point has the name `kea_not_there`"), "{error}");
}

// 33
fn a_callout_may_be_registered_several_times(origin: Origin) {
    let hooks = loaded(origin, &["a"]);
    for digit in [1, 2, 1, 1] {
        change(&hooks, "a", register("alpha", digit));
    }
    change(&hooks, "a", register_closure("alpha", 3));
    change(&hooks, "a", register_closure("alpha", 3));
    change(&hooks, "a", register("beta", 1));
    assert_eq!((alpha(&hooks), beta(&hooks)), ("121133".to_owned(), "1".to_owned()));
}

// 34
#[test]
fn a_callout_belongs_to_its_library() {
    /// Takes the root of a plugin.
    #[hooks::callout(delta, manual)]
    fn of_a_plugin(this: &Own, digits: &mut String) {
        let _ = this;
        digits.push('x');
    }
    /// Takes none, so the component may register it.
    #[hooks::callout(delta, manual)]
    fn of_nobody(digits: &mut String) {
        digits.push('1');
    }
    let hooks = hooks_tests::hooks();
    let component = hooks.pre_callouts_library_handle();
    let error = component.register_callout(&of_a_plugin::callout()).unwrap_err();
    assert!(error.is_hook_point());
    let text = error.to_string();
    assert_eq!(text, "the callout `of_a_plugin` takes the root of a plugin; only its own library can register it");
    component.register_callout(&of_nobody::callout()).unwrap();
    let mut digits = String::new();
    let _ = delta::call(&mut hooks.handle(), || delta::Args { digits: &mut digits });
    assert_eq!(digits, "1");
    assert!(component.deregister_callout(&of_nobody::callout()));
}

// 37
fn callouts_are_present_where_they_are_registered(origin: Origin) {
    let hooks = loaded(origin, &["a", "b"]);
    let present = || {
        ["alpha", "beta", "gamma", "delta"].map(|name| hooks.callouts_present(hooks.hook_index(name).unwrap()).unwrap())
    };
    assert_eq!(present(), [false, false, true, false]);
    change(&hooks, "a", register("alpha", 1));
    change(&hooks, "b", register("beta", 1));
    assert_eq!(present(), [true, true, true, false]);
    change(&hooks, "b", json!({"deregister-all": "beta"}));
    assert_eq!(present(), [true, false, true, false]);
}

// 31, 39
#[test]
fn the_components_callouts_run_without_libraries() {
    let hooks = hooks_tests::hooks();
    let (pre, post) = (hooks.pre_callouts_library_handle(), hooks.post_callouts_library_handle());
    assert_eq!((pre.name().as_str(), post.name().as_str()), ("pre-callouts", "post-callouts"));
    add_to_alpha(&post, '4');
    add_to_alpha(&pre, '1');
    assert_eq!(alpha(&hooks), "14");
    assert!(pre.deregister_all_callouts("alpha").unwrap());
    assert_eq!(alpha(&hooks), "4");
    assert!(!pre.deregister_all_callouts("alpha").unwrap());
    assert!(post.deregister_all_callouts("alpha").unwrap());
    assert_eq!(alpha(&hooks), "");
}

// 31, 39
fn the_components_callouts_run_before_and_after_those_of_libraries(origin: Origin) {
    let hooks = loaded(origin, &["a", "b"]);
    add_to_alpha(&hooks.post_callouts_library_handle(), '4');
    change(&hooks, "b", register("alpha", 6));
    add_to_alpha(&hooks.pre_callouts_library_handle(), '1');
    change(&hooks, "a", register("alpha", 5));
    assert_eq!(alpha(&hooks), "1564");
    add_to_alpha(&hooks.pre_callouts_library_handle(), '2');
    assert_eq!(alpha(&hooks), "12564", "each group in the order of registration");
}

// 39
fn the_components_callouts_end_with_the_set_of_libraries(origin: Origin) {
    let hooks = hooks_tests::hooks();
    let library = || digits(origin, "a", json!({"load": [register("alpha", 5)]}));
    let changes: [&dyn Fn(); 4] = [
        &|| hooks.load_libraries(vec![library()]).unwrap(),
        &|| hooks.reload(vec![library()]).unwrap(),
        &|| hooks.prepare_unload_libraries(),
        &|| hooks.reload(vec![]).unwrap(),
    ];
    for (change, rest) in changes.into_iter().zip(["5", "5", "", ""]) {
        let (pre, post) = (hooks.pre_callouts_library_handle(), hooks.post_callouts_library_handle());
        let callout = add_to_alpha(&pre, '1');
        add_to_alpha(&post, '4');
        assert!(alpha(&hooks).starts_with('1') && alpha(&hooks).ends_with('4'));
        change();
        assert_eq!(alpha(&hooks), rest);
        for handle in [&pre, &post] {
            let error = handle.register_callout(&callout).unwrap_err();
            assert!(
                error.to_string().contains("-callouts has ended: libraries were loaded or unloaded since"),
                "{error}"
            );
        }
    }
}

// 39
fn the_components_callouts_may_outlive_the_set_of_libraries(origin: Origin) {
    let hooks = hooks_tests::hooks();
    add_to_alpha(&hooks.pre_callouts_library_handle().across_loads(), '1');
    add_to_alpha(&hooks.post_callouts_library_handle(), '8');
    let staying = add_to_alpha(&hooks.post_callouts_library_handle().across_loads(), '4');
    assert_eq!(alpha(&hooks), "184");
    for (digit, expected) in [(5, "154"), (6, "164")] {
        let library = digits(origin, "a", json!({"load": [register("alpha", digit)]}));
        hooks.load_libraries(vec![library]).unwrap();
        assert_eq!(alpha(&hooks), expected);
    }
    assert!(hooks.unload_libraries());
    assert_eq!(alpha(&hooks), "14");
    // The handle of before is closed; a new one reaches what has been carried over.
    assert!(hooks.post_callouts_library_handle().deregister_callout(&staying));
    assert_eq!(alpha(&hooks), "1");
}

// 39
#[test]
fn the_components_handle_is_refused_when_its_hooks_are_gone() {
    for in_use in [false, true] {
        let hooks = hooks_tests::hooks();
        let pre = hooks.pre_callouts_library_handle().across_loads();
        let callout = add_to_alpha(&pre, '1');
        let request = in_use.then(|| hooks.handle());
        drop(hooks);
        let error = pre.register_callout(&callout).unwrap_err();
        assert!(error.is_hook_point());
        assert!(error.to_string().contains("pre-callouts has ended"), "{error}");
        assert!(!pre.deregister_callout(&callout));
        // A request that is still there finishes with what there was.
        if let Some(mut request) = request {
            assert_eq!(super::digits::alpha_with(&mut request), "1");
        }
    }
}

// 32, 85
fn commands_have_handlers_in_the_order_of_libraries(origin: Origin) {
    let hooks = loaded(origin, &["a", "b"]);
    let register = |library: &str, command: &str, digit: u8| {
        change(&hooks, library, json!({"register-command": {"command": command, "digit": digit}}))
    };
    register("b", "kea-both", 2);
    register("a", "kea-both", 1);
    register("a", "kea-both", 4);
    register("b", "kea-other", 5);
    let call = |name: &str| {
        let mut response = Response::default();
        hooks.call_command_handlers(&mut hooks.handle(), &Command::new(name, ""), &mut response).map(|_| response)
    };
    assert_eq!(call("kea-both").unwrap().json(), Some("142"));
    assert_eq!(call("kea-other").unwrap().json(), Some("5"));
    assert!(hooks.command_handlers_present("kea-both") && !hooks.command_handlers_present("kea-none"));
    let error = call("kea-none").unwrap_err();
    assert_eq!(error.to_string(), "no library has a handler for the command `kea-none`");
    let gone = change(&hooks, "a", json!({"deregister-command": {"command": "kea-both", "digit": 1}}));
    assert_eq!((gone.as_str(), call("kea-both").unwrap().json()), ("true", Some("42")));
}

// 40
fn a_library_loaded_twice_has_callouts_and_contexts_for_each(origin: Origin) {
    let hooks = hooks_tests::hooks();
    let library = |name: &str, item: &str| {
        let when = json!({"1": [{"context": item}]});
        digits(origin, name, json!({"load": [register("alpha", 1), register("alpha", 1)], "when": when}))
    };
    hooks.load_libraries(vec![library("a", "x"), library("b", "y")]).unwrap();
    assert_eq!(hooks.library_names(), ["digits", "digits"]);
    assert_eq!(alpha(&hooks), "1{x}1{x,x}1{y}1{y,y}");
    // What one deregisters the other keeps, though the function is the same.
    assert_eq!(change(&hooks, "a", json!({"deregister-all": "alpha"})), "true");
    assert_eq!(alpha(&hooks), "1{y}1{y,y}");
}

// 38
#[test]
fn a_callout_of_a_hook_point_is_not_one_of_a_command() {
    let by_name = Callout::by_name("alpha", |_: &mut CalloutHandle<'_>, _: &mut Arguments<'_>| ());
    let typed = alpha_point::callout(|_, _| ());
    let component = hooks_tests::hooks().pre_callouts_library_handle();
    for callout in [by_name, typed] {
        assert_eq!(callout.hook(), "alpha");
        let error = component.register_command_callout("kea-wrong", &callout).unwrap_err();
        assert!(error.is_hook_point());
        let text = error.to_string();
        assert_eq!(text, "the callout belongs to the hook point `alpha`, not to `$kea_wrong`");
    }
    // Its name says for which command it was made, but all commands have one shape.
    let of_a_command = Callout::by_name("$kea_one", |_: &mut CalloutHandle<'_>, _: &mut Arguments<'_>| ());
    let hooks = hooks_tests::hooks();
    hooks.pre_callouts_library_handle().register_command_callout("kea-two", &of_a_command).unwrap();
    assert!(hooks.command_handlers_present("kea-two") && !hooks.command_handlers_present("kea-one"));
}
