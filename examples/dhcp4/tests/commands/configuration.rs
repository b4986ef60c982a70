//! Reconfiguration by command.

use std::{
    fs,
    path::PathBuf,
    sync::atomic::{AtomicBool, Ordering},
    thread,
};

use dhcp4::channel::Outcome;
use serde_json::{Value, json};

use crate::{
    clients::Client,
    served::{Served, ask, config, first},
    until::until,
};

fn deny(clients: &[&str]) -> Value {
    json!([{"library": "libdhcp_deny_list.so", "parameters": {"deny": clients}}])
}

#[test]
fn a_configuration_is_tested_set_and_written() {
    let served = Served::start(&deny(&[]));
    assert_eq!(served.get("config-get", Value::Null), config(&deny(&[])));
    let mut next = config(&deny(&["02:00:00:00:00:01"]));
    next["Dhcp4"]["subnet4"][0]["pools"][0]["pool"] = json!("192.0.2.60 - 192.0.2.99");
    served.get("config-test", next.clone());
    assert_eq!(Client::new(served.address, 1).lease(), first(10), "a test changes nothing");
    served.get("config-set", next.clone());
    assert_eq!(served.get("config-get", Value::Null), next);
    assert!(served.ignores(1));
    assert_eq!(Client::new(served.address, 2).lease(), first(60));

    let on_disk = || serde_json::from_str::<Value>(&fs::read_to_string(served.file()).unwrap()).unwrap();
    assert_eq!(on_disk(), config(&deny(&[])));
    served.get("config-write", json!({"filename": "next.json"}));
    assert!(served.directory.path().join("next.json").exists());
    let leases = || fs::read_to_string(served.directory.path().join("leases")).unwrap();
    let before = leases();
    let error = served.error("config-write", json!({"filename": "leases"}));
    assert!(error.contains("no configuration") && leases() == before, "{error}");
    assert!(served.error("config-write", json!({"filename": "../next.json"})).contains("`arguments.filename`"));
    served.get("config-write", Value::Null);
    assert_eq!(on_disk(), next);
    served.get("config-reload", Value::Null);
    assert_eq!(served.get("config-get", Value::Null), next);
}

#[test]
fn a_configuration_that_fails_keeps_everything() {
    let served = Served::start(&deny(&["02:00:00:00:00:66"]));
    let before = served.get("libraries-get", Value::Null);
    let address = Client::new(served.address, 1).lease();
    let good = config(&deny(&[]));
    type Change = fn(&mut Value);
    let cases: [(Change, &str); 9] = [
        (|c| c["Dhcp4"]["subnet4"][0]["id"] = json!(0), "arguments:1:"),
        (|c| c["Dhcp4"]["typo"] = json!(0), "Dhcp4.typo: unknown key"),
        (|c| c["Dhcp6"] = json!({}), "Dhcp6: unknown key"),
        (|c| c["Dhcp4"]["lease-database"]["name"] = json!("other"), "`lease-database` cannot change"),
        (|c| c["Dhcp4"]["interfaces-config"]["interfaces"] = json!(["eth99"]), "`eth99` does not exist"),
        (|c| c["Dhcp4"]["control-socket"]["socket-name"] = json!("nowhere/control"), "must exist"),
        (|c| c["Dhcp4"]["hooks-libraries"][0]["library"] = json!("libnowhere.so"), "libnowhere.so"),
        (|c| c["Dhcp4"]["hooks-libraries"][0]["library"] = json!("/tmp/libx.so"), "not in the hooks directory"),
        (|c| c["Dhcp4"]["hooks-libraries"][0]["parameters"] = json!({"deny": [7]}), "parameters.deny[0]"),
    ];
    for (change, expected) in cases {
        let mut bad = good.clone();
        change(&mut bad);
        let error = served.error("config-set", bad.clone());
        assert!(error.contains(expected), "{expected}: {error}");
        fs::write(served.file(), bad.to_string()).unwrap();
        let error = served.error("config-reload", Value::Null);
        assert!(error.contains("the old configuration stays in use"), "{error}");
    }
    assert!(served.error("config-set", Value::Null).contains("expected the configuration"));
    assert!(served.error("config-set", json!([])).contains("expected a map"));
    assert!(served.error("config-test", json!({"Dhcp4": {}})).lines().count() >= 2, "each problem is told");
    assert_eq!(served.get("config-get", Value::Null), config(&deny(&["02:00:00:00:00:66"])));
    assert_eq!(served.get("libraries-get", Value::Null), before);
    assert_eq!(Client::new(served.address, 1).lease(), address);
    assert!(served.ignores(0x66));
    let left = |name: &str| served.directory.path().join(name).exists();
    assert!(left("control") && left("leases") && !left("other") && !left("nowhere"));
}

