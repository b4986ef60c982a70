//! How the module of a hook point names the types that its declaration names, which are those around it.

use std::collections::HashMap;

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, format_ident, quote};
use syn::spanned::Spanned;
use syn::{Ident, parse_quote};

use crate::point::{self, Point};

/// The hook points of one macro up to which each module imports all names around it. That is what users expect of a module, but the
/// compiler remembers each name in each module: with ten thousand hook points it would need a hundred million.
const FEW: usize = 64;

/// The types of all hook points of one macro.
pub(crate) struct Outer {
    /// What the aliases of this macro are called, if it has too many hook points for imports.
    suffix: Option<Ident>,
    /// Aliases by the types that they stand for.
    known: HashMap<String, Ident>,
    /// The aliases, to stand beside the modules.
    pub(crate) aliases: TokenStream,
}

impl Outer {
    /// For `count` hook points, of which one is called `first`.
    pub(crate) fn new(count: usize, first: Option<&Ident>) -> Outer {
        let suffix = first.filter(|_| count > FEW).cloned();
        Outer { suffix, known: HashMap::new(), aliases: TokenStream::new() }
    }

    /// Rewrites the types of a hook point so that they mean the same in its module; returns what its module has to import for that.
    /// One that is there on a condition imports, because its types may be there on a condition as well.
    pub(crate) fn rewrite(&mut self, point: &mut Point) -> TokenStream {
        let Some(suffix) = self.suffix.clone().filter(|_| point.is_always_there()) else {
            for argument in &mut point.arguments {
                point::nest_type(&mut argument.ty);
            }
            return quote! {
                #[allow(unused_imports)]
                use super::*;
            };
        };
        for argument in &mut point.arguments {
            let ty = &argument.ty;
            let number = self.known.len();
            let mut text = ty.to_token_stream().to_string();
            if text.contains("$crate") {
                // Each macro may mean another crate.
                text = format!("{number} {text}");
            }
            let alias = self.known.entry(text).or_insert_with(|| {
                let alias = format_ident!("__hooks_type_{number}_of_{suffix}", span = Span::call_site());
                self.aliases.extend(quote! {
                    #[doc(hidden)]
                    #[allow(non_camel_case_types, dead_code)]
                    type #alias = #ty;
                });
                alias
            });
            // What the compiler has to say of the type, it says of the place where the user wrote it.
            let place = Span::call_site().located_at(ty.span());
            let (outer, alias) = (Ident::new("super", place), Ident::new(&alias.to_string(), place));
            argument.ty = parse_quote!(#outer::#alias);
        }
        // Links in the documentation of arguments mean what is around the module.
        let mut documented = point.arguments.iter().flat_map(|argument| &argument.attributes);
        let import = documented.any(|attribute| attribute.path().is_ident("doc")).then(|| {
            quote! {
                #[cfg(doc)]
                #[allow(unused_imports)]
                use super::*;
            }
        });
        import.unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expanded(count: usize) -> String {
        let hooks = (0..count).map(|number| {
            let name = format_ident!("point_{number}");
            quote!(pub hook #name(packet: &mut Packet, length: u32) -> [Continue, Drop];)
        });
        crate::declare::expand(hooks.collect()).unwrap().to_string()
    }

    #[test]
    fn many_hook_points_import_nothing_and_share_two_aliases() {
        let text = expanded(FEW + 1);
        assert!(!text.contains("use super :: *"), "{text}");
        assert_eq!(text.matches("type __hooks_type_").count(), 2, "{text}");
        assert!(text.contains("type __hooks_type_0_of_point_0 = Packet"), "{text}");
        assert!(text.contains("packet : & 'call mut super :: __hooks_type_0_of_point_0"), "{text}");
    }

    #[test]
    fn few_hook_points_import_what_is_around_them() {
        let text = expanded(FEW);
        assert_eq!(text.matches("use super :: *").count(), FEW, "{text}");
        assert!(!text.contains("__hooks_type_"), "{text}");
    }
}
