//! The set of libraries changed from within: by a callout, a `load`, an `unload`, a drop, a thread of a library, an observer.

use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use fixture_api::Packet;
use hooks::{Arguments, Call, Hooks, LibraryConfig, Observer, Source};
use hooks_tests::{Origin, receive, script, text_of};
use serde_json::json;

/// The plugin that does what the test has set for `name`, at the time `at`.
fn reaching(name: &str, at: &str) -> LibraryConfig {
    LibraryConfig::new(Source::Builtin("reaching".to_owned())).parameters(json!({"name": name, "at": at}))
}

fn other(text: &str) -> LibraryConfig {
    script(Origin::BuiltIn, text, json!({"received": [{"append": text}]}))
}

#[test]
fn a_callout_may_replace_the_set_but_not_unload_it() {
    let (name, hooks) = ("callout", hooks_tests::hooks());
    let inside = hooks.clone();
    reaching::set(name, move || {
        let error = inside.load_libraries(vec![other("x")]).unwrap_err();
        assert!(error.is_still_open() && error.to_string().contains("requests still use the set"), "{error}");
        assert!(!inside.unload_libraries(), "this request uses it");
        assert!(inside.libraries().is_empty(), "it is detached");
        inside.reload(vec![other("y")]).unwrap();
        assert_eq!(text_of(&inside), "y");
    });
    hooks.load_libraries(vec![reaching(name, "call"), other("end")]).unwrap();
    assert_eq!(text_of(&hooks), "calloutend", "the request finishes with the set that it began with");
    reaching::unset(name);
    assert_eq!(text_of(&hooks), "y");
    assert!(hooks.unload_libraries());
}

#[test]
fn a_load_that_waits_for_a_thread_that_reloads_ends() {
    let (name, hooks) = ("load-thread", hooks_tests::hooks());
    hooks.reload(vec![other("old")]).unwrap();
    hooks.set_change_timeout(Duration::from_millis(20));
    let (inside, (sender, receiver)) = (hooks.clone(), mpsc::channel());
    let sender = Mutex::new(sender);
    reaching::set(name, move || {
        let error = inside.reload(vec![]).unwrap_err();
        assert!(!inside.unload_libraries());
        sender.lock().unwrap().send((error.is_still_open(), error.to_string(), text_of(&inside))).unwrap();
    });
    hooks.reload(vec![reaching(name, "load-thread")]).unwrap();
    reaching::unset(name);
    let (is_still_open, text, seen) = receiver.recv().unwrap();
    assert!(is_still_open && text.contains("has been changing the set of libraries for 20ms"), "{text}");
    assert!(text.contains(std::thread::current().name().unwrap()), "it names the thread: {text}");
    assert_eq!((seen.as_str(), text_of(&hooks).as_str()), ("old", name));
    assert!(hooks.unload_libraries());
}

#[test]
fn a_load_cannot_change_the_set() {
    let (name, hooks) = ("load", hooks_tests::hooks());
    let inside = hooks.clone();
    reaching::set(name, move || {
        let text = inside.reload(vec![]).unwrap_err().to_string();
        assert!(text.contains("cannot be changed by a library that is being loaded"), "{text}");
        assert!(!inside.unload_libraries(), "although nothing is loaded yet");
        assert_eq!(inside.collect(), 0);
        assert_eq!((inside.generations().live.number, hooks::images().len() < 1000), (0, true));
    });
    hooks.reload(vec![reaching(name, "load")]).unwrap();
    reaching::unset(name);
    assert_eq!(text_of(&hooks), name);
}

#[test]
fn a_thread_of_a_library_may_replace_its_own_library() {
    let (name, hooks) = ("thread", hooks_tests::hooks());
    let (inside, (sender, receiver), (go, goes)) = (hooks.clone(), mpsc::channel(), mpsc::channel::<()>());
    let ends = Mutex::new((sender, goes));
    reaching::set(name, move || {
        let ends = ends.lock().unwrap();
        ends.1.recv().unwrap();
        inside.reload(vec![other("new")]).unwrap();
        ends.0.send(inside.unload_libraries()).unwrap();
    });
    hooks.reload(vec![reaching(name, "thread")]).unwrap();
    assert_eq!(text_of(&hooks), name);
    // The request is gone that started the thread.
    go.send(()).unwrap();
    assert!(receiver.recv().unwrap(), "nothing is in use");
    reaching::unset(name);
    assert!(hooks.libraries().is_empty());
}

#[test]
fn an_unload_and_a_drop_may_replace_the_set() {
    for at in ["unload", "drop"] {
        let (name, hooks) = (format!("at {at}"), hooks_tests::hooks());
        let (inside, (sender, receiver)) = (hooks.clone(), mpsc::channel());
        let sender = Mutex::new(sender);
        reaching::set(&name, move || {
            let unloaded = inside.unload_libraries();
            inside.reload(vec![other("late")]).unwrap();
            sender.lock().unwrap().send(unloaded).unwrap();
        });
        hooks.reload(vec![reaching(&name, at)]).unwrap();
        hooks.reload(vec![other("new")]).unwrap();
        reaching::unset(&name);
        assert!(!receiver.recv().unwrap(), "one of them is still going");
        assert_eq!(text_of(&hooks), "late");
        assert!(hooks.unload_libraries());
    }
}

#[test]
fn unloaded_means_that_they_are_gone() {
    for at in ["unload", "drop"] {
        let (name, hooks) = (format!("slow {at}"), hooks_tests::hooks());
        let ((entered, enters), (go, goes)) = (mpsc::channel(), mpsc::channel::<()>());
        let both = Mutex::new((entered, goes));
        reaching::set(&name, move || {
            let both = both.lock().unwrap();
            both.0.send(()).unwrap();
            let _ = both.1.recv();
        });
        hooks.reload(vec![reaching(&name, at)]).unwrap();
        let elsewhere = hooks.clone();
        let thread = std::thread::spawn(move || elsewhere.unload_libraries());
        enters.recv().unwrap();
        // The other thread is in the middle of it.
        assert!(!hooks.unload_libraries());
        assert!(hooks.load_libraries(vec![]).unwrap_err().is_still_open());
        go.send(()).unwrap();
        assert!(thread.join().unwrap());
        assert!(hooks.unload_libraries());
        reaching::unset(&name);
    }
}

#[test]
fn an_observer_may_replace_the_set() {
    struct Replaces(Hooks, Mutex<Vec<String>>);
    impl Observer for Replaces {
        fn hook_begin(&self, _: &Call<'_>, _: &Arguments<'_>) {
            let (hooks, Ok(mut seen)) = (&self.0, self.1.try_lock()) else { return };
            let unloaded = hooks.unload_libraries();
            hooks.reload(vec![other("new")]).unwrap();
            seen.push(format!("{unloaded}"));
        }
    }
    let hooks = hooks_tests::hooks();
    hooks.reload(vec![other("old")]).unwrap();
    let observer = Arc::new(Replaces(hooks.clone(), Mutex::default()));
    hooks.set_observer(Some(observer.clone()));
    let mut packet = Packet::default();
    assert!(receive(&mut hooks.handle(), &mut packet).is_continue());
    hooks.set_observer(None);
    assert_eq!((packet.text.as_str(), text_of(&hooks).as_str()), ("old", "new"));
    assert_eq!(*observer.1.lock().unwrap(), ["false"]);
}
