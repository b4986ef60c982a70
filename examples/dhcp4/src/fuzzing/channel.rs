//! The control channel: what clients send on their connections, up to the commands and their answers.

use std::{
    collections::BTreeMap,
    io::{Read, Write},
    net::{Ipv4Addr, Shutdown},
    os::unix::net::UnixStream,
    sync::atomic::AtomicBool,
};

use dhcp4_api::Lease;
use hooks::{Hooks, Source};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::config::without_places;
use crate::{
    Config, Engine, LibraryPaths,
    channel::{Answer, Command, Outcome, connection},
    server::Server,
};

/// The octet between two connections; JSON has none.
const BETWEEN: u8 = 0;
/// The longest input: it fits into the buffer of a socket, as does the answer to what is in it.
const MOST: usize = 1 << 15;
/// The commands that change nothing.
const READING: [&str; 10] = [
    "config-get",
    "config-test",
    "lease4-get",
    "lease4-get-all",
    "lease4-get-page",
    "libraries-get",
    "list-commands",
    "statistic-get-all",
    "status-get",
    "version-get",
];

/// The bytes as what clients send, one after the other, each on a connection of its own.
///
/// To each that sends something there is exactly one answer, on one line; what is not answered with success has changed
/// nothing, and neither have the commands that only read; and the configuration that is shown is the one in use.
pub fn channel(bytes: &[u8]) {
    if bytes.len() > MOST {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let mut server = server(&directory);
    for sent in bytes.split(|byte| *byte == BETWEEN).take(16) {
        if server.running {
            connection(&mut server, sent);
        }
    }
    // As when a server ends: also what commands have changed lets its libraries go.
    assert!(server.engine.stop(), "a library is still in use");
}

fn server(directory: &TempDir) -> Server {
    let config = json!({"Dhcp4": {
        "interfaces-config": {"interfaces": ["lo/127.0.0.1"], "port": 0},
        "lease-database": {"type": "memfile", "persist": false},
        "subnet4": [
            {"id": 1, "subnet": "192.0.2.0/24", "pools": [{"pool": "192.0.2.10 - 192.0.2.99"}], "interface": "lo"},
            {"id": 2, "subnet": "198.51.100.0/24", "pools": [{"pool": "198.51.100.128/25"}]}
        ],
        "hooks-libraries": [{"library": "builtin:deny-list", "parameters": {"deny": ["02:00:00:00:00:66"]}}]
    }});
    let file = directory.path().join("dhcp4.json");
    let text = config.to_string();
    std::fs::write(&file, &text).unwrap();
    let config = Config::parse_with(&text, &file, &LibraryPaths::of_directory(directory.path().join("hooks"))).unwrap();
    Server::without_sockets(Engine::start(config, Hooks::new()).unwrap(), file)
}

/// What commands can change, apart from what a library keeps.
#[derive(Debug, PartialEq)]
struct State {
    config: Config,
    leases: BTreeMap<Ipv4Addr, Lease>,
    libraries: Vec<String>,
}

fn state(server: &Server) -> State {
    State {
        config: server.engine.config().clone(),
        leases: server.engine.leases().iter().map(|lease| (lease.address, lease.clone())).collect(),
        libraries: server.engine.hooks().libraries().into_iter().map(|library| library.name).collect(),
    }
}

fn connection(server: &mut Server, sent: &[u8]) {
    let before = state(server);
    let (ours, mut client) = UnixStream::pair().unwrap();
    client.write_all(sent).unwrap();
    client.shutdown(Shutdown::Write).unwrap();
    let mut given = None;
    connection::serve(&ours, &AtomicBool::new(false), |command| {
        let answer =
            if is_confined(server, &command) { server.command(&command) } else { Answer::error("not tried").to_json() };
        given = Some(command);
        answer
    });
    drop(ours);
    let mut told = String::new();
    client.read_to_string(&mut told).unwrap();
    if sent.is_empty() {
        return assert_eq!((given.is_none(), told.as_str()), (true, ""));
    }
    let line = told.strip_suffix('\n').unwrap_or_else(|| panic!("no line is answered: {told:?}"));
    assert!(!line.contains(|char| char < ' '), "not one line is answered: {line:?}");
    let answer: Answer = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
    let after = state(server);
    let command = given.as_ref().map_or("", |command| &command.name);
    if answer.result != Outcome::Success || READING.contains(&command) {
        assert_eq!(after, before, "{command} has changed something: {line}");
    }
    match (command, answer.result) {
        ("", result) => assert!(given.is_some() || result == Outcome::Error && !answer.text.is_empty(), "{line}"),
        ("config-get", Outcome::Success) => is_in_use(&after.config, &answer.arguments.unwrap()),
        ("lease4-get-all", Outcome::Success) => {
            let leases = answer.arguments.unwrap()["leases"].as_array().unwrap().len();
            assert_eq!(leases, after.leases.len());
        }
        ("lease4-add", Outcome::Success) => {
            let added = after.leases.values().filter(|lease| before.leases.get(&lease.address) != Some(lease));
            let [lease] = added.collect::<Vec<_>>()[..] else { panic!("not one lease has been added: {line}") };
            assert!(after.config.subnet(lease.subnet_id).unwrap().contains(lease.address), "{lease:?}");
            assert!(lease.valid_lifetime > 0 && !before.leases.contains_key(&lease.address), "{lease:?}");
        }
        ("lease4-del", Outcome::Success) => assert_eq!(after.leases.len() + 1, before.leases.len(), "{line}"),
        _ => {}
    }
}

/// Whether the command has no effect outside of this process and its directory: what a configuration names is not opened.
fn is_confined(server: &Server, command: &Command) -> bool {
    if !matches!(command.name.as_str(), "config-set" | "config-test") {
        return true;
    }
    let old = server.engine.config();
    let parsed = Config::parse_with(command.arguments_text(), &old.file, &old.library_paths);
    parsed.map_or(true, |new| {
        let known = |source: &Source| match source {
            Source::File(path) => !path.exists(),
            Source::Builtin(name) => ["deny-list", "flex-option", "static-lease"].contains(&name.as_str()),
        };
        (&new.interfaces, new.port, &new.control_socket) == (&old.interfaces, old.port, &old.control_socket)
            && new.libraries.iter().all(|library| known(&library.source))
    })
}

/// The JSON is read again as the configuration in use.
fn is_in_use(config: &Config, json: &Value) {
    let again = Config::parse_with(&json.to_string(), &config.file, &config.library_paths).unwrap();
    assert_eq!(without_places(again), without_places(config.clone()));
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_inputs_that_are_kept() {
        super::super::replay("channel", super::channel);
    }
}
