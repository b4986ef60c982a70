//! Slow callouts are reported while they run, and counted.

use std::cell::RefCell;
use std::path::Path;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use fixture_api::Packet;
use hooks::{CalloutHandle, Hooks, LibraryConfig};
use hooks_tests::{Journal, Origin, both, receive, script, send, wait_until, warnings};
use serde_json::json;

use super::{at, load};

both!(
    a_slow_callout_is_reported_while_it_runs_and_when_it_ends,
    calls_around_a_slow_one_are_slow_too,
    a_handle_may_be_used_on_several_threads,
    hooks_may_go_while_a_slow_callout_runs,
    a_thread_that_ends_is_watched_to_the_end,
    nothing_is_measured_while_it_is_off,
);

const LIMIT: Duration = Duration::from_millis(2);

/// A library that waits at `sent` for this file, and calls `sent` at `received`.
fn waiting(origin: Origin, file: &Path) -> LibraryConfig {
    script(origin, "w", json!({"sent": [{"wait-for": file}], "received": [{"call": "sent"}]}))
}

fn watched(origin: Origin, file: &Path) -> Hooks {
    // The first call of it starts to listen.
    warnings();
    let hooks = load(vec![waiting(origin, file)]);
    hooks.set_watchdog(Some(LIMIT));
    hooks
}

