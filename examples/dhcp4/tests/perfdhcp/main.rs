//! The server under the load of `perfdhcp`, the reference's load generator, behind a relay agent.

#[path = "../clients/network.rs"]
mod network;
#[path = "../clients/program.rs"]
mod program;
mod reloads;
mod report;

use std::{
    collections::HashSet,
    fs,
    time::{Duration, Instant},
};

use dhcp4::{Config, LeaseStore};
use serde_json::json;

use network::{CLIENT, Network, SERVER};
use program::Program;
use report::Exchange;

/// How many clients get a lease, each by one exchange of four packets.
const CLIENTS: u64 = 10_000;
/// How many of them begin in a second.
const RATE: u64 = 500;
/// For how long perfdhcp waits for answers after its last query.
const WAIT: Duration = Duration::from_secs(20);

#[test]
fn ten_thousand_exchanges_lose_nothing() {
    let test = "perfdhcp";
    let Some(network) = Network::or_skip(test, &["perfdhcp"]) else { return };
    let set_address = ["address", "add", "10.76.0.2/24", "dev", CLIENT];
    assert!(network.at_client("ip").args(set_address).status().unwrap().success());
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("dhcp4.json");
    let config = json!({"Dhcp4": {
        "interfaces-config": {"interfaces": [SERVER]},
        "lease-database": {"type": "memfile", "name": "leases", "fsync": "batch"},
        "valid-lifetime": 3600,
        "subnet4": [{"id": 1, "subnet": "10.77.0.0/16", "relay": {"ip-addresses": ["10.76.0.2"]},
                     "pools": [{"pool": "10.77.0.1 - 10.77.255.254"}]}]
    }});
    fs::write(&file, config.to_string()).unwrap();
    let mut serve = network.at_server(env!("CARGO_BIN_EXE_dhcp4"));
    let mut server = Program::start(serve.args(["serve", "--config"]).arg(&file).env_remove("RUST_LOG"));
    server.wait_for("listening as 10.76.0.1:67");

    // An answer counts as lost only if it has not come 20 seconds after the last query, so how fast the machine is
    // decides nothing. The run is bounded by its number of exchanges, and by two minutes if the load cannot be made.
    let mut load = network.at_client("perfdhcp");
    load.args(["-4", "-l", CLIENT, "-r", &RATE.to_string(), "-R", &CLIENTS.to_string()]);
    load.args(["-n", &CLIENTS.to_string(), "-p", "120", "-d", "60", "-W", &WAIT.as_micros().to_string(), "10.76.0.1"]);
    let begin = Instant::now();
    let output = load.output().unwrap();
    let seconds = begin.elapsed().saturating_sub(WAIT).as_secs_f64();
    let text = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    let offers = Exchange::of(&text, "DISCOVER-OFFER");
    let acks = Exchange::of(&text, "REQUEST-ACK");
    // Where perfdhcp is late it begins several exchanges at once, and so a few more than it was told at the end; the
    // clients of these are the first ones again.
    assert!((CLIENTS..CLIENTS + CLIENTS / 10).contains(&offers.sent), "{text}\n{errors}");
    let expected = Exchange { sent: offers.sent, received: offers.sent, drops: 0, orphans: 0, rejected: 0 };
    assert_eq!((&offers, &acks), (&expected, &expected), "{text}\n{errors}");
    assert!(output.status.success(), "{}: {text}\n{errors}", output.status);

    server.signal("TERM");
    let counted = server.wait_for("the server ends: ");
    for counter in ["pkt4-offer-sent", "pkt4-ack-sent"] {
        let expected = format!("{counter}={}", offers.sent);
        assert!(counted.split(' ').any(|part| part == expected), "{expected}: {counted}");
    }
    assert!(server.wait().success());
    let config = Config::load(&file).unwrap();
    let leases = LeaseStore::open(&config.lease_database).unwrap();
    let clients: HashSet<_> = leases.iter().map(|lease| lease.hwaddr).collect();
    let addresses: HashSet<_> = leases.iter().map(|lease| lease.address).collect();
    let lines = fs::read_to_string(directory.path().join("leases")).unwrap().lines().count() as u64;
    let recorded = (leases.len() as u64, clients.len() as u64, addresses.len() as u64, lines);
    assert_eq!(recorded, (CLIENTS, CLIENTS, CLIENTS, acks.received));
    let load =
        format!("{}/{} offers and {}/{} acknowledgements", offers.received, offers.sent, acks.received, acks.sent);
    let (drops, rate) = (offers.drops + acks.drops, offers.sent as f64 / seconds);
    eprintln!(
        "{test}: {load} received, {drops} drops, {} leases on record; {rate:.0} exchanges a second",
        leases.len()
    );
}
