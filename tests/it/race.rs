//! Requests on many threads while another thread reloads.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use fixture_api::Packet;
use hooks::{Hooks, LibraryConfig};
use hooks_tests::{Journal, Origin, Stops, both, receive, script, send};
use serde_json::json;

both!(each_request_sees_one_set_and_no_call_is_lost, handles_come_and_go_on_different_threads);

const READERS: usize = 4;
const ROUNDS: usize = 40;
/// Each reader makes at least so many requests, however fast the reloads are.
const REQUESTS: usize = 200;

/// The set `which`: two libraries that leave its name in the packet.
fn set(origin: Origin, which: &str, journal: &Journal) -> Vec<LibraryConfig> {
    let library = |part: &str| {
        let name = format!("{which}{part}");
        let actions = json!([{"append": name}]);
        script(origin, &name, json!({"journal": journal.path(), "received": actions, "sent": actions}))
    };
    vec![library("1"), library("2")]
}

/// One request: passes three hook points, and returns how many callouts it must have reached.
fn request(hooks: &Hooks) -> usize {
    let (mut request, mut packet) = (hooks.handle(), Packet::default());
    assert!(receive(&mut request, &mut packet).is_continue());
    assert!(send(&mut request, &mut packet).is_continue());
    assert!(receive(&mut request, &mut packet).is_continue());
    let set = packet.text.get(..1).expect("some set is always loaded");
    assert_eq!(packet.text, format!("{set}1{set}2").repeat(3));
    6
}

fn each_request_sees_one_set_and_no_call_is_lost(origin: Origin) {
    let (journal, hooks) = (Journal::new(), hooks_tests::hooks());
    hooks.load_libraries(set(origin, "a", &journal)).unwrap();
    let (done, expected) = (AtomicBool::new(false), AtomicUsize::new(0));
    thread::scope(|scope| {
        for _ in 0..READERS {
            scope.spawn(|| {
                let (mut requests, mut callouts) = (0, 0);
                while requests < REQUESTS || !done.load(Ordering::Relaxed) {
                    callouts += request(&hooks);
                    requests += 1;
                }
                expected.fetch_add(callouts, Ordering::Relaxed);
            });
        }
        let _stops = Stops(&done);
        for round in 0..ROUNDS {
            hooks.reload(set(origin, if round % 2 == 0 { "b" } else { "a" }, &journal)).unwrap();
        }
    });
    assert!(hooks.unload_libraries());
    let lines = journal.take();
    let count = |event: &str| lines.iter().filter(|line| line.contains(event)).count();
    assert_eq!([count(" load"), count(" unload"), count(" drop")], [2 * (ROUNDS + 1); 3]);
    let calls = lines.iter().filter_map(|line| line.split_once(" drop after ")?.1.split_once(' '));
    let calls: usize = calls.map(|(calls, _)| calls.parse::<usize>().unwrap()).sum();
    assert_eq!(calls, expected.load(Ordering::Relaxed));
}

fn handles_come_and_go_on_different_threads(origin: Origin) {
    let (journal, hooks) = (Journal::new(), hooks_tests::hooks());
    hooks.load_libraries(set(origin, "a", &journal)).unwrap();
    let (sender, receiver) = std::sync::mpsc::sync_channel::<hooks::CalloutHandle<'static>>(16);
    thread::scope(|scope| {
        // One thread makes handles, another one uses and drops them.
        let making = hooks.clone();
        scope.spawn(move || (0..READERS * REQUESTS).for_each(|_| sender.send(making.handle()).unwrap()));
        scope.spawn(move || {
            for mut handle in receiver {
                let mut packet = Packet::default();
                assert!(receive(&mut handle, &mut packet).is_continue());
                assert!(matches!(packet.text.as_str(), "a1a2" | "b1b2"), "{}", packet.text);
            }
        });
        for round in 0..ROUNDS {
            hooks.reload(set(origin, if round % 2 == 0 { "b" } else { "a" }, &journal)).unwrap();
        }
    });
    assert!(hooks.unload_libraries());
    let lines = journal.take();
    assert_eq!(lines.iter().filter(|line| line.contains(" drop")).count(), 2 * (ROUNDS + 1));
}