/// Has `work` done with `handle` by a thread with a name that no other test has; name and thread.
fn on_thread(
    origin: Origin,
    name: &str,
    mut handle: CalloutHandle<'static>,
    work: impl FnOnce(&mut CalloutHandle<'static>) + Send + 'static,
) -> (String, JoinHandle<CalloutHandle<'static>>) {
    let name = format!("{name} {origin:?}");
    let thread = thread::Builder::new().name(name.clone()).spawn(move || {
        work(&mut handle);
        handle
    });
    (name, thread.unwrap())
}

fn sends(handle: &mut CalloutHandle<'static>) {
    let _ = send(handle, &mut Packet::default());
}

/// The warnings of the watchdog about this thread.
fn reports(thread: &str) -> Vec<String> {
    let thread = format!("thread=\"{thread}\"");
    warnings().lines().filter(|line| line.contains(&thread)).map(str::to_owned).collect()
}

fn a_slow_callout_is_reported_while_it_runs_and_when_it_ends(origin: Origin) {
    let journal = Journal::new();
    let hooks = watched(origin, &journal.path());
    let (name, thread) = on_thread(origin, "runs", hooks.handle(), sends);
    // Again and again, while it does not end.
    wait_until("three reports", || reports(&name).len() >= 3);
    assert_eq!((at(&hooks, "sent")[0].slow_calls, at(&hooks, "sent")[0].longest), (1, None));
    std::fs::write(journal.path(), "").unwrap();
    thread.join().unwrap();
    let reports = reports(&name);
    let (last, before) = reports.split_last().unwrap();
    assert!(last.contains("callout was slow"), "{last}");
    for line in before {
        assert!(line.contains("callout is slow and still runs"), "{line}");
    }
    for part in ["WARN", "hook=\"sent\"", "library=\"scripted\"", "callout=\"on_sent\"", "limit=2ms", "running_for="] {
        assert!(reports.iter().all(|line| line.contains(part)), "{part}: {reports:?}");
    }
    let statistics = &at(&hooks, "sent")[0];
    assert_eq!(statistics.slow_calls, 1);
    // At least as long as the second report was late: it comes when the limit has passed twice.
    assert!(statistics.longest.is_some_and(|longest| longest >= LIMIT * 2));
}

fn calls_around_a_slow_one_are_slow_too(origin: Origin) {
    let journal = Journal::new();
    let hooks = watched(origin, &journal.path());
    let (name, thread) = on_thread(origin, "nested", hooks.handle(), |handle| {
        let _ = receive(handle, &mut Packet::default());
    });
    let count = |hook: &str| reports(&name).iter().filter(|line| line.contains(&format!("hook=\"{hook}\""))).count();
    wait_until("a report of each hook point", || count("sent") > 0 && count("received") > 0);
    std::fs::write(journal.path(), "").unwrap();
    thread.join().unwrap();
    assert_eq!(["received", "sent"].map(|hook| at(&hooks, hook)[0].slow_calls), [1, 1]);
    let [outer, inner] = ["received", "sent"].map(|hook| at(&hooks, hook)[0].longest.unwrap());
    assert!(outer >= inner);
    assert!(at(&hooks, "narrow")[0].longest.is_none(), "nobody has called it");
}

fn a_handle_may_be_used_on_several_threads(origin: Origin) {
    let journal = Journal::new();
    let hooks = watched(origin, &journal.path());
    let mut handle = hooks.handle();
    for round in 1..=3 {
        let (name, thread) = on_thread(origin, &format!("moved {round}"), handle, sends);
        wait_until("a report", || !reports(&name).is_empty());
        assert_eq!(at(&hooks, "sent")[0].slow_calls, round);
        std::fs::write(journal.path(), "").unwrap();
        handle = thread.join().unwrap();
        std::fs::remove_file(journal.path()).unwrap();
    }
}

fn hooks_may_go_while_a_slow_callout_runs(origin: Origin) {
    let journal = Journal::new();
    let hooks = watched(origin, &journal.path());
    let (name, thread) = on_thread(origin, "left", hooks.handle(), sends);
    wait_until("a report", || !reports(&name).is_empty());
    drop(hooks);
    // It is still looked at, with the limit with which it has begun.
    let before = reports(&name).len();
    wait_until("another report", || reports(&name).len() > before);
    std::fs::write(journal.path(), "").unwrap();
    let handle = thread.join().unwrap();
    assert!(reports(&name).last().unwrap().contains("callout was slow"));
    std::fs::remove_file(journal.path()).unwrap();
    // What the handle calls now is nobody's concern.
    let (name, thread) = on_thread(origin, "left behind", handle, sends);
    std::fs::write(journal.path(), "").unwrap();
    thread.join().unwrap();
    assert!(reports(&name).is_empty());
}

fn a_thread_that_ends_is_watched_to_the_end(origin: Origin) {
    struct CallsInDrop(CalloutHandle<'static>);
    impl Drop for CallsInDrop {
        fn drop(&mut self) {
            sends(&mut self.0);
        }
    }
    thread_local!(static LAST: RefCell<Option<CallsInDrop>> = const { RefCell::new(None) });
    let journal = Journal::new();
    std::fs::write(journal.path(), "").unwrap();
    let hooks = watched(origin, &journal.path());
    let (last, file) = (hooks.handle(), journal.path());
    let (name, thread) = on_thread(origin, "ends", hooks.handle(), |handle| {
        // Whatever is made later on this thread is dropped before it.
        LAST.set(Some(CallsInDrop(last)));
        sends(handle);
        // The thread's own work is done; then come its drops, which wait.
        std::fs::remove_file(file).unwrap();
    });
    wait_until("a slow call", || at(&hooks, "sent")[0].slow_calls > 0);
    std::fs::write(journal.path(), "").unwrap();
    thread.join().unwrap();
    assert!(!reports(&name).is_empty());
    wait_until("the libraries to be gone", || hooks.unload_libraries());
}

fn nothing_is_measured_while_it_is_off(origin: Origin) {
    let journal = Journal::new();
    std::fs::write(journal.path(), "").unwrap();
    let hooks = load(vec![waiting(origin, &journal.path())]);
    let call = || sends(&mut hooks.handle());
    call();
    assert!(at(&hooks, "sent")[0].longest.is_none());
    hooks.set_watchdog(Some(Duration::from_secs(3600)));
    call();
    let seen = at(&hooks, "sent")[0].longest;
    assert!(seen.is_some());
    hooks.set_watchdog(None);
    (0..100).for_each(|_| call());
    assert_eq!((at(&hooks, "sent")[0].longest, at(&hooks, "sent")[0].slow_calls), (seen, 0));
    // A limit that cannot be counted in nanoseconds is one that nothing exceeds.
    hooks.set_watchdog(Some(Duration::MAX));
    call();
    assert_eq!(at(&hooks, "sent")[0].slow_calls, 0);
}
