//! Parking lots with what goes for tickets: other tickets, the limit and the deadline.

use std::time::Duration;

use fixture_api::Packet;
use hooks::{Outcome, ParkingOptions};
use hooks_tests::{Origin, both, logged, receive};
use serde_json::json;

use super::{at_sent, call, park_with, parked};
use crate::park::load;

both!(tickets_and_lots_together, the_limit_counts_what_is_parked, a_deadline_ends_what_is_parked_in_a_lot);

fn tickets_and_lots_together(origin: Origin) {
    let ticket = park_with(&[json!("keep-ticket")], json!(["resume-kept"]));
    let refer = park_with(&[json!({"reference": "a"})], json!([]));
    let hooks = load(origin, &[ticket, refer]);
    let lot = hooks.parking_lot("received").unwrap();
    for unpark_first in [true, false] {
        let back = parked(&hooks, "a").1;
        if unpark_first {
            assert!(lot.unpark("a", false) && back.try_recv().is_err(), "it waits for the ticket");
        }
        at_sent(&hooks);
        if !unpark_first {
            assert!(back.try_recv().is_err(), "it waits for the reference");
            assert!(lot.unpark("a", false));
        }
        assert_eq!(back.try_recv().unwrap().1, Outcome::Resumed);
    }
}

fn the_limit_counts_what_is_parked(origin: Origin) {
    let refer = json!({"received": [{"reference": "b"}, {"return": "park"}]});
    let hooks = load(origin, &[refer]);
    hooks.set_parking(ParkingOptions::new().cap(1));
    let lot = hooks.parking_lot("received").unwrap();
    // One without a reference takes its place at the end of the call.
    let _first = parked(&hooks, "a");
    assert_eq!(hooks.parked(), 1);
    let (mut request, mut packet) = (hooks.handle(), Packet::default());
    let (step, log) = logged(|| call(&lot, &mut request, "c", &mut packet));
    assert!(step.is_none() && log.contains("callout failed: ") && log.contains("its limit is 1"), "{log}");
    // One with a reference is told so when it takes that.
    let step = call(&lot, &mut request, "b", &mut packet);
    assert!(step.is_none() && packet.trace[1].contains("its limit is 1"), "{packet:?}");
    assert!(lot.unpark("a", false));
    assert_eq!(parked(&hooks, "b").0, ["1"]);
    // Calls that nobody wants to park do not matter, however full it is.
    let hooks = load(origin, &[json!({"received": [{"append": "served"}], "waiting": ["keep-ticket"]})]);
    hooks.set_parking(ParkingOptions::new().cap(1));
    let (lot, mut requests) = (hooks.parking_lot("received").unwrap(), Vec::new());
    for number in 0..5 {
        let (mut request, mut packet) = (hooks.handle(), Packet::default());
        lot.park(&mut request, &number.to_string()).unwrap();
        assert!(receive(&mut request, &mut packet).is_continue());
        assert_eq!((packet.text.as_str(), hooks.parked()), ("served", 0));
        requests.push(request);
    }
    assert_eq!(lot.len(), 5);
}

fn a_deadline_ends_what_is_parked_in_a_lot(origin: Origin) {
    let hooks = load(origin, &[park_with(&[json!({"reference": "a"})], json!([]))]);
    let options = ParkingOptions::new().deadline(Some(Duration::from_millis(5)));
    hooks.set_parking(options.at_deadline(Outcome::Resumed));
    let back = parked(&hooks, "a").1;
    assert_eq!(back.recv().unwrap().1, Outcome::Resumed);
    let lot = hooks.parking_lot("received").unwrap();
    assert!(lot.is_empty() && !lot.unpark("a", false));
    assert_eq!(hooks.parked(), 0);
}
