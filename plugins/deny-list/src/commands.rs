//! The commands with which an operator changes the list of a running server.

use dhcp4_api::MacPattern;
use hooks::{BoxError, Command, Response};
use serde::Deserialize;

use crate::DenyList;

/// The answer that something is done.
const SUCCESS: u32 = 0;
/// The answer that nothing is done.
const ERROR: u32 = 1;
/// The answer that there is nothing.
const EMPTY: u32 = 3;

/// The arguments of `deny-list-add` and `deny-list-del`: as the parameters.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entries {
    deny: Vec<MacPattern>,
}

/// `deny-list-list` has no arguments.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NoArguments {}

/// Puts clients on the list.
#[hooks::callout(command = "deny-list-add")]
fn add(this: &DenyList, command: &Command, response: &mut Response) {
    let added = command.arguments().map_err(BoxError::from).and_then(|Entries { deny }| {
        this.write().add(&deny)?;
        Ok(format!("added: {}", deny.len()))
    });
    answer(added, command, response);
}

/// Takes clients off the list.
#[hooks::callout(command = "deny-list-del")]
fn remove(this: &DenyList, command: &Command, response: &mut Response) {
    let removed = command.arguments().map_err(BoxError::from).and_then(|Entries { deny }| {
        this.write().remove(&deny)?;
        Ok(format!("removed: {}", deny.len()))
    });
    answer(removed, command, response);
}

/// Tells who is on the list.
#[hooks::callout(command = "deny-list-list")]
fn list(this: &DenyList, command: &Command, response: &mut Response) -> Result<(), BoxError> {
    if let Err(error) = command.arguments::<NoArguments>() {
        response.set(ERROR, error.to_string());
        return Ok(());
    }
    let deny = this.read().entries();
    let result = if deny.is_empty() { EMPTY } else { SUCCESS };
    let text = format!("on the list: {}", deny.len());
    Ok(response.set_arguments(result, text, &serde_json::json!({ "deny": deny }))?)
}

fn answer(done: Result<String, BoxError>, command: &Command, response: &mut Response) {
    match done {
        Ok(text) => response.set(SUCCESS, text),
        Err(error) => response.set(ERROR, format!("{}: {error}", command.name())),
    }
}
