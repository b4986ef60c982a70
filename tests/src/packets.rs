//! What a component of the tests does: it calls hook points with packets.

use fixture_api::{Packet, received, sent};
use hooks::{CalloutHandle, Hooks, LibraryConfig};
use serde_json::{Map, Value};

use crate::Origin;

/// The plugin that does what its parameters say, called `name`, with `parameters` as its script.
///
/// # Panics
///
/// If `parameters` are no map.
pub fn script(origin: Origin, name: &str, parameters: Value) -> LibraryConfig {
    let Value::Object(given) = parameters else { panic!("the parameters of a script are a map") };
    let mut parameters = Map::new();
    parameters.insert("name".to_owned(), name.into());
    parameters.extend(given);
    LibraryConfig::new(origin.plugin("scripted")).parameters(parameters.into())
}

/// Calls the hook point `received`.
pub fn receive(handle: &mut CalloutHandle<'_>, packet: &mut Packet) -> received::Step {
    let name = "someone".to_owned();
    received::call(handle, || received::Args { packet, name: &name, factor: 3 })
}

/// Calls the hook point `sent`.
pub fn send(handle: &mut CalloutHandle<'_>, packet: &mut Packet) -> sent::Step {
    sent::call(handle, || sent::Args { packet })
}

/// The text of an empty packet after a new request has received it.
pub fn text_of(hooks: &Hooks) -> String {
    let mut packet = Packet::default();
    let _ = receive(&mut hooks.handle(), &mut packet);
    packet.text
}
