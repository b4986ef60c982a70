//! The whole server on real sockets of the loopback interface, and the program with its signals.

#[path = "clients/program.rs"]
mod program;

use std::{
    fs,
    net::{Ipv4Addr, SocketAddrV4, UdpSocket},
    path::{Path, PathBuf},
    process::Command,
    thread,
};

use dhcp4::{Config, LeaseStore, LibraryPaths, server::Server};
use dhcp4_api::{MacAddr, MessageType, Packet, code};
use hooks::Hooks;
use serde_json::{Value, json};

use program::{PATIENCE, Program};

fn config(pool: &str, fsync: &str) -> Value {
    json!({"Dhcp4": {
        "interfaces-config": {"interfaces": ["lo/127.0.0.1"], "port": 0},
        "lease-database": {"type": "memfile", "name": "leases", "fsync": fsync},
        "subnet4": [{"id": 1, "subnet": "192.0.0.0/16", "interface": "lo", "pools": [{"pool": pool}]}]
    }})
}

fn write(directory: &Path, config: &Value) -> PathBuf {
    let file = directory.join("dhcp4.json");
    fs::write(&file, config.to_string()).unwrap();
    file
}

struct Client {
    socket: UdpSocket,
}

impl Client {
    fn new(server: SocketAddrV4) -> Self {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        socket.connect(server).unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        Self { socket }
    }

    fn ask(&self, mut query: Packet, number: u32) -> Packet {
        let octets = number.to_be_bytes();
        query.op = Packet::BOOTREQUEST;
        query.xid = number;
        query.chaddr = MacAddr::from([2, 0, octets[0], octets[1], octets[2], octets[3]]);
        self.socket.send(&dhcp4::encode(&query).unwrap()).unwrap();
        let mut buffer = [0; 2000];
        let length = self.socket.recv(&mut buffer).unwrap();
        let mut answer = Packet::default();
        dhcp4::decode(&buffer[..length], &mut answer).unwrap();
        assert_eq!(answer.xid, number);
        answer
    }

    /// The address of the lease that the client with this number gets.
    fn lease(&self, number: u32) -> Ipv4Addr {
        let mut discover = Packet::default();
        discover.set_option(code::MESSAGE_TYPE, [MessageType::Discover.as_u8()]);
        let offer = self.ask(discover, number);
        assert_eq!(offer.message_type(), Some(MessageType::Offer));
        let mut request = Packet::default();
        request.set_option(code::MESSAGE_TYPE, [MessageType::Request.as_u8()]);
        request.set_option(code::REQUESTED_ADDRESS, offer.yiaddr.octets());
        request.set_option(code::SERVER_IDENTIFIER, offer.server_id().unwrap().octets());
        let ack = self.ask(request, number);
        assert_eq!((ack.message_type(), ack.yiaddr), (Some(MessageType::Ack), offer.yiaddr));
        ack.yiaddr
    }
}

#[test]
fn leases_outlive_the_server() {
    for fsync in ["always", "batch", "never"] {
        let directory = tempfile::tempdir().unwrap();
        let config = config("192.0.2.0 - 192.0.3.255", fsync);
        let config = Config::parse(&config.to_string(), &directory.path().join("dhcp4.json")).unwrap();
        let mut given: Vec<Vec<Ipv4Addr>> = Vec::new();
        for _ in 0..2 {
            let server = Server::new(config.clone(), Hooks::new()).unwrap();
            let (address, control) = (server.addresses()[0], server.control());
            let running = thread::spawn(move || server.run());
            let client = Client::new(address);
            given.push((0..100).map(|number| client.lease(number)).collect());
            control.stop();
            running.join().unwrap().unwrap();
        }
        assert_eq!(given[0], given[1], "{fsync}");
        assert_eq!(LeaseStore::open(&config.lease_database).unwrap().len(), 100);
    }
}

#[test]
fn two_servers_do_not_share_a_lease_file() {
    let directory = tempfile::tempdir().unwrap();
    let file = write(directory.path(), &config("192.0.2.0/24", "batch"));
    let start = || Server::from_file(&file, &LibraryPaths::from_environment().without_permission_check(), Hooks::new());
    let _first = start().unwrap();
    let error = start().unwrap_err();
    assert!(error.to_string().contains("another server"), "{error}");
}

#[test]
fn what_the_machine_lacks_is_told() {
    let directory = tempfile::tempdir().unwrap();
    let refused = |interface: &str| {
        let mut config = config("192.0.2.0/24", "batch");
        config["Dhcp4"]["interfaces-config"]["interfaces"] = json!([interface]);
        let file = write(directory.path(), &config);
        Server::from_file(&file, &LibraryPaths::from_environment().without_permission_check(), Hooks::new())
            .unwrap_err()
            .to_string()
    };
    assert!(refused("eth99").contains("`eth99` does not exist"));
    assert!(refused("lo/192.0.2.77").contains("does not have the address 192.0.2.77"));
}

fn serve(file: &Path) -> Program {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dhcp4"));
    Program::start(command.args(["serve", "--config"]).arg(file).env_remove("RUST_LOG"))
}

