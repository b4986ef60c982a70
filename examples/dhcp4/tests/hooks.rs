//! What the server makes of each step that callouts can ask for.
//!
//! The plugin of these tests is compiled in; its parameters say what it does at which hook point.

use std::{
    collections::HashMap,
    net::{Ipv4Addr, SocketAddrV4},
    path::Path,
    sync::Mutex,
};

use dhcp4::{Config, Engine, Link};
use dhcp4_api::*;
use hooks::{BoxError, CalloutHandle, Hooks, LibraryHandle, Ticket};
use serde_json::{Value, json};

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Parameters {
    /// From the name of a hook point to the step that the callout asks for there.
    steps: HashMap<String, String>,
    address: Option<Ipv4Addr>,
    lifetime: Option<u32>,
    subnet: Option<u32>,
    #[serde(default)]
    in_use: bool,
    #[serde(default)]
    parse: bool,
}

struct Script(Parameters);

/// The tickets of requests that wait for the test.
static TICKETS: Mutex<Vec<Ticket>> = Mutex::new(Vec::new());

#[hooks::plugin]
impl hooks::Plugin for Script {
    type Parameters = Parameters;

    fn load(parameters: Parameters, _library: &mut LibraryHandle) -> Result<Self, BoxError> {
        Ok(Self(parameters))
    }
}

impl Script {
    fn asks(&self, hook: &str, step: &str) -> bool {
        self.0.steps.get(hook).is_some_and(|asked| asked == step)
    }
}

macro_rules! step {
    ($this:expr, $hook:ident, $($name:literal => $step:ident),+) => {{
        $(if $this.asks(stringify!($hook), $name) { return $hook::NextStep::$step; })+
        $hook::NextStep::Continue
    }};
}

#[hooks::callout(dhcp4_api::dhcp4_srv_configured)]
fn configured(this: &Script, json_config: &String, error: &mut String) -> dhcp4_srv_configured::NextStep {
    assert!(json_config.contains("subnet4"));
    *error = "not today".to_owned();
    step!(this, dhcp4_srv_configured, "drop" => Drop)
}

#[hooks::callout(dhcp4_api::buffer4_receive)]
fn buffer_received(this: &Script, query4: &mut Packet) -> buffer4_receive::NextStep {
    if this.0.parse {
        let raw = query4.raw.clone();
        dhcp4::decode(&raw, query4).unwrap();
    }
    step!(this, buffer4_receive, "skip" => Skip, "drop" => Drop)
}

#[hooks::callout(dhcp4_api::pkt4_receive)]
fn received(this: &Script) -> pkt4_receive::NextStep {
    step!(this, pkt4_receive, "skip" => Skip, "drop" => Drop)
}

#[hooks::callout(dhcp4_api::subnet4_select)]
fn subnet_selected(
    this: &Script,
    subnet4: &mut Option<Subnet>,
    subnet4collection: &Vec<Subnet>,
) -> subnet4_select::NextStep {
    if let Some(id) = this.0.subnet {
        *subnet4 = subnet4collection.iter().find(|subnet| subnet.id == id).cloned();
    }
    step!(this, subnet4_select, "skip" => Skip, "drop" => Drop)
}

#[hooks::callout(dhcp4_api::lease4_select)]
fn lease_selected(this: &Script, lease4: &mut Lease) -> lease4_select::NextStep {
    change(this, lease4);
    step!(this, lease4_select, "skip" => Skip, "drop" => Drop)
}

#[hooks::callout(dhcp4_api::lease4_renew)]
fn lease_renewed(this: &Script, lease4: &mut Lease) -> lease4_renew::NextStep {
    change(this, lease4);
    step!(this, lease4_renew, "skip" => Skip)
}

fn change(this: &Script, lease4: &mut Lease) {
    if let Some(address) = this.0.address {
        lease4.address = address;
    }
    if let Some(lifetime) = this.0.lifetime {
        lease4.valid_lifetime = lifetime;
    }
}

#[hooks::callout(dhcp4_api::lease4_release)]
fn released(this: &Script) -> lease4_release::NextStep {
    step!(this, lease4_release, "skip" => Skip, "drop" => Drop)
}

#[hooks::callout(dhcp4_api::lease4_decline)]
fn was_declined(this: &Script) -> lease4_decline::NextStep {
    step!(this, lease4_decline, "skip" => Skip, "drop" => Drop)
}

