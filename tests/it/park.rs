//! Parking: requests that are put aside and go on later, or not.

mod cap;
mod deadline;
mod future;
mod unload;

use std::sync::mpsc::{self, Receiver};
use std::thread::{self, ThreadId};

use fixture_api::{Packet, received};
use hooks::{CalloutHandle, Hooks, Outcome, Parked};
use hooks_tests::{Origin, both, logged, receive, script, send};
use serde_json::{Value, json};

both!(
    a_request_is_resumed_from_another_thread,
    a_request_is_resumed_by_a_later_callout,
    a_request_is_dropped,
    a_lost_ticket_drops_the_request,
    a_request_goes_on_with_its_last_ticket,
    a_ticket_resolved_before_the_request_is_handed_over,
    park_without_a_ticket_is_a_failure,
    a_ticket_of_a_call_that_is_not_parked_means_nothing,
    a_failure_after_park_is_not_parked,
    tickets_outlive_their_plugin,
    a_panic_in_the_continuation_is_logged,
    a_parked_call_that_is_lost,
);

/// Parks and keeps the ticket; the hook point `sent` resumes.
fn keep() -> Value {
    json!({"received": ["keep-ticket", {"return": "park"}], "sent": ["resume-kept"]})
}

/// What comes back from a parked request: the packet, the outcome and the thread on which it went on.
pub(crate) type Back = Receiver<(Packet, Outcome, ThreadId)>;

pub(crate) fn load(origin: Origin, scripts: &[Value]) -> Hooks {
    let hooks = hooks_tests::hooks();
    let library = |parameters: &Value| script(origin, "a", parameters.clone());
    hooks.load_libraries(scripts.iter().map(library).collect()).unwrap();
    hooks
}

pub(crate) fn park(request: &mut CalloutHandle<'_>, packet: &mut Packet) -> Parked {
    match receive(request, packet) {
        received::Step::Parked(parked) => parked,
        other => panic!("not parked: {other:?}"),
    }
}

pub(crate) fn hand_over(parked: Parked, packet: Packet) -> Back {
    let (sender, receiver) = mpsc::channel();
    parked.resume_with(packet, move |packet, outcome| {
        // Some tests do not look at what comes back.
        let _ = sender.send((packet, outcome, thread::current().id()));
    });
    receiver
}

fn parked(hooks: &Hooks) -> Back {
    let mut packet = Packet { text: "mine".to_owned(), ..Packet::default() };
    let parked = park(&mut hooks.handle(), &mut packet);
    hand_over(parked, packet)
}

fn a_request_is_resumed_from_another_thread(origin: Origin) {
    let hooks = load(origin, &[json!({"received": ["resume-elsewhere", {"append": "!"}, {"return": "park"}]})]);
    for _ in 0..20 {
        let mut packet = Packet::default();
        let parked = park(&mut hooks.handle(), &mut packet);
        let (sender, receiver) = mpsc::channel();
        parked.resume_with(packet, move |packet, outcome| sender.send((packet, outcome)).unwrap());
        let (packet, outcome) = receiver.recv().unwrap();
        assert_eq!((packet.text.as_str(), outcome), ("!", Outcome::Resumed));
        assert!(receiver.recv().is_err(), "it goes on once");
    }
    assert!(hooks.unload_libraries());
}

fn a_request_is_resumed_by_a_later_callout(origin: Origin) {
    let hooks = load(origin, &[json!({"received": ["keep-ticket", {"return": "park"}], "sent": ["resume-kept"]})]);
    let back = parked(&hooks);
    assert!(back.try_recv().is_err());
    let other = hooks.clone();
    let resolving = thread::spawn(move || {
        assert!(send(&mut other.handle(), &mut Packet::default()).is_continue());
        thread::current().id()
    });
    let resolving = resolving.join().unwrap();
    let (packet, outcome, thread) = back.try_recv().unwrap();
    assert_eq!((packet.text.as_str(), outcome, thread), ("mine", Outcome::Resumed, resolving));
}

fn a_request_is_dropped(origin: Origin) {
    let hooks = load(origin, &[json!({"received": ["keep-ticket", {"return": "park"}], "sent": ["drop-kept"]})]);
    let back = parked(&hooks);
    assert!(send(&mut hooks.handle(), &mut Packet::default()).is_continue());
    let (packet, outcome, thread) = back.try_recv().unwrap();
    assert_eq!((packet.text.as_str(), outcome, thread), ("mine", Outcome::Dropped, thread::current().id()));
}

fn a_lost_ticket_drops_the_request(origin: Origin) {
    let hooks = load(origin, &[json!({"received": ["lose-ticket", {"return": "park"}]})]);
    assert_eq!(parked(&hooks).try_recv().unwrap().1, Outcome::Dropped);
    // The same when the plugin goes while it holds the ticket.
    let hooks = load(origin, &[json!({"received": ["keep-ticket", {"return": "park"}]})]);
    let back = parked(&hooks);
    assert!(back.try_recv().is_err());
    assert!(hooks.unload_libraries());
    assert_eq!(back.try_recv().unwrap().1, Outcome::Dropped);
}

