//! What safe code may try while a callout is called straight from a table, and what a handle may leave behind.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;

use fixture_api::{Packet, received, sequence};
use hooks::{Arguments, Call, Hooks, LibraryConfig, NextStep, Observer, Source};
use hooks_tests::{Origin, receive, script, send};
use serde_json::json;

/// The plugin whose only callout takes its arguments only.
fn reaching(name: &str) -> LibraryConfig {
    LibraryConfig::new(Source::Builtin("reaching".to_owned())).parameters(json!({"name": name, "at": "call"}))
}

/// Another one at the same hook point.
#[hooks::callout(received, manual)]
fn also(packet: &mut Packet) -> received::NextStep {
    packet.text.push('+');
    if packet.number == 7 { received::NextStep::Skip } else { received::NextStep::Continue }
}

/// Does whatever replaces chains and sets.
fn shake(hooks: &Hooks) {
    let before = hooks.pre_callouts_library_handle();
    for _ in 0..80 {
        before.register_callout(&also::callout()).unwrap();
        assert!(before.deregister_callout(&also::callout()));
    }
    hooks.collect();
    hooks.reload(vec![script(Origin::BuiltIn, "x", json!({"received": [{"append": "x"}]}))]).unwrap();
    for _ in 0..3 {
        let mut packet = Packet::default();
        let mut other = hooks.handle();
        let _ = receive(&mut other, &mut packet);
        thread::spawn(move || drop(other)).join().unwrap();
    }
    hooks.reload(vec![]).unwrap();
    hooks.collect();
}

#[test]
fn a_plain_callout_may_shake_everything_and_then_fail() {
    for (name, together) in [("plain-alone", false), ("plain-together", true)] {
        let hooks = hooks_tests::hooks();
        let inside = hooks.clone();
        reaching::set(name, move || {
            shake(&inside);
            panic!("after {name}");
        });
        hooks.reload(vec![reaching(name)]).unwrap();
        if together {
            hooks.post_callouts_library_handle().register_callout(&also::callout()).unwrap();
        }
        let mut request = hooks.handle();
        let mut packet = Packet { number: 7, ..Packet::default() };
        let step = receive(&mut request, &mut packet);
        // DROP, also if the one behind it says SKIP.
        assert!(step.is_drop(), "{step:?}");
        assert_eq!(packet.text, if together { "+" } else { "" });
        assert_eq!(request.status(), NextStep::Drop);
        assert_eq!(request.decided_by().unwrap().callout(), "reach");
        reaching::unset(name);
        let mut packet = Packet { number: 7, ..Packet::default() };
        let step = receive(&mut request, &mut packet);
        assert_eq!(
            (step.is_skip(), packet.text.as_str()),
            (together, if together { "plain-together+" } else { "plain-alone" })
        );
        assert_eq!(request.decided_by().is_some(), together);
    }
}

/// Drops of values use the `Hooks` and panic.
struct Nasty(Hooks, Arc<AtomicU32>);
impl Drop for Nasty {
    fn drop(&mut self) {
        self.1.fetch_add(1, Ordering::Relaxed);
        let mut handle = self.0.handle();
        handle.set_context("of another one", 5_u8);
        handle.set_argument("left", 5_u8).unwrap();
        self.0.collect();
        panic!("in drop");
    }
}

#[test]
fn nothing_of_a_request_is_left_in_the_next_one() {
    let hooks = hooks_tests::hooks();
    let dropped = Arc::new(AtomicU32::new(0));
    hooks
        .load_libraries(vec![script(
            Origin::BuiltIn,
            "a",
            json!({"received": ["keep-ticket", {"return": "park"}], "sent": [{"end": {"panic": "ouch"}}]}),
        )])
        .unwrap();
    let late = hooks.register_hook("shaken_late").unwrap();
    for _ in 0..3 {
        let mut handles: Vec<_> = (0..70).map(|_| hooks.handle()).collect();
        for request in &mut handles {
            assert_eq!((request.argument_names().len(), request.status()), (0, NextStep::Continue));
            assert!(request.context_names().is_err() && request.take_parked().is_none());
            assert!(request.decided_by().is_none() && request.hook_name().is_empty());
            request.set_context("x", Nasty(hooks.clone(), Arc::clone(&dropped)));
            request.set_context("x", Nasty(hooks.clone(), Arc::clone(&dropped)));
            request.set_argument("left", 7_u32).unwrap();
            let _ = request.call_callouts(late);
            let step = send(request, &mut Packet::default());
            assert!(step.is_drop());
            drop(receive(request, &mut Packet::default()));
        }
        // Half of them elsewhere, where the thread ends.
        let rest = handles.split_off(35);
        thread::spawn(move || drop(rest)).join().unwrap();
        drop(handles);
    }
    assert_eq!(dropped.load(Ordering::Relaxed), 3 * 70 * 2);
    assert!(hooks.unload_libraries());
}

