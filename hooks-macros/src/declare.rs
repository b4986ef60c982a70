//! `declare_hooks!`: hook points that components call and plugins attach to.

use std::collections::HashSet;

use proc_macro2::TokenStream;
use quote::quote;
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Attribute, Generics, Ident, Path, Result, Token, Type, Visibility, parenthesized};

use crate::errors::Errors;
use crate::function::{self, refuse_conditions};
use crate::options::CratePath;
use crate::outer::Outer;
use crate::point::{self, Point};
use crate::statuses::StatusList;

mod keyword {
    syn::custom_keyword!(hook);
    syn::custom_keyword!(on_failure);
}

/// What stands in the braces.
struct Declaration {
    krate: CratePath,
    hooks: Vec<Hook>,
}

/// One hook point as it is written.
struct Hook {
    attributes: Vec<Attribute>,
    visibility: Visibility,
    name: Ident,
    generics: Generics,
    arguments: Punctuated<Argument, Token![,]>,
    statuses: StatusList,
    on_failure: Option<Ident>,
}

impl Hook {
    fn is_conditional(&self) -> bool {
        self.attributes.iter().any(|attribute| attribute.path().is_ident("cfg"))
    }
}

struct Argument {
    attributes: Vec<Attribute>,
    name: Ident,
    ty: Type,
}

// crate = path::to::hooks;
// /// Documentation.
// pub hook name(argument: &mut Type, other: u32) -> [Continue, Skip], on_failure = Skip;
impl Parse for Declaration {
    fn parse(input: ParseStream<'_>) -> Result<Declaration> {
        let mut krate = CratePath::Default;
        if input.peek(Token![crate]) && input.peek2(Token![=]) {
            input.parse::<Token![crate]>()?;
            input.parse::<Token![=]>()?;
            krate = CratePath::Named(input.call(Path::parse_mod_style)?);
            input.parse::<Token![;]>()?;
        }
        let mut hooks = Vec::new();
        while !input.is_empty() {
            hooks.push(input.parse()?);
        }
        Ok(Declaration { krate, hooks })
    }
}

impl Parse for Hook {
    fn parse(input: ParseStream<'_>) -> Result<Hook> {
        let attributes = input.call(Attribute::parse_outer)?;
        let visibility = input.parse()?;
        if input.peek(Token![fn]) {
            return Err(input.error("a hook point is declared with `hook` instead of `fn`"));
        }
        if !input.peek(keyword::hook) {
            return Err(input.error("expected `hook`, as in `pub hook name(argument: &mut Type) -> [Continue, Drop];`"));
        }
        input.parse::<keyword::hook>()?;
        let name = input.parse()?;
        let generics = input.parse()?;
        let content;
        parenthesized!(content in input);
        let arguments = Punctuated::parse_terminated(&content)?;
        if !input.peek(Token![->]) {
            return Err(input.error("which statuses does it honour? Write `-> [Continue, Skip, Drop]`"));
        }
        input.parse::<Token![->]>()?;
        if !input.peek(syn::token::Bracket) {
            return Err(input.error("expected a list of statuses, as `[Continue, Skip, Drop]`"));
        }
        let statuses: StatusList = input.parse()?;
        let mut on_failure = None;
        if input.peek(Token![,]) {
            input.parse::<Token![,]>()?;
            input.parse::<keyword::on_failure>()?;
            input.parse::<Token![=]>()?;
            on_failure = Some(input.parse()?);
        }
        if !input.peek(Token![;]) {
            // At the end of the braces there is no token to stand on.
            let span = if input.is_empty() { statuses.end() } else { input.span() };
            return Err(syn::Error::new(span, "expected `;` or `, on_failure = …` after the statuses"));
        }
        input.parse::<Token![;]>()?;
        Ok(Hook { attributes, visibility, name, generics, arguments, statuses, on_failure })
    }
}

