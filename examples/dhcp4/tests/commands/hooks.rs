//! Commands of libraries, and the callouts of `command_processed`.

use dhcp4::channel::Outcome;
use dhcp4_api::{command_processed, dhcp4_srv_configured};
use hooks::{BoxError, Command, LibraryHandle, Response};
use serde_json::{Value, json};

use crate::{
    clients::Client,
    served::{Served, config},
};

/// A library with a command of its own, one that the server has too, and some that do not answer well; its callouts must
/// not run on several threads at once, and this server's do not.
struct Commands {
    greeting: String,
    /// Whether it refuses every configuration.
    refuses: bool,
}

#[hooks::plugin(multi_threading_compatible = false)]
impl hooks::Plugin for Commands {
    type Parameters = Value;

    fn load(parameters: Value, _: &mut LibraryHandle) -> Result<Self, BoxError> {
        let greeting = parameters["greeting"].as_str().unwrap_or("hello").to_owned();
        Ok(Self { greeting, refuses: parameters["refuses"] == true })
    }
}

#[hooks::callout(dhcp4_srv_configured)]
fn configured(this: &Commands, error: &mut String) -> dhcp4_srv_configured::NextStep {
    if this.refuses {
        *error = "not today".to_owned();
        return dhcp4_srv_configured::NextStep::Drop;
    }
    dhcp4_srv_configured::NextStep::Continue
}

#[hooks::callout(command = "greet")]
fn greet(this: &Commands, command: &Command, response: &mut Response) {
    response.set(0, format!("{} {}", this.greeting, command.arguments_json()));
}

#[hooks::callout(command = "version-get")]
fn version(response: &mut Response) {
    response.set(0, "ours");
}

#[hooks::callout(command = "list-commands")]
fn list(response: &mut Response) {
    response.set(0, "never");
}

#[hooks::callout(command = "say-nothing")]
fn say_nothing() {}

#[hooks::callout(command = "say-nonsense")]
fn say_nonsense(response: &mut Response) {
    response.set_json(Some("{\"result\": 7}".to_owned()));
}

#[hooks::callout(command = "panic-now")]
fn panic_now() {
    panic!("no answer");
}

#[hooks::callout(command_processed)]
fn processed(name: &String, command_arguments: &String, response: &mut Response) {
    let sign = |response: &mut Response| {
        let mut answer: Value = serde_json::from_str(response.json().unwrap()).unwrap();
        answer["text"] = json!(format!("{name}, {command_arguments}"));
        response.set_json(Some(answer.to_string()));
    };
    match name.as_str() {
        "status-get" => sign(response),
        "libraries-get" => response.set_json(Some("garbage".to_owned())),
        "statistic-get-all" => response.set_json(None),
        _ => {}
    }
}

