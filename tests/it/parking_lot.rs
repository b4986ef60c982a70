//! Parking lots: requests that the component parks by keys, before it calls the hook point.

mod clear;
mod race;
mod tickets;

use std::thread;

use fixture_api::{Packet, received, waiting};
use hooks::{CalloutHandle, Hooks, Outcome, Parked, ParkingLot};
use hooks_tests::{Origin, both, logged, receive, send};
use serde_json::{Value, json};

use crate::park::{Back, hand_over, load};

both!(
    a_key_is_parked_once,
    references_are_counted,
    as_many_unparks_as_references,
    without_a_reference_it_goes_on_at_once,
    the_component_may_force,
    a_request_goes_on_in_the_thread_that_unparks,
    a_dropped_request_comes_back_as_dropped,
    what_is_not_parked_is_taken_out_by_the_component,
    keys_are_texts_and_lots_belong_to_hook_points,
    callouts_see_the_lot_of_their_hook_point,
    a_panic_of_the_component_is_logged,
);

/// Calls the hook point `received` as a component does that parks by keys.
fn call(lot: &ParkingLot, handle: &mut CalloutHandle<'_>, key: &str, packet: &mut Packet) -> Option<Parked> {
    lot.park(handle, key).unwrap();
    match receive(handle, packet) {
        received::Step::Parked(parked) => Some(parked),
        _ => {
            assert!(lot.drop_parked(key), "it is there until the component takes it out");
            None
        }
    }
}

/// A parked request, its trace so far, and what comes back.
fn parked(hooks: &Hooks, key: &str) -> (Vec<String>, Back) {
    let lot = hooks.parking_lot("received").unwrap();
    let mut packet = Packet { text: key.to_owned(), ..Packet::default() };
    let parked = call(&lot, &mut hooks.handle(), key, &mut packet).expect("it is parked");
    (packet.trace.clone(), hand_over(parked, packet))
}

/// What callouts at `sent` trace.
fn at_sent(hooks: &Hooks) -> Vec<String> {
    let mut packet = Packet::default();
    assert!(send(&mut hooks.handle(), &mut packet).is_continue());
    packet.trace
}

fn park_with(actions: &[Value], sent: Value) -> Value {
    let actions = actions.iter().cloned().chain([json!({"return": "park"})]);
    json!({"received": actions.collect::<Vec<_>>(), "sent": sent})
}

fn a_key_is_parked_once(origin: Origin) {
    let hooks = load(origin, &[park_with(&[], json!([]))]);
    let lot = hooks.parking_lot("received").unwrap();
    let back = parked(&hooks, "a").1;
    let error = lot.park(&mut hooks.handle(), "a").unwrap_err();
    assert!(
        error.is_park() && error.to_string().contains("`a` is already parked at the hook point `received`"),
        "{error}"
    );
    assert!(back.try_recv().is_err(), "it is as it was");
    // The next call of a handle is one.
    let mut request = hooks.handle();
    lot.park(&mut request, "b").unwrap();
    let error = lot.park(&mut request, "c").unwrap_err().to_string();
    assert!(error.contains("the next call of the hook point `received`") && error.contains("`drop_parked`"), "{error}");
    assert_eq!(lot.len(), 2);
    assert!(lot.drop_parked("b"));
    lot.park(&mut request, "c").unwrap();
    // A handle that goes takes along what has been parked for its next call.
    drop(request);
    assert_eq!(lot.len(), 1);
    // The key is free again when the request has gone on.
    assert!(lot.unpark("a", false));
    assert!(back.try_recv().is_ok());
    let _again = parked(&hooks, "a");
    let other = hooks_tests::hooks();
    let error = lot.park(&mut other.handle(), "d").unwrap_err();
    assert!(error.to_string().contains("another `Hooks`"), "{error}");
}

fn references_are_counted(origin: Origin) {
    let count = [json!({"reference": "a"}), json!({"reference": "a"}), json!({"dereference": "a"})];
    let wrong = [json!({"reference": "nobody"}), json!({"dereference": "nobody"})];
    let actions = [json!("keep-lot")].into_iter().chain(count).chain(wrong).collect::<Vec<_>>();
    let hooks = load(origin, &[park_with(&actions, json!([]))]);
    let lot = hooks.parking_lot("received").unwrap();
    let (trace, back) = parked(&hooks, "a");
    assert_eq!(trace[..3], ["1", "2", "1"]);
    assert!(trace[3].contains("`nobody` cannot be referenced: it is not parked"), "{trace:?}");
    assert!(trace[4].contains("`nobody` cannot be dereferenced: it is not parked"), "{trace:?}");
    assert_eq!(lot.reference("a").unwrap(), 2);
    assert_eq!(lot.dereference("a").unwrap(), 1);
    assert_eq!(lot.dereference("a").unwrap(), 0);
    let error = lot.dereference("a").unwrap_err();
    assert!(error.to_string().contains("there is no reference to it"), "{error}");
    assert!(back.try_recv().is_err(), "to take references away is not to unpark");
    assert!(lot.unpark("a", false));
    assert_eq!(back.try_recv().unwrap().1, Outcome::Resumed);
    assert!(lot.reference("a").is_err() && lot.dereference("a").is_err());
}

