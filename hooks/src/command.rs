//! Commands: requests of an operator that libraries may answer.
#![expect(unsafe_code, reason = "the declaration expands to statics with a link section of this very crate")]

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::{Error, Kind};
use crate::json;

/// The hook point's name of the command `command`: `lease4-get` becomes `$lease4_get`, as in the reference.
///
/// ```
/// assert_eq!(hooks::command_to_hook_name("x-y-z"), "$x_y_z");
/// ```
pub fn command_to_hook_name(command: &str) -> String {
    format!("${}", command.replace('-', "_"))
}

/// The command's name that belongs to the hook point `hook`, or an empty text if it is no command's.
///
/// The way there is not one to one, because `-` and `_` become the same, as in the reference.
///
/// ```
/// assert_eq!(hooks::hook_to_command_name("$x_y_z"), "x-y-z");
/// assert_eq!(hooks::hook_to_command_name("pkt4_receive"), "");
/// ```
pub fn hook_to_command_name(hook: &str) -> String {
    hook.strip_prefix('$').unwrap_or_default().replace('_', "-")
}

/// Whether the hook point `hook` is that of a command: `$` keeps it apart from all names of functions.
pub(crate) fn is_command(hook: &str) -> bool {
    hook.starts_with('$')
}

crate::declare_hooks! {
    /// The shape of every command's hook point: what `#[callout(command = "…")]` may take.
    ///
    /// - `command`: what the operator asks.
    /// - `response`: what is answered; handlers set it.
    ///
    /// The status is not looked at. A callout that fails counts as CONTINUE, so the response stays as it was.
    pub hook command_callout(command: &Command, response: &mut Response) -> [Continue], on_failure = Continue;
}

/// A command with its arguments.
///
/// ```
/// let command = hooks::Command::new("lease4-get", r#"{"ip-address": "192.0.2.10"}"#);
/// #[derive(serde::Deserialize)]
/// #[serde(rename_all = "kebab-case", deny_unknown_fields)]
/// struct Arguments {
///     ip_address: std::net::Ipv4Addr,
/// }
/// let arguments: Arguments = command.arguments()?;
/// assert_eq!(arguments.ip_address.octets(), [192, 0, 2, 10]);
/// # Ok::<(), hooks::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, crate::HookType)]
pub struct Command {
    name: String,
    arguments: String,
}

impl Command {
    /// The command `name` with `arguments` as JSON; an empty text if there are none.
    pub fn new(name: impl Into<String>, arguments: impl Into<String>) -> Command {
        Command { name: name.into(), arguments: arguments.into() }
    }

    /// The command's name, as `lease4-get`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The arguments as JSON, or an empty text.
    pub fn arguments_json(&self) -> &str {
        &self.arguments
    }

    /// The arguments; those of a command without any are an empty map.
    ///
    /// # Errors
    ///
    /// If they do not fit, with the path to the place.
    pub fn arguments<T: DeserializeOwned>(&self) -> Result<T, Error> {
        let text = if self.arguments.trim().is_empty() { "{}" } else { &self.arguments };
        json::read(text, "arguments").map_err(|(place, error)| {
            Error::new(Kind::Argument, format!("command `{}`, `{place}`: {error}", self.name))
        })
    }
}

/// The answer to a command: JSON in the reference's form, `{"result": 0, "text": "…", "arguments": …}`.
///
/// ```
/// let mut response = hooks::Response::default();
/// assert_eq!(response.json(), None);
/// response.set_arguments(0, "1 lease found", &["192.0.2.10"])?;
/// assert_eq!(response.json(), Some(r#"{"result":0,"text":"1 lease found","arguments":["192.0.2.10"]}"#));
/// # Ok::<(), hooks::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, crate::HookType)]
pub struct Response {
    /// The whole answer as JSON, if there is one. C libraries write it by its path, `response.json`.
    pub json: Option<String>,
}

#[derive(Serialize)]
struct Answer<'a, T> {
    result: u32,
    text: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    arguments: Option<&'a T>,
}

impl Response {
    /// Answers with `result` (0 success, 1 error, 2 not supported, 3 empty) and a text.
    pub fn set(&mut self, result: u32, text: impl AsRef<str>) {
        let answer = Answer::<()> { result, text: text.as_ref(), arguments: None };
        // A number and a text can always be written.
        self.json = serde_json::to_string(&answer).ok();
    }

    /// Answers with `result`, a text and `arguments`.
    ///
    /// # Errors
    ///
    /// If `arguments` cannot be written as JSON; the response stays as it was.
    pub fn set_arguments<T: Serialize>(
        &mut self,
        result: u32,
        text: impl AsRef<str>,
        arguments: &T,
    ) -> Result<(), Error> {
        let answer = Answer { result, text: text.as_ref(), arguments: Some(arguments) };
        let json = serde_json::to_string(&answer)
            .map_err(|error| Error::new(Kind::Argument, format!("the response cannot be written as JSON: {error}")))?;
        self.json = Some(json);
        Ok(())
    }

    /// Puts `json` in place of the whole answer; `None` if nobody has answered.
    pub fn set_json(&mut self, json: Option<String>) {
        self.json = json;
    }

    /// The answer as JSON, if there is one.
    pub fn json(&self) -> Option<&str> {
        self.json.as_deref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_hook_points_and_back_as_in_the_reference() {
        for (command, hook) in [("x-y-z", "$x_y_z"), ("foo-bar_foo", "$foo_bar_foo"), ("", "$")] {
            assert_eq!(command_to_hook_name(command), hook);
        }
        for (hook, command) in [("$x_y_z", "x-y-z"), ("$foo_bar-foo", "foo-bar-foo"), ("$", ""), ("abc", "")] {
            assert_eq!(hook_to_command_name(hook), command);
        }
    }

    #[test]
    fn arguments_that_do_not_fit_are_named() {
        let error = Command::new("x", r#"{"a": [1, "b"]}"#)
            .arguments::<std::collections::HashMap<String, Vec<u32>>>()
            .unwrap_err();
        assert!(error.to_string().starts_with("command `x`, `arguments.a[1]`: invalid type"), "{error}");
    }
}
