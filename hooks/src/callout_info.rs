//! An attached callout, as components and operators see it.

use std::fmt;
use std::sync::Arc;

/// An attached callout: on which hook point, of which library, under which name.
#[derive(Clone, Debug)]
pub struct CalloutInfo {
    pub(crate) inner: Arc<CalloutNames>,
}

#[derive(Clone, Debug)]
pub(crate) struct CalloutNames {
    pub(crate) hook: String,
    pub(crate) library: Arc<str>,
    pub(crate) callout: String,
    pub(crate) file: String,
    pub(crate) line: u32,
}

impl fmt::Display for CalloutInfo {
    /// Callout, library and place: `drop_denied` of `deny-list` (src/lib.rs:42).
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` of `{}` ({}:{})", self.callout(), self.library(), self.file(), self.line())
    }
}

impl CalloutInfo {
    /// The hook point's name.
    pub fn hook(&self) -> &str {
        &self.inner.hook
    }

    /// The library's name.
    pub fn library(&self) -> &str {
        &self.inner.library
    }

    /// The callout's name: that of the function.
    pub fn callout(&self) -> &str {
        &self.inner.callout
    }

    /// The source file of the callout, as its compiler saw it.
    pub fn file(&self) -> &str {
        &self.inner.file
    }

    /// The line of the callout in its source file.
    pub fn line(&self) -> u32 {
        self.inner.line
    }
}