#[hooks::callout(dhcp4_api::leases4_committed)]
fn committed(
    this: &Script,
    handle: &mut CalloutHandle<'_>,
    leases4: &Vec<Lease>,
    deleted_leases4: &Vec<Lease>,
) -> leases4_committed::NextStep {
    assert!(leases4.len() + deleted_leases4.len() <= 2);
    if this.asks("leases4_committed", "park") {
        TICKETS.lock().unwrap().push(handle.park().unwrap());
    }
    step!(this, leases4_committed, "drop" => Drop, "park" => Park)
}

#[hooks::callout(dhcp4_api::lease4_offer)]
fn offered(this: &Script, handle: &mut CalloutHandle<'_>, offer_address_in_use: &mut bool) -> lease4_offer::NextStep {
    *offer_address_in_use = this.0.in_use;
    if this.asks("lease4_offer", "park") {
        TICKETS.lock().unwrap().push(handle.park().unwrap());
    }
    step!(this, lease4_offer, "drop" => Drop, "park" => Park)
}

#[hooks::callout(dhcp4_api::pkt4_send)]
fn sending(this: &Script, response4: &mut Packet) -> pkt4_send::NextStep {
    response4.set_option(225, *b"seen");
    if this.asks("pkt4_send", "skip") {
        response4.raw = b"packed by the callout".to_vec();
    }
    step!(this, pkt4_send, "skip" => Skip, "drop" => Drop)
}

#[hooks::callout(dhcp4_api::buffer4_send)]
fn buffer_sending(this: &Script) -> buffer4_send::NextStep {
    step!(this, buffer4_send, "skip" => Skip, "drop" => Drop)
}

#[hooks::callout(dhcp4_api::lease4_expire)]
fn expired(this: &Script, lease4: &mut Lease, remove_lease: bool) -> lease4_expire::NextStep {
    assert!(!remove_lease);
    if let Some(lifetime) = this.0.lifetime {
        lease4.valid_lifetime += lifetime;
    }
    step!(this, lease4_expire, "skip" => Skip)
}

#[hooks::callout(dhcp4_api::lease4_recover)]
fn recovered(this: &Script, lease4: &Lease) -> lease4_recover::NextStep {
    assert_eq!(lease4.state, LeaseState::Declined);
    step!(this, lease4_recover, "skip" => Skip)
}

const FIRST: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 10);
const SERVER: Ipv4Addr = Ipv4Addr::LOCALHOST;

fn config(parameters: Value) -> Config {
    let json = json!({"Dhcp4": {
        "interfaces-config": {"interfaces": ["lo"], "port": 6767},
        "valid-lifetime": 600,
        "decline-probation-period": 1000,
        "lease-database": {"type": "memfile", "persist": false},
        "subnet4": [
            {"id": 1, "subnet": "192.0.2.0/24", "interface": "lo", "pools": [{"pool": "192.0.2.10 - 192.0.2.99"}]},
            {"id": 2, "subnet": "198.51.100.0/24", "pools": [{"pool": "198.51.100.10 - 198.51.100.99"}]}
        ],
        "hooks-libraries": [{"library": "builtin:dhcp4", "parameters": parameters}]
    }});
    Config::parse(&json.to_string(), Path::new("dhcp4.json")).unwrap()
}

struct Server {
    engine: Engine,
    now: u64,
}

impl Server {
    fn new(parameters: Value) -> Self {
        Self { engine: Engine::start(config(parameters), Hooks::new()).unwrap(), now: 1000 }
    }

    /// Changes what the callouts do; the leases stay.
    fn script(&mut self, parameters: Value) {
        self.engine.reconfigure(config(parameters)).unwrap();
    }

    fn datagram(&mut self, query: &Packet) -> Option<Vec<u8>> {
        let link = Link { interface: "lo".into(), address: SERVER, port: 6767 };
        let source = SocketAddrV4::new(Ipv4Addr::LOCALHOST, 6868);
        let mut outgoing = self.engine.handle(&dhcp4::encode(query).unwrap(), &link, source, self.now);
        assert!(outgoing.len() <= 1);
        outgoing.pop().map(|outgoing| outgoing.datagram)
    }

    fn ask(&mut self, query: &Packet) -> Option<Packet> {
        self.datagram(query).map(|datagram| decoded(&datagram))
    }