#[test]
fn commands_of_libraries_come_before_those_of_the_server() {
    let served = Served::start(&json!([{"library": "builtin:dhcp4", "parameters": {"greeting": "hi"}}]));
    assert_eq!(served.ask("greet", json!({"a": 1})).text, r#"hi {"a":1}"#);
    assert_eq!(served.ask("greet", Value::Null).text, "hi ");
    assert_eq!(served.ask("version-get", Value::Null).text, "ours");
    let listed = served.get("list-commands", Value::Null);
    let listed: Vec<&str> = listed.as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
    assert!(listed.is_sorted_by(|one, other| one < other), "{listed:?}");
    assert!(["greet", "lease4-get", "version-get", "say-nothing"].iter().all(|name| listed.contains(name)));
    assert!(served.error("say-nothing", Value::Null).contains("have left no answer"));
    let failed = served.error("panic-now", Value::Null);
    assert!(failed.starts_with("command `panic-now`: callout `"), "{failed}");
    assert!(served.error("say-nonsense", Value::Null).contains("expected a result from 0 to 3, found 7"));

    // Another configuration of the library, then none.
    served.get("config-set", config(&json!([{"library": "builtin:dhcp4"}])));
    assert_eq!(served.ask("greet", Value::Null).text, "hello ");
    served.get("config-set", config(&json!([])));
    assert_eq!(served.ask("greet", Value::Null).result, Outcome::Unsupported);
    assert_eq!(served.ask("version-get", Value::Null).text, env!("CARGO_PKG_VERSION"));
    let listed = served.get("list-commands", Value::Null);
    assert!(!listed.as_array().unwrap().contains(&json!("greet")) && served.hooks.commands().is_empty());
}

#[test]
fn callouts_see_each_answer_and_may_change_it() {
    let served = Served::start(&json!([{"library": "builtin:dhcp4"}]));
    let answer = served.ask("status-get", json!({}));
    assert_eq!((answer.result, &answer.text[..]), (Outcome::Success, "status-get, {}"));
    assert!(answer.arguments.unwrap()["pid"].is_u64());
    // What is no answer is not sent.
    assert_eq!(served.get("libraries-get", Value::Null)["libraries"][0]["name"], "dhcp4");
    assert_eq!(served.ask("statistic-get-all", Value::Null).result, Outcome::Success);
}

#[test]
fn the_deny_list_changes_while_the_server_runs() {
    for library in ["libdhcp_deny_list.so", "builtin:deny-list"] {
        let libraries = json!([{"library": library, "parameters": {"deny": ["02:00:00:00:00:01"]}}]);
        let served = Served::start(&libraries);
        assert!(served.ignores(1));
        served.get("deny-list-del", json!({"deny": ["02:00:00:00:00:01"]}));
        Client::new(served.address, 1).lease();
        served.get("deny-list-add", json!({"deny": ["02:00:00:00:00:02", "02:00:00:00:01:*"]}));
        assert!(served.ignores(2));
        assert!(served.ignores(0x0107));
        assert_eq!(served.get("deny-list-list", Value::Null)["deny"], json!(["02:00:00:00:00:02", "02:00:00:00:01:*"]));
        let error = served.error("deny-list-add", json!({"deny": ["02:00:00:00:00:03", "02-00"]}));
        assert!(error.contains("deny-list-add: ") && error.contains("`arguments.deny[1]`"), "{error}");
        Client::new(served.address, 3).lease();

        // A library that did not change keeps its state, and one with another list hands over what commands have changed.
        served.get("config-reload", Value::Null);
        assert!(served.ignores(2));
        let error = served.error("config-set", json!({"Dhcp4": {}}));
        assert!(error.contains("\"interfaces-config\" is missing"), "{error}");
        assert!(served.ignores(2));
        served.get("config-set", config(&json!([{"library": library, "parameters": {"deny": []}}])));
        assert!(served.ignores(2));
        assert_eq!(served.get("deny-list-list", Value::Null)["deny"], json!(["02:00:00:00:00:02", "02:00:00:00:01:*"]));
        served.get("config-set", config(&json!([])));
        served.get("config-set", config(&libraries));
        Client::new(served.address, 2).lease();
        assert!(served.ignores(1));
    }
}

#[test]
fn a_configuration_that_a_callout_refuses_leaves_the_libraries_with_their_state() {
    let deny = |clients: &[&str]| json!({"library": "libdhcp_deny_list.so", "parameters": {"deny": clients}});
    let served = Served::start(&json!([deny(&[]), {"library": "builtin:dhcp4"}]));
    served.get("deny-list-add", json!({"deny": ["02:00:00:00:00:02"]}));
    let libraries = || {
        let mut libraries = served.get("libraries-get", Value::Null);
        // Sets that were refused are counted.
        libraries.as_object_mut().unwrap().remove("generations");
        libraries
    };
    let before = libraries();
    let refusing = json!({"library": "builtin:dhcp4", "parameters": {"refuses": true}});
    for refused in [json!([deny(&["02:00:00:00:00:01"]), refusing]), json!([refusing, deny(&[])]), json!([refusing])] {
        let error = served.error("config-set", config(&refused));
        assert!(error.contains("the old configuration stays in use") && error.contains("not today"), "{error}");
        assert_eq!(served.get("deny-list-list", Value::Null)["deny"], json!(["02:00:00:00:00:02"]));
        assert_eq!(libraries(), before);
        assert!(served.ignores(2));
        Client::new(served.address, 1).lease();
    }
}