impl Parse for Argument {
    fn parse(input: ParseStream<'_>) -> Result<Argument> {
        let attributes = input.call(Attribute::parse_outer)?;
        if input.peek(Token![self]) || (input.peek(Token![&]) && input.peek2(Token![self])) {
            return Err(input.error("a hook point has no `self`; lend the value as an argument with a name"));
        }
        if !input.peek(Ident::peek_any) {
            return Err(input.error("callouts take an argument by its name; write `name: Type`"));
        }
        let name = input.parse()?;
        input.parse::<Token![:]>()?;
        Ok(Argument { attributes, name, ty: input.parse()? })
    }
}

/// Expands the macro.
pub(crate) fn expand(input: TokenStream) -> Result<TokenStream> {
    let Declaration { krate, hooks } = syn::parse2(input)?;
    let mut errors = Errors::default();
    let mut names = HashSet::new();
    for hook in &hooks {
        // Of two with conditions only one may be there; if both are, rustc says so.
        if !hook.is_conditional() && !names.insert(hook.name.to_string()) {
            errors.push(&hook.name, format!("the hook point `{}` is declared twice; rename one of them", hook.name));
        }
    }
    let mut points: Vec<_> = hooks.iter().map(|hook| check(hook, &mut errors)).collect();
    errors.finish()?;
    // No other macro of this module has one of this name.
    let first = points.iter().find(|point| point.is_always_there()).map(|point| point.name.clone());
    let mut outer = Outer::new(points.len(), first.as_ref(), &krate);
    let modules: TokenStream = hooks
        .iter()
        .zip(&mut points)
        .map(|(hook, point)| {
            let import = outer.rewrite(point);
            expand_hook(&hook.visibility, point, &import)
        })
        .collect();
    let aliases = outer.aliases;
    let private = krate.private();
    let together = points
        .iter()
        .filter(|point| point.is_always_there())
        .map(|Point { name, .. }| declared(&quote!(#name), &private))
        .collect::<Vec<_>>();
    let element = (!together.is_empty()).then(|| registered(&together, &krate));
    Ok(quote!(#aliases #modules #element))
}

fn check(hook: &Hook, errors: &mut Errors) -> Point {
    point::check_name(&hook.name, errors);
    for parameter in &hook.generics.params {
        errors.push(parameter, "a hook point cannot be generic; write the types of its arguments, without lifetimes");
    }
    // A lifetime of the hook point's own is one mistake, however often it is used.
    let lifetimes = !hook.generics.params.is_empty();
    let arguments: Vec<_> = hook
        .arguments
        .iter()
        .map(|argument| {
            refuse_conditions(&argument.attributes, errors);
            function::refuse_impl_trait(&argument.ty, "a hook point", errors);
            function::refuse_self(&argument.ty, errors);
            let attributes = argument.attributes.clone();
            point::argument(attributes, &argument.name, &argument.ty, lifetimes, errors)
        })
        .collect();
    point::check_arguments(&arguments, errors);
    let statuses = hook.statuses.check(hook.on_failure.as_ref(), errors);
    Point { attributes: hook.attributes.clone(), name: hook.name.clone(), arguments, statuses }
}

/// The hook point whose module is `path`, to be registered.
fn declared(path: &TokenStream, private: &TokenStream) -> TokenStream {
    point::declared(&quote!(#path::POINT), &quote!(<#path::Hook as #private::Point>::RECORD), private)
}

/// An item that registers what is `declared`, and has no name that could be taken.
fn registered(declared: &[TokenStream], krate: &CratePath) -> TokenStream {
    let element = point::element(declared, krate);
    quote! {
        const _: () = {
            #element
        };
    }
}

fn expand_hook(visibility: &Visibility, point: &Point, import: &TokenStream) -> TokenStream {
    let krate = CratePath::Imported;
    let items = point::expand_in_module(point, &krate);
    let element = (!point.is_always_there()).then(|| registered(&[declared(&quote!(self), &krate.private())], &krate));
    let Point { attributes, name, .. } = point;
    quote! {
        #(#attributes)*
        #visibility mod #name {
            #import

            #items
            #element
        }
    }
}
