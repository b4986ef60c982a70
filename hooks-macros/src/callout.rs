//! `#[callout]`: a thunk around a plain function, registered for a hook point.

use std::hash::{DefaultHasher, Hash, Hasher};

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{FnArg, Ident, PatType, Result, ReturnType, Safety, Type};

use crate::errors::{Errors, with_item};
use crate::function::{self, Function};
use crate::options::Options;
use crate::point::check_type;
use crate::register;

/// Expands the attribute; on an error the function stays as it is.
pub(crate) fn expand(attribute: TokenStream, item: TokenStream) -> TokenStream {
    try_expand(attribute, item.clone()).unwrap_or_else(|error| with_item(&error, item))
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
    let options: Options = syn::parse2(attribute)?;
    let function = Function::parse(item, "callout")?;
    let mut errors = Errors::default();
    check_options(&options, &mut errors);
    check_signature(&function, &mut errors);
    let parameters = parameters(&function, &options, &mut errors);
    errors.finish()?;
    let registration = register(&function, &options, &parameters);
    Ok(quote!(#function #registration))
}

fn check_options(options: &Options, errors: &mut Errors) {
    match (&options.point, &options.name) {
        (None, None) => {
            let message = "which hook point? Write `#[callout(path::to::hook_point)]`";
            errors.add(syn::Error::new(Span::call_site(), message));
        }
        (Some(path), Some(_)) => errors.push(path, "a callout has one hook point; leave the path or the `name` out"),
        _ => {}
    }
    if let Some(on_failure) = &options.on_failure {
        errors.push(on_failure, "what a failing callout counts as is said where the hook point is declared");
    }
    if options.statuses.is_some() {
        let message = "the statuses are said where the hook point is declared; leave `statuses` out";
        errors.add(syn::Error::new(Span::call_site(), message));
    }
}

fn check_signature(function: &Function, errors: &mut Errors) {
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
    if let Some(abi) = &signature.abi {
        errors.push(abi, "a callout is an ordinary Rust function; leave `extern` out, the macro exports it");
    }
    if let Some(variadic) = &signature.variadic {
        errors.push(variadic, "a callout has a fixed list of parameters");
    }
}

fn parameters<'a>(function: &'a Function, options: &Options, errors: &mut Errors) -> Vec<Parameter<'a>> {
    let mut parameters = Vec::new();
    for input in &function.signature.inputs {
        match input {
            FnArg::Receiver(receiver) => errors
                .push(receiver, "a callout is a function outside of an `impl`; take the plugin root as `this: &Root`"),
            FnArg::Typed(typed) => parameters.extend(parameter(typed, errors)),
        }
    }
    let by_name = parameters.iter().any(|parameter| matches!(parameter, Parameter::Arguments));
    for parameter in &parameters {
        if let Parameter::Argument { name, .. } = parameter {
            if by_name {
                let message = format!(
                    "typed and by-name arguments cannot be mixed: leave `arguments` out, or ask it for `{name}`, as in \
                     `arguments.get::<T>(\"{name}\")?`"
                );
                errors.push(name, message);
            } else if options.name.is_some() {
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
    match name.to_string().as_str() {
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
            if !mutable {
                errors.push(&typed.ty, "`handle` is the request's handle: write `handle: &mut CalloutHandle`");
            }
            Some(Parameter::Handle)
        }
        "arguments" => {
            if !mutable {
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

fn register(function: &Function, options: &Options, parameters: &[Parameter<'_>]) -> TokenStream {
    let krate = options.crate_path();
    let private = krate.private();
    let conditions = function.conditions();
    let name = function.signature.ident.to_string();
    let exported = exported_name(&function.signature.ident);
    let (import, hook, point_type) = match (&options.point, &options.name) {
        (Some(path), _) => (
            quote!(#[allow(unused_imports)] use #path as __hooks_point;),
            quote!(__hooks_point::NAME),
            quote!(__hooks_point::Hook),
        ),
        (None, Some(name)) => (TokenStream::new(), quote!(#name), quote!(#private::AnyHook)),
        (None, None) => return TokenStream::new(),
    };
    let call = call(function, parameters, &private, &point_type);
    let state = parameters.iter().find_map(|parameter| match parameter {
        Parameter::This(ty) => Some(quote!(#private::Option::Some(#private::TypeId::of::<#ty>))),
        _ => None,
    });
    let state = state.unwrap_or_else(|| quote!(#private::Option::None));
    let names = parameters.iter().filter_map(|parameter| match parameter {
        Parameter::Argument { name, .. } => Some(name.to_string()),
        _ => None,
    });
    let bytes = register::bytes(
        &krate,
        "CalloutRecord",
        &quote! {
            #private::CalloutRecord {
                hook: #hook,
                name: #name,
                crate_name: #private::env!("CARGO_CRATE_NAME"),
                file: #private::file!(),
                line: #private::line!(),
                arguments: &[#(#names),*],
            }
        },
    );
    let entry = register::element(
        &krate,
        "CALLOUTS",
        &quote!(#private::CalloutEntry),
        &quote! {
            #private::CalloutEntry {
                thunk: __hooks_thunk,
                record: BYTES.as_ptr(),
                record_length: BYTES.len(),
                state: #state,
                crate_name: #private::Text::new(#private::env!("CARGO_CRATE_NAME")),
            }
        },
    );
    quote! {
        #(#conditions)*
        const _: () = {
            #import

            #[unsafe(export_name = #exported)]
            unsafe extern "C" fn __hooks_thunk(
                __hooks_head: *mut #private::Head,
                __hooks_arguments: *mut #private::c_void,
                __hooks_state: *const #private::c_void,
            ) -> u32 {
                // SAFETY: the host calls a thunk with the head of the call's handle, the argument struct of the hook point as
                // this binary knows it (its record is compared before), and the state that this plugin's `load` returned.
                // Each argument is taken once.
                unsafe { #call }
            }

            #bytes
            #entry
        };
    }
}

/// The call of the function inside of the thunk. Every word with the caller's rights (`unsafe` above) stays on the macro's own
/// tokens, so that `#![forbid(unsafe_code)]` holds for what the user wrote.
fn call(function: &Function, parameters: &[Parameter<'_>], private: &TokenStream, point: &TokenStream) -> TokenStream {
    let callout = &function.signature.ident;
    let mut lets = Vec::new();
    let mut values = Vec::new();
    let mut types = Vec::new();
    let (mut handle, mut arguments) = (false, false);
    for (i, parameter) in parameters.iter().enumerate() {
        let local = format_ident!("__hooks_{i}");
        match parameter {
            Parameter::This(ty) => {
                let take = quote_spanned!(ty.span()=> #private::take_state::<#ty>);
                lets.push(quote!(let #local = #take(__hooks_state);));
                types.push(quote!(&#ty));
                values.push(quote!(#local));
            }
            Parameter::Handle => {
                handle = true;
                types.push(quote!(&mut #private::CalloutHandle<'_>));
                values.push(quote!(__hooks_handle));
            }
            Parameter::Arguments => {
                arguments = true;
                types.push(quote!(&mut #private::Arguments<'_>));
                values.push(quote!(__hooks_by_name));
            }
            Parameter::Argument { name, take, inner, written } => {
                let take = Ident::new(take, Span::call_site());
                let take = quote_spanned!(written.span()=> #private::#take::<#inner, _, _>);
                // The argument that rustc blames for a mode or a type that does not fit stands on the user's type.
                let offered = quote_spanned!(written.span()=> &__hooks_offered);
                lets.push(quote! {
                    let #local = {
                        let __hooks_offered = __hooks_point::ARGUMENTS.#name;
                        #take(#offered, __hooks_arguments)
                    };
                });
                types.push(match reference_kind(written) {
                    Kind::Value => quote!(#inner),
                    Kind::Ref => quote!(&#inner),
                    Kind::Mut => quote!(&mut #inner),
                });
                values.push(quote!(#local));
            }
        }
    }
    let output = match &function.signature.output {
        ReturnType::Default => quote!(#private::answer::<#point, ()>),
        ReturnType::Type(_, ty) => quote_spanned!(ty.span()=> #private::answer::<#point, #ty>),
    };
    let mut inner = quote! {{
        // Takes the function for every lifetime, so that nothing lent outlives the call.
        let __hooks_callout: fn(#(#types),*) -> _ = #callout;
        #output(__hooks_callout(#(#values),*))
    }};
    if handle {
        inner = quote!(#private::lend_handle(__hooks_head, |__hooks_handle| #inner));
    }
    if arguments {
        inner = quote!(#private::lend_arguments(__hooks_head, |__hooks_by_name| #inner));
    }
    quote! {
        #private::run(__hooks_head, || {
            #(#lets)*
            #inner
        })
    }
}

enum Kind {
    Value,
    Ref,
    Mut,
}

fn reference_kind(ty: &Type) -> Kind {
    match function::reference(ty) {
        None => Kind::Value,
        Some(reference) if reference.mutability.is_some() => Kind::Mut,
        Some(_) => Kind::Ref,
    }
}

/// The symbol of a callout: its crate, its name, and a number from its place, because two modules may use one name.
fn exported_name(name: &Ident) -> String {
    let krate = std::env::var("CARGO_CRATE_NAME").unwrap_or_else(|_| "unknown".to_owned());
    let mut hasher = DefaultHasher::new();
    place(name.span()).hash(&mut hasher);
    format!("hooks_callout__{krate}__{name}__{:08x}", hasher.finish() as u32)
}

/// Where a token stands: file, line and column, if this runs in a compiler.
fn place(span: Span) -> Option<(String, usize, usize)> {
    proc_macro::is_available().then(|| {
        let span = span.unwrap();
        (span.file(), span.line(), span.column())
    })
}
