//! What is registered and deregistered again and again is freed while the set of libraries stays.

use std::sync::Arc;

use fixture_api::sequence;
use hooks::Hooks;

#[test]
fn closures_go_when_the_requests_that_could_call_them_are_gone() {
    let hooks = hooks_tests::hooks();
    let library = hooks.pre_callouts_library_handle();
    let mut trace = Vec::new();
    let alive = Arc::new(());
    for round in 0..1000 {
        let counted = Arc::clone(&alive);
        let callout =
            sequence::callout(move |_, arguments| arguments.trace.push(format!("{}", Arc::strong_count(&counted))));
        library.register_callout(&callout).unwrap();
        let step = sequence::call(&mut hooks.handle(), || sequence::Args { trace: &mut trace });
        assert!(step.is_continue());
        assert!(library.deregister_callout(&callout));
        assert_eq!(trace.len(), round + 1, "it was called once");
    }
    let left = Arc::strong_count(&alive);
    assert!(left < 500, "{left} of 1000 closures are left");
    drop(hooks);
    assert_eq!(Arc::strong_count(&alive), 1);
}

#[test]
fn a_request_that_takes_long_keeps_what_it_may_call() {
    let hooks = hooks_tests::hooks();
    let library = hooks.pre_callouts_library_handle();
    let old = hooks.handle();
    let alive = Arc::new(());
    for _ in 0..500 {
        let counted = Arc::clone(&alive);
        let callout = sequence::callout(move |_, _| drop(Arc::clone(&counted)));
        library.register_callout(&callout).unwrap();
        assert!(library.deregister_callout(&callout));
    }
    let kept = Arc::strong_count(&alive);
    assert!(kept > 400, "the old request may be in any of them: {kept}");
    drop(old);
    for _ in 0..500 {
        let callout = sequence::callout(|_, _| ());
        library.register_callout(&callout).unwrap();
        assert!(library.deregister_callout(&callout));
    }
    let left = Arc::strong_count(&alive);
    assert_eq!(left, 1, "nobody can call them any more");
}

/// Registers and deregisters a closure `times` times.
fn churn(hooks: &Hooks, times: usize) {
    let library = hooks.pre_callouts_library_handle();
    for _ in 0..times {
        let callout = sequence::callout(|_, _| ());
        library.register_callout(&callout).unwrap();
        assert!(library.deregister_callout(&callout));
    }
}

#[test]
fn a_deregistered_closure_goes_at_once_if_one_asks_for_it() {
    let hooks = hooks_tests::hooks();
    let library = hooks.pre_callouts_library_handle();
    let alive = Arc::new(());
    let counted = Arc::clone(&alive);
    let callout = sequence::callout(move |_, _| drop(Arc::clone(&counted)));
    library.register_callout(&callout).unwrap();
    assert!(library.deregister_callout(&callout));
    drop(callout);
    let old = hooks.handle();
    hooks.collect();
    assert_eq!(Arc::strong_count(&alive), 2, "a request may be in it");
    drop(old);
    hooks.collect();
    assert_eq!(Arc::strong_count(&alive), 1);
}

#[test]
fn requests_that_take_long_leave_room_for_another_set() {
    let hooks = hooks_tests::hooks();
    let mut requests = Vec::new();
    for _ in 0..200 {
        churn(&hooks, 40);
        requests.push(hooks.handle());
    }
    hooks.reload(vec![]).unwrap();
}

#[test]
fn a_set_that_goes_on_is_not_in_the_way_of_another() {
    let hooks = hooks_tests::hooks();
    let _old = hooks.handle();
    // Otherwise the handle of the component's ends.
    let library = hooks.pre_callouts_library_handle().across_loads();
    let callout = sequence::callout(|_, _| ());
    for _ in 0..200 {
        library.register_callout(&callout).unwrap();
        assert!(library.deregister_callout(&callout));
    }
    assert_eq!(hooks.collect(), 0, "nothing has been replaced");
    assert!(hooks.unload_libraries());
    hooks.load_libraries(vec![]).unwrap();
}

#[test]
fn the_drop_of_a_closure_may_change_the_set() {
    struct Reloads(Hooks);
    impl Drop for Reloads {
        fn drop(&mut self) {
            self.0.reload(vec![]).unwrap();
        }
    }
    let hooks = hooks_tests::hooks();
    let library = hooks.pre_callouts_library_handle();
    let guard = Reloads(hooks.clone());
    let callout = sequence::callout(move |_, _| {
        let _ = &guard;
    });
    library.register_callout(&callout).unwrap();
    assert!(library.deregister_callout(&callout));
    drop(callout);
    hooks.collect();
    let error = library.register_callout(&sequence::callout(|_, _| ())).unwrap_err();
    assert!(error.to_string().contains("has ended: libraries were loaded"), "it was reloaded: {error}");
}
