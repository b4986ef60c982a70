//! Reads from the bytes of a file whether it is a C library, and what it defines, before any of its code runs.

use std::collections::BTreeMap;

use crate::command::is_command;
use crate::library::binary::Binary;
use crate::registry::Registry;

/// The functions that each library may have, whatever hook points there are.
const STANDARD: [&str; 4] = ["version", "load", "unload", "multi_threading_compatible"];

/// The global symbols that a file itself defines: which of them are functions.
#[derive(Debug)]
pub(crate) struct Symbols(BTreeMap<String, bool>);

/// The symbols of the C library `binary`, or nothing if it is none.
pub(crate) fn of(binary: &Binary<'_>) -> Option<Symbols> {
    if binary.records().ok()?.is_some() {
        return None;
    }
    let symbols = binary.symbols().ok()?;
    let symbols = Symbols(symbols.iter().map(|symbol| (symbol.name.to_owned(), symbol.is_function)).collect());
    symbols.0.contains_key("version").then_some(symbols)
}

/// Why a library is refused that is for one thread only.
pub(super) fn wrong_threads(what: &str) -> String {
    format!(
        "its function `int multi_threading_compatible(void)` {what}, and this host works on requests with several threads; \
         configure the host for one thread, or leave the library out"
    )
}

impl Symbols {
    /// Whether it fits, as far as its bytes tell.
    pub(crate) fn validate(&self, registry: &Registry, multi_threading: bool) -> Result<(), String> {
        self.problems(registry, multi_threading).into_iter().next().map_or(Ok(()), Err)
    }

    /// Everything for which it does not fit, as far as its bytes tell.
    pub(crate) fn problems(&self, registry: &Registry, multi_threading: bool) -> Vec<String> {
        let mut problems: Vec<_> = STANDARD.iter().filter_map(|name| self.has_function(name).err()).collect();
        if multi_threading && !self.is_said_to_be_multi_threading_compatible() {
            problems.push(wrong_threads("is missing"));
        }
        problems.extend(self.hooks(registry).iter().filter_map(|name| self.has_function(name).err()));
        problems
    }

    /// Whether it has the function that says it; what that returns is known only when it has run.
    pub(crate) fn is_said_to_be_multi_threading_compatible(&self) -> bool {
        self.0.contains_key("multi_threading_compatible")
    }

    /// Refuses what has the name of a hook point but is no function.
    pub(super) fn check(&self, registry: &Registry) -> Result<(), String> {
        self.hooks(registry).iter().try_for_each(|name| self.has_function(name).map(|_| ()))
    }

    /// Whether it defines the function `name`; an error if that is something else.
    pub(super) fn has_function(&self, name: &str) -> Result<bool, String> {
        match self.0.get(name) {
            None => Ok(false),
            Some(true) => Ok(true),
            Some(false) if STANDARD.contains(&name) => Err(format!(
                "its symbol `{name}` is data, not a function; see `hooks.h` for the function that it has to be"
            )),
            Some(false) => Err(format!(
                "its symbol `{name}` has the name of a hook point but is data, not a function; rename it, make it `static`, or \
                 make it a callout: `int {name}(hooks_handle *handle)`"
            )),
        }
    }

    /// The hook points that it has symbols for, in the order of their names. A command's is not among them.
    pub(crate) fn hooks(&self, registry: &Registry) -> Vec<String> {
        let is_meant =
            |name: &String| self.0.contains_key(name) && !is_command(name) && !STANDARD.contains(&name.as_str());
        let mut names: Vec<_> = registry.names().into_iter().filter(is_meant).collect();
        names.sort_unstable();
        names
    }
}
