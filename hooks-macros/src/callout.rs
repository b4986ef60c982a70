//! `#[callout]`: a thunk around a plain function, registered for a hook point.

mod check;
mod expand;
mod symbol;

use std::collections::HashSet;

use proc_macro2::TokenStream;
use quote::quote;
use syn::ext::IdentExt;
use syn::{FnArg, Ident, PatType, Result, Type, TypeReference};

use crate::errors::{Errors, with_item};
use crate::function::{self, Function};
use crate::options::Options;
use crate::point::check_type;

/// Expands the attribute; on an error the function stays as it is.
pub(crate) fn expand(attribute: TokenStream, item: TokenStream) -> TokenStream {
    try_expand(attribute, item.clone()).unwrap_or_else(|error| with_item(&error, function::after_mistake(item)))
}

/// One parameter of a callout.
enum Parameter<'a> {
    /// `this: &Root`.
    This(&'a Type),
    /// `handle: &mut CalloutHandle`.
    Handle,
    /// `arguments: &mut Arguments<'_>`.
    Arguments,
    /// An argument of the hook point: its name, the function that takes it out, its type without the reference, as written.
    Argument { name: &'a Ident, take: &'static str, inner: &'a Type, written: &'a Type },
}

fn try_expand(attribute: TokenStream, item: TokenStream) -> Result<TokenStream> {
    let options =
        Options::parse(attribute, "`crate = path`, `name = \"hook_point\"`, `command = \"command-name\"` or `manual`")?;
    let function = Function::parse(item, "callout")?;
    let mut errors = Errors::default();
    check::options(&options, &mut errors);
    check::manual(&function, &options, &mut errors);
    check::signature(&function, &mut errors);
    let parameters = parameters(&function, &options, &mut errors);
    errors.finish()?;
    let registration = expand::register(&function, &options, &parameters);
    Ok(quote! {
        // The hook point says how each argument is lent; the function cannot choose.
        #[allow(clippy::ptr_arg, clippy::too_many_arguments, clippy::trivially_copy_pass_by_ref)]
        #function
        #registration
    })
}

fn parameters<'a>(function: &'a Function, options: &Options, errors: &mut Errors) -> Vec<Parameter<'a>> {
    let mut parameters = Vec::new();
    for input in &function.signature.inputs {
        match input {
            FnArg::Receiver(receiver) => errors
                .push(receiver, "a callout is a function outside of an `impl`; take the plugin root as `this: &Root`"),
            FnArg::Typed(typed) => {
                function::refuse_conditions(&typed.attrs, errors);
                parameters.extend(parameter(typed, errors));
            }
        }
    }
    check_names(function, errors);
    let by_name = parameters.iter().any(|parameter| matches!(parameter, Parameter::Arguments));
    for parameter in &parameters {
        if let Parameter::Argument { name, .. } = parameter {
            if by_name {
                let message = format!(
                    "typed and by-name arguments cannot be mixed: leave `arguments` out, or ask it for `{name}`, as in \
                     `arguments.get::<T>(\"{name}\")?`"
                );
                errors.push(name, message);
            } else if options.name.is_some() && options.point.is_none() {
                let message = format!(
                    "a callout that is attached by name takes its arguments by name: write `arguments: &mut Arguments<'_>` \
                     and ask it for `{name}`"
                );
                errors.push(name, message);
            }
        }
    }
    parameters
}

/// Refuses two parameters of one name. Rustc takes those for different that come from different macros, but there is one argument
/// of that name, which would be lent twice.
fn check_names(function: &Function, errors: &mut Errors) {
    let names = function.signature.inputs.iter().filter_map(|input| match input {
        FnArg::Typed(typed) => function::name_of(&typed.pat),
        FnArg::Receiver(_) => None,
    });
    let mut seen = HashSet::new();
    for name in names {
        if !seen.insert(name.unraw().to_string()) {
            errors.push(name, format!("`{name}` is taken twice; leave one of the two parameters out"));
        }
    }
}

fn parameter<'a>(typed: &'a PatType, errors: &mut Errors) -> Option<Parameter<'a>> {
    let Some(name) = function::name_of(&typed.pat) else {
        errors.push(
            &typed.pat,
            "an argument is known by its name; write `name: Type` and take the value apart in the body",
        );
        return None;
    };
    let reference = function::reference(&typed.ty);
    if let Some(lifetime) = reference.and_then(|reference| reference.lifetime.as_ref())
        && lifetime.ident == "static"
    {
        let message = format!("`{name}` is lent for the time of the call only; leave `'static` out");
        errors.push(lifetime, message);
    }
    let mutable = reference.is_some_and(|reference| reference.mutability.is_some());
    // `_this` is how an unused parameter is written.
    match name.unraw().to_string().trim_start_matches('_') {
        "this" => match reference {
            Some(reference) if !mutable => Some(Parameter::This(&reference.elem)),
            _ => {
                let message = "`this` is the plugin root, which all callouts share: write `this: &Root`, and put what changes \
                               into a `Mutex` or an atomic";
                errors.push(&typed.ty, message);
                None
            }
        },
        "handle" => {
            if !mutable || !is_a(reference, "CalloutHandle") {
                errors.push(&typed.ty, "`handle` is the request's handle: write `handle: &mut CalloutHandle`");
            }
            Some(Parameter::Handle)
        }
        "arguments" => {
            if !mutable || !is_a(reference, "Arguments") {
                errors.push(&typed.ty, "`arguments` are the arguments by name: write `arguments: &mut Arguments<'_>`");
            }
            Some(Parameter::Arguments)
        }
        _ => {
            let (take, inner) = match reference {
                None => ("take_value", &*typed.ty),
                Some(reference) => (if mutable { "take_mut" } else { "take_ref" }, &*reference.elem),
            };
            check_type(inner, errors);
            Some(Parameter::Argument { name, take, inner, written: &typed.ty })
        }
    }
}

fn is_a(reference: Option<&TypeReference>, name: &str) -> bool {
    reference.is_some_and(|reference| function::is_named(&reference.elem, name))
}
