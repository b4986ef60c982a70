//! `version-get`, `status-get`, `statistic-get-all`, `shutdown`.

use serde_json::{Map, Value, json};

use super::{NoArguments, either};
use crate::{
    channel::{Answer, Command},
    server::Server,
};

/// The version of the server.
pub(super) fn version(_: &mut Server, command: &Command) -> Answer {
    let version = env!("CARGO_PKG_VERSION");
    let build = if cfg!(debug_assertions) { "debug" } else { "release" };
    let extended = format!("dhcp4 {version}, {build} build for {}-{}", std::env::consts::ARCH, std::env::consts::OS);
    either(
        command
            .read::<NoArguments>()
            .map(|NoArguments {}| Answer::success(version).with(json!({ "extended": extended }))),
    )
}

/// Since when the server runs, and since when with its configuration.
pub(super) fn status(server: &mut Server, command: &Command) -> Answer {
    either(command.read::<NoArguments>().map(|NoArguments {}| {
        let addresses: Vec<String> = server.addresses().iter().map(ToString::to_string).collect();
        Answer::success("").with(json!({
            "pid": std::process::id(),
            "uptime": server.started.elapsed().as_secs(),
            "reload": server.configured.elapsed().as_secs(),
            "sockets": addresses,
            "leases": server.engine.leases().len(),
            "parked-packets": server.engine.resume_queue().parked(),
        }))
    }))
}

/// All counters that are not 0.
pub(super) fn statistics(server: &mut Server, command: &Command) -> Answer {
    either(command.read::<NoArguments>().map(|NoArguments {}| {
        let counters: Map<String, Value> =
            server.engine.statistics().iter().map(|(name, value)| (name.to_owned(), json!(value))).collect();
        Answer::success("").with(Value::Object(counters))
    }))
}

/// Ends the server when the answer has been sent.
pub(super) fn shutdown(server: &mut Server, command: &Command) -> Answer {
    either(command.read::<NoArguments>().map(|NoArguments {}| {
        server.running = false;
        Answer::success("the server ends")
    }))
}
