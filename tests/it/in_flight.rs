//! Requests in flight keep the generation of libraries with which they began.

use fixture_api::Packet;
use hooks::CalloutHandle;
use hooks_tests::{Journal, Origin, both, receive, script, text_of};
use serde_json::json;

both!(
    each_request_finishes_with_its_own_set,
    states_are_dropped_when_their_last_request_is_gone,
    many_sets_in_flight,
    one_old_request_holds_up_nobody,
);

fn text(request: &mut CalloutHandle<'_>) -> String {
    let mut packet = Packet::default();
    let _ = receive(request, &mut packet);
    packet.text
}

fn each_request_finishes_with_its_own_set(origin: Origin) {
    let hooks = hooks_tests::hooks();
    let library = |name: &str| script(origin, name, json!({"received": [{"append": name}]}));
    let mut requests = vec![(String::new(), hooks.handle())];
    // Sets that share a library, sets that share none, an empty one, and the first one again.
    for set in ["ab", "bc", "d", "", "ab"] {
        hooks.reload(set.chars().map(|name| library(&name.to_string())).collect()).unwrap();
        requests.push((set.to_owned(), hooks.handle()));
        assert_eq!(text_of(&hooks), set);
        for (set, request) in &mut requests {
            assert_eq!(text(request), *set);
        }
    }
    // They may end in any order.
    for which in [3, 0, 2, 0, 1, 0] {
        drop(requests.remove(which));
        for (set, request) in &mut requests {
            assert_eq!(text(request), *set);
        }
        hooks.collect();
    }
    assert!(hooks.unload_libraries());
}

fn states_are_dropped_when_their_last_request_is_gone(origin: Origin) {
    let (journal, hooks) = (Journal::new(), hooks_tests::hooks());
    let library = |name| script(origin, name, json!({"journal": journal.path()}));
    hooks.load_libraries(vec![library("kept"), library("a")]).unwrap();
    let first = hooks.handle();
    hooks.reload(vec![library("kept"), library("b")]).unwrap();
    let second = hooks.handle();
    hooks.reload(vec![library("kept"), library("c")]).unwrap();
    assert_eq!(journal.take(), ["kept load", "a load", "b load", "a unload", "c load", "b unload"]);
    drop(first);
    assert!(hooks.collect() >= 1, "the second request goes on");
    drop(second);
    assert_eq!(hooks.collect(), 0);
    let mut dropped = journal.take();
    dropped.sort();
    assert_eq!(dropped, ["a drop after 0 calls", "b drop after 0 calls"]);
    drop(hooks);
    assert_eq!(
        journal.take(),
        ["c unload", "kept unload", "c drop after 0 calls", "kept drop after 0 calls"],
        "what is in several sets is dropped once, with the last"
    );
}

fn one_old_request_holds_up_nobody(origin: Origin) {
    let (journal, hooks) = (Journal::new(), hooks_tests::hooks());
    let library = |name: &str| script(origin, name, json!({"journal": journal.path(), "received": [{"append": name}]}));
    hooks.load_libraries(vec![library("old")]).unwrap();
    let mut old = hooks.handle();
    let mut younger = None;
    for number in 0..70 {
        hooks.reload(vec![library(&number.to_string())]).unwrap();
        assert_eq!(text_of(&hooks), number.to_string());
        assert_eq!(text(&mut old), "old");
        if number == 40 {
            younger = Some(hooks.handle());
        }
    }
    let lines = journal.take();
    // Gone are all but the old set, the younger request's and the current one.
    assert_eq!(lines.iter().filter(|line| line.contains(" drop")).count(), 71 - 3);
    assert_eq!(text(younger.as_mut().unwrap()), "40");
    drop(younger);
    assert_eq!(hooks.collect(), 1);
    drop(old);
    assert_eq!(hooks.collect(), 0);
}

fn many_sets_in_flight(origin: Origin) {
    let (journal, hooks) = (Journal::new(), hooks_tests::hooks());
    let library = |name: &str| script(origin, name, json!({"journal": journal.path(), "received": [{"append": name}]}));
    let (mut requests, mut newest) = (Vec::new(), String::new());
    for number in 0..70 {
        let name = number.to_string();
        // However many sets may be in flight at once: one more is refused in words, and nothing that runs is touched.
        match hooks.reload(vec![library(&name)]) {
            Ok(()) => newest = name,
            Err(error) => assert!(error.is_still_open() && number > 8, "{number}: {error}"),
        }
        requests.push((newest.clone(), hooks.handle()));
        assert_eq!(text_of(&hooks), newest);
    }
    for (name, request) in &mut requests {
        assert_eq!(text(request), *name);
    }
    // With the oldest and the newest half gone the others still work, and there is room again.
    requests.drain(55..);
    requests.drain(..15);
    hooks.collect();
    for (name, request) in &mut requests {
        assert_eq!(text(request), *name);
    }
    requests.clear();
    assert_eq!(hooks.collect(), 0);
    hooks.reload(vec![library("again")]).unwrap();
    assert_eq!(text_of(&hooks), "again");
    assert!(hooks.unload_libraries());
    let lines = journal.take();
    let count = |event: &str| lines.iter().filter(|line| line.contains(event)).count();
    assert_eq!(count(" load"), count(" drop"));
    assert_eq!(count(" load"), count(" unload"));
}
