//! A reload as a transaction: what fails changes nothing, what does not change is not touched.

use fixture_api::Packet;
use hooks::{Hooks, LibraryConfig};
use hooks_tests::{Journal, Origin, both, receive, script};
use serde_json::json;

both!(
    the_third_of_five_fails,
    one_is_replaced_one_added_one_removed_and_two_moved,
    what_does_not_change_keeps_its_place_in_a_request,
    reloads_from_several_threads_at_once,
);

fn counting(origin: Origin, name: &str, journal: &Journal, ballast: usize) -> LibraryConfig {
    let received = json!([{"append": name}, "count"]);
    script(origin, name, json!({"journal": journal.path(), "received": received, "ballast": ballast}))
}

/// The names in their order, and how often each has been called.
fn seen(hooks: &Hooks) -> (String, Vec<String>) {
    let mut packet = Packet::default();
    let _ = receive(&mut hooks.handle(), &mut packet);
    (packet.text, packet.trace)
}

fn the_third_of_five_fails(origin: Origin) {
    let (journal, hooks) = (Journal::new(), hooks_tests::hooks());
    let library = |name| counting(origin, name, &journal, 0);
    hooks.reload(vec![library("a"), library("b"), library("c")]).unwrap();
    assert_eq!(seen(&hooks).0, "abc");
    let before = (hooks.libraries(), hooks.callouts().len(), hooks.generations().live.number);
    journal.take();
    for (bad, expected) in [
        (json!({"load": {"error": "no"}}), "no: an error occurred when formatting an argument"),
        (json!({"load": {"panic": "ouch"}}), "`load` panicked: ouch"),
        (json!({"load": "bomb"}), "`load` panicked: a panic with a value that is no text"),
        (json!({"ballast": "heavy"}), "`parameters.ballast`: invalid type: string \"heavy\", expected usize"),
    ] {
        let request = hooks.handle();
        let set = vec![library("x"), library("a"), script(origin, "bad", bad), library("y"), library("b")];
        let error = hooks.reload(set).unwrap_err();
        let text = error.to_string();
        assert_eq!(error.position(), Some(2));
        let source = origin.plugin("scripted");
        let begin = format!("entry 3 of 5: library `scripted` from {source}: {expected}");
        assert!(text.starts_with(&begin), "{text}");
        assert!(error.is_load());
        assert_eq!(journal.take(), ["x load", "x unload", "x drop after 0 calls"], "the fourth was not begun");
        drop(request);
        assert_eq!((hooks.libraries(), hooks.callouts().len(), hooks.generations().live.number), before);
        assert!(hooks.generations().draining.is_empty());
    }
    assert_eq!(seen(&hooks), ("abc".to_owned(), vec!["2".to_owned(); 3]));
}

fn one_is_replaced_one_added_one_removed_and_two_moved(origin: Origin) {
    let (journal, hooks) = (Journal::new(), hooks_tests::hooks());
    let library = |name, ballast| counting(origin, name, &journal, ballast);
    hooks.reload(vec![library("a", 0), library("b", 0), library("c", 0), library("d", 0)]).unwrap();
    assert_eq!(seen(&hooks).0, "abcd");
    journal.take();
    // `c` and `a` have changed their places, `b` has other parameters, `d` is gone, `e` is new.
    hooks.reload(vec![library("c", 0), library("e", 0), library("b", 1), library("a", 0)]).unwrap();
    assert_eq!(
        journal.take(),
        ["e load", "b load", "d unload", "b unload", "d drop after 1 calls", "b drop after 1 calls"]
    );
    assert_eq!(seen(&hooks), ("ceba".to_owned(), ["2", "1", "1", "2"].map(str::to_owned).to_vec()));
    // Only the order changes: nothing is loaded or unloaded.
    hooks.reload(vec![library("a", 0), library("b", 1), library("c", 0), library("e", 0)]).unwrap();
    assert_eq!(journal.take(), [""; 0]);
    assert_eq!(seen(&hooks), ("abce".to_owned(), ["3", "2", "3", "2"].map(str::to_owned).to_vec()));
}

fn what_does_not_change_keeps_its_place_in_a_request(origin: Origin) {
    let (journal, hooks) = (Journal::new(), hooks_tests::hooks());
    let library = |name, ballast| counting(origin, name, &journal, ballast);
    hooks.reload(vec![library("a", 0), library("b", 0)]).unwrap();
    let mut requests = vec![hooks.handle()];
    for ballast in 1..6 {
        hooks.reload(vec![library("b", ballast), library("a", 0)]).unwrap();
        requests.push(hooks.handle());
    }
    let order = |place: usize| if place == 0 { "ab" } else { "ba" };
    for (place, request) in requests.iter_mut().enumerate() {
        let mut packet = Packet::default();
        let _ = receive(request, &mut packet);
        assert_eq!(packet.text, order(place));
        // `a` is one instance in all sets, `b` another one in each.
        let (a, b) = if place == 0 { (0, 1) } else { (1, 0) };
        assert_eq!((packet.trace[a].clone(), packet.trace[b].as_str()), ((place + 1).to_string(), "1"));
    }
    assert_eq!(hooks.generations().draining.len(), 5);
    journal.take();
    // The oldest and a middle one end: only what is in no other set goes.
    requests.remove(3);
    requests.remove(0);
    assert_eq!(hooks.collect(), 3);
    assert_eq!(journal.take(), ["b drop after 1 calls"; 2]);
    drop(requests);
    assert!(hooks.unload_libraries());
    let mut rest = journal.take();
    rest.sort();
    let drops = [vec!["a drop after 6 calls"], vec!["a unload"], vec!["b drop after 1 calls"; 4], vec!["b unload"]];
    assert_eq!(rest, drops.concat());
}

fn reloads_from_several_threads_at_once(origin: Origin) {
    let (journal, hooks) = (Journal::new(), hooks_tests::hooks());
    let names = ["a", "b", "c", "d"];
    std::thread::scope(|scope| {
        for (thread, name) in names.into_iter().enumerate() {
            let (hooks, journal) = (hooks.clone(), &journal);
            scope.spawn(move || {
                for round in 0..10 {
                    let own = || counting(origin, name, journal, round % 3);
                    let mut set = vec![own(), own()];
                    if round % 5 == thread {
                        set.push(script(origin, "bad", json!({"load": {"error": "no"}})));
                        assert_eq!(hooks.reload(set).unwrap_err().position(), Some(2));
                    } else {
                        hooks.reload(set).unwrap();
                    }
                    let text = seen(&hooks).0;
                    let whole = text.len() == 2 && text[..1] == text[1..];
                    assert!(whole || text.is_empty(), "one set, and all of it: {text}");
                }
            });
        }
    });
    assert!(hooks.unload_libraries());
    let lines = journal.take();
    let count = |event: &str| lines.iter().filter(|line| line.contains(event)).count();
    assert_eq!((count(" load"), count(" unload")), (count(" drop"), count(" drop")));
    assert!(count(" load") >= 8);
    let generations = hooks.generations();
    assert_eq!((generations.retired, generations.draining.len()), (generations.live.number, 0));
}
