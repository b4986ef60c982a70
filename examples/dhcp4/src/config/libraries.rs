//! `hooks-libraries`, spelled as in the reference.

use std::path::Path;

use hooks::{FailurePolicy, LibraryConfig, Source, parse_sha256};

use super::{
    element::{Element, Map},
    paths::LibraryPaths,
};

/// The prefix of a library that is compiled into the program.
const BUILTIN: &str = "builtin:";

/// The keys of an element.
const KEYS: &[&str] = &["library", "parameters", "sha256", "on-failure"];

/// A hook library and its parameters.
#[derive(Debug, Clone, PartialEq)]
pub struct Library {
    /// The library as the configuration names it.
    pub library: String,
    /// Where it is.
    pub source: Source,
    /// The map that the configuration hands to the library, if it has one.
    pub parameters: Option<serde_json::Value>,
    /// The SHA-256 that its file must have, if the configuration says so.
    pub sha256: Option<[u8; 32]>,
    /// What is done when one of its callouts fails.
    pub failure_policy: FailurePolicy,
    /// The line and the column at which the configuration names it.
    pub place: (usize, usize),
}

impl Library {
    /// The library as `hooks` loads it.
    pub(super) fn to_load(&self) -> LibraryConfig {
        let mut library = LibraryConfig::new(self.source.clone()).failure_policy(self.failure_policy.clone());
        if let Some(parameters) = &self.parameters {
            library = library.parameters(parameters.clone());
        }
        match self.sha256 {
            Some(hash) => library.sha256(hash),
            None => library,
        }
    }
}

/// The libraries in their order.
pub(super) fn read(dhcp4: &Map<'_>, directory: &Path, paths: &LibraryPaths) -> Vec<Library> {
    let Some(list) = dhcp4.get("hooks-libraries") else { return Vec::new() };
    let elements = list.list("maps with \"library\" and \"parameters\" ([] for no libraries)");
    elements.iter().filter_map(|element| read_one(element, directory, paths)).collect()
}

fn read_one(element: &Element<'_>, directory: &Path, paths: &LibraryPaths) -> Option<Library> {
    let map = element.map(KEYS)?;
    let source = map.required("library").and_then(|library| source(&library, directory, paths));
    let parameters = match map.get("parameters") {
        None => None,
        Some(parameters) => match parameters.json() {
            json @ serde_json::Value::Object(_) => {
                parameters.distinct();
                Some(json)
            }
            _ => {
                parameters.problem(format!("expected a map of what the library asks for, found {}", parameters.kind()));
                return None;
            }
        },
    };
    let sha256 = map.get("sha256").and_then(|hash| sha256(&hash));
    let failure_policy = map.get("on-failure").and_then(|policy| failure_policy(&policy)).unwrap_or_default();
    let (library, source, place) = source?;
    Some(Library { library, source, parameters, sha256, failure_policy, place })
}

fn sha256(element: &Element<'_>) -> Option<[u8; 32]> {
    parse_sha256(&element.read::<String>()?).map_err(|error| element.problem(error.to_string())).ok()
}

fn failure_policy(element: &Element<'_>) -> Option<FailurePolicy> {
    element.distinct();
    element.read()
}

fn source(element: &Element<'_>, directory: &Path, paths: &LibraryPaths) -> Option<(String, Source, (usize, usize))> {
    let serde_json::Value::String(library) = element.json() else {
        element.problem(format!("expected a string with the path of a shared library, found {}", element.kind()));
        return None;
    };
    let source = match library.strip_prefix(BUILTIN) {
        Some(name) if name.trim().is_empty() => {
            Err("expected \"builtin:\" and the name of a library that is compiled in".to_owned())
        }
        Some(name) => Ok(Source::Builtin(name.to_owned())),
        None => paths.resolve(&library, directory).map(Source::File),
    };
    source.map_err(|problem| element.problem(problem)).ok().map(|source| (library, source, element.place()))
}
