//! Callouts that are attached, and hook points to which nobody is.

use std::cell::Cell;
use std::thread;

use fixture_api::{Packet, sequence, unattached};
use hooks::LibraryConfig;
use hooks_tests::{Origin, both, receive, script, send, text_of};
use serde_json::json;

both!(
    attached_callouts_are_listed,
    libraries_are_listed,
    callouts_are_present_for_requests_that_can_see_them,
    several_hooks_have_libraries_of_their_own,
    two_instances_of_a_library_have_a_state_each,
    handles_work_on_other_threads,
);

fn attached_callouts_are_listed(origin: Origin) {
    let hooks = hooks_tests::hooks();
    assert!(hooks.callouts().is_empty());
    let ordered = LibraryConfig::new(origin.plugin("ordered"));
    hooks.load_libraries(vec![script(origin, "a", json!({})), ordered.clone(), ordered]).unwrap();
    let callouts = hooks.callouts();
    let names: Vec<_> = callouts.iter().map(|info| [info.hook(), info.library(), info.callout()].join(" ")).collect();
    let of = |hook: &str| names.iter().filter(|name| name.starts_with(hook)).cloned().collect::<Vec<_>>();
    assert_eq!(of("received"), ["received scripted on_received"]);
    let once = ["zebra", "monkey", "zebra", "ape"].map(|name| format!("sequence ordered {name}"));
    assert_eq!(of("sequence"), [once.clone(), once].concat());
    assert_eq!(names.len(), 6 + 8);
    let zebra = callouts.iter().find(|info| info.callout() == "zebra").unwrap();
    assert!(zebra.file().ends_with("ordered/src/lib.rs") && zebra.line() > 10, "{zebra:?}");
}

fn libraries_are_listed(origin: Origin) {
    let hooks = hooks_tests::hooks();
    assert!(hooks.libraries().is_empty());
    hooks.load_libraries(vec![script(origin, "a", json!({})), LibraryConfig::new(origin.plugin("by-name"))]).unwrap();
    let libraries = hooks.libraries();
    let names: Vec<_> = libraries.iter().map(|library| &*library.name).collect();
    assert_eq!(names, ["scripted", "by-name"]);
    assert!(libraries.iter().all(|library| library.version == env!("CARGO_PKG_VERSION")));
    assert_eq!(libraries[0].source, origin.plugin("scripted"));
    assert!(hooks.unload_libraries());
    assert!(hooks.libraries().is_empty() && hooks.callouts().is_empty());
}

fn callouts_are_present_for_requests_that_can_see_them(origin: Origin) {
    let hooks = hooks_tests::hooks();
    let before = hooks.handle();
    hooks.load_libraries(vec![LibraryConfig::new(origin.plugin("ordered"))]).unwrap();
    let after = hooks.handle();
    assert!(!sequence::callouts_present(&before));
    assert!(sequence::callouts_present(&after));
    assert!(!unattached::callouts_present(&after));
}

fn several_hooks_have_libraries_of_their_own(origin: Origin) {
    let (one, two, none) = (hooks_tests::hooks(), hooks_tests::hooks(), hooks_tests::hooks());
    one.load_libraries(vec![script(origin, "a", json!({"received": [{"append": "one"}]}))]).unwrap();
    two.load_libraries(vec![script(origin, "a", json!({"received": [{"append": "two"}]}))]).unwrap();
    let texts = || [text_of(&one), text_of(&two), text_of(&none)];
    assert_eq!(texts(), ["one", "two", ""]);
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| (0..50).for_each(|_| assert_eq!(texts(), ["one", "two", ""])));
        }
    });
    assert!(one.unload_libraries());
    assert_eq!(texts(), ["", "two", ""]);
    let two_again = two.clone();
    drop(two);
    assert_eq!(text_of(&two_again), "two");
}

fn two_instances_of_a_library_have_a_state_each(origin: Origin) {
    let hooks = hooks_tests::hooks();
    let first = script(origin, "first", json!({"received": ["count"], "sent": ["count"]}));
    let second = script(origin, "second", json!({"received": ["count"]}));
    hooks.load_libraries(vec![first, second]).unwrap();
    let mut request = hooks.handle();
    let mut packet = Packet::default();
    let _ = send(&mut request, &mut packet);
    let _ = receive(&mut request, &mut packet);
    // The first instance has had `sent` and `received`; the second counts its calls by itself.
    assert_eq!(packet.trace, ["1", "2", "2"]);
}

fn handles_work_on_other_threads(origin: Origin) {
    let hooks = hooks_tests::hooks();
    hooks.load_libraries(vec![script(origin, "a", json!({"received": [{"append": "x"}]}))]).unwrap();
    let mut request = hooks.handle();
    for _ in 0..3 {
        request = thread::spawn(move || {
            let mut packet = Packet::default();
            assert!(receive(&mut request, &mut packet).is_continue());
            assert_eq!(packet.text, "x");
            request
        })
        .join()
        .unwrap();
    }
    thread::spawn(move || drop(request)).join().unwrap();
    assert!(hooks.unload_libraries());
}

#[test]
fn arguments_of_an_idle_hook_point_are_not_built() {
    let hooks = hooks_tests::hooks();
    hooks.load_libraries(vec![script(Origin::BuiltIn, "a", json!({}))]).unwrap();
    let (built, mut packet) = (Cell::new(0), Packet::default());
    let mut request = hooks.handle();
    let step = unattached::call(&mut request, || {
        built.set(built.get() + 1);
        unattached::Args { packet: &mut packet }
    });
    assert!(step.is_continue());
    assert_eq!(built.get(), 0);
}
