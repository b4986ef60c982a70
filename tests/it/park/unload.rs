//! Libraries that go while they keep tickets.

use std::sync::mpsc;
use std::thread;

use fixture_api::Packet;
use hooks::{CalloutHandle, Hooks, Outcome, ParkingOptions};
use hooks_tests::{Journal, Origin, both, receive, script, send};
use serde_json::{Value, json};

use super::{hand_over, keep, load, park, parked};

both!(
    a_kept_ticket_does_not_keep_its_library,
    dropping_hooks_resolves_tickets,
    a_reload_resolves_the_tickets_of_the_libraries_that_go,
    a_ticket_is_resolved_once_at_unload,
    a_request_that_parks_after_the_unload_ends_as_configured,
    one_that_parks_after_a_reload_waits_for_the_others,
    an_unloaded_library_takes_places_as_any,
    tickets_that_unload_resolves_itself_count_as_that,
);

const BOTH: [Outcome; 2] = [Outcome::Resumed, Outcome::Dropped];

fn with_outcome(origin: Origin, scripts: &[Value], outcome: Outcome) -> Hooks {
    let hooks = load(origin, scripts);
    let other = if outcome == Outcome::Dropped { Outcome::Resumed } else { Outcome::Dropped };
    hooks.set_parking(ParkingOptions::new().at_unload(outcome).when_ticket_dropped(other));
    hooks
}

/// A request as a component has it: with its handle.
struct Request {
    handle: CalloutHandle<'static>,
    packet: Packet,
}

fn request(hooks: &Hooks) -> mpsc::Receiver<Outcome> {
    let mut request = Request { handle: hooks.handle(), packet: Packet::default() };
    let parked = park(&mut request.handle, &mut request.packet);
    let (sender, receiver) = mpsc::channel();
    parked.resume_with(request, move |mut request, outcome| {
        // It goes on through the hook points with the set of libraries that it began with.
        assert!(send(&mut request.handle, &mut request.packet).is_continue());
        sender.send(outcome).unwrap();
    });
    receiver
}

fn a_kept_ticket_does_not_keep_its_library(origin: Origin) {
    for outcome in BOTH {
        let journal = Journal::new();
        let keep = json!({"journal": journal.path(), "received": ["keep-ticket", {"return": "park"}]});
        let hooks = with_outcome(origin, &[keep], outcome);
        let (one, two) = (request(&hooks), request(&hooks));
        assert_eq!(hooks.parked(), 2);
        // Handle, request and ticket hold each other; the unload ends that at once.
        assert!(hooks.unload_libraries());
        assert_eq!([one.try_recv(), two.try_recv()], [Ok(outcome), Ok(outcome)]);
        assert_eq!(hooks.parked(), 0);
        assert_eq!(journal.take(), ["a load", "a unload", "a drop after 4 calls"]);
    }
}

fn dropping_hooks_resolves_tickets(origin: Origin) {
    for outcome in BOTH {
        let journal = Journal::new();
        let keep = json!({"journal": journal.path(), "received": ["keep-ticket", {"return": "park"}]});
        let hooks = with_outcome(origin, &[keep], outcome);
        let back = request(&hooks);
        drop(hooks);
        assert_eq!(back.try_recv(), Ok(outcome));
        assert_eq!(journal.take(), ["a load", "a unload", "a drop after 2 calls"]);
    }
}

fn a_reload_resolves_the_tickets_of_the_libraries_that_go(origin: Origin) {
    for outcome in BOTH {
        let ticket = |name: &str| script(origin, name, json!({"received": ["keep-ticket", {"return": "park"}]}));
        let hooks = with_outcome(origin, &[], outcome);
        let resume = json!({"received": ["keep-ticket", {"return": "park"}], "sent": ["resume-kept"]});
        let stays = script(origin, "stays", resume);
        hooks.load_libraries(vec![stays.clone(), ticket("goes")]).unwrap();
        let back = parked(&hooks);
        hooks.reload(vec![stays.clone(), ticket("comes")]).unwrap();
        assert!(back.try_recv().is_err(), "it waits for the library that stays");
        assert!(send(&mut hooks.handle(), &mut Packet::default()).is_continue());
        assert_eq!(back.try_recv().unwrap().1, outcome);
        // A reload that keeps all of them resolves nothing, and neither does one that fails.
        let back = parked(&hooks);
        hooks.reload(vec![stays.clone(), ticket("comes")]).unwrap();
        let broken = script(origin, "broken", json!({"load": {"error": "broken"}}));
        assert!(hooks.reload(vec![broken]).is_err());
        assert!(back.try_recv().is_err());
        assert_eq!(hooks.parked(), 1);
        hooks.load_libraries(vec![]).unwrap();
        assert_eq!(back.try_recv().unwrap().1, outcome);
    }
}

