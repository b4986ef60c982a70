//! A server in this process, and one that is a program of its own.

use std::{
    fs,
    net::{Ipv4Addr, SocketAddrV4},
    path::{Path, PathBuf},
    process::Command,
    thread::{self, JoinHandle},
};

use dhcp4::{
    LibraryPaths,
    channel::{self, Answer, Outcome},
    server::{Control, Server, ServerError},
};
use hooks::Hooks;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{clients::Client, program::Program, until::until};

/// A configuration with two subnets and its control socket in `control` beside it.
pub(crate) fn config(libraries: &Value) -> Value {
    json!({"Dhcp4": {
        "interfaces-config": {"interfaces": ["lo/127.0.0.1"], "port": 0},
        "control-socket": {"socket-type": "unix", "socket-name": "control"},
        "lease-database": {"type": "memfile", "name": "leases"},
        "valid-lifetime": 600,
        "subnet4": [
            {"id": 1, "subnet": "192.0.2.0/24", "interface": "lo", "pools": [{"pool": "192.0.2.10 - 192.0.2.99"}]},
            {"id": 2, "subnet": "198.51.100.0/24", "pools": [{"pool": "198.51.100.10 - 198.51.100.99"}]}
        ],
        "hooks-libraries": libraries
    }})
}

/// Writes the configuration into the directory.
pub(crate) fn write(directory: &Path, config: &Value) -> PathBuf {
    let file = directory.join("dhcp4.json");
    fs::write(&file, serde_json::to_string_pretty(config).unwrap()).unwrap();
    file
}

/// The answer of the server with this socket.
pub(crate) fn ask(socket: &Path, name: &str, arguments: Value) -> Answer {
    let arguments = (!arguments.is_null()).then(|| serde_json::value::to_raw_value(&arguments).unwrap());
    channel::send(socket, &channel::Command { name: name.to_owned(), arguments }).unwrap()
}

/// A server on a thread of the test, stopped at its end.
pub(crate) struct Served {
    pub(crate) directory: TempDir,
    pub(crate) hooks: Hooks,
    pub(crate) address: SocketAddrV4,
    pub(crate) control: Control,
    running: Option<JoinHandle<Result<(), ServerError>>>,
}

impl Served {
    pub(crate) fn start(libraries: &Value) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let file = write(directory.path(), &config(libraries));
        let hooks = Hooks::new();
        let server =
            Server::from_file(&file, &LibraryPaths::from_environment().without_permission_check(), hooks.clone())
                .unwrap();
        let (address, control) = (server.addresses()[0], server.control());
        let running = Some(thread::spawn(move || server.run()));
        Self { directory, hooks, address, control, running }
    }

    pub(crate) fn socket(&self) -> PathBuf {
        self.directory.path().join("control")
    }

    pub(crate) fn file(&self) -> PathBuf {
        self.directory.path().join("dhcp4.json")
    }

    pub(crate) fn ask(&self, name: &str, arguments: Value) -> Answer {
        ask(&self.socket(), name, arguments)
    }

    /// What a command that succeeds gives.
    pub(crate) fn get(&self, name: &str, arguments: Value) -> Value {
        let answer = self.ask(name, arguments);
        assert_eq!(answer.result, Outcome::Success, "{name}: {}", answer.text);
        answer.arguments.unwrap_or_default()
    }

    /// Why a command does not succeed.
    pub(crate) fn error(&self, name: &str, arguments: Value) -> String {
        let answer = self.ask(name, arguments);
        assert_eq!(answer.result, Outcome::Error, "{name}: {}", answer.text);
        answer.text
    }

    /// Whether the server has dropped a packet of the client with this number; nobody else sends one meanwhile.
    pub(crate) fn ignores(&self, number: u16) -> bool {
        let counters = || {
            let counters = self.get("statistic-get-all", Value::Null);
            ["pkt4-received", "pkt4-receive-drop"].map(|name| counters[name].as_u64().unwrap_or(0))
        };
        let client = Client::new(self.address, number);
        let [received, dropped] = counters();
        client.discover();
        // A command that comes later is answered when the packet has been dealt with.
        until("the packet to be received", || counters()[0] > received);
        counters()[1] > dropped && client.has_nothing()
    }

    /// Waits until the server has ended by itself.
    pub(crate) fn ended(mut self) -> TempDir {
        self.running.take().unwrap().join().unwrap().unwrap();
        // What is left is looked at by the test.
        std::mem::replace(&mut self.directory, tempfile::tempdir().unwrap())
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        if let Some(running) = self.running.take() {
            self.control.stop();
            let ended = running.join();
            if !thread::panicking() {
                ended.unwrap().unwrap();
            }
        }
    }
}

/// The program with this configuration, and its address.
pub(crate) fn program(file: &Path) -> (Program, SocketAddrV4) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dhcp4"));
    let program = Program::start(command.args(["serve", "--config"]).arg(file).env_remove("RUST_LOG"));
    let address = program.wait_for("listening as ").parse().unwrap();
    (program, address)
}

/// The address with this last octet in the first subnet.
pub(crate) fn first(last: u8) -> Ipv4Addr {
    Ipv4Addr::new(192, 0, 2, last)
}