fn as_many_unparks_as_references(origin: Origin) {
    // Two libraries; one of them refers twice.
    let twice = park_with(&[json!({"reference": "a"}), json!({"reference": "a"}), json!("keep-lot")], json!([]));
    let once = park_with(&[json!({"reference": "a"}), json!("keep-lot")], json!([{"unpark-kept": "a"}]));
    let hooks = load(origin, &[twice, once]);
    let (trace, back) = parked(&hooks, "a");
    assert_eq!(trace, ["1", "2", "3"]);
    for _ in 0..2 {
        assert_eq!(at_sent(&hooks), ["true"]);
        assert!(back.try_recv().is_err());
    }
    assert_eq!(at_sent(&hooks), ["true"]);
    assert_eq!(back.try_recv().unwrap().1, Outcome::Resumed);
    assert_eq!(at_sent(&hooks), ["false"], "it is gone");
    assert!(back.recv().is_err(), "it goes on once");
}

fn without_a_reference_it_goes_on_at_once(origin: Origin) {
    let hooks = load(origin, &[park_with(&[json!("keep-lot")], json!([{"unpark-kept": "a"}]))]);
    let back = parked(&hooks, "a").1;
    assert!(back.try_recv().is_err(), "PARK needs no ticket here");
    assert_eq!(at_sent(&hooks), ["true"]);
    assert_eq!(back.try_recv().unwrap().1, Outcome::Resumed);
    assert!(hooks.parking_lot("received").unwrap().is_empty());
}

fn the_component_may_force(origin: Origin) {
    let hooks = load(origin, &[park_with(&[json!({"reference": "a"}), json!({"reference": "a"})], json!([]))]);
    let lot = hooks.parking_lot("received").unwrap();
    let back = parked(&hooks, "a").1;
    assert!(lot.unpark("a", false));
    assert!(back.try_recv().is_err());
    assert!(lot.unpark("a", true));
    assert_eq!(back.try_recv().unwrap().1, Outcome::Resumed);
    assert!(!lot.unpark("a", true) && !lot.unpark("nobody", true));
}

fn a_request_goes_on_in_the_thread_that_unparks(origin: Origin) {
    let hooks = load(origin, &[park_with(&[json!("keep-lot")], json!([{"unpark-kept": "a"}]))]);
    let back = parked(&hooks, "a").1;
    let other = hooks.clone();
    let unparking = thread::spawn(move || {
        at_sent(&other);
        thread::current().id()
    });
    let unparking = unparking.join().unwrap();
    let (packet, outcome, thread) = back.try_recv().unwrap();
    assert_eq!((packet.text.as_str(), outcome, thread), ("a", Outcome::Resumed, unparking));
}

fn a_dropped_request_comes_back_as_dropped(origin: Origin) {
    let refer = [json!({"reference": "a"}), json!({"reference": "a"}), json!("keep-lot")];
    let hooks = load(origin, &[park_with(&refer, json!([{"drop-parked-kept": "a"}]))]);
    let lot = hooks.parking_lot("received").unwrap();
    let back = parked(&hooks, "a").1;
    assert_eq!(at_sent(&hooks), ["true"], "references do not matter");
    assert_eq!(back.try_recv().unwrap().1, Outcome::Dropped);
    assert_eq!(at_sent(&hooks), ["false"]);
    // By the component.
    let back = parked(&hooks, "a").1;
    assert!(lot.drop_parked("a"));
    assert_eq!(back.try_recv().unwrap().1, Outcome::Dropped);
    assert!(!lot.drop_parked("a"));
    // In the call, and before it has been handed over.
    let hooks = load(origin, &[park_with(&[json!({"drop-parked": "a"}), json!({"reference": "a"})], json!([]))]);
    let (trace, back) = parked(&hooks, "a");
    assert!(trace[0] == "true" && trace[1].contains("not parked"), "{trace:?}");
    assert_eq!(back.try_recv().unwrap().1, Outcome::Dropped);
}

