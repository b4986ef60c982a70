//! Real DHCP clients on a network of their own, served by the program with its plugins as shared libraries.

mod network;
mod program;
mod udhcpc;
mod until;

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde_json::{Value, json};

use network::{Network, SERVER};
use program::Program;
use udhcpc::Udhcpc;
use until::until;

fn config(domain: &str) -> Value {
    json!({"Dhcp4": {
        "interfaces-config": {"interfaces": [SERVER]},
        "lease-database": {"type": "memfile", "name": "leases"},
        "valid-lifetime": 3600,
        "option-data": [{"name": "domain-name", "data": domain}],
        "subnet4": [{"id": 1, "subnet": "10.76.0.0/24", "interface": SERVER,
                     "pools": [{"pool": "10.76.0.100 - 10.76.0.199"}],
                     "option-data": [{"name": "routers", "data": "10.76.0.1"}]}],
        "hooks-libraries": [
            {"library": "libdhcp_deny_list.so", "parameters": {"deny": ["02:00:00:00:00:66"]}},
            {"library": "libdhcp_static_lease.so", "parameters": {
                "reservations": [{"hw-address": "02:00:00:00:00:05", "ip-address": "10.76.0.50"}]}},
            {"library": "libdhcp_flex_option.so", "parameters": {
                "options": [{"name": "domain-name-servers", "supersede": "10.76.0.53"}]}},
            {"library": "libdhcp_lease_log.so", "parameters": {"path": "LOG"}}
        ]
    }})
}

/// The server with its files.
struct Served {
    directory: tempfile::TempDir,
    file: PathBuf,
    program: Program,
}

impl Served {
    fn start(network: &Network) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("dhcp4.json");
        write(&file, &config("one.example"));
        let mut command = network.at_server(env!("CARGO_BIN_EXE_dhcp4"));
        let program = Program::start(command.args(["serve", "--config"]).arg(&file).env_remove("RUST_LOG"));
        assert_eq!(program.wait_for("listening as "), "10.76.0.1:67");
        Self { directory, file, program }
    }

    /// The last record of the address in the lease file.
    fn record(&self, address: &str) -> Option<Value> {
        let file = fs::read_to_string(self.directory.path().join("leases")).unwrap();
        let mut records = file.lines().rev().filter_map(|line| serde_json::from_str(line.split_once(' ')?.1).ok());
        records.find(|record: &Value| record["put"]["address"] == address || record["remove"] == address)
    }

    /// The lines of the lease log about the address.
    fn logged(&self, address: &str) -> Vec<String> {
        let log = fs::read_to_string(self.directory.path().join("lease.log")).unwrap();
        log.lines().filter(|line| line.contains(&format!(" address={address} "))).map(str::to_owned).collect()
    }

    /// Waits until the lease log tells of this event of the client, which happens at the plugin's own pace.
    fn wait_for_log(&self, event: &str, address: &str, mac: &str) {
        let parts = [format!(" event={event} "), format!(" hwaddr={mac} ")];
        until(&format!("{event} of {address} in the lease log"), || {
            self.logged(address).iter().any(|line| parts.iter().all(|part| line.contains(part)))
        });
    }

    fn stop(mut self) {
        self.program.signal("TERM");
        self.program.wait_for("the server ends");
        assert!(self.program.wait().success(), "SIGTERM ends the server without an error");
    }
}

/// Writes the configuration, with the lease log in the same directory.
fn write(file: &Path, config: &Value) {
    let log = file.with_file_name("lease.log");
    fs::write(file, config.to_string().replace("LOG", log.to_str().unwrap())).unwrap();
}

