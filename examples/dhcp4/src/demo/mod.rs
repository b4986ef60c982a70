//! A demonstration without privileges: a server on the loopback interface, four plugins and a few clients.

mod client;
mod plugins;
mod snapshot;
mod transcript;
mod scenario;

use std::{
    fs,
    io::{self, Write},
    net::Ipv4Addr,
    sync::Arc,
    thread,
};

use hooks::{Hooks, LibraryPolicy};
use thiserror::Error;

use crate::{
    LeaseStore,
    config::{Config, ConfigError},
    leases::FileError,
    server::{Server, ServerError},
};

pub use plugins::{OwnLibrary, Plugins};

use transcript::Transcript;

/// Why the demonstration has failed.
#[derive(Debug, Error)]
pub enum DemoError {
    /// Something was not as expected.
    #[error("the demonstration failed: {0}")]
    Expectation(String),
    /// The configuration has a mistake.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The server cannot start.
    #[error(transparent)]
    Server(#[from] ServerError),
    /// The lease file cannot be read afterwards.
    #[error(transparent)]
    Leases(#[from] FileError),
    /// The transcript cannot be written, or there is no place for temporary files.
    #[error("input or output: {0}")]
    Io(#[from] io::Error),
}

/// Runs the demonstration and writes its transcript.
///
/// The transcript is the same in each run and for each way in which the plugins get into the server, except for the line
/// that tells it.
///
/// `own` is loaded after the four plugins; what it does is part of the transcript.
pub fn run(plugins: Plugins, own: Option<OwnLibrary>, out: impl Write + Send + 'static) -> Result<(), DemoError> {
    let directory = tempfile::tempdir()?;
    let config = plugins.config(own.as_ref(), directory.path())?;
    let transcript = Arc::new(Transcript::new(out));
    introduce(&transcript, plugins, &config);
    let hooks = Hooks::new();
    // The libraries come from the folder that Cargo makes, which its group may write where the umask is 002.
    hooks.set_library_policy(LibraryPolicy::new().check_permissions(false));
    hooks.set_observer(Some(Arc::clone(&transcript) as Arc<dyn hooks::Observer>));
    let database = config.lease_database.clone();
    let server = Server::new(config, hooks.clone())?;
    let callouts = hooks.callouts();
    let address = server.addresses().first().copied();
    let address = address.ok_or_else(|| DemoError::Expectation("the server has no socket".to_owned()))?;
    let control = server.control();
    let running = thread::Builder::new().name("dhcp4 server".into()).spawn(move || server.run())?;
    let strict = own.is_none();
    let played = scenario::play(address, &transcript, strict);
    control.stop();
    let ended = running.join().map_err(|_| DemoError::Expectation("the server has panicked".to_owned()))?;
    hooks.set_observer(None);
    let denied = played?;
    ended?;
    if strict && !denied.has_received_nothing() {
        return Err(DemoError::Expectation("the denied client has received an answer".to_owned()));
    }
    let left: Vec<Ipv4Addr> = LeaseStore::open(&database)?.iter().map(|lease| lease.address).collect();
    if strict && left != [scenario::RESERVED] {
        return Err(DemoError::Expectation(format!("expected one lease at the end, found {left:?}")));
    }
    transcript.line("\n== Callouts, and how often each was called ==");
    transcript.table(&callouts);
    if !strict {
        transcript.finish()?;
        return Ok(());
    }
    // The plugin has written its log to the end when the server has unloaded it.
    let logged = fs::read_to_string(plugins::lease_log(directory.path()))?.lines().count();
    if logged < 4 {
        return Err(DemoError::Expectation(format!(
            "expected at least 4 records in the log of lease-log, found {logged}"
        )));
    }
    transcript.line(format_args!(
        "\nAll went as expected. The lease file holds one lease, that of {}; the log of lease-log holds {logged} records.",
        scenario::RESERVED
    ));
    transcript.finish()?;
    Ok(())
}

fn introduce(transcript: &Transcript, plugins: Plugins, config: &Config) {
    transcript
        .line("A DHCPv4 server on the loopback interface and its clients. For each packet: the hook points that it");
    transcript.line("passes, the callouts that are called there, what they change, what they ask for, and the answer.");
    transcript
        .line("SKIP: the server leaves out its own next step. DROP: it drops the packet. No opinion: it goes on.");
    transcript
        .line("A client asks (DISCOVER), is offered an address (OFFER), requests it (REQUEST) and gets it (ACK).");
    transcript.line("");
    transcript.line(format_args!("The plugins are {}.", plugins.in_words()));
    for subnet in &config.subnets {
        let pools: Vec<String> = subnet.pools.iter().map(ToString::to_string).collect();
        transcript.line(format_args!("Subnet {}: {}, pool {}.", subnet.id, subnet.prefix, pools.join(", ")));
    }
    transcript.line("\n== The server takes its configuration ==");
}
