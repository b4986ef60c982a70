//! The DHCP client of BusyBox.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, ExitStatus},
};

use crate::{
    network::{CLIENT, Network},
    program::Program,
    until::until,
};

/// What the client runs at each event.
const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/clients/udhcpc.sh");

/// A client on the interface of the clients.
pub(crate) struct Udhcpc<'a> {
    network: &'a Network,
    script: PathBuf,
    events: PathBuf,
    seen: usize,
}

impl<'a> Udhcpc<'a> {
    /// A client with this hardware address, which becomes that of the interface.
    pub(crate) fn new(network: &'a Network, directory: &Path, mac: &str) -> Self {
        let set_address = ["link", "set", CLIENT, "address", mac];
        assert!(network.at_client("ip").args(set_address).status().unwrap().success());
        // Another process writes it: a file that this one had open could not be run while a thread starts a program.
        let script = directory.join("udhcpc.sh");
        let installed = Command::new("install").args(["-m", "755", SCRIPT]).arg(&script).status().unwrap();
        assert!(installed.success());
        Self { network, script, events: directory.join(format!("events of {mac}")), seen: 0 }
    }

    /// Starts the client, which goes on until it is stopped.
    pub(crate) fn start(&self) -> Program {
        Program::start(self.command().args(["-t", "20"]))
    }

    /// Asks three times for a lease, then gives up.
    pub(crate) fn try_three_times(&self) -> ExitStatus {
        let mut command = self.command();
        command.args(["-t", "3", "-q"]).output().unwrap().status
    }

    fn command(&self) -> Command {
        let mut command = self.network.at_client("udhcpc");
        command.args(["-f", "-n", "-T", "1", "-i", CLIENT, "-x", "hostname:pc", "-s"]).arg(&self.script);
        command.env("EVENTS", &self.events);
        command
    }

    /// Waits for the next event with this name and gives back what the client was told.
    pub(crate) fn event(&mut self, name: &str) -> String {
        let mut told = None;
        until(&format!("event {name}"), || {
            let events = self.events();
            let mut new = events.lines().enumerate().skip(self.seen);
            told = new.find_map(|(at, line)| Some((at + 1, line.strip_prefix(name)?.trim().to_owned())));
            told.is_some()
        });
        let (seen, text) = told.unwrap();
        self.seen = seen;
        text
    }

    /// All events so far.
    pub(crate) fn events(&self) -> String {
        fs::read_to_string(&self.events).unwrap_or_default()
    }

    /// The IPv4 addresses of the interface, as `ip` prints them.
    pub(crate) fn addresses(&self) -> String {
        let output = self.network.at_client("ip").args(["-4", "-o", "address", "show", "dev", CLIENT]).output();
        String::from_utf8(output.unwrap().stdout).unwrap()
    }
}
