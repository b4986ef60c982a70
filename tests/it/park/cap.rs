//! How many requests may be parked at once.

use std::sync::mpsc;

use fixture_api::{Packet, waiting};
use hooks::{Hooks, ParkingOptions};
use hooks_tests::{Origin, both, logged, receive, send};
use serde_json::json;

use super::{Back, hand_over, keep, load, park, parked};

both!(
    at_the_limit_park_is_an_error,
    the_limit_is_the_references_unless_it_is_set,
    the_limit_counts_each_hook_point_and_each_set_of_libraries,
    a_call_that_is_not_parked_gives_its_place_back,
    a_parked_call_that_is_lost_gives_its_place_back,
    a_continuation_may_park_again,
);

fn full(hooks: &Hooks) {
    let mut packet = Packet::default();
    assert!(receive(&mut hooks.handle(), &mut packet).is_drop());
    assert_eq!(packet.trace.len(), 1, "{packet:?}");
    let text = &packet.trace[0];
    assert!(text.contains("the hook point `received` has ") && text.contains("`ParkingOptions::cap`"), "{text}");
}

fn at_the_limit_park_is_an_error(origin: Origin) {
    let hooks = load(origin, &[keep()]);
    hooks.set_parking(ParkingOptions::new().cap(2));
    let waiting: Vec<Back> = (0..2).map(|_| parked(&hooks)).collect();
    assert_eq!(hooks.parked(), 2);
    full(&hooks);
    assert_eq!(hooks.parked(), 2);
    // One goes on, and there is a place again; which one it is is the plugin's to say.
    assert!(send(&mut hooks.handle(), &mut Packet::default()).is_continue());
    assert_eq!((hooks.parked(), waiting.iter().filter(|back| back.try_recv().is_ok()).count()), (1, 1));
    let _third = parked(&hooks);
    full(&hooks);
    assert!(hooks.unload_libraries());
    assert_eq!(hooks.parked(), 0);
    // A callout that hands the error on fails, and that counts as the hook point says.
    let hooks = load(origin, &[json!({"received": ["resume-now", {"return": "park"}], "waiting": ["keep-ticket"]})]);
    hooks.set_parking(ParkingOptions::new().cap(1));
    let _held = park(&mut hooks.handle(), &mut Packet::default());
    let (step, log) = logged(|| receive(&mut hooks.handle(), &mut Packet::default()));
    assert!(step.is_drop() && log.contains("callout failed: ") && log.contains("its limit is 1"), "{log}");
}

fn the_limit_is_the_references_unless_it_is_set(origin: Origin) {
    let hooks = load(origin, &[keep()]);
    let mut waiting: Vec<Back> = (0..256).map(|_| parked(&hooks)).collect();
    full(&hooks);
    hooks.set_parking(ParkingOptions::new().cap(0));
    waiting.extend((0..100).map(|_| parked(&hooks)));
    assert_eq!(hooks.parked(), 356);
    assert!(hooks.unload_libraries());
    assert!(waiting.iter().all(|back| back.try_recv().is_ok()));
}

fn the_limit_counts_each_hook_point_and_each_set_of_libraries(origin: Origin) {
    let script =
        json!({"received": ["keep-ticket", {"return": "park"}], "waiting": ["keep-ticket", {"return": "park"}]});
    let (one, other) = (load(origin, std::slice::from_ref(&script)), load(origin, &[script]));
    one.set_parking(ParkingOptions::new().cap(1));
    let _first = parked(&one);
    let mut packet = Packet::default();
    let step = waiting::call(&mut one.handle(), || waiting::Args { packet: &mut packet });
    assert!(step.is_parked(), "{step:?}");
    let _others = [parked(&other), parked(&other)];
    assert_eq!((one.parked(), other.parked()), (2, 2));
}

fn a_call_that_is_not_parked_gives_its_place_back(origin: Origin) {
    for answer in ["continue", "skip", "drop"] {
        // The tickets stay where they are, and do not matter.
        let hooks = load(origin, &[json!({"received": ["keep-ticket", "keep-ticket", {"return": answer}]})]);
        hooks.set_parking(ParkingOptions::new().cap(1));
        let mut request = hooks.handle();
        for _ in 0..3 {
            let mut packet = Packet::default();
            let _ = receive(&mut request, &mut packet);
            assert_eq!((packet.trace.len(), hooks.parked()), (0, 0), "{packet:?}");
        }
    }
    // A failure after the ticket.
    let hooks = load(origin, &[json!({"received": ["keep-ticket", {"end": {"panic": "ouch"}}]})]);
    hooks.set_parking(ParkingOptions::new().cap(1));
    for _ in 0..3 {
        assert!(receive(&mut hooks.handle(), &mut Packet::default()).is_drop());
        assert_eq!(hooks.parked(), 0);
    }
}

fn a_parked_call_that_is_lost_gives_its_place_back(origin: Origin) {
    let hooks = load(origin, &[keep()]);
    let parked = park(&mut hooks.handle(), &mut Packet::default());
    assert_eq!(hooks.parked(), 1);
    drop(parked);
    assert_eq!(hooks.parked(), 0);
}

fn a_continuation_may_park_again(origin: Origin) {
    let hooks = load(origin, &[keep()]);
    hooks.set_parking(ParkingOptions::new().cap(1));
    let mut packet = Packet::default();
    let first = park(&mut hooks.handle(), &mut packet);
    let (sender, receiver) = mpsc::channel();
    let again = hooks.clone();
    first.resume_with(packet, move |mut packet, _| {
        let second = park(&mut again.handle(), &mut packet);
        sender.send(hand_over(second, packet)).unwrap();
    });
    assert!(send(&mut hooks.handle(), &mut Packet::default()).is_continue());
    let second = receiver.try_recv().unwrap();
    assert!(second.try_recv().is_err());
    assert_eq!(hooks.parked(), 1);
    assert!(send(&mut hooks.handle(), &mut Packet::default()).is_continue());
    assert!(second.try_recv().is_ok());
    assert_eq!(hooks.parked(), 0);
}
