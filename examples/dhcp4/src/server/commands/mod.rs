//! The commands of the control socket, on the thread that decides.

mod configuration;
mod leases;
mod libraries;
mod selector;
mod status;

use std::collections::BTreeSet;

use dhcp4_api::command_processed;
use hooks::Response;
use serde_json::json;

use super::Server;
use crate::channel::{Answer, Command};

/// What is done for a command.
type Handler = fn(&mut Server, &Command) -> Answer;

/// The server's own commands, in the order of their names.
const COMMANDS: &[(&str, Handler)] = &[
    ("config-get", configuration::get),
    ("config-reload", configuration::reload),
    ("config-set", configuration::set),
    ("config-test", configuration::test),
    ("config-write", configuration::write),
    ("lease4-add", leases::add),
    ("lease4-del", leases::delete),
    ("lease4-get", leases::get),
    ("lease4-get-all", leases::get_all),
    ("lease4-get-page", leases::get_page),
    ("libraries-get", libraries::get),
    (LIST_COMMANDS, list),
    ("shutdown", status::shutdown),
    ("statistic-get-all", status::statistics),
    ("status-get", status::status),
    ("version-get", status::version),
];

/// The command that no library can take over.
const LIST_COMMANDS: &str = "list-commands";

/// A command without arguments.
#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct NoArguments {}

impl Server {
    /// The answer to a command as JSON, after the callouts of `command_processed`.
    pub(crate) fn command(&mut self, command: &Command) -> String {
        let answer = self.by_library(command).unwrap_or_else(|| self.by_itself(command));
        // As fields both are quoted, so that no command can forge a line of the log.
        let (result, text) = (u8::from(answer.result), answer.text.as_str());
        tracing::info!(command = command.name, result, text, "command answered");
        let (before, command_arguments) = (answer.to_json(), command.arguments_text().to_owned());
        let mut response = Response::default();
        response.set_json(Some(before.clone()));
        command_processed::call(&mut self.engine.hooks().handle(), || command_processed::Args {
            name: &command.name,
            command_arguments: &command_arguments,
            response: &mut response,
        });
        match response.json() {
            Some(after) if after == before => before,
            after => read(after).map(|answer| answer.to_json()).unwrap_or_else(|problem| {
                tracing::error!(command = command.name, "callouts of command_processed have left {problem}");
                before
            }),
        }
    }

    /// The answer of the libraries, if one has a handler for the command. Theirs come before the server's own commands,
    /// but for the list of all.
    fn by_library(&self, command: &Command) -> Option<Answer> {
        let hooks = self.engine.hooks();
        if command.name == LIST_COMMANDS || !hooks.command_handlers_present(&command.name) {
            return None;
        }
        let asked = hooks::Command::new(&command.name, command.arguments_text());
        let mut response = Response::default();
        if let Err(error) = hooks.call_command_handlers(&mut hooks.handle(), &asked, &mut response) {
            return Some(Answer::error(error));
        }
        Some(read(response.json()).unwrap_or_else(|problem| {
            Answer::error(format!(
                "the handlers of the libraries for the command \"{}\" have left {problem}",
                command.name
            ))
        }))
    }

    fn by_itself(&mut self, command: &Command) -> Answer {
        match COMMANDS.binary_search_by_key(&command.name.as_str(), |(name, _)| name) {
            Ok(place) => COMMANDS.get(place).map_or_else(|| unknown(command), |(_, handler)| handler(self, command)),
            Err(_) => unknown(command),
        }
    }
}

/// The answer in a response of callouts, or what is there instead.
fn read(response: Option<&str>) -> Result<Answer, String> {
    let json = response.ok_or("no answer")?;
    serde_json::from_str(json).map_err(|error| format!("what is no answer: {error}"))
}

fn unknown(command: &Command) -> Answer {
    let text =
        format!("the server does not know the command \"{}\"; {LIST_COMMANDS} tells those that it knows", command.name);
    Answer::unsupported(text)
}

/// The names of the server's commands and of those of the libraries, each once.
fn list(server: &mut Server, command: &Command) -> Answer {
    either(command.read::<NoArguments>().map(|NoArguments {}| {
        let mut names: BTreeSet<String> = server.engine.hooks().commands().into_iter().collect();
        names.extend(COMMANDS.iter().map(|(name, _)| (*name).to_owned()));
        Answer::success("").with(json!(names))
    }))
}

/// The answer, whichever way it came about.
fn either(answer: Result<Answer, Answer>) -> Answer {
    answer.unwrap_or_else(|answer| answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_found_by_their_names() {
        assert!(COMMANDS.is_sorted_by(|(one, _), (other, _)| one < other));
    }
}
