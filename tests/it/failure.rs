//! What the policy of a library makes of its failures, and what is counted of its callouts.

mod c;
mod concurrent;
mod disable;
mod policy;
mod skip;
mod statistics;
mod timing;
mod watchdog;

use std::time::Duration;

use fixture_api::Packet;
use hooks::{CalloutHandle, CalloutStatistics, Hooks, LibraryConfig};
use hooks_tests::{Origin, script, send};
use serde_json::{Value, json};

/// A span in which everything happens.
const LONG: Duration = Duration::from_secs(3600);

/// A library whose callouts trace their counts, and fail if the packet's number is 1.
fn failing(origin: Origin, name: &str) -> LibraryConfig {
    let actions = json!(["count", {"end-if": [1, {"error": format!("{name} has failed")}]}]);
    on_all_points(origin, name, &actions)
}

fn on_all_points(origin: Origin, name: &str, actions: &Value) -> LibraryConfig {
    let points = ["received", "sent", "narrow", "lenient", "tolerant"];
    let parameters: serde_json::Map<_, _> =
        points.map(|point| (point.to_owned(), actions.clone())).into_iter().collect();
    script(origin, name, parameters.into())
}

fn load(libraries: Vec<LibraryConfig>) -> Hooks {
    let hooks = hooks_tests::hooks();
    hooks.load_libraries(libraries).unwrap();
    hooks
}

/// Calls `sent` with a packet of this number; the status, and what the callouts have traced.
fn call(handle: &mut CalloutHandle<'_>, number: u64) -> (String, Vec<String>) {
    let mut packet = Packet { number, ..Packet::default() };
    let step = send(handle, &mut packet);
    (format!("{step:?}"), packet.trace)
}

/// The status of a new request at `sent`.
fn step(hooks: &Hooks, number: u64) -> String {
    call(&mut hooks.handle(), number).0
}

/// What has been counted of the callouts at the hook point `hook`, in their order.
fn at(hooks: &Hooks, hook: &str) -> Vec<CalloutStatistics> {
    let all = hooks.callout_statistics().into_iter();
    all.filter(|statistics| statistics.callout.hook() == hook).collect()
}
