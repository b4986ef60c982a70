//! Lots are cleared when libraries are loaded or unloaded, or by the component.

use std::sync::mpsc;

use fixture_api::Packet;
use hooks::{Hooks, Outcome, ParkingOptions};
use hooks_tests::{Origin, both, logged, receive, script, send};
use serde_json::json;

use super::{at_sent, call, park_with, parked};
use crate::park::{hand_over, load};

both!(
    a_kept_lot_that_was_cleared_finds_nothing,
    loading_and_unloading_clear,
    a_lot_cleared_in_the_middle,
    an_unloaded_library_has_no_lot,
);

const BOTH: [Outcome; 2] = [Outcome::Resumed, Outcome::Dropped];

fn a_kept_lot_that_was_cleared_finds_nothing(origin: Origin) {
    let sent = json!([{"unpark-kept": "a"}, {"reference-kept": "a"}, {"drop-parked-kept": "a"}]);
    for outcome in BOTH {
        // The first call keeps the lot, and no later one does.
        let keeps = json!({"received": [], "waiting": ["keep-lot"], "sent": sent});
        let hooks = load(origin, &[keeps, park_with(&[json!({"reference": "a"})], json!([]))]);
        hooks.set_parking(ParkingOptions::new().at_unload(outcome));
        let lot = hooks.parking_lot("received").unwrap();
        let waiting = |packet: &mut Packet| {
            let _ = fixture_api::waiting::call(&mut hooks.handle(), || fixture_api::waiting::Args { packet });
        };
        waiting(&mut Packet::default());
        let kept = hooks.parking_lot("waiting").unwrap();
        let mut before = hooks.handle();
        kept.park(&mut before, "a").unwrap();
        assert_eq!(at_sent(&hooks), ["true", "1", "true"]);
        let back = parked(&hooks, "a").1;
        lot.clear();
        kept.clear();
        let (_, found, _) = back.try_recv().unwrap();
        assert_eq!(found, outcome);
        assert!(lot.is_empty() && !lot.unpark("a", false));
        // The same key again: the component finds it, and the kept lot does not.
        let mut request = hooks.handle();
        kept.park(&mut request, "a").unwrap();
        let again = parked(&hooks, "a").1;
        let trace = at_sent(&hooks);
        assert_eq!((&*trace[0], &*trace[2]), ("false", "false"));
        assert!(trace[1].contains("not parked"), "{trace:?}");
        assert!(again.try_recv().is_err());
        assert_eq!((lot.len(), kept.len()), (1, 1));
        assert!(lot.unpark("a", true));
        assert_eq!(again.try_recv().unwrap().1, Outcome::Resumed);
    }
}

fn loading_and_unloading_clear(origin: Origin) {
    let changes: [fn(&Hooks, Origin); 5] = [
        |hooks, _| assert!(hooks.unload_libraries()),
        |hooks, _| hooks.prepare_unload_libraries(),
        |hooks, origin| hooks.load_libraries(vec![script(origin, "other", json!({}))]).unwrap(),
        |hooks, _| hooks.reload(vec![]).unwrap(),
        |hooks, _| hooks.parking_lot("received").unwrap().clear(),
    ];
    let parks = park_with(&[json!({"reference": "a"})], json!([]));
    for change in changes {
        for outcome in BOTH {
            let hooks = load(origin, std::slice::from_ref(&parks));
            hooks.set_parking(ParkingOptions::new().at_unload(outcome));
            let lot = hooks.parking_lot("received").unwrap();
            let (mut request, mut packet) = (hooks.handle(), Packet::default());
            let parked = call(&lot, &mut request, "a", &mut packet).unwrap();
            // The handle goes with the request, as a component would have it.
            let (sender, back) = mpsc::channel();
            parked.resume_with(request, move |request, outcome| {
                drop(request);
                sender.send(outcome).unwrap();
            });
            change(&hooks, origin);
            assert_eq!(back.try_recv(), Ok(outcome));
            assert!(lot.is_empty());
            assert_eq!(hooks.parked(), 0);
        }
    }
    // When there are no libraries as well.
    let hooks = hooks_tests::hooks();
    let (lot, mut request) = (hooks.parking_lot("received").unwrap(), hooks.handle());
    lot.park(&mut request, "a").unwrap();
    hooks.prepare_unload_libraries();
    assert!(lot.is_empty());
    // A reload that keeps all libraries, or fails, clears nothing.
    let hooks = load(origin, &[]);
    let library = script(origin, "a", parks);
    hooks.load_libraries(vec![library.clone()]).unwrap();
    let back = parked(&hooks, "a").1;
    hooks.reload(vec![library, script(origin, "more", json!({}))]).unwrap();
    assert!(hooks.reload(vec![script(origin, "broken", json!({"load": {"error": "broken"}}))]).is_err());
    assert!(back.try_recv().is_err());
    // The end of the hooks does.
    drop(hooks);
    assert_eq!(back.try_recv().unwrap().1, Outcome::Dropped);
}

fn a_lot_cleared_in_the_middle(origin: Origin) {
    let hooks = load(origin, &[park_with(&[], json!([]))]);
    let (lot, mut request, mut packet) = (hooks.parking_lot("received").unwrap(), hooks.handle(), Packet::default());
    // Between `park` and the call: it is parked, and ends as soon as it is handed over.
    lot.park(&mut request, "a").unwrap();
    lot.clear();
    match receive(&mut request, &mut packet) {
        fixture_api::received::Step::Parked(parked) => {
            assert_eq!(hand_over(parked, packet).try_recv().unwrap().1, Outcome::Dropped);
        }
        other => panic!("not parked: {other:?}"),
    }
    // Before the request is handed over.
    let mut packet = Packet::default();
    let parked = call(&lot, &mut request, "a", &mut packet).unwrap();
    lot.clear();
    assert_eq!(hand_over(parked, packet).try_recv().unwrap().1, Outcome::Dropped);
    assert_eq!(hooks.parked(), 0);
}

fn an_unloaded_library_has_no_lot(origin: Origin) {
    let hooks = load(origin, &[json!({"received": [{"reference": "a"}, "keep-lot", {"return": "drop"}]})]);
    let mut request = hooks.handle();
    hooks.prepare_unload_libraries();
    hooks.parking_lot("received").unwrap().park(&mut request, "a").unwrap();
    let mut packet = Packet::default();
    let (step, _) = logged(|| receive(&mut request, &mut packet));
    assert!(step.is_drop());
    assert_eq!(packet.trace.len(), 2);
    assert!(packet.trace.iter().all(|error| error.contains("the library has been unloaded")), "{packet:?}");
    assert!(send(&mut request, &mut packet).is_continue());
}
