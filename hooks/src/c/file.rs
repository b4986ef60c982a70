//! Reads from the bytes of a file whether it is a C library, and what it defines, before any of its code runs.

use std::collections::{BTreeMap, HashSet};

use object::read::elf::{ElfFile, FileHeader};
use object::{File, Object, ObjectSymbol, SymbolIndex, SymbolKind};

use crate::command::is_command;
use crate::registry::Registry;

/// The functions that each library may have, whatever hook points there are.
const STANDARD: [&str; 4] = ["version", "load", "unload", "multi_threading_compatible"];

/// The global symbols that a file itself defines: which of them are functions.
#[derive(Debug)]
pub(crate) struct Symbols(BTreeMap<String, bool>);

/// The symbols of the C library in `bytes`, or nothing if they are none of one.
pub(crate) fn read(bytes: &[u8]) -> Option<Symbols> {
    let file = File::parse(bytes).ok()?;
    if file.section_by_name(".hooks").is_some() {
        return None;
    }
    let old = match &file {
        File::Elf32(file) => old_versions(file),
        File::Elf64(file) => old_versions(file),
        _ => HashSet::new(),
    };
    let defined = file.dynamic_symbols().filter(|symbol| symbol.is_global() && !symbol.is_undefined());
    let defined = defined.filter(|symbol| !old.contains(&symbol.index()));
    let named = defined.filter_map(|symbol| Some((symbol.name().ok()?.to_owned(), symbol.kind() == SymbolKind::Text)));
    let symbols = Symbols(named.collect());
    symbols.0.contains_key("version").then_some(symbols)
}

/// The symbols that are there only for programs that were linked with an older version of the file (`sqrt@V1`): to look up their
/// bare name finds that of a dependency.
fn old_versions<Elf: FileHeader>(file: &ElfFile<'_, Elf>) -> HashSet<SymbolIndex> {
    let endian = file.endian();
    let Ok(Some(versions)) = file.elf_section_table().versions(endian, file.data()) else { return HashSet::new() };
    let symbols = file.dynamic_symbols().map(|symbol| symbol.index());
    symbols.filter(|index| versions.version_index(endian, *index).is_hidden()).collect()
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
        for name in STANDARD {
            self.has_function(name)?;
        }
        if multi_threading && !self.0.contains_key("multi_threading_compatible") {
            return Err(wrong_threads("is missing"));
        }
        self.check(registry)
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
    pub(super) fn hooks(&self, registry: &Registry) -> Vec<String> {
        let is_meant =
            |name: &String| self.0.contains_key(name) && !is_command(name) && !STANDARD.contains(&name.as_str());
        let mut names: Vec<_> = registry.names().into_iter().filter(is_meant).collect();
        names.sort_unstable();
        names
    }
}
