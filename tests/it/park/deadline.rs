//! Requests that nobody resolves in time.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use fixture_api::Packet;
use hooks::{Hooks, Outcome, ParkingOptions};
use hooks_tests::{Origin, both, send};
use serde_json::{Value, json};

use super::{hand_over, keep, load, park, parked};

both!(
    a_deadline_resolves_what_is_open,
    a_drop_before_the_deadline_stands,
    a_deadline_before_the_request_is_handed_over,
    what_is_resolved_in_time_has_no_deadline,
    a_request_goes_on_once_whoever_comes_first,
);

const BOTH: [Outcome; 2] = [Outcome::Resumed, Outcome::Dropped];

fn with_deadline(origin: Origin, script: Value, deadline: Duration, outcome: Outcome) -> Hooks {
    let hooks = load(origin, &[script]);
    // What else can happen has the other outcome.
    let other = if outcome == Outcome::Dropped { Outcome::Resumed } else { Outcome::Dropped };
    let options = ParkingOptions::new().deadline(Some(deadline)).at_deadline(outcome);
    hooks.set_parking(options.at_unload(other).when_ticket_dropped(other));
    hooks
}

fn a_deadline_resolves_what_is_open(origin: Origin) {
    let two = json!({"received": ["keep-ticket", "keep-ticket", {"return": "park"}], "sent": ["resume-kept"]});
    for outcome in BOTH {
        let hooks = with_deadline(origin, two.clone(), Duration::from_millis(20), outcome);
        let back = parked(&hooks);
        let (packet, found, thread) = back.recv().unwrap();
        assert_eq!((packet.text.as_str(), found), ("mine", outcome));
        assert_ne!(thread, thread::current().id());
        assert_eq!(hooks.parked(), 0);
        // The tickets are still there and do nothing.
        for _ in 0..2 {
            assert!(send(&mut hooks.handle(), &mut Packet::default()).is_continue());
        }
        assert!(back.recv().is_err(), "it goes on once");
        assert!(hooks.unload_libraries());
    }
}

fn a_drop_before_the_deadline_stands(origin: Origin) {
    // One ticket is dropped in the callout, before the deadline begins to run; the other is open when it is reached.
    let two = json!({"received": ["keep-ticket", "lose-ticket", {"return": "park"}]});
    let hooks = with_deadline(origin, two, Duration::from_millis(5), Outcome::Resumed);
    assert_eq!(parked(&hooks).recv().unwrap().1, Outcome::Dropped);
}

fn a_deadline_before_the_request_is_handed_over(origin: Origin) {
    for outcome in BOTH {
        let hooks = with_deadline(origin, keep(), Duration::ZERO, outcome);
        let mut packet = Packet::default();
        let call = park(&mut hooks.handle(), &mut packet);
        // Another deadline that is set later has passed, so this one has.
        assert_eq!(parked(&hooks).recv().unwrap().1, outcome);
        let (_, found, thread) = hand_over(call, packet).try_recv().unwrap();
        assert_eq!((found, thread), (outcome, thread::current().id()));
    }
}

fn what_is_resolved_in_time_has_no_deadline(origin: Origin) {
    let hooks = with_deadline(origin, keep(), Duration::from_secs(3600), Outcome::Dropped);
    let back = parked(&hooks);
    assert!(back.try_recv().is_err());
    assert!(send(&mut hooks.handle(), &mut Packet::default()).is_continue());
    assert_eq!(back.try_recv().unwrap().1, Outcome::Resumed);
    // One that the clock cannot tell is none.
    let hooks = with_deadline(origin, keep(), Duration::MAX, Outcome::Dropped);
    let back = parked(&hooks);
    assert!(send(&mut hooks.handle(), &mut Packet::default()).is_continue());
    assert_eq!(back.try_recv().unwrap().1, Outcome::Resumed);
}

/// Owners, the deadline and the unload of the library all want to resolve the same tickets, while requests are handed over.
fn a_request_goes_on_once_whoever_comes_first(origin: Origin) {
    let script = json!({
        "received": ["keep-ticket", "resume-elsewhere", {"return": "park"}],
        "sent": ["resume-kept-elsewhere"],
    });
    for round in 0..20 {
        let hooks = load(origin, std::slice::from_ref(&script));
        let deadline = Duration::from_micros(100 * round);
        hooks.set_parking(ParkingOptions::new().cap(0).deadline(Some(deadline)));
        let ended = Arc::new(AtomicUsize::new(0));
        let (sender, receiver) = mpsc::channel();
        let parking = thread::spawn({
            let (hooks, ended) = (hooks.clone(), Arc::clone(&ended));
            move || {
                for number in 0..50 {
                    let mut packet = Packet { number, ..Packet::default() };
                    let mut request = hooks.handle();
                    let call = park(&mut request, &mut packet);
                    let (sender, ended) = (sender.clone(), Arc::clone(&ended));
                    // The handle goes with the request, as a component would have it.
                    call.resume_with((request, packet.number), move |(request, number), _| {
                        drop(request);
                        ended.fetch_add(1, Ordering::Relaxed);
                        sender.send(number).unwrap();
                    });
                }
            }
        });
        let mut request = hooks.handle();
        for _ in 0..20 {
            // There may be no ticket yet, which is a failure.
            let _ = send(&mut request, &mut Packet::default());
        }
        drop(request);
        parking.join().unwrap();
        hooks.prepare_unload_libraries();
        let mut numbers: Vec<u64> = receiver.iter().take(50).collect();
        numbers.sort_unstable();
        assert_eq!(numbers, (0..50).collect::<Vec<_>>());
        assert!(receiver.recv().is_err(), "all continuations are gone");
        assert_eq!((ended.load(Ordering::Relaxed), hooks.parked()), (50, 0));
        assert!(hooks.unload_libraries());
    }
}
