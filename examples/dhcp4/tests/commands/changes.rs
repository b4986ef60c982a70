//! Changes of the configuration while the server goes on: prepared beside the loop, one after the other, each answered when it is
//! in use. The file of the configuration is a FIFO here, so that a change takes as long as the test wants.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    thread,
};

use dhcp4::channel::{self, Outcome};
use serde_json::{Value, json};

use crate::{
    clients::Client,
    served::{Served, ask, config, first},
};

fn deny(client: &str) -> Value {
    config(&json!([{"library": "libdhcp_deny_list.so", "parameters": {"deny": [client]}}]))
}

/// Puts a FIFO in the place of the configuration: who reads it waits for who writes it.
fn make_fifo(served: &Served) -> PathBuf {
    let file = served.file();
    fs::remove_file(&file).unwrap();
    assert!(Command::new("mkfifo").arg(&file).status().unwrap().success());
    file
}

fn live(served: &Served) -> u64 {
    served.get("libraries-get", Value::Null)["generations"]["live"].as_u64().unwrap()
}

#[test]
fn the_server_goes_on_while_a_change_is_prepared() {
    let served = Served::start(&json!([]));
    let (file, next) = (make_fifo(&served), deny("02:00:00:00:00:66"));
    thread::scope(|scope| {
        let asked = scope.spawn(|| served.get("config-reload", Value::Null));
        assert_eq!(Client::new(served.address, 1).lease(), first(10));
        assert_eq!(served.get("config-get", Value::Null), config(&json!([])));
        assert!(!served.ignores(0x66));
        fs::write(&file, next.to_string()).unwrap();
        asked.join().unwrap();
    });
    assert_eq!(served.get("config-get", Value::Null), next, "who is answered finds it in use");
    assert!(served.ignores(0x66));
    // The eleventh was offered to the one that is denied now.
    assert_eq!(Client::new(served.address, 2).lease(), first(12));
}

#[test]
fn changes_are_made_in_their_order() {
    let served = Served::start(&json!([]));
    let (file, before) = (make_fifo(&served), live(&served));
    let (one, other) = (deny("02:00:00:00:00:01"), deny("02:00:00:00:00:02"));
    served.control.reload();
    thread::scope(|scope| {
        let set = scope.spawn(|| served.get("config-set", other.clone()));
        let tested = scope.spawn(|| served.error("config-test", json!({"Dhcp4": {}})));
        assert_eq!(served.get("config-get", Value::Null), config(&json!([])));
        fs::write(&file, one.to_string()).unwrap();
        set.join().unwrap();
        assert!(tested.join().unwrap().contains("arguments:1:"));
    });
    assert_eq!(served.get("config-get", Value::Null), other);
    assert_eq!(live(&served), before + 2, "both were in use");
    assert!(!served.ignores(1) && served.ignores(2));
}

#[test]
fn signals_that_wait_are_one_reload() {
    let served = Served::start(&json!([]));
    let (file, before) = (make_fifo(&served), live(&served));
    (0..10).for_each(|_| served.control.reload());
    // All signals have come when a command behind them is answered.
    served.get("status-get", Value::Null);
    fs::write(&file, deny("02:00:00:00:00:01").to_string()).unwrap();
    // Otherwise both texts might reach the first who reads.
    while live(&served) == before {
        thread::yield_now();
    }
    fs::write(&file, deny("02:00:00:00:00:02").to_string()).unwrap();
    served.get("config-set", config(&json!([])));
    assert_eq!(live(&served), before + 3);
}

#[test]
fn a_server_that_ends_meanwhile_makes_no_change() {
    let served = Served::start(&json!([]));
    let (file, socket, control) = (make_fifo(&served), served.socket(), served.control.clone());
    served.control.reload();
    let answers = |socket: &Path| {
        let arguments = Some(serde_json::value::to_raw_value(&deny("02:00:00:00:00:66")).unwrap());
        channel::send(socket, &channel::Command { name: "config-set".to_owned(), arguments })
    };
    let (hooks, before) = (served.hooks.clone(), live(&served));
    thread::scope(|scope| {
        let waiting = scope.spawn(|| answers(&socket));
        assert_eq!(ask(&socket, "status-get", Value::Null).result, Outcome::Success);
        control.stop();
        // The change is being prepared when the server has been told to end.
        let written = scope.spawn(|| fs::write(&file, deny("02:00:00:00:00:66").to_string()));
        let directory = served.ended();
        written.join().unwrap().unwrap();
        // It may not have got through to the server at all.
        if let Ok(answer) = waiting.join().unwrap() {
            assert_eq!(answer.result, Outcome::Error);
            assert!(answer.text.contains("the server ends; the command was not carried out"), "{}", answer.text);
        }
        drop(directory);
    });
    assert_eq!((hooks.libraries(), hooks.generations().live.number), (vec![], before));
}
