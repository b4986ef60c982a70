//! What is logged: names instead of numbers, each thing at its level.

use std::sync::{Arc, Mutex};

use calculating::second;
use fixture_api::Packet;
use hooks::{Arguments, Call, CalloutInfo, CalloutResult, NextStep, Observer};
use hooks_tests::{Origin, both, logged, receive, script, send};
use serde_json::json;

use super::calculation::{full, results};

both!(
    loading_and_unloading_are_logged_with_names_and_places,
    registrations_are_logged,
    a_failing_callout_is_logged_with_its_names,
    calls_are_told_to_an_observer,
);

/// The lines with `part`.
fn lines<'a>(log: &'a str, part: &str) -> Vec<&'a str> {
    log.lines().filter(|line| line.contains(part)).collect()
}

// 116, 117
fn loading_and_unloading_are_logged_with_names_and_places(origin: Origin) {
    let hooks = hooks_tests::hooks();
    let (loaded, log) = logged(|| hooks.load_libraries(vec![full(origin)]));
    loaded.unwrap();
    let found = lines(&log, ": loaded ");
    assert!(found.len() == 1 && found[0].trim_start().starts_with("INFO hooks::"), "{log}");
    let source = origin.plugin("calculating").to_string();
    for part in ["library=\"calculating\"", "version=\"0.1.0\"", &format!("source={source}")] {
        assert!(found[0].contains(part), "{part}: {log}");
    }
    // Each callout that is attached by itself, and each that `load` registers, in their order.
    let callouts = lines(&log, "callout=\"").into_iter().map(|line| {
        assert!(line.trim_start().starts_with("DEBUG hooks::"), "{line}");
        line.split_once("callout=\"").unwrap().1.split('"').next().unwrap()
    });
    let attached = ["begin", "first_step", "second_step", "third_step"];
    let mut callouts: Vec<_> = callouts.collect();
    callouts.sort_by_key(|callout| attached.contains(callout));
    assert_eq!(callouts, [["second_of_load", "third_of_load"].as_slice(), &attached].concat());
    let (unloaded, log) = logged(|| hooks.unload_libraries());
    assert!(unloaded);
    let found = lines(&log, "library=\"calculating\"");
    assert!(found.len() == 2, "{log}");
    assert!(found[0].trim_start().starts_with("DEBUG hooks::") && found[0].contains("unload has been called"), "{log}");
    assert!(found[1].trim_start().starts_with("INFO hooks::") && found[1].contains(": unloaded"), "{log}");
    // An error is the caller's to log.
    let (error, log) = logged(|| hooks.load_libraries(vec![super::calculation::failing(origin)]));
    assert!(error.is_err());
    assert!(!log.contains("ERROR"), "{log}");
}

// 117
fn registrations_are_logged(origin: Origin) {
    let hooks = hooks_tests::hooks();
    hooks.load_libraries(vec![full(origin)]).unwrap();
    let (before, callout) = (hooks.pre_callouts_library_handle(), second::callout(|_, _| {}));
    let ((), log) = logged(|| {
        before.register_callout(&callout).unwrap();
        assert!(before.deregister_callout(&callout));
        assert!(!before.deregister_callout(&callout));
        before.register_callout(&callout).unwrap();
        assert!(before.deregister_all_callouts("second").unwrap());
    });
    let all = lines(&log, "library=\"pre-callouts\" hook=\"second\"");
    let events: Vec<_> = all.iter().map(|line| line.contains("callout registered")).collect();
    assert_eq!(events, [true, false, true, false], "{log}");
    assert_eq!(lines(&log, "callout deregistered").len(), 2);
}

// 42, 43, 117, 118
fn a_failing_callout_is_logged_with_its_names(origin: Origin) {
    let hooks = hooks_tests::hooks();
    let ends = [json!({"panic": "out of luck"}), json!({"error": "out of luck"})];
    for end in ends {
        hooks.load_libraries(vec![script(origin, "a", json!({"sent": [{"end": end}]}))]).unwrap();
        let (step, log) = logged(|| send(&mut hooks.handle(), &mut Packet::default()));
        assert!(step.is_drop());
        let errors = lines(&log, "ERROR");
        assert_eq!(errors.len(), 1, "{log}");
        for part in ["hook=\"sent\"", "library=\"scripted\"", "callout=\"on_sent\"", "status=DROP", "out of luck"] {
            assert!(errors[0].contains(part), "{part}: {log}");
        }
        // A call that goes well costs no line at any level.
        let (_, log) = logged(|| receive(&mut hooks.handle(), &mut Packet::default()));
        assert_eq!(log, "");
    }
}

/// Counts calls and callouts by name.
#[derive(Default)]
struct Told(Mutex<Vec<String>>);

impl Observer for Told {
    fn hook_begin(&self, call: &Call<'_>, _: &Arguments<'_>) {
        self.0.lock().unwrap().push(format!("{} begins", call.hook()));
    }

    fn callout_end(&self, _: &Call<'_>, callout: &CalloutInfo, result: CalloutResult<'_>, _: &Arguments<'_>) {
        self.0.lock().unwrap().push(format!("{} {} {result:?}", callout.library(), callout.callout()));
    }

    fn hook_end(&self, call: &Call<'_>, status: NextStep, _: &Arguments<'_>) {
        self.0.lock().unwrap().push(format!("{} ends {status}", call.hook()));
    }
}

// 117, 118
fn calls_are_told_to_an_observer(origin: Origin) {
    let (hooks, told) = (hooks_tests::hooks(), Arc::new(Told::default()));
    hooks.load_libraries(vec![full(origin)]).unwrap();
    hooks.set_observer(Some(told.clone()));
    assert_eq!(results(&hooks, [3, 2, 3])[3], Some(57));
    let told = told.0.lock().unwrap();
    let of_second = told.iter().skip_while(|line| *line != "second begins").take(4).collect::<Vec<_>>();
    assert_eq!(
        of_second,
        [
            "second begins",
            "calculating second_step NoOpinion",
            "calculating second_of_load NoOpinion",
            "second ends CONTINUE"
        ]
    );
}
