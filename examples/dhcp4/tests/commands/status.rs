//! What the server tells of itself.

use std::{fs, process::Command};

use dhcp4::channel::Outcome;
use serde_json::{Value, json};

use crate::{
    clients::Client,
    served::{Served, config, program, write},
};

#[test]
fn commands_are_listed_and_unknown_ones_are_told() {
    let served = Served::start(&json!([]));
    let listed = served.get("list-commands", Value::Null);
    let listed: Vec<&str> = listed.as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
    assert!(listed.is_sorted() && listed.contains(&"list-commands") && listed.contains(&"lease4-get-page"));
    for name in ["config-get", "libraries-get", "statistic-get-all", "status-get", "version-get"] {
        assert!(listed.contains(&name), "{name}");
        assert!(served.error(name, json!({"extra": 1})).contains("unknown field `extra`"));
        served.get(name, json!({}));
    }
    let answer = served.ask("lease6-get", json!({}));
    assert_eq!(answer.result, Outcome::Unsupported);
    assert!(answer.text.contains("\"lease6-get\"") && answer.text.contains("list-commands"), "{}", answer.text);
}

#[test]
fn the_server_tells_of_itself() {
    let served = Served::start(&json!([
        {"library": "builtin:deny-list", "parameters": {"deny": []}},
        {"library": "libdhcp_flex_option.so", "parameters": {"options": [{"code": 6, "supersede": "192.0.2.53"}]}},
        {"library": "builtin:static-lease", "parameters": {"reservations": []}},
    ]));
    Client::new(served.address, 1).lease();
    let status = served.get("status-get", Value::Null);
    assert_eq!((&status["pid"], &status["leases"]), (&json!(std::process::id()), &json!(1)));
    assert_eq!(status["sockets"], json!([served.address.to_string()]));
    assert!(status["uptime"].is_u64() && status["reload"].as_u64() <= status["uptime"].as_u64());
    let statistics = served.get("statistic-get-all", Value::Null);
    assert_eq!((&statistics["pkt4-ack-sent"], &statistics["pkt4-received"]), (&json!(1), &json!(2)));
    assert_eq!(served.ask("version-get", Value::Null).text, env!("CARGO_PKG_VERSION"));

    let libraries = served.get("libraries-get", Value::Null);
    let names: Vec<_> = libraries["libraries"].as_array().unwrap().iter().map(|library| &library["name"]).collect();
    assert_eq!(names, ["deny-list", "flex-option", "static-lease"]);
    assert_eq!(libraries["libraries"][0]["library"], "builtin:deny-list");
    let path = libraries["libraries"][1]["library"].as_str().unwrap();
    assert!(path.starts_with('/') && path.ends_with("/libdhcp_flex_option.so"), "{path}");
    assert_eq!(libraries["libraries"][1]["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(libraries["libraries"][2]["parameters"], json!({"reservations": []}));
    assert_eq!(libraries["libraries"][2]["multi-threading-compatible"], true);
    let points = libraries["hook-points"].as_array().unwrap();
    let received = points.iter().find(|point| point["hook-point"] == "pkt4_receive").unwrap();
    let callout = &received["callouts"][0];
    assert_eq!((&callout["library"], &callout["callout"]), (&json!("deny-list"), &json!("drop_denied_client")));
    assert_eq!(
        (&callout["state"], &callout["failures"], &callout["last-failure"]),
        (&json!("active"), &json!(0), &Value::Null)
    );
    assert_eq!(libraries["generations"]["draining"], json!([]));
    let images = libraries["images"].as_array().unwrap();
    let image = images.iter().find(|image| image["name"] == "flex-option").unwrap();
    assert!(image["mapped-bytes"].as_u64().unwrap() > 4096 && image["state"] == "in-use", "{image}");
}

#[test]
fn a_callout_that_fails_is_counted() {
    let served = Served::start(&json!([]));
    let failing = dhcp4_api::pkt4_receive::callout(|_, _| Err::<(), _>("no"));
    served.hooks.pre_callouts_library_handle().register_callout(&failing).unwrap();
    assert!(served.ignores(1));
    let libraries = served.get("libraries-get", Value::Null);
    let callout = &libraries["hook-points"][0]["callouts"][0];
    assert_eq!((&callout["failures"], &callout["last-failure"]["text"]), (&json!(1), &json!("no")));
}

#[test]
fn a_library_with_another_hash_is_refused_and_the_old_set_stays() {
    let served = Served::start(&json!([{"library": "builtin:deny-list", "parameters": {"deny": []}}]));
    let library = json!({"library": "libdhcp_deny_list.so", "parameters": {"deny": []}, "sha256": "0".repeat(64)});
    let error = served.error("config-set", json!({"Dhcp4": config(&json!([library]))["Dhcp4"]}));
    assert!(error.contains("libdhcp_deny_list.so") && error.contains("the configuration expects 0000"), "{error}");
    assert_eq!(served.get("libraries-get", Value::Null)["libraries"][0]["library"], "builtin:deny-list");
    let hash = |images: &Value| {
        images
            .as_array()
            .unwrap()
            .iter()
            .find(|image| image["name"] == "deny-list")
            .map(|image| image["sha256"].clone())
    };
    let right = |sha256: Option<Value>| {
        let mut library = json!({"library": "libdhcp_deny_list.so", "parameters": {"deny": []}});
        if let Some(hash) = sha256 {
            library["sha256"] = hash;
        }
        served.get("config-set", json!({"Dhcp4": config(&json!([library]))["Dhcp4"]}));
        hash(&served.get("libraries-get", Value::Null)["images"])
    };
    let found = right(None);
    assert!(found.is_some() && right(found.clone()) == found);
}

#[test]
fn shutdown_is_answered_and_leaves_nothing() {
    let served = Served::start(&json!([]));
    served.get("shutdown", Value::Null);
    let directory = served.ended();
    assert!(directory.path().join("leases").exists() && !directory.path().join("control").exists());
}

#[test]
fn the_command_line_gives_commands() {
    let directory = tempfile::tempdir().unwrap();
    let file = write(directory.path(), &config(&json!([])));
    let (mut server, address) = program(&file);
    let socket = directory.path().join("control");
    let command = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_dhcp4"));
        let output = command.args(["command", "--socket"]).arg(&socket).args(arguments).output().unwrap();
        let (text, errors) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
        (output.status.code().unwrap(), serde_json::from_str::<Value>(&text).unwrap_or_default(), errors)
    };
    let lease = Client::new(address, 1).lease().to_string();
    let (code, answer, _) = command(&["lease4-get", &json!({"ip-address": lease}).to_string()]);
    assert_eq!((code, &answer["arguments"]["hw-address"]), (0, &json!("02:00:00:00:00:01")));
    assert_eq!(command(&["lease4-get", r#"{"ip-address": "192.0.2.98"}"#]).0, 3);
    assert_eq!(command(&["lease4-get", r#"{"ip-address": 1}"#]).0, 1);
    assert_eq!(command(&["nonsense"]).0, 2);
    assert_eq!(command(&["shutdown"]).0, 0);
    assert!(server.wait().success());
    assert!(!socket.exists());
    let (code, _, errors) = command(&["status-get"]);
    assert!(code == 1 && errors.contains("is the server running"), "{errors}");
    assert!(fs::read_to_string(directory.path().join("leases")).unwrap().contains("02:00:00:00:00:01"));
}
