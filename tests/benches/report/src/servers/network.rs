//! Two network namespaces with a link between them: nothing that is sent leaves them.

use std::path::Path;
use std::process::Command;

use crate::Problem;

/// The interface of the server.
pub(crate) const SERVER: &str = "srv0";
/// The interface of the clients.
pub(crate) const CLIENT: &str = "cli0";
/// The address of the server, with the length of the network's prefix.
const SERVER_ADDRESS: &str = "10.76.0.1/24";
/// The address of the relay agent that perfdhcp is.
const CLIENT_ADDRESS: &str = "10.76.0.2/24";

/// The namespaces; they are removed when this is dropped.
#[derive(Debug)]
pub(crate) struct Network {
    server: String,
    client: String,
}

impl Network {
    pub(crate) fn new() -> Result<Network, Problem> {
        let name = |side: &str| format!("hooks-report-{}-{side}", std::process::id());
        let network = Network { server: name("server"), client: name("client") };
        let Network { server, client } = &network;
        ip(&["netns", "add", server])?;
        ip(&["netns", "add", client])?;
        ip(&["link", "add", SERVER, "netns", server, "type", "veth", "peer", "name", CLIENT, "netns", client])?;
        for (namespace, interface, address) in [(server, SERVER, SERVER_ADDRESS), (client, CLIENT, CLIENT_ADDRESS)] {
            ip(&["-n", namespace, "address", "add", address, "dev", interface])?;
            ip(&["-n", namespace, "link", "set", "lo", "up"])?;
            ip(&["-n", namespace, "link", "set", interface, "up"])?;
        }
        Ok(network)
    }

    /// The program on the server's side; its process is that of the command.
    pub(crate) fn at_server(&self, program: &Path) -> Command {
        within(&self.server, program)
    }

    /// The program on the clients' side.
    pub(crate) fn at_client(&self, program: &Path) -> Command {
        within(&self.client, program)
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

fn within(namespace: &str, program: &Path) -> Command {
    let mut command = Command::new("ip");
    command.args(["netns", "exec", namespace]).arg(program);
    command
}

fn ip(arguments: &[&str]) -> Result<(), Problem> {
    let output = Command::new("ip").args(arguments).output()?;
    let told = String::from_utf8_lossy(&output.stderr);
    if output.status.success() {
        Ok(())
    } else {
        Err(format!("`ip {}` fails: {}", arguments.join(" "), told.trim()).into())
    }
}
