//! Observers: told of every call, of every callout, and harmless.

use std::sync::{Arc, Mutex};

use fixture_api::{Packet, narrow, sequence, unattached};
use hooks::{Arguments, Call, CalloutInfo, CalloutResult, Hooks, LibraryConfig, NextStep, Observer};
use hooks_tests::{Journal, Origin, both, logged, patched, receive, script, send, text_in_records};
use serde_json::json;

both!(
    events_come_in_order,
    nested_calls_are_told_with_their_depth,
    results_of_callouts_are_told,
    a_panicking_observer_is_harmless,
    an_observer_can_be_taken_away,
    an_observer_may_use_its_hooks,
    the_status_told_last_is_the_one_that_counts,
    a_status_that_is_not_honoured_is_told_as_a_failure,
);

/// Writes everything down.
#[derive(Default)]
struct Recorder {
    events: Mutex<Vec<String>>,
}

impl Recorder {
    fn note(&self, event: String) {
        self.events.lock().unwrap().push(event);
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.events.lock().unwrap())
    }
}

fn text(arguments: &Arguments<'_>) -> String {
    arguments.get::<Packet>("packet").map(|packet| packet.text.clone()).unwrap_or_default()
}

impl Observer for Recorder {
    fn hook_begin(&self, call: &Call<'_>, arguments: &Arguments<'_>) {
        self.note(format!("{} begins at {} with {:?}", call.hook(), call.depth(), text(arguments)));
    }

    fn callout_end(
        &self,
        call: &Call<'_>,
        callout: &CalloutInfo,
        result: CalloutResult<'_>,
        arguments: &Arguments<'_>,
    ) {
        assert_eq!(call.hook(), callout.hook());
        self.note(format!("{}::{}: {result:?} {:?}", callout.library(), callout.callout(), text(arguments)));
    }

    fn hook_end(&self, call: &Call<'_>, status: NextStep, arguments: &Arguments<'_>) {
        self.note(format!("{} ends: {status} {:?}", call.hook(), text(arguments)));
    }
}

fn observed(libraries: Vec<LibraryConfig>) -> (Hooks, Arc<Recorder>) {
    let (hooks, recorder) = (hooks_tests::hooks(), Arc::new(Recorder::default()));
    hooks.load_libraries(libraries).unwrap();
    hooks.set_observer(Some(recorder.clone()));
    (hooks, recorder)
}

fn events_come_in_order(origin: Origin) {
    let library =
        |name: &str, answer: &str| script(origin, name, json!({"sent": [{"append": name}, {"return": answer}]}));
    let (hooks, recorder) = observed(vec![library("a", "continue"), library("b", "skip")]);
    let (mut request, mut packet) = (hooks.handle(), Packet::default());
    assert!(send(&mut request, &mut packet).is_skip());
    assert_eq!(packet.text, "ab");
    assert_eq!(
        recorder.take(),
        [
            "sent begins at 0 with \"\"",
            "scripted::on_sent: NoOpinion \"a\"",
            "scripted::on_sent: Status(Skip) \"ab\"",
            "sent ends: SKIP \"ab\"",
        ]
    );
}

fn nested_calls_are_told_with_their_depth(origin: Origin) {
    let (hooks, recorder) = observed(vec![script(origin, "a", json!({"received": [{"call": "sent"}]}))]);
    let _ = receive(&mut hooks.handle(), &mut Packet::default());
    assert_eq!(
        recorder.take(),
        [
            "received begins at 0 with \"\"",
            "sent begins at 1 with \"\"",
            "scripted::on_sent: NoOpinion \"\"",
            "sent ends: CONTINUE \"\"",
            "scripted::on_received: NoOpinion \"\"",
            "received ends: CONTINUE \"\"",
        ]
    );
}

fn results_of_callouts_are_told(origin: Origin) {
    let failing = |end: &str| script(origin, "a", json!({"narrow": [{"end": {end: "sad"}}]}));
    let later = script(origin, "a", json!({"narrow": [{"set": "continue"}, {"return": "continue"}]}));
    let bomb = script(origin, "a", json!({"narrow": [{"end": "bomb"}]}));
    let (hooks, recorder) = observed(vec![failing("panic"), later.clone(), failing("error"), bomb, later]);
    let mut packet = Packet::default();
    assert!(narrow::call(&mut hooks.handle(), || narrow::Args { packet: &mut packet }).is_skip());
    let results = recorder.take();
    let expected = [
        "Failed(\"sad\")",
        "NoOpinion",
        "Failed(\"sad\")",
        "Failed(\"a panic with a value that is no text\")",
        "NoOpinion",
    ];
    for (result, expected) in results[1..6].iter().zip(expected) {
        // A shared library also says where it panicked.
        let begin = expected.strip_suffix("\")").unwrap_or(expected);
        assert!(result.starts_with(&format!("scripted::on_narrow: {begin}")), "{result}");
    }
    assert_eq!(results[6], "narrow ends: SKIP \"\"");
}

/// Panics at every event.
struct Panicking;

impl Observer for Panicking {
    fn hook_begin(&self, _: &Call<'_>, _: &Arguments<'_>) {
        panic!("at the beginning");
    }

    fn callout_end(&self, _: &Call<'_>, _: &CalloutInfo, _: CalloutResult<'_>, _: &Arguments<'_>) {
        panic!("after a callout");
    }

    fn hook_end(&self, _: &Call<'_>, _: NextStep, _: &Arguments<'_>) {
        panic!("at the end");
    }
}

