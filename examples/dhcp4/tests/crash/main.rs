//! The program is killed under load, again and again: no lease that it has acknowledged is lost.
//!
//! A killed program loses what is in its own memory, not what it has handed to the operating system; so this shows that the
//! record is written before the ACK leaves, not that the disk has it.

mod load;
#[path = "../clients/program.rs"]
mod program;

use std::{
    collections::BTreeMap,
    env, fs,
    net::{Ipv4Addr, SocketAddrV4},
    path::Path,
    process::Command,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    thread,
    time::{Duration, Instant},
};

use dhcp4::{Fsync, LeaseDatabase, LeaseStore};
use serde_json::{Value, json};

use load::{Load, mac};
use program::{PATIENCE, Program};

#[test]
fn no_acknowledged_lease_is_lost_when_the_program_is_killed() {
    let rounds: usize = env::var("DHCP4_CRASH_ROUNDS").map_or(3, |rounds| rounds.parse().expect("DHCP4_CRASH_ROUNDS"));
    let mut rng = fastrand::Rng::new();
    let directory = tempfile::tempdir().unwrap();
    let leases = directory.path().join("leases");
    let (mut load, mut torn, mut lost) = (Load::new(), 0, 0);
    for round in 0..rounds {
        let before = load.acknowledged.clone();
        let (server, address) = serve(directory.path(), ["batch", "always", "never"][round % 3]);
        // Not before some clients have a lease, so that there is something to lose.
        let (enough, pause) = (rng.usize(1..400), Duration::from_micros(rng.u64(..5000)));
        kill_under_load(server, &mut load, address, enough, pause);

        if round % 2 == 1 {
            // The machine may have stopped in the middle of the last record, which then was not acknowledged.
            let last = tear(&leases, &mut rng);
            torn += 1;
            let recorded = recorded(&leases);
            let unfinished = load.acknowledged.iter().find(|(number, _)| mac(**number).to_string() == last);
            if let Some(number) = unfinished.map(|(number, _)| *number)
                && !recorded.contains_key(&last)
            {
                load.acknowledged.remove(&number);
                lost += 1;
            }
        }
        let expected: BTreeMap<String, Ipv4Addr> =
            load.acknowledged.iter().map(|(number, address)| (mac(*number).to_string(), *address)).collect();
        let recorded = recorded(&leases);
        let missing: Vec<_> = expected.iter().filter(|(mac, address)| recorded.get(*mac) != Some(*address)).collect();
        assert!(missing.is_empty(), "round {round}: acknowledged, but not on record: {missing:?}");
        let read = read_by_the_server(&leases, directory.path());
        assert_eq!(read, recorded, "round {round}");

        // The next server knows them too: these clients ask it.
        let (server, address) = serve(directory.path(), "batch");
        let is_new = |(number, _): &(&u32, &Ipv4Addr)| !before.contains_key(number);
        let new = load.acknowledged.iter().filter(is_new).map(|(number, address)| (*number, *address)).collect();
        load.reboot(address, &new);
        drop(server);
    }
    eprintln!(
        "crash: killed {rounds} times under load, {} leases acknowledged and none lost; {torn} times the last record was \
         torn and cut off, which {lost} times was the only one of its lease",
        load.acknowledged.len()
    );
}

/// Kills the server at a random moment, while the clients take leases.
fn kill_under_load(mut server: Program, load: &mut Load, address: SocketAddrV4, enough: usize, pause: Duration) {
    let (acknowledged, killed) = (AtomicUsize::new(0), AtomicBool::new(false));
    thread::scope(|scope| {
        scope.spawn(|| {
            // The clients give up first, if the server does not answer them.
            let begin = Instant::now();
            while acknowledged.load(Ordering::Relaxed) < enough && begin.elapsed() < 2 * PATIENCE {
                thread::sleep(Duration::from_micros(200));
            }
            thread::sleep(pause);
            server.signal("KILL");
            assert!(!server.wait().success());
            killed.store(true, Ordering::Release);
        });
        load.run(address, |count| {
            acknowledged.fetch_max(count, Ordering::Relaxed);
            killed.load(Ordering::Acquire)
        });
    });
}

fn serve(directory: &Path, fsync: &str) -> (Program, SocketAddrV4) {
    let config = json!({"Dhcp4": {
        "interfaces-config": {"interfaces": ["lo/127.0.0.1"], "port": 0},
        "lease-database": {"type": "memfile", "name": "leases", "fsync": fsync},
        "subnet4": [{"id": 1, "subnet": "10.77.0.0/16", "interface": "lo", "pools": [{"pool": "10.77.0.0/16"}]}]
    }});
    let file = directory.join("dhcp4.json");
    fs::write(&file, config.to_string()).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_dhcp4"));
    let program = Program::start(command.args(["serve", "--config"]).arg(&file).env_remove("RUST_LOG"));
    let address = program.wait_for("listening as ").parse().unwrap();
    (program, address)
}

/// Cuts the file off in its last record; gives back the hardware address that is in it.
fn tear(leases: &Path, rng: &mut fastrand::Rng) -> String {
    let file = fs::read_to_string(leases).unwrap();
    let whole = &file[..file.rfind('\n').unwrap() + 1];
    let last = whole.lines().last().unwrap();
    let rest = whole.len() - rng.usize(1..=last.len());
    fs::OpenOptions::new().write(true).open(leases).unwrap().set_len(rest as u64).unwrap();
    put(last).unwrap().0
}

/// The address of each hardware address in the whole lines of the file, without the server's code.
fn recorded(leases: &Path) -> BTreeMap<String, Ipv4Addr> {
    let file = fs::read_to_string(leases).unwrap();
    let whole = file.split_inclusive('\n').filter(|line| line.ends_with('\n'));
    whole.map(|line| put(line).unwrap_or_else(|| panic!("no record of a lease: {line}"))).collect()
}

fn put(line: &str) -> Option<(String, Ipv4Addr)> {
    let record: Value = serde_json::from_str(line.split_once(' ')?.1).ok()?;
    let lease = &record["put"];
    Some((lease["hwaddr"].as_str()?.to_owned(), lease["address"].as_str()?.parse().ok()?))
}

/// The same as the server reads it, from a copy, so that the next server finds the file as the killed one has left it.
fn read_by_the_server(leases: &Path, directory: &Path) -> BTreeMap<String, Ipv4Addr> {
    let copy = directory.join("copy");
    fs::copy(leases, &copy).unwrap();
    let store = LeaseStore::open(&LeaseDatabase { file: Some(copy), fsync: Fsync::Never }).unwrap();
    store.iter().map(|lease| (lease.hwaddr.to_string(), lease.address)).collect()
}
