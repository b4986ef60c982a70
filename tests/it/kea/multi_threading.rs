//! Several threads: which libraries are let in, and what may happen while calls go on.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;

use fixture_api::{Packet, sequence};
use hooks::{Callout, CalloutHandle, LibraryConfig, LibraryHandle};
use hooks_tests::{Journal, Origin, Stops, both, receive, script, send, wait_until};
use serde_json::json;

both!(
    a_library_for_one_thread_is_refused_where_there_are_several,
    callouts_of_different_requests_run_at_once,
    registration_while_calls_go_on,
    reload_while_calls_go_on_and_callouts_are_registered,
    unloading_while_calls_go_on,
);

const CALLERS: usize = 4;
/// Each caller calls at least so often, however fast the others are.
const CALLS: usize = 200;
const ROUNDS: usize = 40;

// 119
fn a_library_for_one_thread_is_refused_where_there_are_several(origin: Origin) {
    let hooks = hooks_tests::hooks();
    let library = || LibraryConfig::new(origin.plugin("single-threaded"));
    let error = hooks.load_libraries(vec![library()]).unwrap_err();
    assert!(error.is_refused() && error.to_string().contains("`single-threaded`"), "{error}");
    // What counts is what is said when the set is loaded.
    hooks.set_multi_threading(false);
    hooks.load_libraries(vec![library()]).unwrap();
    assert!(!hooks.libraries()[0].multi_threading_compatible);
    hooks.set_multi_threading(true);
    assert_eq!(trace(&mut hooks.handle()), ["alone"], "what is loaded stays");
    let error = hooks.reload(vec![library()]).unwrap_err();
    assert!(error.is_refused(), "{error}");
    assert_eq!(trace(&mut hooks.handle()), ["alone"], "and a refused reload changes nothing");
}

/// What the callouts of `sequence` leave.
fn trace(request: &mut CalloutHandle<'_>) -> Vec<String> {
    let mut trace = Vec::new();
    let _ = sequence::call(request, || sequence::Args { trace: &mut trace });
    trace
}

// 120
fn callouts_of_different_requests_run_at_once(origin: Origin) {
    // Two callouts wait for each other: only if both run at the same time do they come back.
    let hooks = hooks_tests::hooks();
    hooks.load_libraries(vec![script(origin, "a", json!({"sent": [{"append": "x"}]}))]).unwrap();
    let inside = AtomicUsize::new(0);
    let wait = fixture_api::sent::callout(move |_, _| {
        inside.fetch_add(1, Ordering::Relaxed);
        wait_until("the other callout", || inside.load(Ordering::Relaxed) == 2);
    });
    hooks.pre_callouts_library_handle().register_callout(&wait).unwrap();
    thread::scope(|scope| {
        let threads = [(); 2].map(|()| {
            scope.spawn(|| {
                let mut packet = Packet::default();
                let _ = send(&mut hooks.handle(), &mut packet);
                packet.text
            })
        });
        assert_eq!(threads.map(|thread| thread.join().unwrap()), ["x", "x"]);
    });
}

// 121
#[test]
fn a_handle_may_change_threads_and_is_used_by_one() {
    fn is_send<T: Send>(value: T) -> T {
        value
    }
    let hooks = hooks_tests::hooks();
    let mut request = is_send(hooks.handle());
    request.set_context("made on", thread::current().id());
    let first = thread::current().id();
    let request = thread::spawn(move || {
        assert_eq!(request.context::<thread::ThreadId>("made on").unwrap(), &first);
        request.set_argument("seen", true).unwrap();
        request
    });
    assert!(request.join().unwrap().argument::<bool>("seen").unwrap());
    // That two threads cannot use it at once is shown by the compile-time test `callout/fail/handle_shared_with_a_thread.rs`.
    is_send(hooks.pre_callouts_library_handle());
}

/// A callout of the component that leaves `text`.
fn leaving(text: &'static str) -> Callout {
    sequence::callout(move |_, arguments| arguments.trace.push(text.to_owned()))
}

/// What may be left: each part is there or not, and they are in this order.
fn is_in_order(trace: &[String], order: &[&str]) -> bool {
    let mut places = order.iter();
    trace.iter().all(|part| places.any(|place| place == part))
}

fn register_and_deregister(library: &LibraryHandle, callout: &Callout) {
    library.register_callout(callout).unwrap();
    assert!(library.deregister_callout(callout));
}

// 47, 121, W18
fn registration_while_calls_go_on(origin: Origin) {
    let hooks = hooks_tests::hooks();
    let toggling = |name: &str| LibraryConfig::new(origin.plugin("toggling")).parameters(json!({"name": name}));
    hooks.load_libraries(vec![toggling("a"), toggling("b")]).unwrap();
    let order = ["before", "a always", "a at times", "b always", "b at times", "after"];
    let (done, changes) = (AtomicBool::new(false), AtomicUsize::new(0));
    thread::scope(|scope| {
        for _ in 0..CALLERS {
            scope.spawn(|| {
                let mut calls = 0;
                while calls < CALLS || !done.load(Ordering::Relaxed) {
                    let trace = trace(&mut hooks.handle());
                    assert!(is_in_order(&trace, &order), "{trace:?}");
                    assert_eq!(trace.iter().filter(|part| part.ends_with("always")).count(), 2, "{trace:?}");
                    calls += 1;
                }
            });
        }
        let _stops = Stops(&done);
        let changing = [
            // The component, before and after the libraries.
            scope.spawn(|| {
                let (library, callout) = (hooks.pre_callouts_library_handle(), leaving("before"));
                (0..ROUNDS).for_each(|_| register_and_deregister(&library, &callout));
                changes.fetch_add(ROUNDS, Ordering::Relaxed);
            }),
            scope.spawn(|| {
                let (library, callout) = (hooks.post_callouts_library_handle(), leaving("after"));
                (0..ROUNDS).for_each(|_| register_and_deregister(&library, &callout));
                changes.fetch_add(ROUNDS, Ordering::Relaxed);
            }),
            // Both libraries, from within a callout.
            scope.spawn(|| {
                let mut request = hooks.handle();
                for _ in 0..2 * ROUNDS {
                    assert!(send(&mut request, &mut Packet::default()).is_continue());
                }
                changes.fetch_add(ROUNDS, Ordering::Relaxed);
            }),
        ];
        changing.into_iter().for_each(|thread| thread.join().unwrap());
    });
    assert_eq!(changes.load(Ordering::Relaxed), 3 * ROUNDS);
    assert_eq!(trace(&mut hooks.handle()), ["a always", "b always"], "all changes have been taken back");
    assert!(hooks.unload_libraries());
}

