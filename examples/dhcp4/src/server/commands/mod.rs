//! The commands of the control socket, on the thread that decides; only changes of the configuration are prepared elsewhere.

mod configuration;
mod leases;
mod libraries;
mod selector;
mod status;

use std::collections::BTreeSet;

use dhcp4_api::command_processed;
use hooks::Response;
use serde_json::json;

use super::{
    Server,
    change::{Change, PreparedChange},
};
use crate::channel::{Answer, Command};

/// What is done for a command.
#[derive(Clone, Copy)]
enum Handler {
    /// It is answered at once.
    Now(fn(&mut Server, &Command) -> Answer),
    /// It asks for a change, which is prepared first.
    Change(fn(&Server, &Command) -> Result<Change, Answer>),
}

use Handler::Now;

/// What has come of a command that has just been given.
#[derive(Debug)]
pub(super) enum Begun {
    /// It is answered, with this JSON.
    Answered(String),
    /// It is answered by [`Server::finish`] when this has been prepared.
    Change(Change),
}

/// The server's own commands, in the order of their names.
const COMMANDS: &[(&str, Handler)] = &[
    ("config-get", Now(configuration::get)),
    ("config-reload", Handler::Change(configuration::reload)),
    ("config-set", Handler::Change(configuration::set)),
    ("config-test", Handler::Change(configuration::test)),
    ("config-write", Now(configuration::write)),
    ("lease4-add", Now(leases::add)),
    ("lease4-del", Now(leases::delete)),
    ("lease4-get", Now(leases::get)),
    ("lease4-get-all", Now(leases::get_all)),
    ("lease4-get-page", Now(leases::get_page)),
    ("libraries-get", Now(libraries::get)),
    (LIST_COMMANDS, Now(list)),
    ("shutdown", Now(status::shutdown)),
    ("statistic-get-all", Now(status::statistics)),
    ("status-get", Now(status::status)),
    ("version-get", Now(status::version)),
];

/// The command that no library can take over.
const LIST_COMMANDS: &str = "list-commands";

/// A command without arguments.
#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct NoArguments {}

impl Server {
    /// The answer to a command as JSON, however long it takes.
    #[cfg(any(test, fuzzing))]
    pub(crate) fn command(&mut self, command: &Command) -> String {
        match self.begin(command) {
            Begun::Answered(answer) => answer,
            Begun::Change(change) => {
                let prepared = change.prepare();
                let answer = self.finish(prepared);
                self.answered(command, &answer)
            }
        }
    }

    /// Does what the command asks for, or says what is to be prepared for it.
    pub(super) fn begin(&mut self, command: &Command) -> Begun {
        let answer = match (self.by_library(command), own(&command.name)) {
            (Some(answer), _) => answer,
            (None, Some(Now(handler))) => handler(self, command),
            (None, Some(Handler::Change(handler))) => match handler(self, command) {
                Ok(change) => return Begun::Change(change),
                Err(answer) => answer,
            },
            (None, None) => unknown(command),
        };
        Begun::Answered(self.answered(command, &answer))
    }

    /// Takes a change that has been prepared, and says what has come of it.
    pub(super) fn finish(&mut self, change: PreparedChange) -> Answer {
        configuration::finish(self, change)
    }

    /// The answer to a command as JSON, after the callouts of `command_processed`.
    pub(super) fn answered(&self, command: &Command, answer: &Answer) -> String {
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
}

/// The server's own handler for the command.
fn own(name: &str) -> Option<Handler> {
    let place = COMMANDS.binary_search_by_key(&name, |(own, _)| own).ok()?;
    COMMANDS.get(place).map(|(_, handler)| *handler)
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
