//! Reloads while other threads make requests: nobody notices.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;

use fixture_api::Packet;
use hooks::LibraryConfig;
use hooks_tests::{Journal, Origin, Stops, both, receive, script, wait_until};
use serde_json::json;

both!(each_request_sees_one_set_whatever_is_replaced);

fn each_request_sees_one_set_whatever_is_replaced(origin: Origin) {
    let (journal, hooks, ends) = (Journal::new(), hooks_tests::hooks(), AtomicBool::new(false));
    let made = [const { AtomicU64::new(0) }; 2];
    let library = |name: &str, ballast: usize| -> LibraryConfig {
        script(origin, name, json!({"received": [{"append": name}], "journal": journal.path(), "ballast": ballast}))
    };
    // The same text means the same set; a mixture would show.
    let sets: [(&str, usize); 4] = [("abc", 0), ("cab", 0), ("ab", 1), ("bcd", 2)];
    let set = |(names, ballast): (&str, usize)| -> Vec<LibraryConfig> {
        names.split("").filter(|name| !name.is_empty()).map(|name| library(name, ballast)).collect()
    };
    hooks.reload(set(sets[0])).unwrap();
    thread::scope(|scope| {
        for made in &made {
            scope.spawn(|| {
                while !ends.load(Ordering::Relaxed) {
                    let mut request = hooks.handle();
                    let mut first = String::new();
                    for round in 0..3 {
                        let mut packet = Packet::default();
                        assert!(receive(&mut request, &mut packet).is_continue());
                        assert!(sets.iter().any(|(names, _)| *names == packet.text), "{}", packet.text);
                        if round == 0 {
                            first = packet.text;
                        } else {
                            assert_eq!(packet.text, first, "one set from the first hook point to the last");
                        }
                    }
                    made.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        let stops = Stops(&ends);
        for round in 0..20 {
            let next = sets[round % sets.len()];
            let mut libraries = set(next);
            if round % 5 == 4 {
                libraries.push(script(origin, "bad", json!({"load": {"error": "no"}})));
                assert_eq!(hooks.reload(libraries).unwrap_err().position(), Some(next.0.len()));
            } else {
                hooks.reload(libraries).unwrap();
            }
            let before = made.each_ref().map(|made| made.load(Ordering::Relaxed));
            wait_until("each thread has ended a request since", || {
                made.iter().zip(before).all(|(made, before)| made.load(Ordering::Relaxed) > before)
            });
        }
        drop(stops);
    });
    assert!(hooks.unload_libraries());
    let lines = journal.take();
    let count = |event: &str| lines.iter().filter(|line| line.contains(event)).count();
    assert_eq!((count(" load"), count(" unload")), (count(" drop"), count(" drop")));
}
