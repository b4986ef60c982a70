//! Extra arguments and contexts, and what a library in C registers.

use fixture_api::{Packet, lenient, narrow, tolerant};
use hooks::{CalloutHandle, Command, Hooks, Response};
use hooks_tests::{Journal, c_library, has_c_compilers, logged, receive, send};

use super::config;

/// A `Hooks` with the library, and what was logged when it was loaded.
fn loaded(journal: &Journal, mark: &str) -> (Hooks, String) {
    let hooks = hooks_tests::hooks();
    // Its global variables are its own in each test.
    let source = c_library(&journal.beside("."), "values", "values.c", &[&format!("-Wl,-soname,{mark}")]);
    let ((), log) = logged(|| hooks.load_libraries(vec![config(&source)]).unwrap());
    (hooks, log)
}

fn give(handle: &mut CalloutHandle<'_>) -> Result<(), hooks::Error> {
    handle.set_argument("narrow", 3_u16)?;
    handle.set_argument("text", "Rust".to_owned())?;
    handle.set_argument("flag", true)?;
    handle.set_argument("ratio", 0.5_f32)
}

#[test]
fn extra_arguments_go_both_ways() {
    if !has_c_compilers() {
        return;
    }
    let journal = Journal::new();
    let (hooks, log) = loaded(&journal, "extra");
    assert!(log.contains("INFO") && log.contains("loaded, says C") && log.contains(r#"library="values""#), "{log}");
    let mut handle = hooks.handle();
    give(&mut handle).unwrap();
    let mut packet = Packet::default();
    let (step, log) = logged(|| receive(&mut handle, &mut packet));
    assert!(step.is_continue(), "{log}");
    assert!(log.contains("WARN") && log.contains("received, says C"), "{log}");
    assert_eq!(handle.argument::<i64>("number").unwrap(), &41);
    assert_eq!(handle.argument::<String>("text").unwrap(), "C");
    assert_eq!(handle.argument_names(), ["narrow", "text", "ratio", "number"]);
}

#[test]
fn a_context_lives_as_long_as_its_request() {
    if !has_c_compilers() {
        return;
    }
    let journal = Journal::new();
    let (hooks, _) = loaded(&journal, "context");
    let mut packet = Packet::default();
    let destroyed = |hooks: &Hooks| {
        let mut packet = Packet::default();
        let _ = tolerant::call(&mut hooks.handle(), || tolerant::Args { packet: &mut packet });
        packet.number
    };
    let mut handle = hooks.handle();
    for expected in [0, 2, 5] {
        let step = narrow::call(&mut handle, || narrow::Args { packet: &mut packet });
        assert!(step.is_continue());
        assert_eq!(packet.number, expected);
    }
    assert_eq!(destroyed(&hooks), 0);
    std::thread::spawn(move || drop(handle)).join().unwrap();
    assert_eq!(destroyed(&hooks), 3);
}

#[test]
fn what_load_registers_is_called_until_it_is_deregistered() {
    if !has_c_compilers() {
        return;
    }
    let journal = Journal::new();
    let (hooks, _) = loaded(&journal, "registered");
    let callouts = hooks.callouts();
    let second = callouts.iter().find(|callout| callout.hook() == "sent").unwrap();
    assert_eq!((second.callout(), second.library()), ("second", "values"));
    assert!(second.file().ends_with("values.c") && second.line() > 0, "{}:{}", second.file(), second.line());
    assert!(hooks.hook_index("c_hook_of_its_own").is_ok());

    let mut handle = hooks.handle();
    handle.set_argument("number", 6_i64).unwrap();
    let mut packet = Packet::default();
    let _ = send(&mut handle, &mut packet);
    assert_eq!(packet.number, 7);
    let (step, log) = logged(|| lenient::call(&mut handle, || lenient::Args { packet: &mut packet }));
    assert!(step.is_continue(), "{log}");
    packet.number = 0;
    let _ = send(&mut handle, &mut packet);
    assert_eq!(packet.number, 0);
}

#[test]
fn a_command_is_answered() {
    if !has_c_compilers() {
        return;
    }
    let journal = Journal::new();
    let (hooks, _) = loaded(&journal, "command");
    assert_eq!(hooks.commands(), ["c-answer"]);
    let mut response = Response::default();
    let command = Command::new("c-answer", "");
    let (done, log) = logged(|| hooks.call_command_handlers(&mut hooks.handle(), &command, &mut response));
    done.unwrap();
    assert_eq!(response.json(), Some(r#"{"result":0,"text":"from C"}"#), "{log}");
}
