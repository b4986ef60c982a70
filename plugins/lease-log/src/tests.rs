//! The plugin at its hook points.

use std::{fs, path::Path};

use dhcp4_api::{Lease, LeaseState, MacAddr, Packet, lease4_decline, lease4_expire, lease4_release, leases4_committed};
use hooks::{CalloutHandle, Hooks, LibraryConfig, Source};
use serde_json::{Value, json};

use crate::record::tests::lease;

fn library(parameters: Value) -> LibraryConfig {
    LibraryConfig::new(Source::Builtin("lease-log".into())).parameters(parameters)
}

fn load(path: &Path) -> Hooks {
    let hooks = Hooks::new();
    hooks.load_libraries(vec![library(json!({"path": path}))]).unwrap();
    hooks
}

fn commit(handle: &mut CalloutHandle<'_>, query: &Packet, leases: Vec<Lease>, deleted: Vec<Lease>) {
    let response = Packet::default();
    let step = leases4_committed::call(handle, || leases4_committed::Args {
        query4: query,
        response4: &response,
        leases4: &leases,
        deleted_leases4: &deleted,
    });
    assert!(matches!(step, leases4_committed::Step::Continue));
}

/// The lines without their times.
fn lines(path: &Path) -> Vec<String> {
    let text = fs::read_to_string(path).unwrap();
    text.lines().map(|line| line.split_once(' ').unwrap().1.to_owned()).collect()
}

fn rest(last: u8) -> String {
    format!(
        "address=192.0.2.{last} hwaddr=02:00:00:00:00:0{last} client-id=- hostname=\"pc\" lifetime=600 subnet=1 relay=- \
         relay-info=-"
    )
}

#[test]
fn each_hook_point_leaves_its_records() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("log");
    let hooks = load(&path);
    let mut handle = hooks.handle();
    let query = Packet { chaddr: MacAddr::from([2, 0, 0, 0, 0, 1]), ..Packet::default() };
    commit(&mut handle, &query, vec![lease(1)], vec![lease(9)]);
    let renewing = Packet { ciaddr: lease(1).address, ..query.clone() };
    commit(&mut handle, &renewing, vec![lease(1)], Vec::new());
    let lease4 = lease(1);
    assert!(
        lease4_release::call(&mut handle, || lease4_release::Args { query4: &query, lease4: &lease4 }).is_continue()
    );
    assert!(
        lease4_decline::call(&mut handle, || lease4_decline::Args { query4: &query, lease4: &lease4 }).is_continue()
    );
    let declined =
        Lease { hwaddr: MacAddr::default(), hostname: String::new(), state: LeaseState::Declined, ..lease(1) };
    commit(&mut handle, &query, vec![declined], Vec::new());
    let mut expired = lease(2);
    let step = lease4_expire::call(&mut handle, || lease4_expire::Args { lease4: &mut expired, remove_lease: false });
    assert!(step.is_continue());
    drop(handle);
    assert!(hooks.unload_libraries());
    let nameless = rest(1).replace("\"pc\"", "\"\"");
    let expected = [
        format!("event=removed {}", rest(9)),
        format!("event=assigned {}", rest(1)),
        format!("event=renewed {}", rest(1)),
        format!("event=client-release {}", rest(1)),
        format!("event=client-decline {}", rest(1)),
        format!("event=declined {nameless}"),
        format!("event=expired {}", rest(2)),
    ];
    assert_eq!(lines(&path), expected);
}

#[test]
fn a_request_that_outlives_the_unloading_is_still_written_down() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("log");
    let hooks = load(&path);
    let mut handle = hooks.handle();
    commit(&mut handle, &Packet::default(), vec![lease(1)], Vec::new());
    hooks.prepare_unload_libraries();
    assert_eq!(lines(&path).len(), 1);
    commit(&mut handle, &Packet::default(), vec![lease(2)], Vec::new());
    assert_eq!(lines(&path).len(), 2);
    drop(handle);
    assert!(hooks.unload_libraries());
}

#[test]
fn a_reload_with_other_parameters_goes_on_with_the_same_file() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("log");
    let hooks = load(&path);
    for (last, queue) in [(1, 5), (2, 6), (3, 7)] {
        commit(&mut hooks.handle(), &Packet::default(), vec![lease(last)], Vec::new());
        hooks.reload(vec![library(json!({"path": path, "queue": queue, "max-bytes": 4096}))]).unwrap();
    }
    assert!(hooks.unload_libraries());
    let addresses: Vec<String> = lines(&path).iter().map(|line| line.split(' ').nth(1).unwrap().to_owned()).collect();
    assert_eq!(addresses, ["address=192.0.2.1", "address=192.0.2.2", "address=192.0.2.3"]);
}

#[test]
fn files_are_rotated_and_no_record_is_missing() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("log");
    let hooks = Hooks::new();
    hooks.load_libraries(vec![library(json!({"path": path, "max-bytes": 4096, "keep": 50}))]).unwrap();
    for _ in 0..500 {
        commit(&mut hooks.handle(), &Packet::default(), vec![lease(1)], Vec::new());
    }
    assert!(hooks.unload_libraries());
    let files: Vec<_> = fs::read_dir(directory.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(files.len() > 10 && files.iter().all(|file| fs::metadata(file).unwrap().len() <= 4096));
    assert_eq!(files.iter().map(|file| lines(file).len()).sum::<usize>(), 500);
}

#[test]
fn a_new_file_begins_on_command() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("log");
    let hooks = Hooks::new();
    hooks.load_libraries(vec![library(json!({"path": path, "max-bytes": 100_000}))]).unwrap();
    let ask = |arguments: &str| -> Value {
        let mut response = hooks::Response::default();
        let command = hooks::Command::new("lease-log-rotate", arguments);
        hooks.call_command_handlers(&mut hooks.handle(), &command, &mut response).unwrap();
        serde_json::from_str(response.json().unwrap()).unwrap()
    };
    commit(&mut hooks.handle(), &Packet::default(), vec![lease(1)], Vec::new());
    assert_eq!(ask("")["result"], 0);
    commit(&mut hooks.handle(), &Packet::default(), vec![lease(2)], Vec::new());
    assert!(ask(r#"{"now": true}"#)["text"].as_str().unwrap().contains("unknown field `now`"));
    hooks.reload(vec![library(json!({"path": path}))]).unwrap();
    let refused = ask("{}");
    assert!(refused["result"] == 1 && refused["text"].as_str().unwrap().contains("set `max-bytes`"), "{refused}");
    assert!(hooks.unload_libraries());
    let old = directory.path().join("log.1");
    assert!(lines(&old)[0].contains("address=192.0.2.1 ") && lines(&path)[0].contains("address=192.0.2.2 "));
    assert_eq!((lines(&old).len(), lines(&path).len()), (1, 1));
}

#[test]
fn what_cannot_be_opened_or_used_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let cases = [
        (json!({"path": directory.path()}), "cannot be opened"),
        (json!({"path": directory.path().join("missing/log")}), "in a directory in which the server may write"),
        (json!({"path": "log", "queue": 0}), "`queue`"),
        (json!({"path": "log", "size": 0}), "unknown field `size`"),
        (json!({"path": 7}), "`parameters.path`"),
    ];
    for (parameters, expected) in cases {
        let error = Hooks::new().load_libraries(vec![library(parameters)]).unwrap_err();
        assert!(error.is_load() && error.to_string().contains(expected), "{error}");
    }
}