fn a_panicking_observer_is_harmless(origin: Origin) {
    let (hooks, _) = observed(vec![script(origin, "a", json!({"sent": [{"append": "x"}, {"return": "skip"}]}))]);
    hooks.set_observer(Some(Arc::new(Panicking)));
    let mut packet = Packet::default();
    let (step, log) = logged(|| send(&mut hooks.handle(), &mut packet));
    assert!(step.is_skip());
    assert_eq!(packet.text, "x");
    for part in ["at the beginning", "after a callout", "at the end"] {
        assert!(log.contains(&format!("the observer panicked: {part}")), "{log}");
    }
}

fn an_observer_can_be_taken_away(origin: Origin) {
    let (hooks, recorder) = observed(vec![script(origin, "a", json!({"sent": [{"append": "x"}]}))]);
    let (mut request, mut packet) = (hooks.handle(), Packet::default());
    let other = Arc::new(Recorder::default());
    hooks.set_observer(Some(other.clone()));
    let _ = send(&mut request, &mut packet);
    hooks.set_observer(None);
    let _ = send(&mut request, &mut packet);
    assert_eq!(packet.text, "xx");
    assert_eq!((recorder.take().len(), other.take().len()), (0, 3));
    assert_eq!(Arc::strong_count(&other), 1);
    // Another `Hooks` of the process is not observed.
    hooks.set_observer(Some(other.clone()));
    let elsewhere = hooks_tests::hooks();
    elsewhere.load_libraries(vec![script(origin, "a", json!({}))]).unwrap();
    let _ = send(&mut elsewhere.handle(), &mut packet);
    assert!(other.take().is_empty());
    drop((request, hooks));
    assert_eq!(Arc::strong_count(&other), 1);
}

/// Replaces the libraries, and then itself, at the first event.
struct Meddling {
    hooks: Hooks,
    set: Vec<LibraryConfig>,
}

impl Observer for Meddling {
    fn hook_begin(&self, _: &Call<'_>, _: &Arguments<'_>) {
        self.hooks.reload(self.set.clone()).unwrap();
        assert!(!self.hooks.unload_libraries());
        self.hooks.reload(self.set.clone()).unwrap();
        assert_eq!((self.hooks.libraries().len(), self.hooks.callouts().len()), (1, 5));
        self.hooks.set_observer(None);
    }
}

fn an_observer_may_use_its_hooks(origin: Origin) {
    let library = |name: &str| script(origin, name, json!({"sent": [{"append": name}]}));
    let (hooks, _) = observed(vec![library("old")]);
    hooks.set_observer(Some(Arc::new(Meddling { hooks: hooks.clone(), set: vec![library("new")] })));
    let mut packet = Packet::default();
    for _ in 0..2 {
        assert!(send(&mut hooks.handle(), &mut packet).is_continue());
    }
    assert_eq!(packet.text, "oldnew");
    assert!(hooks.unload_libraries());
}

fn the_status_told_last_is_the_one_that_counts(origin: Origin) {
    // PARK without a ticket counts as a failure, that is DROP.
    let (hooks, recorder) = observed(vec![script(origin, "a", json!({"received": [{"return": "park"}]}))]);
    assert!(receive(&mut hooks.handle(), &mut Packet::default()).is_drop());
    assert_eq!(recorder.take().last().unwrap(), "received ends: DROP \"\"");
}

/// A hook point that honours nothing.
#[hooks::hook_point(statuses = [Continue], on_failure = Continue)]
fn choose_nothing(handle: &mut hooks::CalloutHandle, packet: &mut Packet) {
    packet.number += 1;
}

fn a_status_that_is_not_honoured_is_told_as_a_failure(origin: Origin) {
    let library = LibraryConfig::new(origin.plugin("by-name")).parameters(json!({"answer": "Skip"}));
    let (hooks, recorder) = observed(vec![library]);
    let mut packet = Packet::default();
    assert_eq!(choose_nothing(&mut hooks.handle(), &mut packet), hooks::Step::Done(()));
    let failed = "by-name::choose_neither: Failed(\"it answered a status that the hook point does not honour\") \"\"";
    assert_eq!(recorder.take(), ["choose_nothing begins at 0 with \"\"", failed, "choose_nothing ends: CONTINUE \"\""]);
}

#[test]
fn idle_hook_points_are_reported() {
    let (hooks, recorder) = observed(vec![]);
    let (mut request, mut packet) = (hooks.handle(), Packet { text: "idle".to_owned(), ..Packet::default() });
    assert!(unattached::call(&mut request, || unattached::Args { packet: &mut packet }).is_continue());
    assert!(send(&mut request, &mut packet).is_continue());
    assert_eq!(
        recorder.take(),
        [
            "unattached begins at 0 with \"idle\"",
            "unattached ends: CONTINUE \"idle\"",
            "sent begins at 0 with \"idle\"",
            "sent ends: CONTINUE \"idle\"",
        ]
    );
}

#[test]
fn idle_hook_points_of_libraries_are_reported() {
    // The library, and with it the hook point that it calls, comes after the observer. Its name is patched, so that the process
    // has not got it from another test.
    let journal = Journal::new();
    let (asked, heard) = (text_in_records("asked"), text_in_records("heard"));
    let library = patched("side-caller", &journal.beside("libside.so"), &[(&asked, &heard)]);
    let (hooks, recorder) = observed(vec![]);
    hooks.load_libraries(vec![LibraryConfig::new(library)]).unwrap();
    let mut trace = Vec::new();
    let _ = sequence::call(&mut hooks.handle(), || sequence::Args { trace: &mut trace });
    let events = recorder.take();
    assert!(events.contains(&"heard begins at 1 with \"\"".to_owned()), "{events:?}");
}
