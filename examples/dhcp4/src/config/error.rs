//! What can be wrong with a configuration.

use std::{fmt, path::PathBuf};

/// Why a configuration cannot be used: every problem that was found, in the order of the text.
///
/// Each is written on a line of its own, as `file:line:column: path: problem`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError {
    pub(super) file: PathBuf,
    pub(super) problems: Vec<ConfigProblem>,
}

/// One problem of a configuration and its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigProblem {
    /// The line and the column of the element that has the problem, each from 1 on; nothing if there is no text at all.
    pub place: Option<(usize, usize)>,
    /// The JSON path of the element, such as `Dhcp4.subnet4[0].id`; empty for a mistake in the syntax.
    pub path: String,
    /// What was expected and found, and the way out.
    pub text: String,
}

impl ConfigError {
    /// The problems, in the order of the text; at least one.
    pub fn problems(&self) -> &[ConfigProblem] {
        &self.problems
    }

    /// The same problems of a text that is in no file and is called so.
    pub(crate) fn of(self, name: &str) -> Self {
        Self { file: PathBuf::from(name), ..self }
    }

    pub(super) fn one(file: PathBuf, place: Option<(usize, usize)>, text: String) -> Self {
        Self { file, problems: vec![ConfigProblem { place, path: String::new(), text }] }
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, ConfigProblem { place, path, text }) in self.problems.iter().enumerate() {
            if number > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{}:", self.file.display())?;
            if let Some((line, column)) = place {
                write!(f, "{line}:{column}:")?;
            }
            if !path.is_empty() {
                write!(f, " {}:", OneLine(path))?;
            }
            write!(f, " {}", OneLine(text))?;
        }
        Ok(())
    }
}

impl std::error::Error for ConfigError {}

/// A text that quotes the configuration, which may have anything in its strings: a problem stays on its line, and does
/// nothing to a terminal.
struct OneLine<'a>(&'a str);

impl fmt::Display for OneLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for piece in self.0.split_inclusive(char::is_control) {
            let text = piece.trim_end_matches(char::is_control);
            write!(f, "{text}{}", piece.get(text.len()..).unwrap_or_default().escape_debug())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_problem_is_on_one_line_whatever_it_quotes() {
        let problem =
            |path: &str, text: &str| ConfigProblem { place: Some((1, 2)), path: path.into(), text: text.into() };
        let problems = vec![problem("a\nb", "found \"\u{1b}[2J\r\n\"; exp"), problem("ä", "\n")];
        let error = ConfigError { file: "x.json".into(), problems };
        assert_eq!(error.to_string(), "x.json:1:2: a\\nb: found \"\\u{1b}[2J\\r\\n\"; exp\nx.json:1:2: ä: \\n");
    }
}
