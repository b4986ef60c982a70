//! The plugin as a server sees it: compiled in, with addresses of the loopback interface.

use std::{
    net::{Ipv4Addr, SocketAddr, UdpSocket},
    sync::mpsc,
};

use dhcp4_api::MacAddr;
use hooks::{Hooks, LibraryConfig, Outcome, ParkingOptions, Source};
use serde_json::{Value, json};

use super::*;

/// Only a test that fails waits this long, in milliseconds.
const PATIENCE: u64 = 600_000;

fn load(parameters: Value) -> Result<Hooks, hooks::Error> {
    let hooks = Hooks::new();
    let library = LibraryConfig::new(Source::Builtin("ping-check".into())).parameters(parameters);
    hooks.load_libraries(vec![library]).map(|()| hooks)
}

/// A machine at an address of the loopback interface that says nothing until it is told to.
struct Machine(UdpSocket);

impl Machine {
    fn new(address: &str) -> Self {
        Self(UdpSocket::bind((address, 0)).unwrap())
    }

    fn parameters(&self, reply_timeout: u64) -> Value {
        json!({"method": "udp", "port": self.0.local_addr().unwrap().port(), "reply-timeout": reply_timeout})
    }

    fn address(&self) -> Ipv4Addr {
        match self.0.local_addr().unwrap() {
            SocketAddr::V4(address) => *address.ip(),
            SocketAddr::V6(_) => unreachable!("bound to an IPv4 address"),
        }
    }

    /// Waits for a request and gives back who has sent it.
    fn asked(&self) -> SocketAddr {
        self.0.recv_from(&mut [0; 64]).unwrap().1
    }

    fn reply(&self, to: SocketAddr) {
        self.0.send_to(b"here", to).unwrap();
    }
}

fn lease(address: Ipv4Addr, client: u8) -> Lease {
    Lease {
        address,
        hwaddr: MacAddr::from([2, 0, 0, 0, 0, client]),
        client_id: None,
        valid_lifetime: 3600,
        cltt: 1000,
        subnet_id: 1,
        state: LeaseState::Default,
        hostname: String::new(),
    }
}

fn offer(hooks: &Hooks, lease: Lease, old_lease: Option<Lease>) -> lease4_offer::Step {
    let query = Packet { chaddr: lease.hwaddr, ..Packet::default() };
    let (response, leases, mut in_use) = (Packet::default(), vec![lease], false);
    let step = lease4_offer::call(&mut hooks.handle(), || lease4_offer::Args {
        query4: &query,
        response4: &response,
        leases4: &leases,
        offer_lifetime: 60,
        old_lease: &old_lease,
        offer_address_in_use: &mut in_use,
    });
    assert!(!in_use, "it is not known yet");
    step
}

fn outcome(step: lease4_offer::Step) -> mpsc::Receiver<Outcome> {
    let (sender, receiver) = mpsc::channel();
    match step {
        lease4_offer::Step::Parked(parked) => {
            parked.resume_with((), move |(), outcome| sender.send(outcome).unwrap());
        }
        other => panic!("not parked: {other:?}"),
    }
    receiver
}

#[test]
fn an_address_that_nobody_answers_for_is_offered() {
    let machine = Machine::new("127.0.0.1");
    let hooks = load(machine.parameters(20)).unwrap();
    let step = offer(&hooks, lease(machine.address(), 1), None);
    assert_eq!(outcome(step).recv().unwrap(), Outcome::Resumed);
    machine.asked();
}

#[test]
fn an_address_in_use_is_not_offered() {
    let machine = Machine::new("127.0.0.1");
    let hooks = load(machine.parameters(PATIENCE)).unwrap();
    let waiting = outcome(offer(&hooks, lease(machine.address(), 1), None));
    let asked = machine.asked();
    assert!(waiting.try_recv().is_err());
    machine.reply(asked);
    assert_eq!(waiting.recv().unwrap(), Outcome::Dropped);
    // A machine without such a port says so.
    let hooks = load(json!({"method": "udp", "port": 1, "reply-timeout": PATIENCE})).unwrap();
    assert_eq!(outcome(offer(&hooks, lease(Ipv4Addr::LOCALHOST, 1), None)).recv().unwrap(), Outcome::Dropped);
}

#[test]
fn several_addresses_are_asked_at_a_time() {
    let machine = Machine::new("127.0.0.1");
    let mut parameters = machine.parameters(PATIENCE);
    parameters["threads"] = json!(2);
    let hooks = load(parameters).unwrap();
    let mut waiting: Vec<_> =
        (0..3).map(|client| outcome(offer(&hooks, lease(machine.address(), client), None))).collect();
    let (one, two) = (machine.asked(), machine.asked());
    assert_ne!(one, two);
    machine.reply(two);
    // The third one waits for a thread.
    let three = machine.asked();
    machine.reply(one);
    machine.reply(three);
    assert!(waiting.drain(..).all(|outcome| outcome.recv() == Ok(Outcome::Dropped)));
}

#[test]
fn the_clients_own_address_is_not_asked() {
    let machine = Machine::new("127.0.0.1");
    let hooks = load(machine.parameters(PATIENCE)).unwrap();
    let own = lease(machine.address(), 1);
    assert!(offer(&hooks, own.clone(), Some(own.clone())).is_continue());
    // That of another client is, and one that has expired or has been taken out of use.
    let declined = Lease { state: LeaseState::Declined, ..own.clone() };
    let expired = Lease { valid_lifetime: 10, cltt: 900, ..own.clone() };
    for old in [lease(machine.address(), 2), declined, expired] {
        assert!(offer(&hooks, own.clone(), Some(old)).is_parked());
    }
}

#[test]
fn the_end_of_the_plugin_does_not_wait_for_replies() {
    for expected in [Outcome::Resumed, Outcome::Dropped] {
        let machine = Machine::new("127.0.0.1");
        let mut parameters = machine.parameters(PATIENCE);
        parameters["threads"] = json!(1);
        let hooks = load(parameters).unwrap();
        hooks.set_parking(ParkingOptions::new().at_unload(expected));
        let waiting = [1, 2].map(|client| outcome(offer(&hooks, lease(machine.address(), client), None)));
        machine.asked();
        let mut late = hooks.handle();
        hooks.prepare_unload_libraries();
        assert_eq!(waiting.map(|outcome| outcome.try_recv()), [Ok(expected), Ok(expected)]);
        // A request that began before is answered without a check.
        let (query, old_lease, mut in_use) = (Packet::default(), None, false);
        let leases = vec![lease(machine.address(), 3)];
        let step = lease4_offer::call(&mut late, || lease4_offer::Args {
            query4: &query,
            response4: &query,
            leases4: &leases,
            offer_lifetime: 60,
            old_lease: &old_lease,
            offer_address_in_use: &mut in_use,
        });
        assert!(step.is_continue(), "{step:?}");
        drop(late);
        assert!(hooks.unload_libraries());
    }
}

#[test]
fn wrong_parameters_are_refused_and_named() {
    let error = load(json!({"method": "udp", "reply-timeout": 0})).unwrap_err();
    assert!(error.is_load() && error.to_string().contains("`reply-timeout`"), "{error}");
}
