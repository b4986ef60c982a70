//! References and unparks on several threads: none is lost, and no request goes on before the last callout has run.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier, mpsc};
use std::thread;

use fixture_api::Packet;
use hooks::{Outcome, ParkingOptions};
use hooks_tests::{Origin, both};
use serde_json::json;

use super::{at_sent, call, park_with, parked};
use crate::park::load;

both!(
    a_reference_after_an_unpark_of_another_library,
    an_unpark_in_the_call_waits_for_its_end,
    every_request_goes_on_once,
);

/// The first library has done its work, on another thread, before the second one refers to the request.
fn a_reference_after_an_unpark_of_another_library(origin: Origin) {
    let quick = park_with(&[json!({"reference": "a"}), json!({"unpark-elsewhere": "a"})], json!([]));
    let slow = park_with(&[json!({"reference": "a"}), json!("keep-lot")], json!([{"unpark-kept": "a"}]));
    let hooks = load(origin, &[quick, slow]);
    let (trace, back) = parked(&hooks, "a");
    assert_eq!(trace, ["1", "true", "1"]);
    assert!(back.try_recv().is_err(), "it waits for the second library");
    assert_eq!(at_sent(&hooks), ["true"]);
    assert_eq!(back.try_recv().unwrap().1, Outcome::Resumed);
    // The first one without a reference of its own.
    let careless = park_with(&[json!({"unpark-elsewhere": "a"})], json!([]));
    let slow = park_with(&[json!({"reference": "a"}), json!("keep-lot")], json!([{"unpark-kept": "a"}]));
    let hooks = load(origin, &[careless, slow]);
    let (trace, back) = parked(&hooks, "a");
    assert_eq!(trace, ["true", "1"]);
    assert!(back.try_recv().is_err());
    assert_eq!(at_sent(&hooks), ["true"]);
    assert_eq!(back.try_recv().unwrap().1, Outcome::Resumed);
}

fn an_unpark_in_the_call_waits_for_its_end(origin: Origin) {
    let unpark = park_with(&[json!({"reference": "a"}), json!({"unpark": "a"}), json!({"unpark": "a"})], json!([]));
    let later = json!({"received": [{"append": " seen"}]});
    let hooks = load(origin, &[unpark, later]);
    let (trace, back) = parked(&hooks, "a");
    assert_eq!(trace, ["1", "true", "false"]);
    let (packet, outcome, thread) = back.try_recv().unwrap();
    assert_eq!((packet.text.as_str(), outcome), ("a seen", Outcome::Resumed));
    assert_eq!(thread, thread::current().id());
    // If the answer is not PARK after all, nothing goes on.
    let unpark = json!({"received": [{"unpark": "a"}, {"return": "skip"}]});
    let hooks = load(origin, &[unpark]);
    let lot = hooks.parking_lot("received").unwrap();
    assert!(call(&lot, &mut hooks.handle(), "a", &mut Packet::default()).is_none());
    assert_eq!(hooks.parked(), 0);
}

fn every_request_goes_on_once(origin: Origin) {
    const THREADS: usize = 4;
    const REQUESTS: usize = 50;
    let hooks = load(origin, &[park_with(&[], json!([]))]);
    hooks.set_parking(ParkingOptions::new().cap(0));
    let ended = Arc::new(AtomicUsize::new(0));
    let started = Arc::new(Barrier::new(THREADS));
    let (sender, receiver) = mpsc::channel();
    let threads = (0..THREADS).map(|number| {
        let (hooks, ended, started, sender) = (hooks.clone(), Arc::clone(&ended), Arc::clone(&started), sender.clone());
        thread::spawn(move || {
            let lot = hooks.parking_lot("received").unwrap();
            started.wait();
            for request in 0..REQUESTS {
                let key = format!("{number} {request}");
                let mut handle = hooks.handle();
                lot.park(&mut handle, &key).unwrap();
                assert_eq!(lot.reference(&key).unwrap(), 1);
                assert_eq!(lot.reference(&key).unwrap(), 2);
                // Two others want it to go on, while it is called and handed over.
                let unparking: Vec<_> = (0..2)
                    .map(|_| {
                        let (lot, key) = (lot.clone(), key.clone());
                        thread::spawn(move || assert!(lot.unpark(&key, false)))
                    })
                    .collect();
                let parked = match hooks_tests::receive(&mut handle, &mut Packet::default()) {
                    fixture_api::received::Step::Parked(parked) => parked,
                    other => panic!("not parked: {other:?}"),
                };
                let (sender, ended) = (sender.clone(), Arc::clone(&ended));
                parked.resume_with(key, move |key, outcome| {
                    ended.fetch_add(1, Ordering::Relaxed);
                    sender.send((key, outcome)).unwrap();
                });
                unparking.into_iter().for_each(|thread| thread.join().unwrap());
            }
        })
    });
    threads.collect::<Vec<_>>().into_iter().for_each(|thread| thread.join().unwrap());
    drop(sender);
    let outcomes: Vec<_> = receiver.try_iter().collect();
    assert!(outcomes.iter().all(|(_, outcome)| *outcome == Outcome::Resumed));
    let keys: std::collections::HashSet<_> = outcomes.into_iter().map(|(key, _)| key).collect();
    assert_eq!((keys.len(), ended.load(Ordering::Relaxed)), (THREADS * REQUESTS, THREADS * REQUESTS));
    assert!(hooks.parking_lot("received").unwrap().is_empty());
    assert_eq!(hooks.parked(), 0);
}