#[test]
fn a_test_leaves_no_trace() {
    let served = Served::start(&json!([]));
    let log = served.directory.path().join("lease-log");
    let mut next = config(&json!([{"library": "libdhcp_lease_log.so", "parameters": {"path": log}}]));
    next["Dhcp4"]["lease-database"]["name"] = json!("other");
    next["Dhcp4"]["control-socket"]["socket-name"] = json!("elsewhere");
    let answer = served.ask("config-test", next);
    assert_eq!(answer.result, Outcome::Success, "{}", answer.text);
    assert!(answer.text.contains("needs a restart"), "{}", answer.text);
    let mut left: Vec<_> =
        fs::read_dir(served.directory.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    left.sort();
    assert_eq!(left, ["control", "control.lock", "dhcp4.json", "leases"]);
    assert_eq!(served.hooks.libraries(), []);
}

#[test]
fn every_library_that_does_not_fit_is_told() {
    let served = Served::start(&json!([]));
    // A program is no library, although it has hook points and callouts.
    let program = std::env::current_exe().unwrap();
    let program = program.file_name().unwrap().to_str().unwrap();
    let libraries = json!([
        {"library": "libnowhere.so"},
        {"library": "builtin:deny-list", "parameters": {"deny": []}},
        {"library": program},
        {"library": "builtin:nobody"},
    ]);
    for command in ["config-test", "config-set"] {
        let error = served.error(command, config(&libraries));
        let lines: Vec<&str> = error.lines().collect();
        let [first, second, third] = lines[..] else { panic!("three problems: {error}") };
        assert!(first.contains("hooks-libraries[0].library: ") && first.contains("libnowhere.so"), "{first}");
        assert!(second.contains("hooks-libraries[2].library: ") && second.contains("(it is a program)"), "{second}");
        assert!(third.contains("hooks-libraries[3].library: ") && third.contains("nobody"), "{third}");
    }
    assert_eq!(served.hooks.libraries(), []);
}

#[test]
fn libraries_are_called_in_the_order_of_the_configuration() {
    let first = json!({"library": "libdhcp_deny_list.so", "parameters": {"deny": ["02:00:00:00:00:66"]}});
    let second = json!({"library": "builtin:static-lease", "parameters": {"reservations": []}});
    let served = Served::start(&json!([first, second]));
    let names = || served.hooks.libraries().into_iter().map(|library| library.name).collect::<Vec<_>>();
    assert_eq!(names(), ["deny-list", "static-lease"]);
    for (libraries, expected) in [
        (json!([first, second]), &["deny-list", "static-lease"][..]),
        (json!([second, first]), &["static-lease", "deny-list"]),
        (json!([first]), &["deny-list"]),
        (json!([]), &[]),
        (json!([second, first]), &["static-lease", "deny-list"]),
    ] {
        served.get("config-set", config(&libraries));
        assert_eq!(names(), expected);
        assert_eq!(served.ignores(0x66), expected.contains(&"deny-list"));
    }
    let mut without = config(&json!([]));
    without["Dhcp4"].as_object_mut().unwrap().remove("hooks-libraries");
    served.get("config-set", without);
    assert_eq!(names(), [""; 0]);
}

#[test]
fn the_control_socket_moves_under_the_command_that_moves_it() {
    let served = Served::start(&json!([]));
    let mut next = config(&json!([]));
    next["Dhcp4"]["control-socket"]["socket-name"] = json!("elsewhere");
    served.get("config-set", next.clone());
    let elsewhere: PathBuf = served.directory.path().join("elsewhere");
    assert!(!served.socket().exists());
    assert_eq!(ask(&elsewhere, "config-get", Value::Null).arguments, Some(next.clone()));
    next["Dhcp4"].as_object_mut().unwrap().remove("control-socket");
    assert_eq!(ask(&elsewhere, "config-set", next).result, Outcome::Success);
    assert!(!elsewhere.exists());
    served.control.reload();
    // The file still has the control socket.
    until("the control socket", || served.socket().exists());
    served.get("status-get", Value::Null);
}

#[test]
fn reconfiguration_loses_no_client_under_load() {
    /// Has the clients stop, also if a command fails.
    struct Stops<'a>(&'a AtomicBool);

    impl Drop for Stops<'_> {
        fn drop(&mut self) {
            self.0.store(true, Ordering::Relaxed);
        }
    }

    let served = Served::start(&deny(&[]));
    let stop = AtomicBool::new(false);
    let leased = thread::scope(|scope| {
        let load: Vec<_> = (0_u16..3)
            .map(|thread| {
                let (served, stop) = (&served, &stop);
                scope.spawn(move || {
                    let mut leases = 0_u16;
                    // Each client gets an offer and an acknowledgement, whatever is reconfigured meanwhile.
                    while !stop.load(Ordering::Relaxed) || leases < 20 {
                        Client::new(served.address, 0x1000 + thread * 25 + leases % 25).lease();
                        leases += 1;
                    }
                    leases
                })
            })
            .collect();
        let stops = Stops(&stop);
        for round in 0..30 {
            match round % 3 {
                0 => served.get("config-set", config(&deny(&["02:00:00:00:00:66"]))),
                1 => served.get("config-reload", Value::Null),
                _ => json!(served.error("config-set", json!({"Dhcp4": {}}))),
            };
        }
        drop(stops);
        load.into_iter().map(|load| load.join().unwrap()).collect::<Vec<_>>()
    });
    assert!(leased.iter().all(|leases| *leases >= 20), "{leased:?}");
    let statistics = served.get("statistic-get-all", Value::Null);
    assert_eq!(statistics["pkt4-nak-sent"], Value::Null);
}
