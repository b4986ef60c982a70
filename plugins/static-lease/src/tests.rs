//! The plugin at its hook points.

use std::net::Ipv4Addr;

use dhcp4_api::{Lease, LeaseState, MacAddr, Packet, Subnet, dhcp4_srv_configured, lease4_renew, lease4_select};
use hooks::{Hooks, LibraryConfig, Source};
use serde_json::{Value, json};

/// The client 1 has a reservation with a name, the client 2 one without, others have none.
fn client(number: u8) -> MacAddr {
    MacAddr::from([2, 0, 0, 0, 0, number])
}

const NAMED: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 201);
const NAMELESS: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 202);
const DYNAMIC: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 10);

fn load(reservations: Value) -> Result<Hooks, hooks::Error> {
    let hooks = Hooks::new();
    let library = LibraryConfig::new(Source::Builtin("static-lease".into()));
    hooks.load_libraries(vec![library.parameters(json!({"reservations": reservations}))]).map(|()| hooks)
}

fn loaded() -> Hooks {
    load(json!([
        {"hw-address": "02:00:00:00:00:01", "ip-address": NAMED, "hostname": "printer"},
        {"hw-address": "02:00:00:00:00:02", "ip-address": NAMELESS},
    ]))
    .unwrap()
}

fn subnet(prefix: &str) -> Subnet {
    Subnet {
        id: 1,
        prefix: prefix.parse().unwrap(),
        pools: Vec::new(),
        options: Vec::new(),
        always_send: Vec::new(),
        valid_lifetime: 600,
        renew_timer: None,
        rebind_timer: None,
        relays: Vec::new(),
        interface: None,
    }
}

fn lease(client: MacAddr, address: Ipv4Addr) -> Lease {
    Lease {
        address,
        hwaddr: client,
        client_id: None,
        valid_lifetime: 600,
        cltt: 1000,
        subnet_id: 1,
        state: LeaseState::Default,
        hostname: "own-name".to_owned(),
    }
}

/// What becomes of the address that the server proposes: the status, the address and the name.
fn select(prefix: &str, client: MacAddr, proposed: Ipv4Addr) -> (lease4_select::NextStep, Ipv4Addr, String) {
    let query = Packet { chaddr: client, ..Packet::default() };
    let (subnet, mut lease) = (subnet(prefix), lease(client, proposed));
    let step = lease4_select::call(&mut loaded().handle(), || lease4_select::Args {
        query4: &query,
        subnet4: &subnet,
        fake_allocation: true,
        lease4: &mut lease,
    });
    (step, lease.address, lease.hostname)
}

/// Whether the lease is extended, and its name.
fn renew(client: MacAddr, address: Ipv4Addr) -> (lease4_renew::NextStep, String) {
    let query = Packet { chaddr: client, ..Packet::default() };
    let (subnet, mut lease) = (subnet("192.0.2.0/24"), lease(client, address));
    let step = lease4_renew::call(&mut loaded().handle(), || lease4_renew::Args {
        query4: &query,
        subnet4: &subnet,
        clientid: &None,
        hwaddr: &client,
        lease4: &mut lease,
    });
    assert_eq!(lease.address, address);
    (step, lease.hostname)
}

#[test]
fn a_client_gets_the_address_that_is_reserved_for_it() {
    use lease4_select::NextStep::Skip;
    let prefix = "192.0.2.0/24";
    assert_eq!(select(prefix, client(1), DYNAMIC), (Skip, NAMED, "printer".into()));
    assert_eq!(select(prefix, client(1), NAMED), (Skip, NAMED, "printer".into()));
    // Also when no address of the pools is free, and when the proposed one belongs to another reservation.
    assert_eq!(select(prefix, client(2), Ipv4Addr::UNSPECIFIED), (Skip, NAMELESS, "own-name".into()));
    assert_eq!(select(prefix, client(2), NAMED), (Skip, NAMELESS, "own-name".into()));
}

#[test]
fn nobody_else_gets_a_reserved_address() {
    let (step, ..) = select("192.0.2.0/24", client(3), NAMED);
    assert!(step.is_drop());
    let (step, address, name) = select("192.0.2.0/24", client(3), DYNAMIC);
    assert!(step.is_continue());
    assert_eq!((address, name.as_str()), (DYNAMIC, "own-name"));
}

#[test]
fn a_client_that_visits_another_subnet_is_like_any_other() {
    let there = Ipv4Addr::new(198, 51, 100, 10);
    let (step, address, name) = select("198.51.100.0/24", client(1), there);
    assert!(step.is_continue());
    assert_eq!((address, name.as_str()), (there, "own-name"));
}

#[test]
fn leases_that_contradict_a_reservation_run_out() {
    assert_eq!(renew(client(1), NAMED), (lease4_renew::NextStep::Continue, "printer".into()));
    assert!(renew(client(1), DYNAMIC).0.is_skip());
    assert!(renew(client(3), NAMED).0.is_skip());
    assert!(renew(client(2), NAMED).0.is_skip());
    assert_eq!(renew(client(3), DYNAMIC), (lease4_renew::NextStep::Continue, "own-name".into()));
}

#[test]
fn a_pool_with_a_reserved_address_is_refused() {
    let configured = |pool: &str| {
        let config = json!({"Dhcp4": {"subnet4": [{"id": 1, "pools": [{"pool": pool}]}]}}).to_string();
        let mut error = String::new();
        let step = dhcp4_srv_configured::call(&mut loaded().handle(), || dhcp4_srv_configured::Args {
            json_config: &config,
            error: &mut error,
        });
        (step, error)
    };
    assert_eq!(configured("192.0.2.10 - 192.0.2.200"), (dhcp4_srv_configured::NextStep::Continue, String::new()));
    let (step, error) = configured("192.0.2.10 - 192.0.2.250");
    assert!(step.is_drop());
    assert!(
        error.starts_with("static-lease: 192.0.2.201 is reserved for 02:00:00:00:00:01, but is in the pool"),
        "{error}"
    );
}

#[test]
fn wrong_parameters_are_refused_and_named() {
    let reservation = |client: &str, address: &str| json!({"hw-address": client, "ip-address": address});
    let (one, other) = ("02:00:00:00:00:0a", "02:00:00:00:00:0b");
    let cases = [
        (json!([reservation(one, "192.0.2.1"), reservation("02:00", "192.0.2.2")]), "`parameters.reservations[1]`"),
        (json!([reservation(one, "192.0.2.256")]), "`parameters.reservations[0].ip-address`"),
        (
            json!([reservation(one, "192.0.2.1"), reservation("02:00:00:00:00:0A", "192.0.2.2")]),
            "client 02:00:00:00:00:0a has two reservations, 192.0.2.1 and 192.0.2.2",
        ),
        (
            json!([reservation(one, "192.0.2.1"), reservation(other, "192.0.2.1")]),
            "address 192.0.2.1 is reserved for 02:00:00:00:00:0a and for 02:00:00:00:00:0b",
        ),
        (json!({}), "`parameters.reservations`"),
    ];
    for (reservations, expected) in cases {
        let error = load(reservations).unwrap_err();
        assert!(error.is_load() && error.to_string().contains(expected), "{error}");
    }
}