thread_local! {
    static LATE: std::cell::RefCell<Option<(Hooks, hooks::CalloutHandle<'static>)>> = const { std::cell::RefCell::new(None) };
}

#[test]
fn handles_may_go_with_their_thread() {
    let hooks = hooks_tests::hooks();
    hooks.reload(vec![script(Origin::BuiltIn, "a", json!({"received": [{"append": "a"}]}))]).unwrap();
    for first in [true, false] {
        let hooks = hooks.clone();
        thread::spawn(move || {
            if first {
                LATE.with(|late| drop(late.take()));
            }
            let mut handle = hooks.handle();
            let _ = receive(&mut handle, &mut Packet::default());
            handle.set_context("x", 1);
            LATE.with(|late| *late.borrow_mut() = Some((hooks, handle)));
        })
        .join()
        .unwrap();
    }
    assert!(hooks.unload_libraries());
}

/// Counts calls.
#[derive(Default)]
struct Counts(AtomicU32);
impl Observer for Counts {
    fn hook_begin(&self, _: &Call<'_>, _: &Arguments<'_>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

#[test]
fn an_observer_that_a_plain_callout_sets_sees_the_next_call() {
    let (name, hooks) = ("plain-observed", hooks_tests::hooks());
    let counts = Arc::new(Counts::default());
    let (inside, observer) = (hooks.clone(), Arc::clone(&counts));
    reaching::set(name, move || inside.set_observer(Some(observer.clone())));
    hooks.reload(vec![reaching(name)]).unwrap();
    let mut request = hooks.handle();
    let seen = [0; 3].map(|_| {
        let _ = receive(&mut request, &mut Packet::default());
        counts.0.load(Ordering::Relaxed)
    });
    assert_eq!(seen, [0, 1, 2]);
    hooks.set_observer(None);
    reaching::unset(name);
    let _ = receive(&mut request, &mut Packet::default());
    assert_eq!(counts.0.load(Ordering::Relaxed), 2);
}

#[test]
fn threads_call_while_chains_and_sets_are_replaced() {
    let hooks = hooks_tests::hooks();
    let stop = Arc::new(AtomicU32::new(0));
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                let mut last = None;
                while stop.load(Ordering::Relaxed) == 0 {
                    let mut request = hooks.handle();
                    for number in [0, 7, 0] {
                        let mut packet = Packet { number, ..Packet::default() };
                        let step = receive(&mut request, &mut packet);
                        let plus = packet.text.contains('+');
                        assert_eq!(step.is_skip(), plus && number == 7, "{packet:?}");
                        // A call without callouts leaves them as they were.
                        assert!(!plus || request.decided_by().is_some() == step.is_skip());
                        let _ = sequence::call(&mut request, || sequence::Args { trace: &mut packet.trace });
                    }
                    // It goes a bit later, out of turn.
                    last = Some(request);
                }
                drop(last);
            });
        }
        for round in 0..60 {
            let before = hooks.pre_callouts_library_handle();
            for _ in 0..30 {
                before.register_callout(&also::callout()).unwrap();
                before.deregister_callout(&also::callout());
            }
            before.register_callout(&also::callout()).unwrap();
            hooks.collect();
            if round % 3 == 0 {
                hooks.reload(vec![]).unwrap();
            }
        }
        stop.store(1, Ordering::Relaxed);
    });
    assert!(hooks.unload_libraries());
}
