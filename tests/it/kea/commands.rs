//! Commands that libraries handle.

use hooks::{Command, Hooks, LibraryConfig, Response, command_callout};
use hooks_tests::{Origin, both};
use serde_json::{Value, json};

both!(
    handlers_of_several_libraries_run_in_order,
    handlers_go_with_their_library,
    a_handler_is_attached_by_its_attribute,
    a_handler_that_fails_leaves_the_response_as_it_was,
);

fn commanding(origin: Origin, digits: Value) -> LibraryConfig {
    LibraryConfig::new(origin.plugin("commanding")).parameters(json!({"digits": digits}))
}

/// What is answered to the command.
fn answer(hooks: &Hooks, command: &str) -> Result<Option<String>, hooks::Error> {
    let mut response = Response::default();
    hooks.call_command_handlers(&mut hooks.handle(), &Command::new(command, ""), &mut response)?;
    Ok(response.json().map(str::to_owned))
}

// 85
fn handlers_of_several_libraries_run_in_order(origin: Origin) {
    let hooks = hooks_tests::hooks();
    let first = commanding(origin, json!({"order-one": [1], "order-two": [2]}));
    let second = commanding(origin, json!({"order-one": [4, 2]}));
    hooks.load_libraries(vec![first, second]).unwrap();
    assert_eq!(answer(&hooks, "order-one").unwrap().unwrap(), "142");
    assert_eq!(answer(&hooks, "order-two").unwrap().unwrap(), "2");
    assert_eq!(hooks.commands(), ["order-one", "order-two", "sum-up"]);
    assert!(hooks.find_hook_index("$order_one").is_some());
    // The component's own handlers come before and after.
    let handler = |digit: &'static str| {
        command_callout::callout(move |_, arguments| {
            let json = format!("{}{digit}", arguments.response.json().unwrap_or_default());
            arguments.response.set_json(Some(json));
        })
    };
    hooks.pre_callouts_library_handle().register_command_callout("order-one", &handler("7")).unwrap();
    let (after, last) = (hooks.post_callouts_library_handle(), handler("9"));
    after.register_command_callout("order-one", &last).unwrap();
    assert_eq!(answer(&hooks, "order-one").unwrap().unwrap(), "71429");
    assert!(after.deregister_command_callout("order-one", &last));
    assert!(!after.deregister_command_callout("order-one", &last));
    assert_eq!(answer(&hooks, "order-one").unwrap().unwrap(), "7142");
}

// 86
fn handlers_go_with_their_library(origin: Origin) {
    let hooks = hooks_tests::hooks();
    assert!(!hooks.command_handlers_present("go-away"));
    hooks.load_libraries(vec![commanding(origin, json!({"go-away": [1]}))]).unwrap();
    assert!(hooks.command_handlers_present("go-away") && !hooks.command_handlers_present("stay-away"));
    assert!(hooks.unload_libraries());
    assert!(!hooks.command_handlers_present("go-away"));
    assert!(hooks.commands().is_empty());
    assert_eq!(answer(&hooks, "go-away").unwrap(), None, "the hook point stays, and nobody answers");
}

// 87
#[test]
fn a_command_that_nobody_has_ever_handled_is_an_error() {
    let error = answer(&hooks_tests::hooks(), "never-heard-of").unwrap_err();
    assert!(error.is_hook_point());
    assert_eq!(error.to_string(), "no library has a handler for the command `never-heard-of`");
}

// 85
fn a_handler_is_attached_by_its_attribute(origin: Origin) {
    let hooks = hooks_tests::hooks();
    hooks.load_libraries(vec![commanding(origin, json!({}))]).unwrap();
    assert!(hooks.command_handlers_present("sum-up"));
    let mut response = Response::default();
    let command = Command::new("sum-up", r#"{"of": [1, 2, 39]}"#);
    hooks.call_command_handlers(&mut hooks.handle(), &command, &mut response).unwrap();
    assert_eq!(response.json(), Some(r#"{"result":0,"text":"sum-up","arguments":42}"#));
}

// 88
fn a_handler_that_fails_leaves_the_response_as_it_was(origin: Origin) {
    let hooks = hooks_tests::hooks();
    hooks.load_libraries(vec![commanding(origin, json!({}))]).unwrap();
    let mut response = Response::default();
    response.set(0, "from before");
    let before = response.clone();
    let command = Command::new("sum-up", r#"{"of": ["much"]}"#);
    let (status, log) =
        hooks_tests::logged(|| hooks.call_command_handlers(&mut hooks.handle(), &command, &mut response));
    assert_eq!((status.unwrap(), response), (hooks::NextStep::Continue, before));
    assert!(log.contains("command `sum-up`, `arguments.of[0]`: invalid type"), "{log}");
    // Whoever gets no answer at all is told why.
    let mut response = Response::default();
    hooks.call_command_handlers(&mut hooks.handle(), &command, &mut response).unwrap();
    let told = r#"{"result":1,"text":"command `sum-up`: callout `"#;
    assert!(
        response.json().is_some_and(|json| json.starts_with(told) && json.contains("invalid type")),
        "{response:?}"
    );
}
