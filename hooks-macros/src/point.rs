//! A hook point: its model, the rules that it keeps, and what it expands to. Shared by `declare_hooks!` and `#[hook_point]`.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::visit_mut::{self, VisitMut};
use syn::{Attribute, Ident, Path, PathSegment, Type};

use crate::errors::Errors;
use crate::function;
use crate::options::CratePath;
use crate::register;
use crate::statuses::Statuses;

/// The names that a callout takes as its own parameters.
pub(crate) const RESERVED_ARGUMENTS: [&str; 3] = ["this", "handle", "arguments"];
/// The hook points that the framework calls by itself.
const RESERVED_HOOKS: [&str; 2] = ["context_create", "context_destroy"];

/// A hook point with its arguments.
pub(crate) struct Point {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) name: Ident,
    pub(crate) arguments: Vec<Argument>,
    pub(crate) statuses: Statuses,
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

/// Checks the name of a hook point.
pub(crate) fn check_name(name: &Ident, errors: &mut Errors) {
    let text = name.to_string();
    if RESERVED_HOOKS.contains(&text.as_str()) {
        errors
            .push(name, format!("`{text}` is reserved: the framework calls it for each request; choose another name"));
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
    if RESERVED_ARGUMENTS.contains(&name.to_string().as_str()) {
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
        Type::TraitObject(_) | Type::ImplTrait(_) => {
            errors.push(
                ty,
                "a trait cannot be the type of an argument, because its layout is unknown; lend a concrete type",
            );
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
        _ => {}
    }
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

/// Everything that makes a hook point, without the module around it.
pub(crate) fn expand(point: &Point, names: &Names, krate: &CratePath) -> TokenStream {
    let args = expand_args(point, names, krate);
    let record = expand_record(point, names, krate);
    let answers = expand_answers(point, names, krate);
    let call = expand_call(point, names, krate);
    quote!(#args #record #answers #call)
}

fn has_lifetime(point: &Point) -> bool {
    point.arguments.iter().any(|argument| argument.mode != Mode::Value)
}

fn expand_args(point: &Point, names: &Names, krate: &CratePath) -> TokenStream {
    let private = krate.private();
    let Names { args, .. } = names;
    let lifetime = has_lifetime(point).then(|| quote!(<'call>));
    let anonymous = has_lifetime(point).then(|| quote!(<'_>));
    let fields = point.arguments.iter().map(|argument| {
        let Argument { attributes, name, mode, ty } = argument;
        let documented = attributes.iter().any(|attribute| attribute.path().is_ident("doc"));
        let text = format!("The argument `{name}`.");
        let doc = (!documented).then(|| quote!(#[doc = #text]));
        let ty = match mode {
            Mode::Value => quote!(#ty),
            Mode::Ref => quote!(&'call #ty),
            Mode::Mut => quote!(&'call mut #ty),
        };
        quote!(#doc #(#attributes)* pub #name: #ty)
    });
    let doc = format!("The arguments of the hook point `{}`.", point.name);
    let text = format!("the arguments of `{}`", point.name);
    quote! {
        #[doc = #doc]
        #[repr(C)]
        pub struct #args #lifetime {
            #(#fields,)*
        }

        impl #private::fmt::Debug for #args #anonymous {
            fn fmt(&self, f: &mut #private::fmt::Formatter<'_>) -> #private::fmt::Result {
                f.write_str(#text)
            }
        }
    }
}

fn expand_record(point: &Point, names: &Names, krate: &CratePath) -> TokenStream {
    let private = krate.private();
    let Names { args, point: place, .. } = names;
    let name = point.name.to_string();
    let statuses = point.statuses.bits();
    let on_failure = point.statuses.on_failure;
    let lifetime = has_lifetime(point).then(|| quote!(<'static>));
    let arguments = point.arguments.iter().map(|argument| {
        let Argument { name, mode, ty, .. } = argument;
        let text = name.to_string();
        let mode = match mode {
            Mode::Value => quote!(Value),
            Mode::Ref => quote!(Ref),
            Mode::Mut => quote!(Mut),
        };
        let layout = match mode.to_string().as_str() {
            "Value" => quote_spanned!(ty.span()=> #private::layout_of_scalar::<#ty>()),
            _ => quote_spanned!(ty.span()=> #private::layout_of::<#ty>()),
        };
        quote! {
            #private::ArgumentRecord {
                name: #text,
                mode: #private::Mode::#mode,
                offset: #private::offset_of!(#args #lifetime, #name),
                layout: #layout,
            }
        }
    });
    let record = quote! {
        #private::PointRecord {
            name: #name,
            file: #private::file!(),
            line: #private::line!(),
            statuses: #statuses,
            on_failure: #on_failure,
            arguments: &[#(#arguments),*],
        }
    };
    let bytes = register::bytes(krate, "PointRecord", &record);
    let element = register::element(krate, "POINTS", &quote!(&#private::HookPoint), &quote!(&#place));
    quote! {
        #[doc(hidden)]
        pub static #place: #private::HookPoint = {
            #bytes
            #element
            #private::HookPoint::new(&BYTES)
        };
    }
}

fn expand_answers(point: &Point, names: &Names, krate: &CratePath) -> TokenStream {
    let private = krate.private();
    let Names { next_step, step, .. } = names;
    let statuses = &point.statuses;
    let failure = statuses.honoured.iter().find(|(_, number)| *number == statuses.on_failure);
    let Some((failure, _)) = failure else { return TokenStream::new() };
    let meanings = ["Go on; from a callout: no opinion.", "Leave out the next step.", "Drop it.", "Put it aside."];
    let variants = statuses.honoured.iter().map(|(status, number)| {
        let doc = meanings[usize::from(*number)];
        let number = u32::from(*number);
        quote!(#[doc = #doc] #status = #number)
    });
    let questions = |names: &[(Ident, u8)]| -> TokenStream {
        names
            .iter()
            .map(|(status, _)| {
                let question = format_ident!("is_{}", status.to_string().to_lowercase());
                let doc = format!("Whether it is `{status}`.");
                let pattern = if *status == "Parked" { quote!(Self::Parked(_)) } else { quote!(Self::#status) };
                quote! {
                    #[doc = #doc]
                    pub const fn #question(&self) -> bool {
                        matches!(self, #pattern)
                    }
                }
            })
            .collect()
    };
    let own_questions = questions(&statuses.honoured);
    let from_number = statuses.honoured.iter().filter(|(_, number)| *number != 3).map(|(status, number)| {
        let number = u32::from(*number);
        quote!(#number => #step::#status)
    });
    let doc = format!("What a callout of the hook point `{}` may ask for.", point.name);
    let next = quote! {
        #[doc = #doc]
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u32)]
        pub enum #next_step {
            #(#variants,)*
        }

        impl #next_step {
            #own_questions
        }
    };
    let parks = statuses.honours(3);
    let step_items = if parks {
        let mut outcomes = statuses.honoured.clone();
        outcomes.retain(|(_, number)| *number != 3);
        let plain: Vec<_> = outcomes
            .iter()
            .map(|(status, number)| {
                let doc = meanings[usize::from(*number)];
                quote!(#[doc = #doc] #status)
            })
            .collect();
        outcomes.push((Ident::new("Parked", Span::call_site()), 3));
        let questions = questions(&outcomes);
        let doc = format!("What a call of the hook point `{}` comes to.", point.name);
        quote! {
            #[doc = #doc]
            #[derive(Debug)]
            #[must_use = "a callout may have asked for something else than to go on"]
            pub enum #step {
                #(#plain,)*
                /// Put aside: give the request to it.
                Parked(#private::Parked),
            }

            impl #step {
                #questions

                fn from_number(number: u32, handle: &mut #private::CalloutHandle<'_>) -> #step {
                    match number {
                        #(#from_number,)*
                        3 => match handle.take_parked() {
                            #private::Option::Some(parked) => #step::Parked(parked),
                            #private::Option::None => #step::#failure,
                        },
                        _ => #step::#failure,
                    }
                }
            }
        }
    } else {
        let doc = format!("What a call of the hook point `{}` comes to.", point.name);
        quote! {
            #[doc = #doc]
            pub type #step = #next_step;

            impl #next_step {
                fn from_number(number: u32, _: &mut #private::CalloutHandle<'_>) -> #step {
                    match number {
                        #(#from_number,)*
                        _ => #step::#failure,
                    }
                }
            }

            impl #private::FunctionAnswer for #next_step {
                fn next_step(self) -> #private::NextStep {
                    match self as u32 {
                        1 => #private::NextStep::Skip,
                        2 => #private::NextStep::Drop,
                        _ => #private::NextStep::Continue,
                    }
                }
            }
        }
    };
    quote!(#next #step_items)
}

fn expand_call(point: &Point, names: &Names, krate: &CratePath) -> TokenStream {
    let private = krate.private();
    let Names { args, step, point: place, .. } = names;
    let lifetime = has_lifetime(point).then(|| quote!(<'call>));
    let doc = format!("Calls the callouts that are attached to the hook point `{}`.", point.name);
    quote! {
        #[doc = #doc]
        ///
        /// `arguments` is only called if any are attached, in whatever set of libraries.
        #[inline]
        pub fn call #lifetime (
            handle: &mut #private::CalloutHandle<'_>,
            arguments: impl #private::FnOnce() -> #args #lifetime,
        ) -> #step {
            if #place.is_idle() {
                return #step::Continue;
            }
            let mut arguments = arguments();
            // SAFETY: these are the arguments of this hook point, whose references live until this function returns.
            let number = unsafe { #place.call(handle, (&raw mut arguments).cast()) };
            #step::from_number(number, handle)
        }

        /// Whether callouts are attached, in the set of libraries that `handle` sees.
        pub fn callouts_present(handle: &#private::CalloutHandle<'_>) -> bool {
            #place.callouts_present(handle)
        }
    }
}

/// What typed callouts need of a declared hook point: the arguments as types, and which answers fit.
pub(crate) fn expand_for_callouts(point: &Point, names: &Names, krate: &CratePath) -> TokenStream {
    let private = krate.private();
    let Names { args, next_step, .. } = names;
    let lifetime = has_lifetime(point).then(|| quote!(<'static>));
    let slots = point.arguments.iter().map(|argument| {
        let Argument { name, mode, ty, .. } = argument;
        let mode = match mode {
            Mode::Value => quote!(Value),
            Mode::Ref => quote!(Ref),
            Mode::Mut => quote!(Mut),
        };
        (quote!(pub #name: #private::Slot<#private::#mode, #ty>), name)
    });
    let (fields, field_names): (Vec<_>, Vec<_>) = slots.unzip();
    let name = point.name.to_string();
    let all = (0..4).all(|number| point.statuses.honours(number));
    let honours_all = all.then(|| quote!(impl #private::HonoursAll for Hook {}));
    quote! {
        #[doc(hidden)]
        #[derive(Debug)]
        pub enum Hook {}

        #[doc(hidden)]
        pub const NAME: &str = #name;

        #[doc(hidden)]
        #[derive(Debug)]
        pub struct OfferedArguments {
            #(#fields,)*
        }

        #[doc(hidden)]
        pub const ARGUMENTS: OfferedArguments = OfferedArguments {
            // SAFETY: the slot is at this offset of the argument struct.
            #(#field_names: unsafe { #private::Slot::new(#private::offset_of!(#args #lifetime, #field_names)) },)*
        };

        impl #private::Answer<Hook> for #next_step {
            fn answer(self) -> #private::Result<u32, #private::String> {
                #private::Result::Ok(self as u32)
            }
        }

        #honours_all
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
const OWN_NAMES: [&str; 8] = ["Args", "NextStep", "Step", "POINT", "Hook", "OfferedArguments", "ARGUMENTS", "NAME"];

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
