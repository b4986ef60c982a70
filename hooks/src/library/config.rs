//! What a configuration says of a library: where it comes from, and what it is loaded with.

use std::path::PathBuf;

use serde_json::Value;

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
}

impl LibraryConfig {
    /// A library without parameters.
    pub fn new(source: Source) -> LibraryConfig {
        LibraryConfig { source, parameters: Value::Object(serde_json::Map::new()) }
    }

    /// The same with these parameters, any JSON value that the plugin's `Parameters` accept.
    #[must_use]
    pub fn parameters(mut self, parameters: Value) -> LibraryConfig {
        self.parameters = parameters;
        self
    }

    /// Where the plugin comes from.
    pub fn source(&self) -> &Source {
        &self.source
    }
}
