//! Libraries that are unloaded while something of theirs goes on: threads, values of threads, handles.

use std::sync::mpsc;
use std::{fs, thread};

use fixture_api::Packet;
use hooks::LibraryConfig;
use hooks_tests::{Journal, Origin, both, receive, text_of, wait_until};
use serde_json::{Value, json};

both!(
    a_thread_that_ends_at_unload_is_waited_for,
    a_thread_that_goes_on_runs_code_that_stays,
    the_values_of_threads_are_dropped_after_the_unload,
    handles_on_other_threads_are_waited_for,
);

fn lasting(origin: Origin, journal: &Journal, mut parameters: Value) -> Vec<LibraryConfig> {
    parameters["journal"] = json!(journal.path());
    vec![LibraryConfig::new(origin.plugin("lasting")).parameters(parameters)]
}

fn a_thread_that_ends_at_unload_is_waited_for(origin: Origin) {
    let (journal, hooks) = (Journal::new(), hooks_tests::hooks());
    for _ in 0..10 {
        hooks.reload(lasting(origin, &journal, json!({"thread": true}))).unwrap();
        assert_eq!(text_of(&hooks), "1");
        assert!(hooks.unload_libraries());
        assert_eq!(journal.take(), ["the thread ends"]);
    }
}

fn a_thread_that_goes_on_runs_code_that_stays(origin: Origin) {
    let (journal, hooks) = (Journal::new(), hooks_tests::hooks());
    let until = journal.beside("until");
    hooks.reload(lasting(origin, &journal, json!({"until": until}))).unwrap();
    assert_eq!(text_of(&hooks), "1");
    assert!(hooks.unload_libraries(), "who waits for a library's threads is the library");
    drop(hooks);
    assert_eq!(journal.take(), [""; 0]);
    fs::write(until, "").unwrap();
    let mut lines = Vec::new();
    wait_until("the end of the thread", || {
        lines.extend(journal.take());
        lines.len() >= 2
    });
    assert_eq!(
        lines,
        ["the thread has gone on: the library `lasting` is not loaded any more", "the value of a thread is dropped"]
    );
}

fn the_values_of_threads_are_dropped_after_the_unload(origin: Origin) {
    let (journal, hooks) = (Journal::new(), hooks_tests::hooks());
    hooks.reload(lasting(origin, &journal, json!({"thread-local": true}))).unwrap();
    let ((called, calls), (end, ends)) = (mpsc::channel(), mpsc::channel::<()>());
    let elsewhere = hooks.clone();
    let thread = thread::spawn(move || {
        called.send(text_of(&elsewhere)).unwrap();
        let _ = ends.recv();
    });
    assert_eq!(calls.recv().unwrap(), "1");
    assert!(hooks.unload_libraries());
    assert_eq!(journal.take(), [""; 0]);
    drop(end);
    thread.join().unwrap();
    assert_eq!(journal.take(), ["the value of a thread is dropped"]);
}

fn handles_on_other_threads_are_waited_for(origin: Origin) {
    let (journal, hooks) = (Journal::new(), hooks_tests::hooks());
    hooks.reload(lasting(origin, &journal, json!({}))).unwrap();
    let ((ready, readies), mut ends) = (mpsc::channel(), Vec::new());
    let threads: Vec<_> = (0..3)
        .map(|_| {
            let (hooks, ready, (end, wait)) = (hooks.clone(), ready.clone(), mpsc::channel::<()>());
            ends.push(end);
            thread::spawn(move || {
                let mut request = hooks.handle();
                ready.send(()).unwrap();
                let _ = wait.recv();
                let mut packet = Packet::default();
                let _ = receive(&mut request, &mut packet);
                packet.text
            })
        })
        .collect();
    threads.iter().for_each(|_| readies.recv().unwrap());
    let mut texts = Vec::new();
    for (left, (thread, end)) in threads.into_iter().zip(ends).enumerate().map(|(i, pair)| (3 - i, pair)) {
        assert!(!hooks.unload_libraries());
        assert_eq!(hooks.generations().draining[0].handles, left);
        drop(end);
        texts.push(thread.join().unwrap());
    }
    assert_eq!(texts, ["1", "2", "3"], "all of them are served by the library that is unloaded");
    assert!(hooks.unload_libraries());
}
