//! Threads that call a callout while it is disabled and put back.

use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use fixture_api::Packet;
use hooks::{Disable, FailureAction, FailurePolicy};
use hooks_tests::{Journal, Origin, Patience, both, script, send};
use serde_json::json;

use super::{LONG, at, load};

both!(each_failure_is_counted_and_no_call_is_lost, failures_and_reloads_at_the_same_time);

const CALLERS: u64 = 2;
/// Each caller makes at least so many requests, however often the callout is disabled meanwhile.
const REQUESTS: u64 = 500;
/// It is disabled at least so often.
const TIMES: u64 = 20;

/// Calls `sent` again and again; `again` is asked how often it has to be disabled yet.
fn callers(origin: Origin, disable: Disable, reloading: bool) {
    let journal = Journal::new();
    let set = || {
        let actions = json!(["count", {"end-if": [1, {"error": "no"}]}]);
        let policy = FailurePolicy::new(FailureAction::Drop).disable(disable.retry(Duration::from_millis(1)));
        vec![script(origin, "a", json!({"journal": journal.path(), "sent": actions})).failure_policy(policy)]
    };
    let hooks = load(set());
    let (calls, failures) = (AtomicU64::new(0), AtomicU64::new(0));
    thread::scope(|scope| {
        for caller in 0..CALLERS {
            let (hooks, calls, failures) = (&hooks, &calls, &failures);
            scope.spawn(move || {
                let patience = Patience::new("the callout to be disabled often enough");
                let mut requests = 0;
                while requests < REQUESTS || at(hooks, "sent")[0].times_disabled < TIMES {
                    patience.check();
                    // Sometimes both fail, sometimes one of them.
                    let number = u64::from((requests + caller) % 3 == 0);
                    let mut packet = Packet { number, ..Packet::default() };
                    let step = send(&mut hooks.handle(), &mut packet);
                    let called = packet.trace.len() as u64;
                    assert_eq!(step.is_drop(), called == 1 && number == 1, "{step:?}");
                    calls.fetch_add(called, Ordering::Relaxed);
                    failures.fetch_add(called * number, Ordering::Relaxed);
                    requests += 1;
                }
            });
        }
        if reloading {
            for _ in 0..100 {
                hooks.reload(set()).unwrap();
            }
        }
    });
    let statistics = &at(&hooks, "sent")[0];
    assert_eq!(statistics.failures, failures.into_inner());
    assert!(statistics.times_disabled >= TIMES && statistics.times_disabled <= statistics.failures);
    assert!(hooks.unload_libraries());
    let calls = calls.into_inner();
    assert_eq!(journal.take(), ["a load".to_owned(), "a unload".to_owned(), format!("a drop after {calls} calls")]);
}

fn each_failure_is_counted_and_no_call_is_lost(origin: Origin) {
    callers(origin, Disable::callout(2, LONG), false);
    callers(origin, Disable::library(2, LONG), false);
}

fn failures_and_reloads_at_the_same_time(origin: Origin) {
    callers(origin, Disable::library(2, LONG), true);
}
