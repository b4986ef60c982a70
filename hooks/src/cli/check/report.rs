//! What a check has found, as lines and as JSON.

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::host::Host;
use crate::inspect::BuildRecord;

/// What a check has found. As JSON its keys are stable: only new ones are added.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Report {
    config: PathBuf,
    host: Option<HostReport>,
    pub(super) libraries: Vec<LibraryReport>,
    problems: Vec<Problem>,
    /// What could not be looked at, each in words.
    not_checked: Vec<&'static str>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
struct HostReport {
    file: PathBuf,
    build: Option<BuildRecord>,
}

/// A library of the configuration.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct LibraryReport {
    /// The JSON path of its entry.
    pub(super) path: String,
    /// As the configuration names it.
    pub(super) library: String,
    /// Where it was looked for, if it is a file.
    pub(super) file: Option<PathBuf>,
    pub(super) sha256: Option<String>,
    pub(super) name: Option<String>,
    pub(super) version: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Severity {
    Error,
    Warning,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
struct Problem {
    severity: Severity,
    /// From 1 on; the column counts characters.
    line: Option<usize>,
    column: Option<usize>,
    /// The JSON path of the element.
    path: String,
    text: String,
    /// Where the callout is that does not fit, in the sources of its library.
    callout: Option<Place>,
}

#[derive(Debug, Serialize)]
struct Place {
    file: String,
    line: u32,
}

impl Report {
    pub(super) fn new(config: &Path, host: Option<&Host>) -> Report {
        let mut not_checked = vec![
            "whether the libraries accept their parameters, and what functions of C libraries return: that takes running them",
            "who may write the files of the libraries, and in which folders the server accepts them: that is the server's rule",
        ];
        not_checked.push(match host {
            Some(_) => "hook points that the server registers only when it runs",
            None => {
                "whether the libraries fit the server, and which hook points and built-in plugins it has: name its executable with \
                 `--host`"
            }
        });
        let host = host.map(|host| HostReport { file: host.file.clone(), build: host.library.build.clone() });
        Report { config: config.to_owned(), host, libraries: Vec::new(), problems: Vec::new(), not_checked }
    }

    /// Notes an error at a place of the configuration.
    pub(super) fn error(&mut self, place: Option<(usize, usize)>, path: &str, text: String) {
        self.note(Severity::Error, place, path, text, None);
    }

    /// Notes an error of a callout, which is at a place of the library's sources.
    pub(super) fn callout_error(
        &mut self,
        place: (usize, usize),
        path: &str,
        text: String,
        callout: Option<(String, u32)>,
    ) {
        self.note(Severity::Error, Some(place), path, text, callout);
    }

    /// Notes what may be meant so.
    pub(super) fn warning(&mut self, place: Option<(usize, usize)>, path: &str, text: String) {
        self.note(Severity::Warning, place, path, text, None);
    }

    fn note(
        &mut self,
        severity: Severity,
        place: Option<(usize, usize)>,
        path: &str,
        text: String,
        callout: Option<(String, u32)>,
    ) {
        let (line, column) = place.unzip();
        let callout = callout.map(|(file, line)| Place { file, line });
        self.problems.push(Problem { severity, line, column, path: path.to_owned(), text, callout });
    }

    /// Whether nothing was found; perhaps but for warnings.
    pub(super) fn is_fine(&self, deny_warnings: bool) -> bool {
        !self.problems.iter().any(|problem| problem.severity == Severity::Error || deny_warnings)
    }

    /// The report for people: a line for each problem, in the order of the configuration, and what was looked at.
    pub(super) fn lines(&self) -> Vec<String> {
        let mut problems: Vec<_> = self.problems.iter().collect();
        problems.sort_by_key(|problem| (problem.line, problem.column));
        let mut lines: Vec<_> = problems.into_iter().map(|problem| self.problem(problem)).collect();
        let count = |severity| self.problems.iter().filter(|problem| problem.severity == severity).count();
        let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
        let counted = |count: usize, one: &str, many: &str| format!("{count} {}", if count == 1 { one } else { many });
        lines.push(format!(
            "{}: {}, {}, {}",
            self.config.display(),
            counted(self.libraries.len(), "library", "libraries"),
            counted(errors, "error", "errors"),
            counted(warnings, "warning", "warnings")
        ));
        lines.extend(self.not_checked.iter().map(|what| format!("not checked: {what}")));
        lines
    }

    fn problem(&self, problem: &Problem) -> String {
        let Problem { severity, line, column, path, text, callout } = problem;
        let mut out = format!("{}:", self.config.display());
        if let (Some(line), Some(column)) = (line, column) {
            out.push_str(&format!("{line}:{column}:"));
        }
        out.push_str(if *severity == Severity::Error { " error:" } else { " warning:" });
        if !path.is_empty() {
            out.push_str(&format!(" {path}:"));
        }
        out.push_str(&format!(" {text}"));
        if let Some(Place { file, line }) = callout {
            out.push_str(&format!(" (the callout is at {file}:{line})"));
        }
        out
    }
}
