//! The symbol under which a callout's thunk is exported.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::atomic::{AtomicU32, Ordering};

use proc_macro2::Span;
use syn::Ident;
use syn::ext::IdentExt;

/// The callout's symbol, for which linkers need plain letters. One number is the callout's place in the crate's order, because one
/// macro may make callouts of one name in several modules; the other tells a library from a binary of the same name.
pub(super) fn name(function: &Ident) -> String {
    static EXPANDED: AtomicU32 = AtomicU32::new(0);
    let mut hasher = DefaultHasher::new();
    place(function.span()).hash(&mut hasher);
    let (place, order) = (hasher.finish() as u32, EXPANDED.fetch_add(1, Ordering::Relaxed));
    let crate_name = std::env::var("CARGO_CRATE_NAME").unwrap_or_default();
    let text = format!("hooks_callout__{crate_name}__{}__{order}_{place:08x}", function.unraw());
    text.replace(|c: char| !c.is_ascii_alphanumeric(), "_")
}

/// Where a token stands: file, line and column, if this runs in a compiler.
fn place(span: Span) -> Option<(String, usize, usize)> {
    proc_macro::is_available().then(|| {
        let span = span.unwrap();
        (span.file(), span.line(), span.column())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_symbol_has_plain_letters_and_is_there_once() {
        let function: Ident = syn::parse_str("r#größe").unwrap();
        let (first, second) = (name(&function), name(&function));
        assert_ne!(first, second);
        assert!(first.starts_with("hooks_callout__") && first.contains("__gr__e__"), "{first}");
        assert!(first.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'), "{first}");
    }
}
