//! `#[hooks::plugin]`: the plugin root of a crate.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{ItemImpl, Result, Type};

use crate::errors::{Errors, with_item};
use crate::function;
use crate::options::Options;
use crate::register;

/// Expands the attribute; on an error the implementation stays as it is.
pub(crate) fn expand(attribute: TokenStream, item: TokenStream) -> TokenStream {
    try_expand(attribute, item.clone()).unwrap_or_else(|error| {
        let borrows =
            syn::parse2::<ItemImpl>(item.clone()).is_ok_and(|item| item.generics.lifetimes().next().is_some());
        // Rustc's own messages about a root that borrows say the same in many more words.
        if borrows { error.into_compile_error() } else { with_item(&error, item) }
    })
}

fn try_expand(attribute: TokenStream, item: TokenStream) -> Result<TokenStream> {
    let options = Options::parse(attribute, "`crate = path` or `multi_threading_compatible = false`")?;
    let implementation: ItemImpl = syn::parse2(item.clone())
        .map_err(|_| syn::Error::new_spanned(&item, "`#[hooks::plugin]` goes on `impl hooks::Plugin for Root`"))?;
    let mut errors = Errors::default();
    check_options(&options, &mut errors);
    check(&implementation, &mut errors);
    errors.finish()?;

    let krate = options.crate_path();
    let private = krate.private();
    let compatible = options.multi_threading_compatible.as_ref().is_none_or(|compatible| compatible.value);
    let root = &implementation.self_ty;
    let conditions = implementation.attrs.iter().filter(|attribute| attribute.path().is_ident("cfg"));
    let bytes = register::record(
        &krate,
        "PluginRecord",
        &quote! {
            #private::PluginRecord {
                name: #private::env!("CARGO_PKG_NAME"),
                version: #private::env!("CARGO_PKG_VERSION"),
                crate_name: #private::env!("CARGO_CRATE_NAME"),
                multi_threading_compatible: #compatible,
            }
        },
    );
    Ok(quote! {
        #implementation

        #(#conditions)*
        const _: () = {
            #bytes

            // What this finds is there for each type; for a root that implements `HandOver` there is a nearer one.
            use #private::HandsNothingOver as _;

            #private::inventory::submit! {
                #private::PluginEntry::of::<#root>(__HOOKS_RECORD)
                    .handing_over(<#private::HandsOver<#root>>::FUNCTIONS)
            }
        };
    })
}

fn check_options(options: &Options, errors: &mut Errors) {
    if let Some(path) = &options.point
        && path.is_ident("multi_threading_compatible")
    {
        errors.push(path, "say whether it is: `multi_threading_compatible = false`; without the option it is `true`");
    } else if let Some(path) = &options.point
        && path.is_ident("hand_over")
    {
        errors.push(
            path,
            "leave the option out: a plugin hands over its state if its root has an `impl hooks::HandOver for Root`",
        );
    } else if let Some(path) = &options.point {
        errors.push(
            path,
            "`#[hooks::plugin]` takes no hook point; the callouts name theirs: `#[callout(path::to::hook_point)]`",
        );
    }
    if let Some(name) = &options.name {
        errors.push(name, "a plugin has the name of its package in `Cargo.toml`; leave `name` out");
    }
    if let Some(command) = &options.command {
        errors.push(command, "commands are handled by callouts: `#[callout(command = \"command-name\")]`");
    }
    if let Some(manual) = &options.manual {
        errors.push(manual, "`manual` is for callouts, which the plugin then registers: `#[callout(path, manual)]`");
    }
    if let Some(on_failure) = &options.on_failure {
        errors.push(on_failure, "what a failing callout counts as is said where the hook point is declared");
    }
    if let Some(statuses) = &options.statuses {
        let message = "the statuses are said where the hook point is declared; leave `statuses` out";
        errors.add(syn::Error::new(statuses.span(), message));
    }
}

fn check(implementation: &ItemImpl, errors: &mut Errors) {
    match &implementation.trait_ {
        None => errors.push(
            &implementation.self_ty,
            "a plugin root implements `hooks::Plugin`: write `impl hooks::Plugin for Root`",
        ),
        Some((path, _)) if path.segments.last().is_none_or(|segment| segment.ident != "Plugin") => {
            errors.push(path, "`#[hooks::plugin]` goes on the implementation of `hooks::Plugin`");
        }
        Some(_) => {}
    }
    if implementation.generics.lifetimes().next().is_some() {
        let message = "a plugin root cannot borrow, because it lives as long as its library; let it own its fields";
        errors.push(&implementation.generics, message);
    } else if !implementation.generics.params.is_empty() {
        let message =
            "a plugin root cannot be generic, because the library is loaded without type arguments; write the types";
        errors.push(&implementation.generics, message);
    }
    if !matches!(function::bare(&implementation.self_ty), Type::Path(_)) {
        errors.push(&implementation.self_ty, "a plugin root is a type of this crate: a struct or an enum");
    }
}
