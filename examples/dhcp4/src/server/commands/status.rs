//! `version-get`, `status-get`, `statistic-get-all`, `libraries-get`, `shutdown`.

use hooks::Source;
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

/// The libraries in their order, and at each hook point the callouts in theirs.
pub(super) fn libraries(server: &mut Server, command: &Command) -> Answer {
    either(command.read::<NoArguments>().map(|NoArguments {}| {
        let hooks = server.engine.hooks();
        let libraries: Vec<Value> = hooks
            .libraries()
            .into_iter()
            .map(|library| {
                let source = match library.source {
                    Source::File(path) => path.display().to_string(),
                    Source::Builtin(name) => format!("builtin:{name}"),
                };
                json!({
                    "name": library.name,
                    "version": library.version,
                    "library": source,
                    "parameters": library.parameters,
                    "multi-threading-compatible": library.multi_threading_compatible,
                })
            })
            .collect();
        let mut points: Vec<(String, Vec<Value>)> = Vec::new();
        for callout in hooks.callouts() {
            let shown = json!({"library": callout.library(), "callout": callout.callout()});
            match points.iter_mut().find(|(point, _)| point == callout.hook()) {
                Some((_, callouts)) => callouts.push(shown),
                None => points.push((callout.hook().to_owned(), vec![shown])),
            }
        }
        let points: Vec<Value> =
            points.into_iter().map(|(point, callouts)| json!({"hook-point": point, "callouts": callouts})).collect();
        let text = format!("hook libraries: {}", libraries.len());
        Answer::success(text).with(json!({"libraries": libraries, "hook-points": points}))
    }))
}

/// Ends the server when the answer has been sent.
pub(super) fn shutdown(server: &mut Server, command: &Command) -> Answer {
    either(command.read::<NoArguments>().map(|NoArguments {}| {
        server.running = false;
        Answer::success("the server ends")
    }))
}
