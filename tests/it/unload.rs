//! Unloading: in two phases, in reverse order, once, and never under a request.

use std::cell::RefCell;
use std::thread;

use fixture_api::Packet;
use hooks::CalloutHandle;
use hooks_tests::{Journal, Origin, both, logged, receive, script, text_of};
use serde_json::json;

both!(
    libraries_go_in_reverse_order,
    unloading_waits_for_requests,
    unload_is_called_once,
    a_handle_dropped_on_another_thread_counts,
    a_handle_dropped_by_an_ending_thread_counts,
    failures_of_unload_and_drop_are_logged_and_harmless,
    dropping_hooks_unloads,
    a_handle_outlives_its_hooks,
    unloading_nothing_succeeds,
);

fn libraries_go_in_reverse_order(origin: Origin) {
    let (journal, hooks) = (Journal::new(), hooks_tests::hooks());
    let library = |name| script(origin, name, json!({"journal": journal.path()}));
    hooks.load_libraries(vec![library("a"), library("b"), library("c")]).unwrap();
    assert_eq!(journal.take(), ["a load", "b load", "c load"]);
    hooks.prepare_unload_libraries();
    assert_eq!(journal.take(), ["c unload", "b unload", "a unload"]);
    assert!(hooks.unload_libraries());
    assert_eq!(journal.take(), ["c drop after 0 calls", "b drop after 0 calls", "a drop after 0 calls"]);
}

fn unloading_waits_for_requests(origin: Origin) {
    let (journal, hooks) = (Journal::new(), hooks_tests::hooks());
    let actions = json!({"journal": journal.path(), "received": [{"append": "x"}]});
    hooks.load_libraries(vec![script(origin, "a", actions)]).unwrap();
    let (mut one, two) = (hooks.handle(), hooks.handle());
    assert!(!hooks.unload_libraries());
    assert_eq!(text_of(&hooks), "", "new requests see nothing any more");
    let mut packet = Packet::default();
    assert!(receive(&mut one, &mut packet).is_continue());
    assert_eq!(packet.text, "x", "requests that began before do");
    drop(two);
    assert!(!hooks.unload_libraries());
    assert_eq!(hooks.collect(), 1);
    assert_eq!(journal.take(), ["a load", "a unload"]);
    drop(one);
    assert_eq!(journal.take(), [""; 0], "only `unload_libraries` and its like drop");
    assert!(hooks.unload_libraries());
    assert_eq!(journal.take(), ["a drop after 1 calls"]);
    assert!(hooks.unload_libraries());
    assert_eq!(journal.take(), [""; 0]);
}

fn unload_is_called_once(origin: Origin) {
    let (journal, hooks) = (Journal::new(), hooks_tests::hooks());
    hooks.load_libraries(vec![script(origin, "a", json!({"journal": journal.path()}))]).unwrap();
    let request = hooks.handle();
    for _ in 0..3 {
        hooks.prepare_unload_libraries();
        assert!(!hooks.unload_libraries());
        assert_eq!(hooks.collect(), 1);
    }
    drop(request);
    drop(hooks);
    assert_eq!(journal.take(), ["a load", "a unload", "a drop after 0 calls"]);
}

fn a_handle_dropped_on_another_thread_counts(origin: Origin) {
    let (journal, hooks) = (Journal::new(), hooks_tests::hooks());
    for round in 0..20 {
        hooks.load_libraries(vec![script(origin, "a", json!({"journal": journal.path(), "ballast": round}))]).unwrap();
        let handles: Vec<_> = (0..4).map(|_| hooks.handle()).collect();
        // Made here, dropped there; and made there, dropped here.
        let other = hooks.clone();
        let made = thread::spawn(move || {
            drop(handles);
            other.handle()
        });
        let made = made.join().unwrap();
        assert!(!hooks.unload_libraries());
        drop(made);
        assert!(hooks.unload_libraries());
        assert_eq!(journal.take(), ["a load", "a unload", "a drop after 0 calls"]);
    }
}

