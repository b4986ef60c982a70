//! Values that are made on one side of the boundary, and grown and freed on the other; for test binaries with several allocators.

use std::sync::{Arc, Mutex, PoisonError};

use fixture_api::{Packet, waiting};
use hooks::{Command, Hooks, LibraryConfig, Outcome, Response, command_callout};
use serde_json::json;

use crate::{Origin, logged, receive, script, send};

/// Passes values of all kinds across the boundary, `times` times, each time with libraries that are loaded anew.
///
/// # Panics
///
/// If a value does not arrive as it was.
pub fn exchange(times: usize) {
    for _ in 0..times {
        let hooks = crate::hooks();
        let long = "x".repeat(10_000);
        let actions = json!({
            "ballast": 100_000,
            "received": [{"append": long}, "place", {"log": long}],
            "sent": [{"exchange": long}, {"end": {"error": long}}],
            "waiting": ["keep-ticket", {"return": "park"}],
        });
        let storing = json!({"name": "s", "received": [
            {"append": ["argument", "mine", long]},
            {"accumulate": ["context", "number", 1]},
            {"accumulate": ["argument", "number", 2]},
        ]});
        let configuration = |name: &str| LibraryConfig::new(Origin::Shared.plugin(name));
        hooks
            .load_libraries(vec![
                script(Origin::Shared, "a", actions),
                configuration("storing").parameters(storing),
                configuration("commanding").parameters(json!({"digits": {"digits": [1, 2, 3]}})),
            ])
            .expect("they fit");
        arguments(&hooks, &long);
        commands(&hooks);
        parked(&hooks);
        let error = hooks.load_libraries(vec![script(Origin::Shared, "a", json!({"load": {"error": long}}))]);
        assert!(error.is_err_and(|error| error.to_string().contains(&long)));
        assert!(hooks.unload_libraries());
    }
}

/// Declared and extra arguments, contexts, lines of the log, errors.
fn arguments(hooks: &Hooks, long: &str) {
    let mut packet = Packet { text: "host ".repeat(100), number: 1, trace: vec!["host".to_owned(); 3] };
    packet.trace.shrink_to_fit();
    let mut request = hooks.handle();
    request.set_argument("mine", "mine".to_owned()).expect("no such argument is declared");
    request.set_argument("handle", 0).expect("no such argument is declared");
    let (step, log) = logged(|| receive(&mut request, &mut packet));
    assert!(step.is_continue() && log.contains(long));
    assert_eq!(request.argument::<i64>("number").ok(), Some(&2));
    assert_eq!(request.argument::<String>("mine").map_or(0, String::len), 4 + long.len());
    packet.text.push_str(long);
    packet.trace.extend(vec!["more".to_owned(); 1000]);
    packet.trace.shrink_to_fit();
    let (step, log) = logged(|| send(&mut request, &mut packet));
    assert!(step.is_drop() && log.contains(long));
    assert_eq!((packet.text.len(), packet.trace.len()), (long.len(), 1));
    packet.trace[0].push('y');
    packet.text.shrink_to_fit();
}

/// Commands and answers, from both sides.
fn commands(hooks: &Hooks) {
    let answer = |name: &str, arguments: &str| {
        let mut response = Response::default();
        let command = Command::new(name, arguments);
        hooks.call_command_handlers(&mut hooks.handle(), &command, &mut response).expect("it is handled");
        response.json().map(str::to_owned).unwrap_or_default()
    };
    let handler = command_callout::callout(|_, arguments| {
        let json = arguments.response.json().unwrap_or_default().repeat(1000);
        arguments.response.set_json(Some(json));
    });
    let after = hooks.post_callouts_library_handle();
    after.register_command_callout("digits", &handler).expect("it is a command's");
    assert_eq!(answer("digits", "").len(), 3000);
    assert!(answer("sum-up", r#"{"of": [1, 2, 39]}"#).contains("42"));
}

/// A request that a ticket of the library keeps, and that its unload resumes.
fn parked(hooks: &Hooks) {
    let mut packet = Packet::default();
    let ended = Arc::new(Mutex::new(None));
    match waiting::call(&mut hooks.handle(), || waiting::Args { packet: &mut packet }) {
        waiting::Step::Parked(parked) => {
            let ended = Arc::clone(&ended);
            parked.resume_with(packet, move |packet: Packet, outcome: Outcome| {
                *ended.lock().unwrap_or_else(PoisonError::into_inner) = Some((packet, outcome));
            });
        }
        step => panic!("not parked: {step:?}"),
    }
    assert!(hooks.unload_libraries());
    assert!(ended.lock().unwrap_or_else(PoisonError::into_inner).is_some());
}
