//! A link between two network namespaces: one for the server, one for its clients.
//!
//! All addresses and packets of the test stay in the namespaces, which are removed when the test ends.

use std::{
    env,
    ffi::OsStr,
    io::Write,
    process::{self, Command},
    sync::atomic::{AtomicU32, Ordering},
};

/// The interface of the server.
pub(crate) const SERVER: &str = "srv0";
/// The interface of the clients.
pub(crate) const CLIENT: &str = "cli0";

static NUMBER: AtomicU32 = AtomicU32::new(0);

/// The namespaces and the link between them.
pub(crate) struct Network {
    server: String,
    client: String,
}

impl Network {
    /// The network, in which the server has the address 10.76.0.1/24, if this machine has what it takes.
    ///
    /// If not, the test is to be skipped, which this says in one line; but where `CI` is `true` it fails, since there
    /// everything is installed.
    pub(crate) fn or_skip(test: &str, programs: &[&str]) -> Option<Self> {
        let missing = programs.iter().chain(&["ip"]).find(|program| !is_installed(program));
        let network = match missing {
            Some(program) => Err(format!("`{program}` is not in PATH")),
            None => Self::new(),
        };
        match network {
            Ok(network) => Some(network),
            Err(reason) => {
                assert_ne!(env::var("CI").as_deref(), Ok("true"), "{test} cannot run: {reason}");
                // Not by a macro, whose text the test harness would keep to itself.
                let _ = writeln!(std::io::stderr(), "{test}: skipped, because {reason}");
                None
            }
        }
    }

    fn new() -> Result<Self, String> {
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = |side: &str| format!("dhcp4-{}-{number}-{side}", process::id());
        let network = Self { server: name("server"), client: name("client") };
        let Self { server, client } = &network;
        ip(&["netns", "add", server])?;
        ip(&["netns", "add", client])?;
        ip(&["link", "add", SERVER, "netns", server, "type", "veth", "peer", "name", CLIENT, "netns", client])?;
        for (namespace, interface) in [(server, SERVER), (client, CLIENT)] {
            ip(&["-n", namespace, "link", "set", "lo", "up"])?;
            ip(&["-n", namespace, "link", "set", interface, "up"])?;
        }
        ip(&["-n", server, "address", "add", "10.76.0.1/24", "dev", SERVER])?;
        Ok(network)
    }

    /// The program in the namespace of the server.
    pub(crate) fn at_server(&self, program: impl AsRef<OsStr>) -> Command {
        within(&self.server, program.as_ref())
    }

    /// The program in the namespace of the clients.
    pub(crate) fn at_client(&self, program: impl AsRef<OsStr>) -> Command {
        within(&self.client, program.as_ref())
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        // The link goes with its namespaces. One that has not been made cannot be removed.
        for namespace in [&self.server, &self.client] {
            let _ = ip(&["netns", "delete", namespace]);
        }
    }
}

/// `ip netns exec` becomes the program: a signal to the one reaches the other.
fn within(namespace: &str, program: &OsStr) -> Command {
    let mut command = Command::new("ip");
    command.args(["netns", "exec", namespace]).arg(program);
    command
}

fn ip(arguments: &[&str]) -> Result<(), String> {
    let output = Command::new("ip").args(arguments).output().map_err(|error| format!("cannot run `ip`: {error}"))?;
    let told = String::from_utf8_lossy(&output.stderr);
    if output.status.success() { Ok(()) } else { Err(format!("`ip {}` fails: {}", arguments.join(" "), told.trim())) }
}

fn is_installed(program: &str) -> bool {
    env::split_paths(&env::var_os("PATH").unwrap_or_default()).any(|directory| directory.join(program).exists())
}
