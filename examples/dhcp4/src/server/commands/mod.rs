//! The commands of the control socket, on the thread that decides.

mod configuration;
mod leases;
mod selector;
mod status;

use dhcp4_api::command_processed;
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
    ("libraries-get", status::libraries),
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
    pub(super) fn command(&mut self, command: &Command) -> String {
        let answer = self.answer(command);
        tracing::info!(command = command.name, result = u8::from(answer.result), "command: {}", answer.text);
        let before = answer.to_json();
        let (mut response, command_arguments) = (before.clone(), command.arguments_text().to_owned());
        command_processed::call(&mut self.engine.hooks().handle(), || command_processed::Args {
            name: &command.name,
            command_arguments: &command_arguments,
            response: &mut response,
        });
        if response == before {
            return before;
        }
        match serde_json::from_str::<Answer>(&response) {
            Ok(_) => response,
            Err(error) => {
                tracing::error!(command = command.name, "what callouts have made of the answer is none: {error}");
                before
            }
        }
    }

    fn answer(&mut self, command: &Command) -> Answer {
        match COMMANDS.binary_search_by_key(&command.name.as_str(), |(name, _)| name) {
            Ok(place) => COMMANDS.get(place).map_or_else(|| unknown(command), |(_, handler)| handler(self, command)),
            Err(_) => unknown(command),
        }
    }
}

fn unknown(command: &Command) -> Answer {
    let text =
        format!("the server does not know the command \"{}\"; {LIST_COMMANDS} tells those that it knows", command.name);
    Answer::unsupported(text)
}

fn list(_: &mut Server, command: &Command) -> Answer {
    match command.read::<NoArguments>() {
        Ok(NoArguments {}) => {
            let names: Vec<&str> = COMMANDS.iter().map(|(name, _)| *name).collect();
            Answer::success("").with(json!(names))
        }
        Err(answer) => answer,
    }
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
