//! The status: how callouts tell the component what to do next.

use fixture_api::{Packet, received, unattached};
use hooks::{CalloutHandle, NextStep};
use hooks_tests::{Origin, both, receive, script, send};
use serde_json::{Value, json};

both!(each_status_goes_round, thirteen_callouts_set_and_clear_the_status, the_last_library_decides);

// 63
#[test]
fn the_values_have_their_numbers() {
    let numbers = [NextStep::Continue, NextStep::Skip, NextStep::Drop, NextStep::Park].map(|status| status as u32);
    assert_eq!(numbers, [0, 1, 2, 3]);
    assert_eq!(NextStep::default(), NextStep::Continue);
}

// 63
fn each_status_goes_round(origin: Origin) {
    for status in ["continue", "skip", "drop", "park"] {
        let hooks = hooks_tests::hooks();
        let actions = json!(["status", "resume-now", {"set": status}, "status"]);
        hooks.load_libraries(vec![script(origin, "a", json!({"received": actions}))]).unwrap();
        let (mut request, mut packet) = (hooks.handle(), Packet::default());
        assert_eq!(request.status(), NextStep::Continue);
        let step = receive(&mut request, &mut packet);
        assert_eq!(packet.trace, ["CONTINUE".to_owned(), status.to_uppercase()]);
        assert_eq!(request.status().to_string(), status.to_uppercase());
        assert_eq!(matches!(step, received::Step::Parked(_)), status == "park");
    }
}

/// What thirteen libraries, which each do one thing, see one after the other.
fn seen(origin: Origin, what: [Value; 13]) -> (NextStep, Vec<String>) {
    let hooks = hooks_tests::hooks();
    let library = |action: Value| script(origin, "a", json!({"sent": [action]}));
    hooks.load_libraries(what.map(library).to_vec()).unwrap();
    let (mut request, mut packet) = (hooks.handle(), Packet::default());
    let _ = send(&mut request, &mut packet);
    (request.status(), packet.trace)
}

// 64
fn thirteen_callouts_set_and_clear_the_status(origin: Origin) {
    let (look, skip, clear) = (|| json!("status"), || json!({"return": "skip"}), || json!({"set": "continue"}));
    // Ends with SKIP.
    let what =
        [look(), skip(), look(), skip(), look(), clear(), look(), clear(), look(), skip(), look(), look(), skip()];
    let expected = ["CONTINUE", "SKIP", "SKIP", "CONTINUE", "CONTINUE", "SKIP", "SKIP"].map(str::to_owned);
    assert_eq!(seen(origin, what), (NextStep::Skip, expected.to_vec()));
    // Ends with CONTINUE.
    let what =
        [look(), clear(), look(), skip(), look(), skip(), look(), clear(), look(), skip(), look(), look(), clear()];
    let expected = ["CONTINUE", "CONTINUE", "SKIP", "SKIP", "CONTINUE", "SKIP", "SKIP"].map(str::to_owned);
    assert_eq!(seen(origin, what), (NextStep::Continue, expected.to_vec()));
}

// 64
fn the_last_library_decides(origin: Origin) {
    let park = || json!({"received": ["resume-now", {"return": "park"}]});
    let skip = || json!({"received": ["status", {"return": "skip"}]});
    let call = |scripts: [Value; 2]| {
        let hooks = hooks_tests::hooks();
        hooks.load_libraries(scripts.map(|actions| script(origin, "a", actions)).to_vec()).unwrap();
        let (mut request, mut packet) = (hooks.handle(), Packet::default());
        let _ = receive(&mut request, &mut packet);
        (request.status(), packet.trace.concat())
    };
    assert_eq!(call([park(), skip()]), (NextStep::Skip, "PARK".to_owned()));
    assert_eq!(call([skip(), park()]), (NextStep::Park, "CONTINUE".to_owned()));
}

// 41
#[test]
fn a_call_without_callouts_resets_the_status() {
    let hooks = hooks_tests::hooks();
    let drop = fixture_api::sent::callout(|_, _| fixture_api::sent::NextStep::Drop);
    hooks.pre_callouts_library_handle().register_callout(&drop).unwrap();
    let other = hooks.register_hook("status_of_nobody").unwrap();
    let (mut request, mut packet) = (hooks.handle(), Packet::default());
    let dropped = |request: &mut CalloutHandle<'_>, packet: &mut Packet| {
        assert!(send(request, packet).is_drop());
        assert_eq!(request.status(), NextStep::Drop);
    };
    dropped(&mut request, &mut packet);
    assert_eq!(request.call_callouts(other).unwrap(), NextStep::Continue);
    assert_eq!(request.status(), NextStep::Continue);
    // A declared hook point that is idle answers CONTINUE without touching the handle.
    dropped(&mut request, &mut packet);
    assert!(unattached::call(&mut request, || unattached::Args { packet: &mut packet }).is_continue());
}
