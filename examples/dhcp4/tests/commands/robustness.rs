//! Clients of the control socket that do what they should not.

use std::{
    fs,
    io::{Read, Write},
    net::Shutdown,
    os::unix::{fs::PermissionsExt, net::UnixStream},
    thread,
};

use dhcp4::{LibraryPaths, channel::Outcome, server::Server};
use hooks::Hooks;
use serde_json::{Value, json};

use crate::{
    clients::Client,
    served::{Served, ask, config, program, write},
    until::until,
};

#[test]
fn garbage_and_broken_connections_do_not_reach_the_server() {
    let served = Served::start(&json!([]));
    let connect = || UnixStream::connect(served.socket()).unwrap();
    for sent in [&b""[..], b"{", b"\0\0\0\xff", b"[]", b"\"x\"", br#"{"command": "status-get""#, &[b'['; 100_000]] {
        let mut stream = connect();
        // A server that has seen enough closes before all is sent.
        let _ = stream.write_all(sent);
        let _ = stream.shutdown(Shutdown::Write);
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(
            answer.is_empty() == sent.is_empty() && (answer.is_empty() || answer.contains("\"result\":1")),
            "{answer}"
        );
    }
    // Clients that go away before the answer, and one that waits with its side closed.
    for _ in 0..50 {
        connect().write_all(br#"{"command": "config-get"}"#).unwrap();
    }
    let mut half = connect();
    half.write_all(br#"{"command": "version-get"}"#).unwrap();
    half.shutdown(Shutdown::Write).unwrap();
    let mut answer = String::new();
    half.read_to_string(&mut answer).unwrap();
    assert!(answer.contains("\"result\":0"), "{answer}");
    // A command in pieces.
    let mut slow = connect();
    for byte in br#"{"command": "version-get"}"# {
        slow.write_all(&[*byte]).unwrap();
    }
    answer.clear();
    slow.read_to_string(&mut answer).unwrap();
    assert!(answer.contains("\"result\":0"), "{answer}");
    Client::new(served.address, 1).lease();
}

#[test]
fn many_connections_are_refused_in_words_and_hinder_nobody_afterwards() {
    let served = Served::start(&json!([]));
    let mut idle: Vec<UnixStream> = Vec::new();
    // One of them is told that there are too many; the kernel does not say which are still to be accepted.
    let refused = loop {
        let mut stream = UnixStream::connect(served.socket()).unwrap();
        assert!(idle.len() < 1000, "nobody is refused");
        if idle.len() >= 64 {
            let mut answer = String::new();
            stream.read_to_string(&mut answer).unwrap();
            break answer;
        }
        idle.push(stream);
    };
    assert!(refused.contains("\"result\":1") && refused.contains("connections are open"), "{refused}");
    Client::new(served.address, 1).lease();
    drop(idle);
    // The places are free as soon as the server has seen that the clients are gone.
    until("a free place", || served.ask("status-get", Value::Null).result == Outcome::Success);
}

#[test]
fn a_server_that_ends_leaves_nobody_waiting() {
    let served = Served::start(&json!([]));
    let mut idle = UnixStream::connect(served.socket()).unwrap();
    let mut half = UnixStream::connect(served.socket()).unwrap();
    half.write_all(b"{").unwrap();
    served.get("shutdown", Value::Null);
    drop(served.ended());
    let mut answer = String::new();
    idle.read_to_string(&mut answer).unwrap();
    assert_eq!(answer, "");
    half.read_to_string(&mut answer).unwrap();
    // Nothing, if the server has not looked at it any more.
    assert!(answer.is_empty() || answer.contains("the server ends"), "{answer}");
}

#[test]
fn commands_from_many_threads_are_all_answered() {
    let served = Served::start(&json!([]));
    thread::scope(|scope| {
        for number in 0..16_u8 {
            let served = &served;
            scope.spawn(move || {
                for round in 0..10 {
                    let lease = json!({"ip-address": format!("192.0.2.{}", 100 + number),
                                       "hw-address": format!("02:00:00:00:01:{number:02x}")});
                    served.get("lease4-add", lease.clone());
                    let found = served.get("lease4-get", json!({"ip-address": lease["ip-address"]}));
                    assert_eq!(found["hw-address"], lease["hw-address"], "{round}");
                    served.get("lease4-del", json!({"ip-address": lease["ip-address"]}));
                }
            });
        }
    });
    assert_eq!(served.get("status-get", Value::Null)["leases"], 0);
}

#[test]
fn the_socket_of_a_dead_server_is_replaced_and_that_of_a_living_one_is_not() {
    let directory = tempfile::tempdir().unwrap();
    let file = write(directory.path(), &config(&json!([])));
    let socket = directory.path().join("control");
    let (mut killed, _) = program(&file);
    assert_eq!(fs::metadata(&socket).unwrap().permissions().mode() & 0o777, 0o600);
    killed.signal("KILL");
    killed.wait();
    assert!(socket.exists() && UnixStream::connect(&socket).is_err());

    let (mut living, _) = program(&file);
    let mut other = config(&json!([]));
    other["Dhcp4"]["lease-database"]["name"] = json!("other");
    let file = write(directory.path(), &other);
    let error = Server::from_file(&file, &LibraryPaths::from_environment().without_permission_check(), Hooks::new())
        .unwrap_err()
        .to_string();
    assert!(error.contains("another server uses it"), "{error}");
    assert!(!directory.path().join("other").exists());
    assert_eq!(ask(&socket, "status-get", Value::Null).result, Outcome::Success);
    living.signal("TERM");
    assert!(living.wait().success() && !socket.exists());
}
