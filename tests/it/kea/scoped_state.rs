//! Scoped state: a step of the component begins and ends with a clean handle.

use std::sync::mpsc;

use fixture_api::{Packet, received};
use hooks::{CalloutHandle, NextStep, Outcome};
use hooks_tests::{Origin, both, receive, script, send};
use serde_json::json;

both!(the_state_begins_and_ends_clean, a_request_goes_on_with_a_clean_handle);

/// The names of the extra arguments, the status and the names in the context.
fn state(handle: &CalloutHandle<'_>) -> (Vec<String>, NextStep, Vec<String>) {
    (handle.argument_names(), handle.status(), handle.context_names().unwrap())
}

// 67
fn the_state_begins_and_ends_clean(origin: Origin) {
    let hooks = hooks_tests::hooks();
    hooks.load_libraries(vec![script(origin, "a", json!({"sent": [{"return": "drop"}]}))]).unwrap();
    let (mut request, mut packet) = (hooks.handle(), Packet::default());
    request.set_context("kept", 1);
    request.set_argument("old", 1).unwrap();
    let _ = send(&mut request, &mut packet);
    let (none, kept) = (Vec::<String>::new(), vec!["kept".to_owned()]);
    assert_eq!(state(&request), (vec!["old".to_owned()], NextStep::Drop, kept.clone()));
    for _ in 0..2 {
        let mut scope = request.scoped_state();
        assert_eq!(state(&scope), (none.clone(), NextStep::Continue, kept.clone()), "clean at the beginning");
        assert!(scope.decided_by().is_none());
        scope.set_argument("new", 1).unwrap();
        assert!(send(&mut scope, &mut packet).is_drop());
        assert_eq!(state(&scope), (vec!["new".to_owned()], NextStep::Drop, kept.clone()));
        drop(scope);
        assert_eq!(state(&request), (none.clone(), NextStep::Continue, kept.clone()), "clean at the end");
        assert!(request.decided_by().is_none());
    }
    assert_eq!(request.context::<i32>("kept").unwrap(), &1);
}

// 67
#[test]
fn the_state_ends_clean_when_the_step_panics() {
    let mut request = hooks_tests::hooks().handle();
    let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let mut scope = request.scoped_state();
        scope.set_argument("half", 1).unwrap();
        panic!("in the middle of a step");
    }));
    assert!(caught.is_err());
    assert!(request.argument_names().is_empty());
}

// 67
#[test]
fn in_a_callout_the_status_is_that_of_the_call() {
    // A callout may clear the arguments; what the callouts before it asked for stands.
    let hooks = hooks_tests::hooks();
    let before = hooks.pre_callouts_library_handle();
    before.register_callout(&fixture_api::sent::callout(|_, _| fixture_api::sent::NextStep::Skip)).unwrap();
    let scope = fixture_api::sent::callout(|handle, _| {
        let mut scope = handle.scoped_state();
        scope.set_argument("inner", 1).map(|()| assert_eq!(scope.status(), NextStep::Skip)).unwrap();
    });
    before.register_callout(&scope).unwrap();
    let mut request = hooks.handle();
    assert!(send(&mut request, &mut Packet::default()).is_skip());
    assert!(request.argument_names().is_empty());
}

// 68, 122
fn a_request_goes_on_with_a_clean_handle(origin: Origin) {
    let hooks = hooks_tests::hooks();
    let actions = json!({"received": ["resume-elsewhere", {"return": "park"}]});
    hooks.load_libraries(vec![script(origin, "a", actions)]).unwrap();
    for _ in 0..20 {
        let (mut request, mut packet) = (hooks.handle(), Packet::default());
        let parked = {
            let mut scope = request.scoped_state();
            scope.set_argument("of the step", 1).unwrap();
            match receive(&mut scope, &mut packet) {
                received::Step::Parked(parked) => parked,
                step => panic!("not parked: {step:?}"),
            }
        };
        // The handle can only be given away when the scope has ended, whenever the ticket is resolved.
        let (sender, receiver) = mpsc::channel();
        parked.resume_with(request, move |request, outcome| {
            sender.send((request.argument_names(), request.status(), outcome)).unwrap();
        });
        assert_eq!(receiver.recv(), Ok((Vec::new(), NextStep::Continue, Outcome::Resumed)));
    }
}