// 95, 121, W18
fn reload_while_calls_go_on_and_callouts_are_registered(origin: Origin) {
    let (journal, hooks) = (Journal::new(), hooks_tests::hooks());
    let set = |name: &str| {
        let log = json!({"journal": journal.path(), "received": [{"append": name}]});
        let toggling = LibraryConfig::new(origin.plugin("toggling")).parameters(json!({"name": name}));
        vec![toggling, script(origin, name, log)]
    };
    hooks.load_libraries(set("a")).unwrap();
    let lasting = leaving("before");
    hooks.pre_callouts_library_handle().across_loads().register_callout(&lasting).unwrap();
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        for _ in 0..CALLERS {
            scope.spawn(|| {
                let mut calls = 0;
                while calls < CALLS || !done.load(Ordering::Relaxed) {
                    // One request sees one set at all of its hook points, whoever registers meanwhile.
                    let (mut request, mut packet) = (hooks.handle(), Packet::default());
                    let _ = receive(&mut request, &mut packet);
                    let own = packet.text.clone();
                    for _ in 0..3 {
                        let trace = trace(&mut request);
                        let (always, at_times) = (format!("{own} always"), format!("{own} at times"));
                        let order = ["before", &always, &at_times, "after"];
                        assert!(is_in_order(&trace, &order) && trace.len() >= 2, "{own}: {trace:?}");
                    }
                    calls += 1;
                }
            });
        }
        let _stops = Stops(&done);
        let registering = scope.spawn(|| {
            for _ in 0..ROUNDS {
                let mut request = hooks.handle();
                assert!(send(&mut request, &mut Packet::default()).is_continue());
                // The handle may belong to a set that has just been replaced.
                let after = hooks.post_callouts_library_handle();
                let _ = after.register_callout(&leaving("after")).map(|()| after.deregister_all_callouts("sequence"));
            }
        });
        let reloading = scope.spawn(|| {
            for round in 0..ROUNDS {
                hooks.reload(set(if round % 2 == 0 { "b" } else { "a" })).unwrap();
            }
        });
        registering.join().unwrap();
        reloading.join().unwrap();
    });
    assert!(hooks.unload_libraries());
    assert_eq!(trace(&mut hooks.handle()), ["before"]);
    let lines = journal.take();
    let count = |event: &str| lines.iter().filter(|line| line.contains(event)).count();
    assert_eq!([count(" load"), count(" unload"), count(" drop")], [ROUNDS + 1; 3]);
}

// 98, 121, W18
fn unloading_while_calls_go_on(origin: Origin) {
    let (journal, hooks) = (Journal::new(), hooks_tests::hooks());
    let set = || {
        let library = |name: &str| {
            let append = json!([{"append": name}]);
            script(origin, name, json!({"journal": journal.path(), "received": append, "sent": append}))
        };
        vec![library("1"), library("2")]
    };
    let (done, refused) = (AtomicBool::new(false), AtomicUsize::new(0));
    let (sender, receiver) = mpsc::sync_channel::<CalloutHandle<'static>>(CALLERS);
    thread::scope(|scope| {
        for _ in 0..CALLERS {
            let (sender, hooks, done) = (sender.clone(), &hooks, &done);
            scope.spawn(move || {
                let mut calls = 0;
                while calls < CALLS || !done.load(Ordering::Relaxed) {
                    let (mut request, mut packet) = (hooks.handle(), Packet::default());
                    let _ = receive(&mut request, &mut packet);
                    assert!(matches!(packet.text.as_str(), "" | "12"), "{}", packet.text);
                    let began = packet.text.clone();
                    let _ = send(&mut request, &mut packet);
                    assert_eq!(packet.text, began.repeat(2), "all or nothing, and the same to the end");
                    calls += 1;
                    if calls % 8 == 0 {
                        sender.send(request).unwrap();
                    }
                }
            });
        }
        drop(sender);
        // Some requests end on another thread.
        scope.spawn(|| receiver.into_iter().for_each(drop));
        for _ in 0..2 {
            scope.spawn(|| {
                let _stops = Stops(&done);
                for _ in 0..ROUNDS {
                    if let Err(error) = hooks.load_libraries(set()) {
                        assert!(error.is_still_open(), "{error}");
                        refused.fetch_add(1, Ordering::Relaxed);
                    }
                    hooks.prepare_unload_libraries();
                    hooks.unload_libraries();
                }
            });
        }
    });
    assert!(hooks.unload_libraries(), "all requests have ended");
    let lines = journal.take();
    let count = |event: &str| lines.iter().filter(|line| line.contains(event)).count();
    // Two libraries for each load that was not refused.
    let loads = 2 * (2 * ROUNDS - refused.load(Ordering::Relaxed));
    assert_eq!([count(" load"), count(" unload"), count(" drop")], [loads; 3]);
}