#[test]
fn a_client_gets_renews_and_releases_a_lease() {
    let Some(network) = Network::or_skip("udhcpc: lease", &["udhcpc"]) else { return };
    let server = Served::start(&network);
    let mac = "02:00:00:00:00:01";
    let mut client = Udhcpc::new(&network, server.directory.path(), mac);
    let running = client.start();
    let told =
        "ip=10.76.0.100 mask=24 router=10.76.0.1 domain=one.example dns=10.76.0.53 lease=3600 serverid=10.76.0.1";
    assert_eq!(client.event("bound"), told);
    assert!(client.addresses().contains("inet 10.76.0.100/24"), "{}", client.addresses());
    let record = server.record("10.76.0.100").unwrap();
    assert_eq!((&record["put"]["hwaddr"], &record["put"]["hostname"]), (&json!(mac), &json!("pc")));
    server.wait_for_log("assigned", "10.76.0.100", mac);

    running.signal("USR1");
    assert_eq!(client.event("renew"), told);
    server.wait_for_log("renewed", "10.76.0.100", mac);

    running.signal("USR2");
    client.event("deconfig");
    until("the lease is gone", || server.record("10.76.0.100").unwrap()["remove"] == "10.76.0.100");
    server.wait_for_log("client-release", "10.76.0.100", mac);
    let lines = server.logged("10.76.0.100").len();
    drop(running);
    assert_eq!(client.addresses(), "");
    server.stop();
    eprintln!("udhcpc: {mac} got 10.76.0.100, renewed and released it; the lease log has {lines} lines about it");
}

#[test]
fn a_reserved_client_gets_its_address_and_a_denied_one_nothing() {
    let Some(network) = Network::or_skip("udhcpc: reserved and denied", &["udhcpc"]) else { return };
    let server = Served::start(&network);
    let denied = Udhcpc::new(&network, server.directory.path(), "02:00:00:00:00:66");
    let status = denied.try_three_times();
    assert!(!status.success() && !denied.events().contains("bound"), "{status}: {}", denied.events());
    assert!(denied.events().contains("leasefail"), "{}", denied.events());
    let leases = fs::read_to_string(server.directory.path().join("leases")).unwrap();
    assert_eq!(leases, "", "nobody has a lease");

    let mut reserved = Udhcpc::new(&network, server.directory.path(), "02:00:00:00:00:05");
    let running = reserved.start();
    assert!(reserved.event("bound").starts_with("ip=10.76.0.50 "), "{}", reserved.events());
    assert!(reserved.addresses().contains("inet 10.76.0.50/24"), "{}", reserved.addresses());
    running.signal("USR1");
    assert!(reserved.event("renew").starts_with("ip=10.76.0.50 "), "{}", reserved.events());
    drop(running);

    // The same interface with another hardware address is another client.
    let mut other = Udhcpc::new(&network, server.directory.path(), "02:00:00:00:00:06");
    assert!(other.try_three_times().success(), "{}", other.events());
    let told = other.event("bound");
    assert!(told.starts_with("ip=10.76.0.1") && !told.starts_with("ip=10.76.0.1 "), "{told} is not in the pool");
    server.stop();
    eprintln!(
        "udhcpc: 02:00:00:00:00:66 got nothing ({status}), 02:00:00:00:00:05 its 10.76.0.50, another one of the pool"
    );
}

#[test]
fn a_running_server_takes_a_good_configuration_and_no_bad_one() {
    let Some(network) = Network::or_skip("udhcpc: reconfiguration", &["udhcpc"]) else { return };
    let server = Served::start(&network);
    let mut client = Udhcpc::new(&network, server.directory.path(), "02:00:00:00:00:01");
    let running = client.start();
    assert!(client.event("bound").contains(" domain=one.example "));

    let mut bad_option = config("two.example");
    bad_option["Dhcp4"]["option-data"][0]["data"] = json!("");
    let mut bad_parameters = config("two.example");
    bad_parameters["Dhcp4"]["hooks-libraries"][0]["parameters"] = json!({"deny": ["02:00:00:00:00:01", "nonsense"]});
    let mut no_library = config("two.example");
    no_library["Dhcp4"]["hooks-libraries"][3]["library"] = json!("libdhcp_that_is_nowhere.so");
    let bad = [json!("no configuration"), bad_option, bad_parameters, no_library];
    for config in &bad {
        write(&server.file, config);
        server.program.signal("HUP");
        server.program.wait_for("the old configuration stays in use");
        running.signal("USR1");
        let renewed = client.event("renew");
        assert!(renewed.contains(" domain=one.example dns=10.76.0.53 "), "{renewed} with {config}");
    }

    write(&server.file, &config("two.example"));
    server.program.signal("HUP");
    server.program.wait_for("the new configuration is in use");
    running.signal("USR1");
    let renewed = client.event("renew");
    assert!(renewed.contains("ip=10.76.0.100 ") && renewed.contains(" domain=two.example "), "{renewed}");
    drop(running);
    server.stop();
    eprintln!(
        "udhcpc: {} bad configurations changed nothing, the good one was served; SIGTERM ended the server",
        bad.len()
    );
}