    fn discover(&mut self, client: u8) -> Option<Ipv4Addr> {
        self.ask(&packet(MessageType::Discover, client)).map(|offer| offer.yiaddr)
    }

    fn select(&mut self, client: u8, address: Ipv4Addr) -> Option<Packet> {
        let mut query = packet(MessageType::Request, client);
        query.set_option(code::REQUESTED_ADDRESS, address.octets());
        query.set_option(code::SERVER_IDENTIFIER, SERVER.octets());
        self.ask(&query)
    }

    fn renew(&mut self, client: u8, address: Ipv4Addr) -> Option<Packet> {
        self.ask(&Packet { ciaddr: address, ..packet(MessageType::Request, client) })
    }

    fn lease(&self, address: Ipv4Addr) -> Option<(LeaseState, u64)> {
        self.engine.leases().get(address).map(|lease| (lease.state, lease.expires()))
    }
}

fn decoded(datagram: &[u8]) -> Packet {
    let mut answer = Packet::default();
    dhcp4::decode(datagram, &mut answer).unwrap();
    answer
}

fn packet(kind: MessageType, client: u8) -> Packet {
    let mut packet =
        Packet { op: Packet::BOOTREQUEST, chaddr: MacAddr::from([2, 0, 0, 0, 0, client]), ..Packet::default() };
    packet.set_option(code::MESSAGE_TYPE, [kind.as_u8()]);
    packet
}

fn lifetime(answer: Option<Packet>) -> Option<u32> {
    let data = answer?.option(code::LEASE_TIME)?.try_into().ok()?;
    Some(u32::from_be_bytes(data))
}

#[test]
fn each_point_that_can_drop_a_query_does() {
    let drops = [
        ("buffer4_receive", "drop"),
        ("pkt4_receive", "skip"),
        ("pkt4_receive", "drop"),
        ("subnet4_select", "skip"),
        ("subnet4_select", "drop"),
        ("lease4_select", "drop"),
        ("lease4_offer", "drop"),
        ("pkt4_send", "drop"),
        ("buffer4_send", "skip"),
        ("buffer4_send", "drop"),
    ];
    let mut server = Server::new(json!({"steps": {}}));
    for (hook, step) in drops {
        server.script(json!({"steps": {hook: step}}));
        assert_eq!(server.discover(1), None, "{hook}: {step}");
        server.script(json!({"steps": {}}));
        assert_eq!(server.discover(1), Some(FIRST), "after {hook}: {step}");
    }
}

#[test]
fn a_callout_can_parse_and_pack() {
    let mut server = Server::new(json!({"steps": {"buffer4_receive": "skip"}, "parse": true}));
    assert_eq!(server.discover(1), Some(FIRST));
    server.script(json!({"steps": {"buffer4_receive": "skip"}}));
    assert_eq!(server.discover(1), None, "nobody has parsed the packet");
    server.script(json!({"steps": {"pkt4_send": "skip"}}));
    let datagram = server.datagram(&packet(MessageType::Discover, 1));
    assert_eq!(datagram.as_deref(), Some(&b"packed by the callout"[..]));
    server.script(json!({"steps": {}}));
    assert_eq!(server.ask(&packet(MessageType::Discover, 1)).unwrap().option(225), Some(&b"seen"[..]));
}

#[test]
fn a_callout_can_select_another_subnet() {
    let mut server = Server::new(json!({"steps": {}, "subnet": 2}));
    assert_eq!(server.discover(1), Some(Ipv4Addr::new(198, 51, 100, 10)));
    server.script(json!({"steps": {}, "subnet": 3}));
    assert_eq!(server.discover(1), None, "there is no such subnet");
}

#[test]
fn an_address_of_a_callout_is_taken_after_a_check() {
    let skip = |address: &str| json!({"steps": {"lease4_select": "skip"}, "address": address});
    let reserved = Ipv4Addr::new(192, 0, 2, 200);
    let mut server = Server::new(skip("192.0.2.200"));
    assert_eq!(server.discover(1), Some(reserved));
    assert_eq!(server.select(1, reserved).unwrap().message_type(), Some(MessageType::Ack));
    assert_eq!(server.discover(2), None, "another client holds it");
    assert_eq!(server.select(2, reserved).unwrap().message_type(), Some(MessageType::Nak));
    server.script(skip("198.51.100.1"));
    assert_eq!(server.discover(2), None, "it is not in the subnet");
    server.script(skip("192.0.2.201"));
    let nak = server.select(1, Ipv4Addr::new(192, 0, 2, 55)).unwrap();
    assert_eq!(nak.message_type(), Some(MessageType::Nak), "the client asks for another one");
    server.script(json!({"steps": {}, "address": "192.0.2.202", "lifetime": 77}));
    let offer = server.ask(&packet(MessageType::Discover, 3));
    assert_eq!(offer.as_ref().map(|offer| offer.yiaddr), Some(FIRST), "without SKIP the server chooses the address");
    assert_eq!(lifetime(offer), Some(77));
}

