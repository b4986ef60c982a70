//! What a callout's attribute and signature may say, its parameters left out.

use proc_macro2::Span;
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::visit::{self, Visit};
use syn::{Ident, Lifetime, Path, ReturnType, Safety, Type, TypeReference};

use crate::errors::Errors;
use crate::function::Function;
use crate::options::Options;
use crate::point::COMMAND_CALLOUT;

/// Checks what stands in the parentheses of the attribute.
pub(super) fn options(options: &Options, errors: &mut Errors) {
    match (&options.point, &options.name, &options.command) {
        (None, None, None) => {
            let message = "which hook point? Write `#[callout(path::to::hook_point)]`";
            errors.add(syn::Error::new(Span::call_site(), message));
        }
        (Some(path), Some(_), _) => errors.push(path, "a callout has one hook point; leave the path or the `name` out"),
        (Some(path), None, Some(_)) => {
            errors.push(path, "a callout has one hook point; leave the path or the `command` out");
        }
        (None, Some(name), Some(_)) => {
            errors.push(name, "a callout has one hook point; leave the `name` or the `command` out");
        }
        _ => {}
    }
    if let Some(path) = &options.point
        && path.segments.last().is_some_and(|segment| segment.ident == COMMAND_CALLOUT)
    {
        let message = "which command? Write `command = \"command-name\"`, with `manual` if it is registered for others";
        errors.push(path, message);
    }
    if let Some(command) = &options.command
        && !is_command_name(&command.value())
    {
        let message = format!(
            "`{}` cannot be a command's name; use small letters, digits and `-`, as in `lease4-get`",
            command.value()
        );
        errors.push(command, message);
    }
    if let Some(compatible) = &options.multi_threading_compatible {
        let message = "this is said of the whole plugin: `#[hooks::plugin(multi_threading_compatible = false)]`";
        errors.push(compatible, message);
    }
    if let Some(on_failure) = &options.on_failure {
        errors.push(on_failure, "what a failing callout counts as is said where the hook point is declared");
    }
    if let Some(statuses) = &options.statuses {
        let message = "the statuses are said where the hook point is declared; leave `statuses` out";
        errors.add(syn::Error::new(statuses.span(), message));
    }
}

fn is_command_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
}

/// Refuses to leave the registering to a plugin that could not name the callout.
pub(super) fn manual(function: &Function, options: &Options, errors: &mut Errors) {
    let name = &function.signature.ident;
    if options.manual.is_some() && options.point.as_ref().is_some_and(|path| is_named_here(path, name)) {
        let message = format!(
            "`{name}` is the hook point's name in this module, so `{name}::callout()` could not be told from it; rename the function"
        );
        errors.push(name, message);
    }
}

/// Whether the hook point has the name of the callout in the callout's own module. Then the function alone has that name as well.
pub(super) fn is_named_here(path: &Path, name: &Ident) -> bool {
    let mut segments = path.segments.iter().map(|segment| &segment.ident).peekable();
    segments.next_if(|first| *first == "self");
    path.leading_colon.is_none()
        && segments.next().is_some_and(|first| first.unraw() == name.unraw())
        && segments.next().is_none()
}

/// Checks the signature.
pub(super) fn signature(function: &Function, errors: &mut Errors) {
    let signature = &function.signature;
    function.refuse_generics("a callout", errors);
    if let Some(asyncness) = &signature.asyncness {
        errors.push(
            asyncness,
            "a callout cannot be async, because the component waits for it; take a ticket with `handle.park()`, return \
             `NextStep::Park` and resume from the task",
        );
    }
    if let Safety::Unsafe(unsafety) = &signature.safety {
        errors.push(
            unsafety,
            "a callout is called by the framework, which cannot keep a contract of yours; make it safe",
        );
    }
    for parameter in signature.generics.lifetimes() {
        for bound in &parameter.bounds {
            refuse_bound(bound, errors);
        }
    }
    if let Some(clause) = &signature.generics.where_clause {
        refuse_bound(clause, errors);
    }
    if let Some(abi) = &signature.abi {
        errors.push(abi, "a callout is an ordinary Rust function; leave `extern` out, the macro exports it");
    }
    if let ReturnType::Type(_, ty) = &signature.output {
        refuse_borrowing(ty, errors);
    }
    if let Some(variadic) = &signature.variadic {
        errors.push(variadic, "a callout has a fixed list of parameters; leave `...` out");
    }
}

/// Refuses a type that borrows from the arguments: the text of an error is needed when the call has given them back.
fn refuse_borrowing(ty: &Type, errors: &mut Errors) {
    struct Find<'a>(&'a mut Errors);
    impl Visit<'_> for Find<'_> {
        fn visit_type_reference(&mut self, reference: &TypeReference) {
            if reference.lifetime.is_none() {
                self.refuse(reference);
            }
            visit::visit_type_reference(self, reference);
        }

        fn visit_lifetime(&mut self, lifetime: &Lifetime) {
            if lifetime.ident != "static" {
                self.refuse(lifetime);
            }
        }
    }
    impl Find<'_> {
        fn refuse(&mut self, token: impl ToTokens) {
            self.0.push(
                token,
                "what a callout returns cannot borrow; return an error that owns its text, as `String` does",
            );
        }
    }
    Find(errors).visit_type(ty);
}

fn refuse_bound(bound: impl ToTokens, errors: &mut Errors) {
    errors.push(bound, "each argument is lent for the time of the call and no longer; leave the bound out");
}
