//! What callouts in C answer.

use std::sync::mpsc;

use fixture_api::{Packet, received};
use hooks::{Hooks, Outcome, Source};
use hooks_tests::{Journal, Origin, c_library, has_c_compilers, logged, receive, script, send};
use serde_json::json;

use super::config;

fn library(journal: &Journal) -> Source {
    c_library(&journal.beside("."), "status", "status.c", &[])
}

fn call(hooks: &Hooks, number: u64) -> (received::Step, String) {
    let mut packet = Packet { number, ..Packet::default() };
    logged(|| receive(&mut hooks.handle(), &mut packet))
}

#[test]
fn a_status_is_set_and_taken_back() {
    if !has_c_compilers() {
        return;
    }
    let (journal, hooks) = (Journal::new(), hooks_tests::hooks());
    hooks.load_libraries(vec![config(&library(&journal))]).unwrap();
    assert!(call(&hooks, 0).0.is_continue());
    assert!(matches!(call(&hooks, 1).0, received::Step::Skip));
    assert!(call(&hooks, 2).0.is_continue());
    let mut handle = hooks.handle();
    let mut packet = Packet { number: 1, ..Packet::default() };
    let _ = receive(&mut handle, &mut packet);
    assert_eq!(handle.decided_by().unwrap().library(), "status");
    assert!(send(&mut handle, &mut packet).is_continue());
}

#[test]
fn another_number_than_0_is_a_failure() {
    if !has_c_compilers() {
        return;
    }
    let (journal, hooks) = (Journal::new(), hooks_tests::hooks());
    hooks.load_libraries(vec![config(&library(&journal))]).unwrap();
    let (step, log) = call(&hooks, 3);
    assert!(step.is_drop());
    for part in
        ["it returned -5; expected 0", "hook=\"received\"", "library=\"status\"", "callout=\"received\"", "ERROR"]
    {
        assert!(log.contains(part), "{part}: {log}");
    }
    // A failure of somebody else is undone only on purpose.
    let failing = script(Origin::BuiltIn, "f", json!({"received": [{"end": {"error": "no"}}]}));
    hooks.load_libraries(vec![failing, config(&library(&journal))]).unwrap();
    let (step, log) = call(&hooks, 6);
    assert!(step.is_continue(), "{log}");
}

#[test]
fn a_ticket_is_resolved_by_another_thread() {
    if !has_c_compilers() {
        return;
    }
    let (journal, hooks) = (Journal::new(), hooks_tests::hooks());
    hooks.load_libraries(vec![config(&library(&journal))]).unwrap();
    for (number, expected) in [(4, Outcome::Resumed), (5, Outcome::Dropped)] {
        let (sender, receiver) = mpsc::channel();
        match call(&hooks, number) {
            (received::Step::Parked(parked), _) => {
                parked.resume_with("request", move |request, outcome| sender.send((request, outcome)).unwrap());
            }
            (step, log) => panic!("{step:?}: {log}"),
        }
        assert_eq!(receiver.recv().unwrap(), ("request", expected));
    }
}