#[test]
fn a_client_moves_to_the_address_of_a_callout() {
    let mut server = Server::new(json!({"steps": {}}));
    server.discover(1);
    server.select(1, FIRST);
    server.script(json!({"steps": {"lease4_select": "skip"}, "address": "192.0.2.200"}));
    let reserved = Ipv4Addr::new(192, 0, 2, 200);
    assert_eq!(server.discover(1), Some(reserved));
    server.select(1, reserved);
    assert_eq!((server.lease(FIRST), server.lease(reserved)), (None, Some((LeaseState::Default, 1600))));
}

#[test]
fn a_renewal_that_is_skipped_grants_what_is_left() {
    let mut server = Server::new(json!({"steps": {}}));
    server.discover(1);
    server.select(1, FIRST);
    server.now = 1100;
    server.script(json!({"steps": {"lease4_renew": "skip"}}));
    assert_eq!(lifetime(server.renew(1, FIRST)), Some(500));
    assert_eq!(server.lease(FIRST), Some((LeaseState::Default, 1600)));
    server.script(json!({"steps": {}, "lifetime": 900, "address": "192.0.2.99"}));
    assert_eq!(lifetime(server.renew(1, FIRST)), Some(900));
    assert_eq!(server.lease(FIRST), Some((LeaseState::Default, 2000)), "the address is the server's");
}

#[test]
fn a_lease_stays_if_a_callout_keeps_it() {
    let mut server = Server::new(json!({"steps": {}}));
    server.discover(1);
    server.select(1, FIRST);
    let release = Packet { ciaddr: FIRST, ..packet(MessageType::Release, 1) };
    let mut decline = packet(MessageType::Decline, 1);
    decline.set_option(code::REQUESTED_ADDRESS, FIRST.octets());
    for step in ["skip", "drop"] {
        server.script(json!({"steps": {"lease4_release": step, "lease4_decline": step}}));
        assert_eq!((server.ask(&release), server.ask(&decline)), (None, None));
        assert_eq!(server.lease(FIRST), Some((LeaseState::Default, 1600)));
    }
    server.script(json!({"steps": {"lease4_recover": "skip"}}));
    assert_eq!(server.ask(&decline), None);
    assert_eq!(server.lease(FIRST), Some((LeaseState::Declined, 2000)));
    server.engine.tick(2000);
    assert_eq!(server.lease(FIRST), Some((LeaseState::Declined, 2000)), "it stays declined for another probation");
    server.script(json!({"steps": {}}));
    server.engine.tick(2999);
    assert!(server.lease(FIRST).is_some());
    server.engine.tick(3000);
    assert_eq!(server.lease(FIRST), None);
}

#[test]
fn a_callout_can_reclaim_an_expired_lease() {
    let mut server = Server::new(json!({"steps": {}}));
    server.discover(1);
    server.select(1, FIRST);
    server.script(json!({"steps": {"lease4_expire": "skip"}, "lifetime": 300}));
    server.engine.tick(1600);
    assert_eq!(server.lease(FIRST), Some((LeaseState::Default, 1900)), "the callout has given it more time");
    server.script(json!({"steps": {"lease4_expire": "skip"}}));
    server.engine.tick(1900);
    assert_eq!(server.engine.next_deadline(), Some(1960), "the server asks again after a minute");
    server.script(json!({"steps": {}}));
    server.engine.tick(1960);
    assert_eq!(server.lease(FIRST), Some((LeaseState::ExpiredReclaimed, 1900)));
}

#[test]
fn an_offered_address_that_is_in_use_is_declined() {
    let mut server = Server::new(json!({"steps": {}, "in_use": true}));
    assert_eq!(server.discover(1), None);
    assert_eq!(server.lease(FIRST), Some((LeaseState::Declined, 2000)));
    server.script(json!({"steps": {}}));
    assert_eq!(server.discover(1), Some(Ipv4Addr::new(192, 0, 2, 11)));
}

