//! The one error of this crate: it says in words what failed, and tells by predicates which kind of failure it was.

use std::fmt;

/// A boxed error, as plugins return it.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Why something could not be done: a text that names the thing, what was expected, what was found and the way out.
///
/// ```
/// use hooks::{Hooks, LibraryConfig, Source};
///
/// let missing = LibraryConfig::new(Source::File("/nowhere/libx.so".into()));
/// let error = Hooks::new().load_libraries(vec![missing]).unwrap_err();
/// assert!(error.is_not_found());
/// assert!(error.to_string().starts_with("library `/nowhere/libx.so`: cannot be found"));
/// ```
pub struct Error {
    kind: Kind,
    text: String,
    /// Which entry of a list of libraries it is about, from 0 on.
    position: Option<usize>,
    source: Option<BoxError>,
}

/// Which kind of failure it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    HookPoint,
    Argument,
    Context,
    Status,
    Refused,
    Load,
    NotFound,
    StillOpen,
    Park,
}

impl Error {
    pub(crate) fn new(kind: Kind, text: impl Into<String>) -> Error {
        Error { kind, text: text.into(), position: None, source: None }
    }

    pub(crate) fn with_source(mut self, source: impl Into<BoxError>) -> Error {
        self.source = Some(source.into());
        self
    }

    /// It is about the entry `position` of a list of libraries.
    pub(crate) fn at(mut self, position: usize) -> Error {
        self.position = Some(position);
        self
    }

    /// The same, which is also said in words if there are other entries.
    pub(crate) fn in_list(mut self, position: usize, length: usize) -> Error {
        if length > 1 {
            self.text = format!("entry {} of {length}: {}", position + 1, self.text);
        }
        self.at(position)
    }

    /// Which entry of the list of libraries failed, from 0 on; nothing if it is not about one of them.
    ///
    /// ```
    /// use hooks::{Hooks, LibraryConfig, Source};
    ///
    /// let missing = LibraryConfig::new(Source::Builtin("missing".to_owned()));
    /// let error = Hooks::new().reload(vec![missing]).unwrap_err();
    /// assert_eq!(error.position(), Some(0));
    /// ```
    pub fn position(&self) -> Option<usize> {
        self.position
    }

    /// A hook point is declared twice, or is not there.
    pub fn is_hook_point(&self) -> bool {
        self.kind == Kind::HookPoint
    }

    /// An argument is not there, has another type, or is lent read-only.
    pub fn is_argument(&self) -> bool {
        self.kind == Kind::Argument
    }

    /// The library has no context in this handle, or none of this name and type.
    pub fn is_context(&self) -> bool {
        self.kind == Kind::Context
    }

    /// The hook point does not honour the status.
    pub fn is_status(&self) -> bool {
        self.kind == Kind::Status
    }

    /// A library was refused before any of its code ran: it does not fit this host.
    pub fn is_refused(&self) -> bool {
        self.kind == Kind::Refused
    }

    /// A library's own `load` failed, or its parameters do not fit.
    pub fn is_load(&self) -> bool {
        self.kind == Kind::Load
    }

    /// A library's file, or a plugin that is compiled in, is not there.
    pub fn is_not_found(&self) -> bool {
        self.kind == Kind::NotFound
    }

    /// Requests still use the libraries.
    pub fn is_still_open(&self) -> bool {
        self.kind == Kind::StillOpen
    }

    /// The call cannot be parked.
    pub fn is_park(&self) -> bool {
        self.kind == Kind::Park
    }
}

impl fmt::Debug for Error {
    /// The text, so that `fn main() -> Result<(), hooks::Error>` ends with it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_ref().map(|source| &**source as &(dyn std::error::Error + 'static))
    }
}
