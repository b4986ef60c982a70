//! What is registered and deregistered again and again is freed while the set of libraries stays.

use std::sync::Arc;

use fixture_api::sequence;
use hooks::Hooks;

#[test]
fn closures_go_when_the_requests_that_could_call_them_are_gone() {
    let hooks = Hooks::new();
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
    let hooks = Hooks::new();
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