fn what_is_not_parked_is_taken_out_by_the_component(origin: Origin) {
    for answer in ["continue", "skip", "drop"] {
        let actions = json!({
            "received": [{"reference": "a"}, "keep-lot", {"return": answer}],
            "sent": [{"unpark-kept": "a"}],
        });
        let hooks = load(origin, &[actions]);
        let lot = hooks.parking_lot("received").unwrap();
        let (mut request, mut packet) = (hooks.handle(), Packet::default());
        for _ in 0..2 {
            assert!(call(&lot, &mut request, "a", &mut packet).is_none());
            assert_eq!((lot.len(), hooks.parked()), (0, 0));
            assert_eq!(at_sent(&hooks), ["false"]);
        }
        // A component that forgets it: the next call is not parked by it, and the handle takes it along.
        lot.park(&mut request, "a").unwrap();
        let _ = receive(&mut request, &mut packet);
        assert_eq!(lot.len(), 1);
        drop(request);
        assert!(lot.is_empty());
    }
    // PARK without a ticket is a failure again after the component has taken the request out.
    let hooks = load(origin, &[park_with(&[], json!([]))]);
    let (lot, mut request) = (hooks.parking_lot("received").unwrap(), hooks.handle());
    lot.park(&mut request, "a").unwrap();
    assert!(lot.drop_parked("a"));
    assert!(receive(&mut request, &mut Packet::default()).is_drop());
    // Nobody is attached to the hook point, so that it is not even called.
    let hooks = hooks_tests::hooks();
    let (lot, mut request) = (hooks.parking_lot("received").unwrap(), hooks.handle());
    for _ in 0..2 {
        assert!(call(&lot, &mut request, "a", &mut Packet::default()).is_none());
        assert!(lot.is_empty());
    }
}

fn keys_are_texts_and_lots_belong_to_hook_points(origin: Origin) {
    let both = json!({"received": [{"return": "park"}], "waiting": [{"return": "park"}]});
    let (hooks, other) = (load(origin, std::slice::from_ref(&both)), load(origin, &[both]));
    let (one, two) = (hooks.parking_lot("received").unwrap(), hooks.parking_lot("waiting").unwrap());
    let first = parked(&hooks, "a").1;
    let second = {
        let (mut request, mut packet) = (hooks.handle(), Packet::default());
        two.park(&mut request, &["a"].concat()).unwrap();
        match waiting::call(&mut request, || waiting::Args { packet: &mut packet }) {
            waiting::Step::Parked(parked) => hand_over(parked, packet),
            other => panic!("not parked: {other:?}"),
        }
    };
    // What is parked for the call of one hook point is not for that of another.
    let mut request = hooks.handle();
    one.park(&mut request, "b").unwrap();
    let mut packet = Packet::default();
    let step = waiting::call(&mut request, || waiting::Args { packet: &mut packet });
    assert!(step.is_drop(), "PARK without a ticket: {step:?}");
    assert!(receive(&mut request, &mut Packet::default()).is_parked());
    let third = parked(&other, "a").1;
    assert!(hooks.parking_lot("received").unwrap().unpark("a", false), "there is one, whoever asks for it");
    assert!(first.try_recv().is_ok() && second.try_recv().is_err() && third.try_recv().is_err());
    assert!(!one.unpark("a", false) && !one.unpark("", false));
    assert!(two.unpark("a", false));
    assert!(second.try_recv().is_ok() && third.try_recv().is_err());
    assert!(other.parking_lot("received").unwrap().unpark("a", false));
    assert!(third.try_recv().is_ok());
    assert_eq!((one.hook(), two.hook()), ("received", "waiting"));
    let error = hooks.parking_lot("recieved").unwrap_err();
    assert!(error.is_hook_point() && error.to_string().contains("no hook point `recieved`"), "{error}");
    assert!(error.to_string().contains("received"), "{error}");
    let error = hooks.parking_lot("sent").unwrap_err();
    assert!(error.is_park() && error.to_string().contains("honours only CONTINUE, SKIP, DROP"), "{error}");
}

fn callouts_see_the_lot_of_their_hook_point(origin: Origin) {
    // The nested call has the lot of its own hook point; afterwards the outer one is there again.
    let nested = json!({
        "received": [{"reference": "a"}, {"call": "waiting"}, {"reference": "a"}, {"return": "park"}],
        "waiting": [{"reference": "a"}],
        "sent": ["keep-lot", {"reference": "a"}],
    });
    let hooks = load(origin, &[nested]);
    let trace = parked(&hooks, "a").0;
    assert_eq!((&*trace[0], &*trace[2], &*trace[3]), ("1", "Continue", "2"));
    assert!(trace[1].contains("`a` cannot be referenced") && trace[1].contains("`waiting`"), "{trace:?}");
    for error in at_sent(&hooks) {
        assert!(error.contains("the hook point `sent` does not honour PARK"), "{error}");
    }
    let error = hooks.handle().parking_lot().unwrap_err();
    assert!(error.is_park() && error.to_string().contains("only a callout"), "{error}");
}

fn a_panic_of_the_component_is_logged(origin: Origin) {
    let hooks = load(origin, &[park_with(&[json!("keep-lot")], json!([{"unpark-kept": "a"}]))]);
    let lot = hooks.parking_lot("received").unwrap();
    let parked = call(&lot, &mut hooks.handle(), "a", &mut Packet::default()).unwrap();
    parked.resume_with((), |(), _| panic!("the component's mistake"));
    let (trace, log) = logged(|| at_sent(&hooks));
    assert_eq!(trace, ["true"], "the callout that unparks is told nothing of it");
    assert!(log.contains("the component's mistake"), "{log}");
    assert!(lot.is_empty());
}
