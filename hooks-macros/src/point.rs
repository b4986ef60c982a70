//! A hook point: its model, and the rules that it keeps. Shared by `declare_hooks!` and `#[hook_point]`.

mod answers;
mod expand;

use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::ext::IdentExt;
use syn::visit::Visit;
use syn::visit_mut::{self, VisitMut};
use syn::{Attribute, Ident, Lifetime, Path, PathSegment, Type};

use crate::errors::Errors;
use crate::function;
use crate::statuses::Statuses;

pub(crate) use expand::{declared, element, expand_in_function, expand_in_module};

/// The names that a callout takes as its own parameters.
pub(crate) const RESERVED_ARGUMENTS: [&str; 3] = ["this", "handle", "arguments"];
/// The hook points that the framework calls by itself.
const RESERVED_HOOKS: [&str; 2] = ["context_create", "context_destroy"];
/// The hook point whose shape all commands have.
pub(crate) const COMMAND_CALLOUT: &str = "command_callout";

/// A hook point with its arguments.
pub(crate) struct Point {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) name: Ident,
    pub(crate) arguments: Vec<Argument>,
    pub(crate) statuses: Statuses,
}

impl Point {
    /// Whether nothing but documentation stands before the hook point, so that it can be named from outside of its module. An
    /// attribute could be its condition, or make the compiler warn of whoever names it.
    pub(crate) fn is_always_there(&self) -> bool {
        self.attributes.iter().all(|attribute| attribute.path().is_ident("doc"))
    }
}

/// One argument: its mode and its type without the reference.
pub(crate) struct Argument {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) name: Ident,
    pub(crate) mode: Mode,
    pub(crate) ty: Type,
}

/// How an argument is lent.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    Value,
    Ref,
    Mut,
}

/// How the generated items are called: short names in a module of their own, long ones inside a function.
pub(crate) struct Names {
    pub(crate) args: Ident,
    pub(crate) next_step: Ident,
    pub(crate) step: Ident,
    pub(crate) point: Ident,
}

impl Names {
    pub(crate) fn in_module() -> Names {
        let name = |name| Ident::new(name, Span::call_site());
        Names { args: name("Args"), next_step: name("NextStep"), step: name("Step"), point: name("POINT") }
    }

    pub(crate) fn in_function() -> Names {
        let name = |name| Ident::new(name, Span::call_site());
        Names {
            args: name("__HooksArgs"),
            next_step: name("__HooksNextStep"),
            step: name("__HooksStep"),
            point: name("__HOOKS_POINT"),
        }
    }
}

/// Whether this runs for the crate `hooks`, which declares hook points with the same macro.
fn is_framework() -> bool {
    let is_hooks = |variable| std::env::var(variable).is_ok_and(|name| name == "hooks");
    is_hooks("CARGO_PKG_NAME") && is_hooks("CARGO_CRATE_NAME")
}