fn a_request_goes_on_with_its_last_ticket(origin: Origin) {
    for (last, expected) in [("resume-kept", Outcome::Resumed), ("drop-kept", Outcome::Dropped)] {
        // Two tickets of one callout and one of another library's.
        let two = json!({"received": ["keep-ticket", "keep-ticket", {"return": "park"}], "sent": ["resume-kept"]});
        let one = json!({"received": ["keep-ticket", {"return": "park"}], "narrow": [last]});
        let hooks = load(origin, &[two, one]);
        let back = parked(&hooks);
        let mut request = hooks.handle();
        for _ in 0..2 {
            assert!(back.try_recv().is_err());
            assert!(send(&mut request, &mut Packet::default()).is_continue());
        }
        assert!(back.try_recv().is_err());
        let mut packet = Packet::default();
        let _ = fixture_api::narrow::call(&mut request, || fixture_api::narrow::Args { packet: &mut packet });
        assert_eq!(back.try_recv().unwrap().1, expected);
    }
    // One that drops is enough, whichever comes last.
    let both = json!({"received": ["keep-ticket", "lose-ticket", {"return": "park"}], "sent": ["resume-kept"]});
    let hooks = load(origin, &[both]);
    let back = parked(&hooks);
    assert!(back.try_recv().is_err(), "it waits for every ticket");
    let _ = send(&mut hooks.handle(), &mut Packet::default());
    assert_eq!(back.try_recv().unwrap().1, Outcome::Dropped);
}

fn a_ticket_resolved_before_the_request_is_handed_over(origin: Origin) {
    let hooks = load(origin, &[json!({"received": ["resume-now", {"return": "park"}]})]);
    let (_, outcome, thread) = parked(&hooks).try_recv().unwrap();
    assert_eq!((outcome, thread), (Outcome::Resumed, thread::current().id()));
}

fn park_without_a_ticket_is_a_failure(origin: Origin) {
    for answer in [json!([{"return": "park"}]), json!([{"set": "park"}])] {
        let hooks = load(origin, &[json!({"received": answer}), json!({"received": ["status"]})]);
        let (mut request, mut packet) = (hooks.handle(), Packet::default());
        let (step, log) = logged(|| receive(&mut request, &mut packet));
        assert!(step.is_drop(), "{step:?}");
        assert!(log.contains("callout=\"on_received\"") && log.contains("PARK without taking a ticket"), "{log}");
        assert!(request.decided_by().is_some());
        // The handle is as good as before.
        assert!(send(&mut request, &mut packet).is_continue());
    }
    // A ticket of an earlier callout of the same call is one.
    let hooks = load(origin, &[json!({"received": ["keep-ticket"]}), json!({"received": [{"return": "park"}]})]);
    assert!(parked(&hooks).try_recv().is_err());
}

fn a_ticket_of_a_call_that_is_not_parked_means_nothing(origin: Origin) {
    for answer in ["continue", "skip", "drop"] {
        let actions = json!({"received": ["keep-ticket", {"return": answer}], "sent": ["resume-kept"]});
        let hooks = load(origin, &[actions]);
        let (mut request, mut packet) = (hooks.handle(), Packet::default());
        for _ in 0..2 {
            let step = receive(&mut request, &mut packet);
            assert_eq!(format!("{step:?}").to_lowercase(), answer);
            assert!(send(&mut request, &mut packet).is_continue(), "to resume it is allowed and does nothing");
        }
    }
    // A later callout that decides otherwise.
    let hooks = load(
        origin,
        &[
            json!({"received": ["keep-ticket", {"return": "park"}]}),
            json!({"received": ["status", {"return": "skip"}]}),
        ],
    );
    let mut packet = Packet::default();
    assert!(receive(&mut hooks.handle(), &mut packet).is_skip());
    assert_eq!(packet.trace, ["PARK"]);
}

fn a_failure_after_park_is_not_parked(origin: Origin) {
    let park = json!({"received": ["keep-ticket", {"return": "park"}]});
    let fail = json!({"received": [{"end": {"panic": "ouch"}}]});
    let hooks = load(origin, &[park.clone(), fail.clone()]);
    assert!(receive(&mut hooks.handle(), &mut Packet::default()).is_drop());
    let hooks = load(origin, &[fail, park]);
    assert!(receive(&mut hooks.handle(), &mut Packet::default()).is_drop());
}

fn tickets_outlive_their_plugin(origin: Origin) {
    let hooks = load(origin, &[json!({"received": ["keep-ticket", {"return": "park"}]})]);
    let mut packet = Packet::default();
    let parked = park(&mut hooks.handle(), &mut packet);
    // The plugin, and with it the ticket, goes before the request is handed over.
    assert!(hooks.unload_libraries());
    drop(hooks);
    assert_eq!(hand_over(parked, packet).try_recv().unwrap().1, Outcome::Dropped);
}

fn a_panic_in_the_continuation_is_logged(origin: Origin) {
    let hooks = load(origin, &[json!({"received": ["keep-ticket", {"return": "park"}], "sent": ["resume-kept"]})]);
    let parked = park(&mut hooks.handle(), &mut Packet::default());
    parked.resume_with((), |(), _| panic!("the component's mistake"));
    let (step, log) = logged(|| send(&mut hooks.handle(), &mut Packet::default()));
    assert!(step.is_continue(), "it is no failure of the callout that resumed");
    assert!(log.contains("the component's mistake"), "{log}");
}

fn a_parked_call_that_is_lost(origin: Origin) {
    let hooks = load(origin, &[json!({"received": ["keep-ticket", {"return": "park"}], "sent": ["resume-kept"]})]);
    drop(park(&mut hooks.handle(), &mut Packet::default()));
    assert!(send(&mut hooks.handle(), &mut Packet::default()).is_continue());
    assert!(hooks.unload_libraries());
}