fn a_handle_dropped_by_an_ending_thread_counts(origin: Origin) {
    thread_local! {
        static LAST: RefCell<Vec<CalloutHandle<'static>>> = const { RefCell::new(Vec::new()) };
    }
    let hooks = hooks_tests::hooks();
    hooks.load_libraries(vec![script(origin, "a", json!({"received": [{"append": "x"}]}))]).unwrap();
    // The handle goes with the thread's own values: once before and once after those that the framework keeps for a thread.
    for mine_first in [true, false] {
        let request = hooks.handle();
        let other = hooks.clone();
        let thread = thread::spawn(move || {
            if mine_first {
                LAST.with_borrow_mut(|last| last.push(request));
                drop(other.handle());
            } else {
                drop(other.handle());
                LAST.with_borrow_mut(|last| last.push(request));
            }
        });
        thread.join().unwrap();
        assert_eq!(hooks.collect(), 0);
    }
    assert!(hooks.unload_libraries());
}

fn failures_of_unload_and_drop_are_logged_and_harmless(origin: Origin) {
    let ends = [
        (json!({"error": "stuck"}), "stuck: an error occurred"),
        (json!({"panic": "ouch"}), "ouch"),
        (json!("bomb"), "a panic with a value that is no text"),
    ];
    for (end, text) in ends {
        let (journal, hooks) = (Journal::new(), hooks_tests::hooks());
        let bad = script(origin, "bad", json!({"journal": journal.path(), "unload": end, "drop": end}));
        let good = script(origin, "good", json!({"journal": journal.path()}));
        hooks.load_libraries(vec![good.clone(), bad, good]).unwrap();
        let (unloaded, log) = logged(|| hooks.unload_libraries());
        assert!(unloaded);
        assert!(log.contains("unload failed") && log.contains("library=\"scripted\"") && log.contains(text), "{log}");
        if end.get("error").is_none() {
            assert!(log.contains("the plugin panicked while it was dropped"), "{log}");
        }
        let drops: Vec<_> = journal.take().into_iter().filter(|line| line.contains("drop")).collect();
        assert_eq!(drops, ["good", "bad", "good"].map(|name| format!("{name} drop after 0 calls")));
    }
}

fn dropping_hooks_unloads(origin: Origin) {
    let (journal, hooks) = (Journal::new(), hooks_tests::hooks());
    let library = |name| script(origin, name, json!({"journal": journal.path()}));
    hooks.load_libraries(vec![library("a"), library("b")]).unwrap();
    let again = hooks.clone();
    drop(hooks);
    assert_eq!(journal.take(), ["a load", "b load"]);
    drop(again);
    assert_eq!(journal.take(), ["b unload", "a unload", "b drop after 0 calls", "a drop after 0 calls"]);
}

fn a_handle_outlives_its_hooks(origin: Origin) {
    let (journal, hooks) = (Journal::new(), hooks_tests::hooks());
    let actions = json!({"journal": journal.path(), "received": [{"append": "x"}, {"return": "skip"}]});
    hooks.load_libraries(vec![script(origin, "a", actions)]).unwrap();
    let mut request = hooks.handle();
    let ((), log) = logged(|| drop(hooks));
    assert!(log.contains("their libraries stay in memory"), "{log}");
    assert_eq!(journal.take(), ["a load", "a unload"]);
    let mut packet = Packet::default();
    for _ in 0..3 {
        assert!(receive(&mut request, &mut packet).is_skip());
    }
    assert_eq!(packet.text, "xxx");
    assert_eq!(request.decided_by().unwrap().library(), "scripted");
    thread::spawn(move || drop(request)).join().unwrap();
    assert_eq!(journal.take(), [""; 0], "nobody is left who could drop it");
}

fn unloading_nothing_succeeds(origin: Origin) {
    let hooks = hooks_tests::hooks();
    hooks.prepare_unload_libraries();
    assert!(hooks.unload_libraries());
    hooks.load_libraries(vec![]).unwrap();
    hooks.reload(vec![]).unwrap();
    hooks.load_libraries(vec![script(origin, "a", json!({}))]).unwrap();
    hooks.reload(vec![]).unwrap();
    assert_eq!(hooks.collect(), 0);
    assert!(hooks.libraries().is_empty());
}
