//! The server under load while its configuration and its libraries change all the time: nothing is lost by it.
//!
//! `DHCP4_RELOAD_RATE` exchanges a second (500) for `DHCP4_RELOAD_SECONDS` (5), without reloads and with one every 100 ms, of which
//! one in five fails.

mod changes;
mod counters;

use std::{
    collections::HashSet,
    env, fs,
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

use dhcp4::{Config, LeaseStore, LibraryPaths};

use crate::{
    network::{CLIENT, Network},
    program::Program,
    report::{Delay, Exchange},
};
use changes::{Changes, Libraries, Reloads};
use counters::dropped;

/// For how long perfdhcp waits for answers after its last query.
const WAIT: Duration = Duration::from_secs(5);

/// What a run has shown.
struct Seen {
    offers: Exchange,
    acks: Exchange,
    delay: Delay,
    /// Datagrams for which a socket had no room: the server's, and perfdhcp's own.
    dropped: [u64; 2],
    /// What the server has counted at its end.
    counted: String,
    /// Lines that `lease-log` has written.
    logged: u64,
    reloads: Reloads,
}

#[test]
fn reloads_under_load_drop_nothing() {
    let test = "perfdhcp with reloads";
    let number = |name, default| {
        env::var(name)
            .map_or(default, |text| text.parse::<u64>().unwrap_or_else(|_| panic!("{name}={text}: no number")))
    };
    let (rate, seconds) = (number("DHCP4_RELOAD_RATE", 500), number("DHCP4_RELOAD_SECONDS", 5));
    let libraries = Libraries::new();
    for with_reloads in [false, true] {
        let Some(network) = Network::or_skip(test, &["perfdhcp"]) else { return };
        let seen = run(&network, &libraries, rate, seconds, with_reloads);
        print(test, rate, seconds, &seen);
        let Seen { offers, acks, dropped: [at_server, at_load], counted, logged, reloads, .. } = seen;
        assert_eq!(at_server, 0, "the server's socket had no room for {at_server} datagrams");
        // What does not arrive has been lost by perfdhcp's own socket, and by nobody else. What comes too late is an orphan there.
        let lost = (offers.drops + acks.drops).saturating_sub(offers.orphans + acks.orphans);
        assert!(lost <= at_load, "{offers:?} {acks:?}");
        assert!(
            offers.orphans <= offers.drops && acks.orphans <= acks.drops,
            "an answer too many: {offers:?} {acks:?}"
        );
        assert_eq!((offers.rejected, acks.rejected), (0, 0), "an answer that perfdhcp does not take");
        let counter = |name: &str| {
            let value = counted.split(' ').find_map(|part| part.strip_prefix(name)?.strip_prefix('=')?.parse().ok());
            value.unwrap_or_else(|| panic!("no {name}: {counted}"))
        };
        assert_eq!(
            (counter("pkt4-offer-sent"), counter("pkt4-ack-sent")),
            (offers.sent, acks.sent),
            "each answered once"
        );
        assert_eq!(logged, acks.sent, "each lease is logged by one of the instances that came and went");
        assert_eq!((reloads.wrong.as_slice(), reloads.done > 0), ([].as_slice(), with_reloads));
    }
}

fn run(network: &Network, libraries: &Libraries, rate: u64, seconds: u64, with_reloads: bool) -> Seen {
    let set_address = ["address", "add", "10.76.0.2/24", "dev", CLIENT];
    assert!(network.at_client("ip").args(set_address).status().unwrap().success());
    let directory = tempfile::tempdir().unwrap();
    let mut changes = Changes::new(libraries, directory.path());
    let mut serve = network.at_server(env!("CARGO_BIN_EXE_dhcp4"));
    serve.args(["serve", "--config"]).arg(changes.file()).env_remove("RUST_LOG");
    let mut server = Program::start(serve.env(LibraryPaths::VARIABLE, libraries.directory()));
    server.wait_for("listening as 10.76.0.1:67");

    let (clients, before) = (rate * seconds, [at_server(network), at_client(network)].map(|mut cat| dropped(&mut cat)));
    let mut load = network.at_client("perfdhcp");
    load.args(["-4", "-l", CLIENT, "-r", &rate.to_string(), "-R", &clients.to_string(), "-n", &clients.to_string()]);
    load.args(["-p", &(seconds * 2 + 60).to_string(), "-d", "60", "-W", &WAIT.as_micros().to_string(), "10.76.0.1"]);
    let load = load.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let reloads = if with_reloads { changes.go_on_for(Duration::from_secs(seconds)) } else { Reloads::default() };
    let output = load.wait_with_output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    let after = [at_server(network), at_client(network)].map(|mut cat| dropped(&mut cat));

    server.signal("TERM");
    let counted = server.wait_for("the server ends: ");
    assert!(server.wait().success());
    let (offers, acks) = (Exchange::of(&text, "DISCOVER-OFFER"), Exchange::of(&text, "REQUEST-ACK"));
    check_leases(changes.file(), acks.sent);
    let logged = fs::read_to_string(directory.path().join("leases.log")).unwrap().lines().count() as u64;
    let dropped = [after[0] - before[0], after[1] - before[1]];
    Seen { delay: Delay::of(&text, "DISCOVER-OFFER"), offers, acks, dropped, counted, logged, reloads }
}

fn at_server(network: &Network) -> Command {
    network.at_server("cat")
}

fn at_client(network: &Network) -> Command {
    network.at_client("cat")
}

/// No address has two clients, no client has two addresses, and each acknowledgement is on record.
fn check_leases(file: &Path, acknowledged: u64) {
    let config = Config::load_with(file, &LibraryPaths::from_environment().without_check()).unwrap();
    let leases = LeaseStore::open(&config.lease_database).unwrap();
    let clients: HashSet<_> = leases.iter().map(|lease| lease.hwaddr).collect();
    let addresses: HashSet<_> = leases.iter().map(|lease| lease.address).collect();
    let lines = fs::read_to_string(file.with_file_name("leases")).unwrap().lines().count() as u64;
    assert_eq!((clients.len(), addresses.len(), lines), (leases.len(), leases.len(), acknowledged));
}

fn print(test: &str, rate: u64, seconds: u64, seen: &Seen) {
    let Seen { offers, acks, delay, dropped: [at_server, at_load], reloads, .. } = seen;
    let Reloads { done, failed, longest, all, .. } = reloads;
    let mean = all.as_secs_f64() * 1e3 / (done + failed).max(1) as f64;
    eprintln!(
        "{test}, {rate} exchanges a second for {seconds} s: {}/{} offers and {}/{} acknowledgements received; lost at the server's \
         socket {at_server}, at perfdhcp's {at_load}; delay {} ms, at most {} ms; {done} reloads, {failed} failed as they should, \
         {mean:.1} ms each, at most {:.1} ms",
        offers.received,
        offers.sent,
        acks.received,
        acks.sent,
        delay.mean,
        delay.longest,
        longest.as_secs_f64() * 1e3,
    );
}
