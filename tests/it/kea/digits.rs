//! Drives the plugin `digits`, whose callouts append a digit each and which registers what it is told.

use fixture_api::digits as points;
use hooks::{CalloutHandle, Command, Hooks, LibraryConfig, LibraryHandle, Response};
use hooks_tests::Origin;
use serde_json::{Map, Value, json};

/// The plugin, called `name`, with more parameters.
pub(super) fn digits(origin: Origin, name: &str, parameters: Value) -> LibraryConfig {
    let Value::Object(given) = parameters else { panic!("parameters are a map") };
    let mut parameters = Map::new();
    parameters.insert("name".to_owned(), name.into());
    parameters.extend(given);
    LibraryConfig::new(origin.plugin("digits")).parameters(parameters.into())
}

/// Libraries with these names that have registered nothing, but for a command each.
pub(super) fn loaded(origin: Origin, names: &[&str]) -> Hooks {
    let hooks = hooks_tests::hooks();
    hooks.load_libraries(names.iter().map(|name| digits(origin, name, json!({}))).collect()).unwrap();
    hooks
}

/// To register the function with this digit.
pub(super) fn register(hook: &str, digit: u8) -> Value {
    json!({"register": {"hook": hook, "digit": digit}})
}

/// To deregister the function with this digit.
pub(super) fn deregister(hook: &str, digit: u8) -> Value {
    json!({"deregister": {"hook": hook, "digit": digit}})
}

/// To register a closure with this digit.
pub(super) fn register_closure(hook: &str, digit: u8) -> Value {
    json!({"register": {"hook": hook, "digit": digit, "closure": true}})
}

/// To deregister the closure with this digit.
pub(super) fn deregister_closure(hook: &str, digit: u8) -> Value {
    json!({"deregister": {"hook": hook, "digit": digit, "closure": true}})
}

/// Has the library `name` make one change through the handle that it kept from `load`, and returns what it answered.
pub(super) fn change(hooks: &Hooks, name: &str, change: Value) -> String {
    let command = Command::new(format!("{name}-change"), json!([change]).to_string());
    let mut response = Response::default();
    hooks.call_command_handlers(&mut hooks.handle(), &command, &mut response).unwrap();
    let answer: Value = serde_json::from_str(response.json().expect("the library answers")).unwrap();
    answer["arguments"][0].as_str().expect("an answer for the change").to_owned()
}

/// The digits that a call of `alpha` with this handle leaves.
pub(super) fn alpha_with(handle: &mut CalloutHandle<'_>) -> String {
    let mut digits = String::new();
    assert!(points::alpha::call(handle, || points::alpha::Args { digits: &mut digits }).is_continue());
    digits
}

/// The digits that a new request's call of `alpha` leaves.
pub(super) fn alpha(hooks: &Hooks) -> String {
    alpha_with(&mut hooks.handle())
}

/// The same for `beta`.
pub(super) fn beta(hooks: &Hooks) -> String {
    let mut digits = String::new();
    assert!(points::beta::call(&mut hooks.handle(), || points::beta::Args { digits: &mut digits }).is_continue());
    digits
}

/// The same for `gamma`.
pub(super) fn gamma(hooks: &Hooks) -> String {
    let mut digits = String::new();
    assert!(points::gamma::call(&mut hooks.handle(), || points::gamma::Args { digits: &mut digits }).is_continue());
    digits
}

/// Registers a closure of the component on `alpha` that appends `digit`.
pub(super) fn add_to_alpha(library: &LibraryHandle, digit: char) -> hooks::Callout {
    let callout = points::alpha::callout(move |_, arguments| arguments.digits.push(digit));
    library.register_callout(&callout).unwrap();
    callout
}