fn a_ticket_is_resolved_once_at_unload(origin: Origin) {
    let hooks = with_outcome(origin, &[keep()], Outcome::Dropped);
    let mut before = hooks.handle();
    let back = parked(&hooks);
    hooks.prepare_unload_libraries();
    let (_, outcome, thread) = back.try_recv().unwrap();
    assert_eq!((outcome, thread), (Outcome::Dropped, thread::current().id()));
    assert!(!hooks.unload_libraries(), "a request is there");
    // The plugin is still there for that request, and resumes what it has kept: too late.
    assert!(send(&mut before, &mut Packet::default()).is_continue());
    assert!(back.recv().is_err());
    drop(before);
    assert!(hooks.unload_libraries());
}

fn a_request_that_parks_after_the_unload_ends_as_configured(origin: Origin) {
    let detach: [fn(&Hooks); 3] = [
        Hooks::prepare_unload_libraries,
        |hooks| assert!(!hooks.unload_libraries(), "a request is there"),
        |hooks| hooks.reload(vec![]).unwrap(),
    ];
    for detach in detach {
        for outcome in BOTH {
            let keep =
                json!({"received": ["keep-ticket", {"append": "!"}, {"return": "park"}], "sent": ["resume-kept"]});
            let hooks = with_outcome(origin, &[keep], outcome);
            let mut before = hooks.handle();
            detach(&hooks);
            let mut packet = Packet::default();
            let parked = park(&mut before, &mut packet);
            assert_eq!(packet.trace, [""; 0], "the callout has got its ticket");
            assert_eq!(hooks.parked(), 1);
            let (packet, found, thread) = hand_over(parked, packet).try_recv().unwrap();
            assert_eq!((packet.text.as_str(), found, thread), ("!", outcome, thread::current().id()));
            assert_eq!(hooks.parked(), 0);
            // The ticket that the plugin has kept is still there for it to resolve, and means nothing any more.
            assert!(send(&mut before, &mut Packet::default()).is_continue());
            drop(before);
            assert!(hooks.unload_libraries());
        }
    }
}

fn one_that_parks_after_a_reload_waits_for_the_others(origin: Origin) {
    for outcome in BOTH {
        let hooks = with_outcome(origin, &[], outcome);
        let resume = json!({"received": ["keep-ticket", {"return": "park"}], "sent": ["resume-kept"]});
        let stays = script(origin, "stays", resume);
        let goes = script(origin, "goes", json!({"received": ["keep-ticket", {"return": "park"}]}));
        hooks.load_libraries(vec![stays.clone(), goes]).unwrap();
        let mut before = hooks.handle();
        hooks.reload(vec![stays]).unwrap();
        let mut packet = Packet::default();
        let back = hand_over(park(&mut before, &mut packet), packet);
        assert!(back.try_recv().is_err(), "it waits for the library that stays");
        assert!(send(&mut hooks.handle(), &mut Packet::default()).is_continue());
        assert_eq!(back.try_recv().unwrap().1, outcome);
    }
}

fn an_unloaded_library_takes_places_as_any(origin: Origin) {
    let hooks = load(origin, &[keep()]);
    hooks.set_parking(ParkingOptions::new().cap(1));
    let (mut one, mut two) = (hooks.handle(), hooks.handle());
    hooks.prepare_unload_libraries();
    let parked = park(&mut one, &mut Packet::default());
    let mut packet = Packet::default();
    assert!(receive(&mut two, &mut packet).is_drop(), "PARK without a ticket is a failure");
    assert!(packet.trace[0].contains("its limit is 1"), "{packet:?}");
    drop(parked);
    drop(park(&mut two, &mut Packet::default()));
    assert_eq!(hooks.parked(), 0);
}

fn tickets_that_unload_resolves_itself_count_as_that(origin: Origin) {
    // Its `unload` waits for the threads that resume.
    let elsewhere = json!({"received": ["resume-elsewhere", "resume-elsewhere", {"return": "park"}]});
    let hooks = with_outcome(origin, &[elsewhere], Outcome::Dropped);
    for _ in 0..50 {
        let back = parked(&hooks);
        assert_eq!(back.recv().unwrap().1, Outcome::Resumed);
    }
    let last = request(&hooks);
    hooks.prepare_unload_libraries();
    assert_eq!(last.try_recv(), Ok(Outcome::Resumed));
}
