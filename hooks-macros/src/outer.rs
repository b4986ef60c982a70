//! How the module of a hook point names the types that its declaration names, which are those around it.

use std::collections::HashMap;

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, format_ident, quote};
use syn::spanned::Spanned;
use syn::{Attribute, Expr, Ident, Meta, parse_quote};

use crate::options::CratePath;
use crate::point::{self, Point};

/// The hook points of one macro up to which each module imports all names around it. That is what users expect of a module, but the
/// compiler remembers each name in each module: with ten thousand hook points it would need a hundred million.
const FEW: usize = 64;

/// How aliases begin. Whoever uses the macro inside of a function reads this: there a module does not see what is around it.
const ALIAS: &str = "__more_than_64_hook_points_must_stand_in_a_module_not_in_a_function";

/// What the hook points of one macro name that is around their modules.
pub(crate) struct Outer {
    /// What the aliases of this macro are called, if it has too many hook points for imports.
    suffix: Option<Ident>,
    /// Aliases by the types that they stand for.
    known: HashMap<String, Ident>,
    /// The aliases, to stand beside the modules.
    pub(crate) aliases: TokenStream,
    /// What imports the crate into a module that imports no names.
    import_crate: TokenStream,
    /// The same into one that imports all.
    import_crate_beside_all: TokenStream,
}

impl Outer {
    /// For `count` hook points, of which one that is always there is called `first`.
    pub(crate) fn new(count: usize, first: Option<&Ident>, krate: &CratePath) -> Outer {
        let suffix = first.filter(|_| count > FEW).cloned();
        let import_crate_beside_all = krate.import();
        let (mut aliases, mut import_crate) = (TokenStream::new(), import_crate_beside_all.clone());
        if let Some(suffix) = &suffix {
            // The path may begin with a name that only the imports would bring along.
            let (private, alias) = (krate.private(), format_ident!("__hooks_of_{suffix}", span = Span::call_site()));
            aliases = quote!(use #private as #alias;);
            import_crate = quote!(use super::#alias as __hooks;);
        }
        Outer { suffix, known: HashMap::new(), aliases, import_crate, import_crate_beside_all }
    }

    /// Rewrites the types of a hook point so that they mean the same in its module; returns what its module has to import for that,
    /// and for the generated code. One that is there on a condition imports all, because its types may be there on a condition as well.
    pub(crate) fn rewrite(&mut self, point: &mut Point) -> TokenStream {
        let import_crate = &self.import_crate_beside_all;
        let import_all = quote! {
            #[allow(unused_imports)]
            use super::*;
            #import_crate
        };
        let Some(suffix) = self.suffix.clone().filter(|_| point.is_always_there()) else {
            for argument in &mut point.arguments {
                point::nest_type(&mut argument.ty);
            }
            return import_all;
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
                let alias = format_ident!("{ALIAS}_{number}_of_{suffix}", span = Span::call_site());
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
        // Macros in the documentation are those around the module.
        let mut documentation =
            point.arguments.iter().flat_map(|argument| &argument.attributes).chain(&point.attributes);
        if documentation.any(is_computed) {
            return import_all;
        }
        // So are links in that of arguments.
        let mut documented = point.arguments.iter().flat_map(|argument| &argument.attributes);
        let import = documented.any(|attribute| attribute.path().is_ident("doc")).then(|| {
            quote! {
                #[cfg(doc)]
                #[allow(unused_imports)]
                use super::*;
            }
        });
        let import_crate = &self.import_crate;
        quote!(#import #import_crate)
    }
}

/// Whether the attribute's value is more than a literal.
fn is_computed(attribute: &Attribute) -> bool {
    matches!(&attribute.meta, Meta::NameValue(meta) if !matches!(meta.value, Expr::Lit(_)))
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
        assert_eq!(text.matches(&format!("type {ALIAS}_")).count(), 2, "{text}");
        assert!(text.contains(&format!("type {ALIAS}_0_of_point_0 = Packet")), "{text}");
        assert!(text.contains(&format!("packet : & 'call mut super :: {ALIAS}_0_of_point_0")), "{text}");
    }

    #[test]
    fn few_hook_points_import_what_is_around_them() {
        let text = expanded(FEW);
        assert_eq!(text.matches("use super :: *").count(), FEW, "{text}");
        assert!(!text.contains(ALIAS), "{text}");
    }
}
