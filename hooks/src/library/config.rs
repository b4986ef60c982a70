//! What a configuration says of a library: where it comes from, and what it is loaded with.

use std::path::PathBuf;

use serde_json::Value;

use crate::failure::FailurePolicy;

/// Where a plugin comes from.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Source {
    /// A shared library: a plugin in Rust, or a plain C library that uses the header [`hooks.h`](crate::c_header).
    File(PathBuf),
    /// A plugin that is compiled into this binary, by its package's name.
    Builtin(String),
}

impl std::fmt::Display for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Source::File(path) => write!(f, "`{}`", path.display()),
            Source::Builtin(name) => write!(f, "the built-in plugin `{name}`"),
        }
    }
}

/// One entry of the list of libraries to load.
///
/// ```
/// use hooks::{LibraryConfig, Source};
///
/// let library = LibraryConfig::new(Source::File("/usr/lib/server/libdeny_list.so".into()))
///     .parameters(serde_json::json!({"deny": ["02:00:00:00:00:66"]}));
/// assert_eq!(library.source().to_string(), "`/usr/lib/server/libdeny_list.so`");
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct LibraryConfig {
    pub(crate) source: Source,
    pub(crate) parameters: Value,
    pub(crate) failure_policy: FailurePolicy,
}

impl LibraryConfig {
    /// A library without parameters.
    pub fn new(source: Source) -> LibraryConfig {
        let parameters = Value::Object(serde_json::Map::new());
        LibraryConfig { source, parameters, failure_policy: FailurePolicy::default() }
    }

    /// The same with these parameters, any JSON value that the plugin's `Parameters` accept.
    #[must_use]
    pub fn parameters(mut self, parameters: Value) -> LibraryConfig {
        self.parameters = parameters;
        self
    }

    /// The same with what is done when one of its callouts fails.
    ///
    /// It may change in a reload that keeps the library with its state, and then holds from the end of that reload on.
    #[must_use]
    pub fn failure_policy(mut self, policy: FailurePolicy) -> LibraryConfig {
        self.failure_policy = policy;
        self
    }

    /// Where the plugin comes from.
    pub fn source(&self) -> &Source {
        &self.source
    }
}
