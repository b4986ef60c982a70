//! Arguments: changed by one callout, seen by the next one and by the component; typed and by name.

use fixture_api::Packet;
use hooks::{CalloutHandle, Hooks, LibraryConfig, Step};
use hooks_tests::{Origin, both, logged, receive, script};
use serde_json::json;

both!(
    changes_are_seen_by_the_next_callout_and_by_the_component,
    whole_values_can_be_exchanged,
    arguments_by_name,
    a_callout_attached_by_name_to_a_function,
    a_callout_attached_by_name_answers_what_is_not_honoured,
);

fn changes_are_seen_by_the_next_callout_and_by_the_component(origin: Origin) {
    let library = |name: &str| script(origin, name, json!({"received": ["multiply", {"append": name}]}));
    let hooks = hooks_tests::hooks();
    hooks.load_libraries(vec![library("b"), library("c")]).unwrap();
    let mut packet = Packet { text: "a".to_owned(), number: 2, trace: Vec::new() };
    assert!(receive(&mut hooks.handle(), &mut packet).is_continue());
    assert_eq!(packet, Packet { text: "abc".to_owned(), number: 18, trace: Vec::new() });
}

fn whole_values_can_be_exchanged(origin: Origin) {
    let hooks = hooks_tests::hooks();
    hooks.load_libraries(vec![script(origin, "a", json!({"received": [{"exchange": "new"}, "multiply"]}))]).unwrap();
    let mut packet = Packet { text: "old".repeat(1000), number: 2, trace: vec!["gone".to_owned(); 100] };
    let _ = receive(&mut hooks.handle(), &mut packet);
    assert_eq!(packet, Packet { text: "new".to_owned(), number: 6, trace: vec!["new".to_owned()] });
}

fn arguments_by_name(origin: Origin) {
    let hooks = hooks_tests::hooks();
    hooks.load_libraries(vec![LibraryConfig::new(origin.plugin("by-name"))]).unwrap();
    let mut packet = Packet { number: 7, ..Packet::default() };
    let (step, log) = logged(|| receive(&mut hooks.handle(), &mut packet));
    assert!(step.is_continue(), "{log}");
    assert_eq!(packet.number, 21);
    assert_eq!(
        packet.trace,
        [
            "packet,name,factor",
            "\"someone\" 3",
            "argument `nome`, asked for as `String`: the hook point `received` has no such argument; it has: packet, name, \
             factor",
            "argument `factor`, asked for as `u64`: it is a `u32`",
            "argument `packet`, asked for as `Vec`: it is a `fixture_api::Packet`",
            "argument `name`, asked for as `String`: the hook point lends it read-only; use `get`",
            "argument `factor`, asked for as `u32`: the hook point lends it read-only; use `get`",
        ]
    );
}

/// A hook point of its own, which no interface crate declares.
#[hooks::hook_point(statuses = [Continue, Skip, Drop])]
fn choose_number(handle: &mut CalloutHandle, number: &mut u64, step: u32) -> u64 {
    *number * 10 + u64::from(step)
}

fn answering(origin: Origin, answer: &str) -> Hooks {
    let hooks = hooks_tests::hooks();
    let library = LibraryConfig::new(origin.plugin("by-name")).parameters(json!({"answer": answer}));
    hooks.load_libraries(vec![library]).unwrap();
    hooks
}

fn a_callout_attached_by_name_to_a_function(origin: Origin) {
    let call = |answer: &str| {
        let mut number = 1;
        let step = choose_number(&mut answering(origin, answer).handle(), &mut number, 4);
        assert_eq!(number, 5, "the callout has changed it");
        step
    };
    assert_eq!(call("Continue"), Step::Done(54));
    assert_eq!(call("Skip"), Step::Skipped);
    assert_eq!(call("Drop"), Step::Dropped);
}

fn a_callout_attached_by_name_answers_what_is_not_honoured(origin: Origin) {
    let hooks = answering(origin, "Park");
    let (step, log) = logged(|| choose_number(&mut hooks.handle(), &mut 1, 4));
    assert_eq!(step, Step::Dropped);
    assert!(log.contains("choose_number") && log.contains("callout=\"choose\""), "{log}");
    assert!(log.contains("it answered PARK; the hook point honours only CONTINUE, SKIP, DROP"), "{log}");
}