#[test]
fn signals_reconfigure_and_end_the_program() {
    let directory = tempfile::tempdir().unwrap();
    let file = write(directory.path(), &config("192.0.2.0/24", "batch"));
    let mut program = serve(&file);
    let address: SocketAddrV4 = program.wait_for("listening as ").parse().unwrap();
    let client = Client::new(address);
    assert_eq!(client.lease(1), Ipv4Addr::new(192, 0, 2, 0));

    write(directory.path(), &config("192.0.5.0/24", "batch"));
    program.signal("HUP");
    program.wait_for("the new configuration is in use");
    assert_eq!(client.lease(2), Ipv4Addr::new(192, 0, 5, 0));
    assert_eq!(client.lease(1), Ipv4Addr::new(192, 0, 2, 0), "its lease is still good");

    fs::write(&file, "{").unwrap();
    program.signal("HUP");
    program.wait_for("the old configuration stays in use");
    write(directory.path(), &config("192.0.6.0/24", "never"));
    program.signal("HUP");
    assert!(program.wait_for("the old configuration stays in use").contains("lease-database"));
    assert_eq!(client.lease(3), Ipv4Addr::new(192, 0, 5, 1));

    program.signal("TERM");
    assert!(program.wait_for("the server ends").contains("pkt4-ack-sent=4"));
    assert!(program.wait().success());
}

#[test]
fn every_acknowledged_lease_survives_a_kill() {
    let directory = tempfile::tempdir().unwrap();
    let file = write(directory.path(), &config("192.0.0.0/16", "batch"));
    let mut given = Vec::new();
    for round in 0..5 {
        let mut program = serve(&file);
        let client = Client::new(program.wait_for("listening as ").parse().unwrap());
        given.extend((0..40).map(|number| client.lease(round * 40 + number)));
        program.signal("KILL");
        assert!(!program.wait().success());
    }
    let database = Config::load(&file).unwrap().lease_database;
    let leases = LeaseStore::open(&database).unwrap();
    assert_eq!(leases.len(), given.len());
    assert!(given.into_iter().all(|address| leases.get(address).is_some()));
}

#[test]
fn check_tells_what_is_wrong_and_where() {
    let directory = tempfile::tempdir().unwrap();
    let check = |config: &Value| {
        let file = write(directory.path(), config);
        let mut command = Command::new(env!("CARGO_BIN_EXE_dhcp4"));
        let output = command.args(["check", "--config"]).arg(&file).output().unwrap();
        (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    assert_eq!(check(&config("192.0.2.0/24", "batch")), (true, String::new()));
    let (good, error) = check(&config("192.1.2.0/24", "batch"));
    assert!(!good && error.contains(": Dhcp4.subnet4[0].pools[0].pool: "), "{error}");
    // Of two libraries that are not there, and of two mistakes, each is told.
    let mut missing = config("192.0.2.0/24", "batch");
    missing["Dhcp4"]["hooks-libraries"] = json!([{"library": "libnowhere_one.so"}, {"library": "libnowhere_two.so"}]);
    let (good, error) = check(&missing);
    assert!(!good && error.contains("hooks-libraries[0].library: ") && error.contains("libnowhere_two.so"), "{error}");
    missing["Dhcp4"]["hooks-libraries"] = json!([{"library": "/tmp/libx.so"}, {}]);
    let (good, error) = check(&missing);
    assert!(!good && error.contains("not in the hooks directory") && error.contains("[1]: the key"), "{error}");
    assert!(!directory.path().join("leases").exists(), "a check opens no lease file");
}

#[test]
fn a_check_runs_no_code_of_a_library() {
    let directory = tempfile::tempdir().unwrap();
    let log = directory.path().join("lease-log");
    let mut config = config("192.0.2.0/24", "batch");
    config["Dhcp4"]["control-socket"] = json!({"socket-type": "unix", "socket-name": "control"});
    config["Dhcp4"]["hooks-libraries"] = json!([
        {"library": "libdhcp_lease_log.so", "parameters": {"path": log}},
        {"library": "builtin:lease-log", "parameters": {"path": log}},
    ]);
    let file = write(directory.path(), &config);
    let output = Command::new(env!("CARGO_BIN_EXE_dhcp4")).args(["check", "--config"]).arg(&file).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let left: Vec<_> = fs::read_dir(directory.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["dhcp4.json"], "neither the log of the library nor a lease file nor a socket is there");
}

#[test]
fn libraries_elsewhere_need_leave() {
    let directory = tempfile::tempdir().unwrap();
    let hooks = PathBuf::from(env!("CARGO_BIN_EXE_dhcp4"));
    let library = "libdhcp_deny_list.so";
    let built = [hooks.with_file_name("deps").join(library), hooks.with_file_name(library)];
    fs::copy(built.iter().find(|path| path.exists()).unwrap(), directory.path().join(library)).unwrap();
    let mut config = config("192.0.2.0/24", "batch");
    config["Dhcp4"]["hooks-libraries"] = json!([{"library": format!("./{library}"), "parameters": {"deny": []}}]);
    let file = write(directory.path(), &config);
    let check = |arguments: &[&str], hooks_path: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_dhcp4"));
        command.args(["check", "--config"]).arg(&file).args(arguments).env("DHCP4_HOOKS_PATH", hooks_path);
        let output = command.output().unwrap();
        (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let (good, error) = check(&[], "/usr/lib");
    assert!(!good && error.contains("/usr/lib; put the library there"), "{error}");
    let (good, warning) = check(&["-X"], "/usr/lib");
    assert!(good && warning.contains("WARN") && warning.contains("/usr/lib"), "{warning}");
    assert!(check(&["--no-path-check"], "/usr/lib").0);
    assert_eq!(check(&[], directory.path().to_str().unwrap()), (true, String::new()));
}