#[test]
fn an_answer_that_is_dropped_after_the_commit_leaves_the_lease() {
    let mut server = Server::new(json!({"steps": {"leases4_committed": "drop"}}));
    server.discover(1);
    assert_eq!(server.select(1, FIRST), None);
    assert_eq!(server.lease(FIRST), Some((LeaseState::Default, 1600)));
}

/// All that parks is in one test, since the tickets are shared.
#[test]
fn parked_answers_wait_and_are_sent_or_dropped() {
    let take = || TICKETS.lock().unwrap().pop().unwrap();
    let mut server = Server::new(json!({"steps": {"leases4_committed": "park", "lease4_offer": "park"}}));
    assert_eq!(server.discover(1), None);
    assert_eq!(server.engine.resume_queue().parked(), 1);
    assert_eq!(server.engine.take_resumed(), []);
    std::thread::spawn(move || take().resume()).join().unwrap();
    let offer = decoded(&server.engine.take_resumed().pop().unwrap().datagram);
    assert_eq!((offer.message_type(), offer.yiaddr), (Some(MessageType::Offer), FIRST));

    assert_eq!(server.select(1, FIRST), None);
    assert!(server.lease(FIRST).is_some(), "the lease is recorded before the answer waits");
    let ticket = take();
    // The answer goes on with the libraries with which its query began, when the one goes for which it has waited.
    server.script(json!({"steps": {}}));
    ticket.resume();
    let outgoing = server.engine.take_resumed().pop().unwrap();
    assert_eq!(decoded(&outgoing.datagram).message_type(), Some(MessageType::Ack));
    assert!(outgoing.durable);

    server.script(json!({"steps": {"lease4_offer": "park"}}));
    assert_eq!(server.discover(2), None);
    take().drop_request();
    assert_eq!(server.engine.take_resumed(), []);
    assert_eq!(server.engine.resume_queue().parked(), 0);
    server.script(json!({"steps": {}}));
    let next = Ipv4Addr::new(192, 0, 2, 12);
    assert_eq!(server.discover(2), Some(next), "the address of the dropped offer may be in use");

    // More than the limit of 1 are dropped.
    let limited = |limit: usize| {
        let mut config = config(json!({"steps": {"lease4_offer": "park"}}));
        config.parked_packet_limit = limit;
        config
    };
    server.engine.reconfigure(limited(1)).unwrap();
    for client in [3, 4] {
        assert_eq!(server.discover(client), None);
        assert_eq!(server.engine.resume_queue().parked(), 1);
    }
    take().resume();
    take().resume();
    assert_eq!(server.engine.take_resumed().len(), 1);
    // 0 is no limit.
    server.engine.reconfigure(limited(0)).unwrap();
    for client in 5..35 {
        assert_eq!(server.discover(client), None);
    }
    assert_eq!(server.engine.resume_queue().parked(), 30);
    TICKETS.lock().unwrap().drain(..).for_each(Ticket::resume);
    assert_eq!(server.engine.take_resumed().len(), 30);

    let release = Packet { ciaddr: FIRST, ..packet(MessageType::Release, 1) };
    server.script(json!({"steps": {"leases4_committed": "park"}}));
    assert_eq!(server.ask(&release), None);
    take().resume();
    assert_eq!(server.engine.take_resumed(), [], "a release has no answer");
    assert!(server.engine.stop());
}

#[test]
fn a_refused_configuration_is_not_used() {
    let refused = json!({"steps": {"dhcp4_srv_configured": "drop"}});
    let error = Engine::start(config(refused.clone()), Hooks::new()).unwrap_err();
    assert!(error.to_string().contains("not today"), "{error}");
    let mut server = Server::new(json!({"steps": {}}));
    let error = server.engine.reconfigure(config(refused)).unwrap_err();
    assert!(error.to_string().contains("not today"), "{error}");
    let mistaken = server.engine.reconfigure(config(json!({"stpes": {}}))).unwrap_err();
    assert!(mistaken.to_string().contains("stpes"), "{mistaken}");
    assert_eq!(server.discover(1), Some(FIRST));
    assert_eq!(server.engine.config().libraries[0].parameters, Some(json!({"steps": {}})));
}
