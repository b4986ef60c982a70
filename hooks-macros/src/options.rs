//! What stands in the parentheses of an attribute.

use proc_macro2::TokenStream;
use quote::quote;
use syn::parse::{ParseStream, Parser};
use syn::{Ident, LitBool, LitStr, Path, Result, Token};

use crate::statuses::StatusList;

mod keyword {
    syn::custom_keyword!(manual);
}

/// The path of the crate `hooks` in generated code.
#[derive(Clone)]
pub(crate) enum CratePath {
    /// `::hooks`.
    Default,
    /// Another one.
    Named(Path),
    /// Its hidden module has been imported as `__hooks`: where many paths are generated, the compiler keeps the short ones faster.
    Imported,
}

impl CratePath {
    /// The hidden module for generated code.
    pub(crate) fn private(&self) -> TokenStream {
        match self {
            CratePath::Default => quote!(::hooks::__private),
            CratePath::Named(path) => quote!(#path::__private),
            CratePath::Imported => quote!(__hooks),
        }
    }

    /// The import after which [`CratePath::Imported`] can be used in a module inside the one where this path was written.
    pub(crate) fn import(&self) -> TokenStream {
        let private = self.nested().private();
        quote!(use #private as __hooks;)
    }

    /// The same path as seen from a module inside the one where it was written.
    fn nested(&self) -> CratePath {
        let mut krate = self.clone();
        if let CratePath::Named(path) = &mut krate {
            crate::point::nest_path(path);
        }
        krate
    }
}

/// The options of `#[hook_point]`, `#[callout]` and `#[plugin]`; each says itself which ones it takes.
#[derive(Default)]
pub(crate) struct Options {
    pub(crate) point: Option<Path>,
    pub(crate) krate: Option<Path>,
    pub(crate) name: Option<LitStr>,
    pub(crate) command: Option<LitStr>,
    pub(crate) manual: Option<Ident>,
    pub(crate) multi_threading_compatible: Option<LitBool>,
    pub(crate) statuses: Option<StatusList>,
    pub(crate) on_failure: Option<Ident>,
}

impl Options {
    pub(crate) fn crate_path(&self) -> CratePath {
        self.krate.clone().map_or(CratePath::Default, CratePath::Named)
    }
}

// #[attribute(path::to::hook_point)]
// #[attribute(statuses = [Continue, Skip], on_failure = Skip)]
// #[attribute(name = "hook_point")]
// #[attribute(command = "lease4-get", manual)]
// #[attribute(multi_threading_compatible = false)]
// #[attribute(path::to::hook_point, crate = path::to::hooks)]
impl Options {
    /// Parses what stands in the parentheses; `expected` are the options that the attribute takes, for the message about others.
    pub(crate) fn parse(attribute: TokenStream, expected: &str) -> Result<Options> {
        (|input: ParseStream<'_>| Options::parse_list(input, expected)).parse2(attribute)
    }

    fn parse_list(input: ParseStream<'_>, expected: &str) -> Result<Options> {
        let mut options = Options::default();
        while !input.is_empty() {
            if input.peek2(Token![=]) {
                options.named(input, expected)?;
            } else if input.peek(keyword::manual) && !input.peek2(Token![::]) {
                // A hook point of this name is written with its path.
                let token: keyword::manual = input.parse()?;
                once(&mut options.manual, token, Ident::new("manual", token.span))?;
            } else if options.point.is_some() {
                return Err(input.error(
                    "one hook point is expected, or `manual` behind it; for two hook points, write two functions",
                ));
            } else {
                options.point = Some(input.call(Path::parse_mod_style)?);
            }
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        Ok(options)
    }

    fn named(&mut self, input: ParseStream<'_>, expected: &str) -> Result<()> {
        if input.peek(Token![crate]) {
            let token: Token![crate] = input.parse()?;
            input.parse::<Token![=]>()?;
            return once(&mut self.krate, token, input.call(Path::parse_mod_style)?);
        }
        let key: Ident = input.parse()?;
        input.parse::<Token![=]>()?;
        match key.to_string().as_str() {
            "name" => once(&mut self.name, key, input.parse()?),
            "command" => once(&mut self.command, key, input.parse()?),
            "multi_threading_compatible" => once(&mut self.multi_threading_compatible, key, input.parse()?),
            "statuses" => once(&mut self.statuses, key, input.parse()?),
            "on_failure" => once(&mut self.on_failure, key, input.parse()?),
            other => {
                let message = format!("unknown option `{other}`; expected {expected}");
                Err(syn::Error::new(key.span(), message))
            }
        }
    }
}

fn once<T>(place: &mut Option<T>, key: impl quote::ToTokens, value: T) -> Result<()> {
    if place.is_some() {
        return Err(syn::Error::new_spanned(key, "this option is given twice; leave one of them out"));
    }
    *place = Some(value);
    Ok(())
}
