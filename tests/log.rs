//! The log of a whole process: threads that plugins start, panics, and how many places are told apart.

use std::env;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Output};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Instant;

use fixture_api::Packet;
use fixture_api::fragile::{Fragile, handled};
use hooks::{Hooks, LibraryConfig};
use hooks_tests::{Origin, Recorded, Recorder, send};
use tracing::Level;
use tracing_subscriber::Registry;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;

/// The log of all threads; one test at a time.
fn log() -> (MutexGuard<'static, ()>, &'static Recorder) {
    static TURN: Mutex<()> = Mutex::new(());
    static RECORDER: OnceLock<Recorder> = OnceLock::new();
    let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let recorder = RECORDER.get_or_init(|| {
        let recorder = Recorder::default();
        tracing::subscriber::set_global_default(Registry::default().with(recorder.clone())).unwrap();
        recorder
    });
    recorder.take();
    (turn, recorder)
}

fn loaded() -> Hooks {
    let hooks = hooks_tests::hooks();
    hooks.load_libraries(vec![LibraryConfig::new(Origin::Shared.plugin("logging"))]).unwrap();
    hooks
}

/// What is logged while the plugin does `what`.
fn events(what: &str) -> Vec<Recorded> {
    let (_turn, recorder) = log();
    let hooks = loaded();
    recorder.take();
    let _ = send(&mut hooks.handle(), &mut Packet { text: what.to_owned(), ..Packet::default() });
    recorder.take()
}

#[test]
fn a_thread_of_a_plugin_logs() {
    let events = events("from another thread");
    assert_eq!(events.len(), 1);
    assert_eq!(events[0].fields["message"], "debug from a thread");
    assert_eq!(events[0].fields["library"], "str logging");
}

/// Each event as its level, its message without line numbers, and the library.
fn summary(events: &[Recorded]) -> Vec<String> {
    let line = |event: &Recorded| {
        let message = event.fields["message"].trim_start_matches("debug ");
        let mut parts: Vec<_> = message.split(':').collect();
        // The path of the source, the line and the column are what differs from build to build.
        for part in &mut parts {
            if part.bytes().all(|byte| byte.is_ascii_digit()) {
                *part = "N";
            }
            if let Some((_, column)) = part.split_once(',')
                && part.as_bytes()[0].is_ascii_digit()
            {
                *part = column.trim_start();
            }
        }
        format!("{} {} {}", event.level, parts.join(":"), event.fields["library"])
    };
    events.iter().map(line).collect()
}

#[test]
fn a_panic_is_logged_once_with_its_place_and_its_thread() {
    const HERE: &str = "a_panic_is_logged_once_with_its_place_and_its_thread";
    let caught = |message: &str, file: &str| {
        format!(
            "ERROR callout failed: {message}; panicked at tests/fixtures/logging/src/{file}.rs:N:thread `{HERE}` str logging"
        )
    };
    assert_eq!(summary(&events("panic")), [caught("ouch", "lib")]);
    assert_eq!(summary(&events("error panics")), [caught("while it was displayed", "panics")]);
    assert_eq!(summary(&events("caught, then another")), [caught("not caught", "panics")]);
    assert_eq!(summary(&events("caught in a drop")), [caught("first", "panics")]);
    // A panic that the plugin resumes is still where it was.
    assert_eq!(summary(&events("caught, then resumed")), [caught("on its way", "panics")]);
    // On a thread that nobody else watches.
    let ouch = "ERROR ouch; panicked at tests/fixtures/logging/src/lib.rs:N:thread `of the plugin` str logging";
    assert_eq!(summary(&events("panic in a thread")), [ouch]);
    // What the plugin catches itself is its own business.
    assert_eq!(summary(&events("caught")), ["INFO goes on str logging"]);
    let scope = events("panic in a scope");
    assert_eq!(scope.len(), 2, "{scope:?}");
    assert!(scope[0].fields["message"].contains("in the scope; panicked at"), "{scope:?}");
    assert!(scope[1].fields["message"].contains("callout failed: a scoped thread panicked"), "{scope:?}");
    assert!(scope.iter().all(|event| event.level == Level::ERROR));
}

/// Runs the test `name` of this program in a process of its own, which knows that it is one.
fn alone(name: &str) -> Output {
    let program = env::current_exe().unwrap();
    let mut command = Command::new(program);
    command.args([name, "--exact", "--nocapture", "--test-threads=1"]).env("HOOKS_ALONE", "1");
    command.output().unwrap()
}

fn is_alone() -> bool {
    env::var_os("HOOKS_ALONE").is_some()
}

#[test]
fn a_panic_of_a_library_is_not_on_the_standard_error_output() {
    if is_alone() {
        for what in ["panic", "panic in a thread", "error panics", "panic in a scope"] {
            let step = send(&mut loaded().handle(), &mut Packet { text: what.to_owned(), ..Packet::default() });
            assert_eq!(step.is_drop(), what != "panic in a thread", "{what}");
        }
        return;
    }
    let output = alone("a_panic_of_a_library_is_not_on_the_standard_error_output");
    assert!(output.status.success());
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

#[test]
fn a_panic_in_a_drop_while_another_unwinds_ends_the_process_with_both_in_the_log() {
    const HERE: &str = "a_panic_in_a_drop_while_another_unwinds_ends_the_process_with_both_in_the_log";
    if is_alone() {
        tracing_subscriber::fmt().with_writer(std::io::stderr).with_ansi(false).init();
        let hooks = hooks_tests::hooks();
        let config = LibraryConfig::new(Origin::Shared.plugin("panicking")).parameters("".into());
        hooks.load_libraries(vec![config]).unwrap();
        let (what, mut value) = ("drop while unwinding".to_owned(), Fragile::default());
        let _ = handled::call(&mut hooks.handle(), || handled::Args { what: &what, value: &mut value });
        return;
    }
    let output = alone(HERE);
    assert_eq!(output.status.signal(), Some(6), "{:?}", output.status);
    let log = String::from_utf8_lossy(&output.stderr);
    for message in ["the first one; panicked at ", "in a drop while another panic unwinds; panicked at "] {
        assert_eq!(log.matches(message).count(), 1, "{log}");
    }
    assert!(log.contains("library=\"panicking\"") && log.contains("ERROR"), "{log}");
}

/// What it costs that a plugin logs what nobody takes: `cargo test --release … -- --ignored --nocapture`.
#[test]
#[ignore = "it measures"]
fn the_cost_of_what_is_not_taken() {
    for (what, targets) in [
        ("the level is off", Targets::new().with_default(Level::INFO)),
        ("the target is off", Targets::new().with_default(Level::TRACE).with_target("costly", Level::INFO)),
    ] {
        let hooks = loaded();
        let subscriber = Registry::default().with(targets);
        tracing::subscriber::with_default(subscriber, || {
            let mut packet = Packet { text: "a million".to_owned(), ..Packet::default() };
            let begin = Instant::now();
            let _ = send(&mut hooks.handle(), &mut packet);
            eprintln!("{what}: {:?} for a million events and a million records", begin.elapsed());
        });
    }
}