/// Keeps what follows out of the lists in rustc's messages, if it belongs to the framework: there, users look for their own types.
/// In their crates the attribute could be taken for one of a module `diagnostic` of theirs.
fn unlisted() -> Option<TokenStream> {
    is_framework().then(|| quote!(#[diagnostic::do_not_recommend]))
}

/// Checks the name of a hook point.
pub(crate) fn check_name(name: &Ident, errors: &mut Errors) {
    let text = name.to_string();
    if RESERVED_HOOKS.contains(&text.as_str()) && !is_framework() {
        errors
            .push(name, format!("`{text}` is reserved: the framework calls it for each request; choose another name"));
    } else if text == COMMAND_CALLOUT && !is_framework() {
        let message = format!("`{text}` is reserved: it is the shape of all commands; choose another name");
        errors.push(name, message);
    } else if text.starts_with("r#") || !text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
    {
        errors.push(
            name,
            format!("`{text}` cannot be a hook point's name; use small letters, digits and `_`, as in `pkt4_receive`"),
        );
    }
}

/// Checks an argument and takes its type apart. Lifetimes are allowed only where a function needs them.
pub(crate) fn argument(
    attributes: Vec<Attribute>,
    name: &Ident,
    ty: &Type,
    lifetimes: bool,
    errors: &mut Errors,
) -> Argument {
    if RESERVED_ARGUMENTS.contains(&name.unraw().to_string().as_str()) {
        errors.push(name, format!("`{name}` is reserved for a parameter that callouts may take; rename the argument"));
    }
    let (mode, inner) = match function::reference(ty) {
        None => (Mode::Value, ty),
        Some(reference) => {
            if let Some(lifetime) = &reference.lifetime
                && (!lifetimes || lifetime.ident == "static")
            {
                errors.push(lifetime, "an argument is lent for the time of the call; leave the lifetime out");
            }
            (if reference.mutability.is_some() { Mode::Mut } else { Mode::Ref }, &*reference.elem)
        }
    };
    check_type(inner, errors);
    Argument { attributes, name: name.clone(), mode, ty: inner.clone() }
}

/// Types that no hook point can lend, with what to write instead.
pub(crate) fn check_type(ty: &Type, errors: &mut Errors) {
    match function::bare(ty) {
        Type::Reference(_) => {
            errors.push(ty, "an argument is `&T`, `&mut T` or a number, `bool` or `char`; leave one reference out");
        }
        Type::Slice(slice) => {
            let element = &slice.elem;
            errors.push(ty, format!("a slice cannot be an argument; lend a vector: `&Vec<{}>`", quote!(#element)));
        }
        Type::TraitObject(_) => {
            errors
                .push(ty, "a trait object cannot be an argument, because its layout is unknown; lend a concrete type");
        }
        Type::FnPtr(_) | Type::Ptr(_) => {
            errors.push(
                ty,
                "pointers cannot be arguments, because nobody could tell how long they are valid; lend a value",
            );
        }
        Type::Path(path) if path.path.is_ident("str") => {
            errors.push(ty, "`str` cannot be an argument; lend a `String`: `&String`");
        }
        _ => refuse_lifetimes(ty, errors),
    }
}

/// Lifetimes inside of a type: a callout could keep what borrows.
fn refuse_lifetimes(ty: &Type, errors: &mut Errors) {
    struct Find<'a>(&'a mut Errors);
    impl Visit<'_> for Find<'_> {
        fn visit_lifetime(&mut self, lifetime: &Lifetime) {
            let message = "the type of an argument cannot borrow; lend a type that owns its data";
            self.0.push(lifetime, message);
        }
    }
    Find(errors).visit_type(ty);
}

/// Names that are used twice among the arguments.
pub(crate) fn check_arguments(arguments: &[Argument], errors: &mut Errors) {
    for (i, argument) in arguments.iter().enumerate() {
        if arguments[..i].iter().any(|earlier| earlier.name == argument.name) {
            errors.push(
                &argument.name,
                format!("the argument `{}` is declared twice; rename one of them", argument.name),
            );
        }
    }
}

/// Rewrites a type so that it means the same from a module inside the one where it was written.
pub(crate) fn nest_type(ty: &mut Type) {
    struct Nest;
    impl VisitMut for Nest {
        fn visit_path_mut(&mut self, path: &mut Path) {
            visit_mut::visit_path_mut(self, path);
            nest_path(path);
        }
    }
    Nest.visit_type_mut(ty);
}

/// The names that the generated module defines itself, so that they do not mean the outer ones there.
const OWN_NAMES: [&str; 6] = ["Args", "NextStep", "Step", "POINT", "Hook", "OfferedArguments"];

/// As [`nest_type`], for one path.
pub(crate) fn nest_path(path: &mut Path) {
    if path.leading_colon.is_some() {
        return;
    }
    let Some(first) = path.segments.first_mut() else { return };
    let outer = Ident::new("super", first.ident.span());
    if first.ident == "self" {
        first.ident = outer;
    } else if first.ident == "super" || OWN_NAMES.contains(&first.ident.to_string().as_str()) {
        path.segments.insert(0, PathSegment::from(outer));
    }
}
