//! The same from other threads, while calls go on.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;

use fixture_api::digits::alpha as point;
use hooks::Hooks;
use hooks_tests::{Origin, Stops, both, wait_until};
use serde_json::{Value, json};

use crate::kea::digits::{
    add_to_alpha, alpha, alpha_with, change, deregister, deregister_closure, digits, loaded, register, register_closure,
};

both!(
    a_call_finishes_with_what_it_began_with,
    each_call_sees_a_whole_chain,
    changes_of_several_libraries_at_once_are_all_made,
    changes_while_sets_are_replaced_lose_no_call,
);

// 47
fn a_call_finishes_with_what_it_began_with(origin: Origin) {
    let hooks = loaded(origin, &["a"]);
    for digit in [1, 2] {
        change(&hooks, "a", register("alpha", digit));
    }
    change(&hooks, "a", register_closure("alpha", 3));
    let (inside, is_inside) = mpsc::sync_channel(0);
    let (go_on, may_go_on) = mpsc::sync_channel(0);
    let may_go_on = std::sync::Mutex::new(may_go_on);
    // Waits in the middle of the call until the other thread has made its changes.
    let wait = point::callout(move |_, arguments| {
        arguments.digits.push('0');
        inside.send(()).unwrap();
        may_go_on.lock().unwrap().recv().unwrap();
    });
    let pre = hooks.pre_callouts_library_handle();
    pre.register_callout(&wait).unwrap();
    thread::scope(|scope| {
        let call = scope.spawn(|| alpha(&hooks));
        is_inside.recv().unwrap();
        for done in [deregister("alpha", 1), deregister_closure("alpha", 3), json!({"deregister-all": "alpha"})] {
            assert_eq!(change(&hooks, "a", done), "true");
        }
        change(&hooks, "a", register("alpha", 4));
        add_to_alpha(&hooks.post_callouts_library_handle(), '9');
        assert!(pre.deregister_callout(&wait));
        assert_eq!(alpha(&hooks), "49", "a call that begins meanwhile has the new ones");
        go_on.send(()).unwrap();
        assert_eq!(call.join().unwrap(), "0123");
    });
    assert_eq!(alpha(&hooks), "49");
}

const CALLERS: usize = 3;
/// Each caller makes at least so many calls, and each change is made at least so often.
const CALLS: usize = 300;
const ROUNDS: usize = 40;

/// Calls `alpha` in several threads, each with a handle of its own for a few calls, until `change` has been called `ROUNDS` times.
fn call_while(hooks: &Hooks, legal: &[&str], change: impl Fn()) {
    let callers_ready = AtomicUsize::new(0);
    let changes_done = AtomicBool::new(false);
    thread::scope(|scope| {
        for _ in 0..CALLERS {
            scope.spawn(|| {
                let mut calls = 0;
                while calls < CALLS || !changes_done.load(Ordering::Relaxed) {
                    let mut request = hooks.handle();
                    for _ in 0..5 {
                        let digits = alpha_with(&mut request);
                        assert!(legal.contains(&digits.as_str()), "{digits} was never the chain");
                    }
                    calls += 5;
                    if calls == 5 {
                        callers_ready.fetch_add(1, Ordering::Relaxed);
                    }
                }
            });
        }
        let _stops = Stops(&changes_done);
        // Changes begin when all callers are at work.
        wait_until("all callers", || callers_ready.load(Ordering::Relaxed) == CALLERS);
        (0..ROUNDS).for_each(|_| change());
    });
}

// 47
fn each_call_sees_a_whole_chain(origin: Origin) {
    let hooks = loaded(origin, &["a"]);
    add_to_alpha(&hooks.pre_callouts_library_handle(), '1');
    add_to_alpha(&hooks.post_callouts_library_handle(), '9');
    let steps: [(Value, &str); 6] = [
        (register("alpha", 2), "129"),
        (register_closure("alpha", 3), "1239"),
        (register("alpha", 2), "12329"),
        (deregister("alpha", 2), "139"),
        (register("alpha", 4), "1349"),
        (json!({"deregister-all": "alpha"}), "19"),
    ];
    let legal: Vec<_> = steps.iter().map(|(_, chain)| *chain).collect();
    call_while(&hooks, &legal, || {
        for (step, chain) in &steps {
            change(&hooks, "a", step.clone());
            assert_eq!(alpha(&hooks), *chain, "whoever made the change sees it in the next call");
        }
    });
}

// 47
fn changes_of_several_libraries_at_once_are_all_made(origin: Origin) {
    let hooks = loaded(origin, &["a", "b"]);
    let pre = hooks.pre_callouts_library_handle();
    thread::scope(|scope| {
        for (library, digit) in [("a", 1), ("b", 2)] {
            let hooks = &hooks;
            scope.spawn(move || {
                for _ in 0..ROUNDS {
                    change(hooks, library, register("alpha", digit));
                    change(hooks, library, register_closure("beta", digit));
                    assert_eq!(change(hooks, library, deregister("alpha", digit)), "true");
                    change(hooks, library, register_closure("alpha", digit));
                }
            });
        }
        scope.spawn(|| (0..ROUNDS).for_each(|_| drop(add_to_alpha(&pre, '0'))));
    });
    let expected = ["0", "1", "2"].map(|digit| digit.repeat(ROUNDS)).concat();
    assert_eq!(alpha(&hooks), expected);
}

// 47
fn changes_while_sets_are_replaced_lose_no_call(origin: Origin) {
    let kept = || digits(origin, "kept", json!({"load": [register("alpha", 1)]}));
    let other = |digit| digits(origin, &format!("other{digit}"), json!({"load": [register("alpha", digit)]}));
    let hooks = hooks_tests::hooks();
    hooks.load_libraries(vec![kept(), other(5)]).unwrap();
    thread::scope(|scope| {
        scope.spawn(|| {
            for round in 0..ROUNDS {
                hooks.reload(vec![kept(), other(5 + (round as u8 + 1) % 2)]).unwrap();
            }
        });
        call_while(&hooks, &["15", "16", "125", "126"], || {
            change(&hooks, "kept", register("alpha", 2));
            assert!(["125", "126"].contains(&alpha(&hooks).as_str()));
            assert_eq!(change(&hooks, "kept", deregister("alpha", 2)), "true");
        });
    });
    assert_eq!(alpha(&hooks), "15");
    assert!(hooks.unload_libraries());
}
