//! A command and its answer.

use std::fmt::Display;

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Value, value::RawValue};

/// A command.
///
/// ```
/// let command: dhcp4::channel::Command = serde_json::from_str(r#"{"command": "status-get"}"#)?;
/// assert_eq!(command.name, "status-get");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Command {
    /// Its name.
    #[serde(rename = "command")]
    pub name: String,
    /// Its arguments, as they were written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arguments: Option<Box<RawValue>>,
}

impl Command {
    /// The arguments as JSON text; empty if there are none.
    pub fn arguments_text(&self) -> &str {
        self.arguments.as_deref().map_or("", RawValue::get)
    }

    /// The arguments as a value of this type, or the answer that tells what is wrong with them. Without arguments an empty
    /// map is read.
    pub(crate) fn read<T: DeserializeOwned>(&self) -> Result<T, Answer> {
        let text = self.arguments.as_deref().map_or("{}", RawValue::get);
        if !text.trim_start().starts_with('{') {
            return Err(Answer::error(format!("{}: `arguments`: expected a map, found {text}", self.name)));
        }
        let mut deserializer = serde_json::Deserializer::from_str(text);
        serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
            let path = error.path().to_string();
            let path = if path == "." { "arguments".to_owned() } else { format!("arguments.{path}") };
            Answer::error(format!("{}: `{path}`: {}", self.name, error.into_inner()))
        })
    }
}

/// How a command has ended, in the reference's numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "u8", try_from = "u8")]
pub enum Outcome {
    /// 0: it is done.
    Success,
    /// 1: it is not done.
    Error,
    /// 2: the server does not know it.
    Unsupported,
    /// 3: it is done, and there is nothing.
    Empty,
}

impl From<Outcome> for u8 {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Success => 0,
            Outcome::Error => 1,
            Outcome::Unsupported => 2,
            Outcome::Empty => 3,
        }
    }
}

impl TryFrom<u8> for Outcome {
    type Error = String;

    fn try_from(number: u8) -> Result<Self, String> {
        match number {
            0 => Ok(Self::Success),
            1 => Ok(Self::Error),
            2 => Ok(Self::Unsupported),
            3 => Ok(Self::Empty),
            _ => Err(format!("expected a result from 0 to 3, found {number}")),
        }
    }
}

/// The answer to a command.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// How the command has ended.
    pub result: Outcome,
    /// What the person who has given the command reads.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub text: String,
    /// What the command gives.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arguments: Option<Value>,
}

impl Answer {
    /// The command is done.
    pub fn success(text: impl Display) -> Self {
        Self { result: Outcome::Success, text: text.to_string(), arguments: None }
    }

    /// The command is not done, and why.
    pub fn error(text: impl Display) -> Self {
        Self { result: Outcome::Error, text: text.to_string(), arguments: None }
    }

    /// The server does not know the command.
    pub fn unsupported(text: impl Display) -> Self {
        Self { result: Outcome::Unsupported, text: text.to_string(), arguments: None }
    }

    /// The command is done, and there is nothing.
    pub fn empty(text: impl Display) -> Self {
        Self { result: Outcome::Empty, text: text.to_string(), arguments: None }
    }

    /// The same with what the command gives.
    #[must_use]
    pub fn with(self, arguments: Value) -> Self {
        Self { arguments: Some(arguments), ..self }
    }

    /// The answer as it is sent.
    pub fn to_json(&self) -> String {
        // Nothing in an answer can fail to be written.
        serde_json::to_string(self).unwrap_or_else(|error| format!(r#"{{"result": 1, "text": "{error}"}}"#))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields, rename_all = "kebab-case")]
    struct Arguments {
        subnet_id: Option<u32>,
    }

    fn read(command: &str) -> Result<Option<u32>, String> {
        let command: Command = serde_json::from_str(command).unwrap();
        command.read().map(|arguments: Arguments| arguments.subnet_id).map_err(|answer| answer.text)
    }

    #[test]
    fn arguments_are_checked_in_words() {
        assert_eq!(read(r#"{"command": "x"}"#), Ok(None));
        assert_eq!(read(r#"{"command": "x", "arguments": {"subnet-id": 7}}"#), Ok(Some(7)));
        let cases = [
            (r#"{"command": "x", "arguments": [1]}"#, "x: `arguments`: expected a map, found [1]"),
            (r#"{"command": "x", "arguments": {"subnet-id": "7"}}"#, "x: `arguments.subnet-id`: invalid type"),
            (r#"{"command": "x", "arguments": {"subnet": 7}}"#, "unknown field `subnet`, expected `subnet-id`"),
        ];
        for (command, expected) in cases {
            let error = read(command).unwrap_err();
            assert!(error.contains(expected), "{error}");
        }
    }

    #[test]
    fn answers_have_the_numbers_of_the_reference() {
        let answers = [Answer::success("a"), Answer::error("a"), Answer::unsupported("a"), Answer::empty("a")];
        for (number, answer) in answers.iter().enumerate() {
            let json = answer.to_json();
            assert_eq!(json, json!({"result": number, "text": "a"}).to_string());
            assert_eq!(serde_json::from_str::<Answer>(&json).unwrap(), *answer);
        }
        assert_eq!(Answer::success("").with(json!([1])).to_json(), r#"{"result":0,"arguments":[1]}"#);
        assert!(serde_json::from_str::<Answer>(r#"{"result": 4}"#).is_err());
    }
}
