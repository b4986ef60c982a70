//! What a callout expands to: the thunk, and the statics that register it.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Ident, Path, ReturnType, Type, parse_quote};

use super::{Parameter, check, symbol};
use crate::function::{self, Function};
use crate::options::Options;
use crate::register;

/// The thunk around the function, with its registration.
pub(super) fn register(function: &Function, options: &Options, parameters: &[Parameter<'_>]) -> TokenStream {
    let krate = options.crate_path();
    let private = krate.private();
    let conditions: Vec<_> = function.conditions().collect();
    let name = function.signature.ident.unraw().to_string();
    let exported = symbol::name(&function.signature.ident);
    // All commands have one shape.
    let path = match &options.command {
        Some(_) => Some(parse_quote!(#private::command_callout)),
        None => options.point.clone(),
    };
    let (hook, point_type) = match (&path, &options.name, &options.command) {
        (Some(path), _, Some(command)) => {
            let hook = format!("${}", command.value().replace('-', "_"));
            (quote!(#hook), quote!(#path::Hook))
        }
        (Some(path), _, None) => (quote!(<#path::Hook as #private::Point>::NAME), quote!(#path::Hook)),
        (None, Some(name), _) => (quote!(#name), quote!(#private::AnyHook)),
        (None, None, _) => return TokenStream::new(),
    };
    let manual = options.manual.is_some();
    let Call { slots, call, is_plain } = call(function, parameters, &private, path.as_ref(), &point_type);
    let state = parameters.iter().find_map(|parameter| match parameter {
        Parameter::This(ty) => Some(quote!(#private::Option::Some(#private::TypeId::of::<#ty>))),
        _ => None,
    });
    let state = state.unwrap_or_else(|| quote!(#private::Option::None));
    let names = parameters.iter().filter_map(|parameter| match parameter {
        Parameter::Argument { name, .. } => Some(name.unraw().to_string()),
        _ => None,
    });
    let bytes = register::record(
        &krate,
        "CalloutRecord",
        &quote! {
            #private::CalloutRecord {
                hook: #hook,
                name: #name,
                crate_name: #private::env!("CARGO_CRATE_NAME"),
                file: #private::file!(),
                line: #private::line!(),
                manual: #manual,
                arguments: &[#(#names),*],
            }
        },
    );
    let entry = register::element(&krate, "CALLOUTS", &quote!(#private::CalloutEntry), &quote!(__HOOKS_CALLOUT));
    // A name in place of `_`, which is not allowed in an `impl`: there, rustc reports one mistake, and on the function's name.
    let registration = format_ident!("__HOOKS_CALLOUT_{}", function.signature.ident);
    let callout = &function.signature.ident;
    let visibility = &function.visibility;
    let doc = format!("The callout `{name}`, to be registered or deregistered through a library handle.");
    let is_named_here = options.point.as_ref().is_some_and(|path| check::is_named_here(path, callout));
    // Where the hook point has the name already, the callout has no second item, and is attached without one.
    let value = (!is_named_here).then(|| {
        // Rustc reports another item of the name there.
        let place = Span::call_site().located_at(callout.span());
        let item = quote_spanned!(place=> enum #callout {});
        quote! {
            #(#conditions)*
            #[doc = #doc]
            #[derive(::core::fmt::Debug)]
            #[allow(non_camel_case_types, dead_code, unreachable_pub)]
            #visibility #item

            #(#conditions)*
            impl #callout {
                #[doc = #doc]
                #[allow(dead_code, unreachable_pub)]
                pub fn callout() -> #private::Callout {
                    #private::Callout::function(#registration)
                }
            }
        }
    });
    quote! {
        #value

        #(#conditions)*
        #[allow(non_upper_case_globals, dead_code)]
        const #registration: &#private::CalloutEntry = {
            // The table has a function that is not exported, because a symbol of the program could take an exported one's place.
            #[unsafe(export_name = #exported)]
            unsafe extern "C" fn __hooks_exported(
                __hooks_head: *mut #private::Head,
                __hooks_arguments: *mut #private::c_void,
                __hooks_state: *const #private::c_void,
            ) -> u32 {
                // SAFETY: the caller keeps the thunk's contract.
                unsafe { __hooks_thunk(__hooks_head, __hooks_arguments, __hooks_state) }
            }

            unsafe extern "C" fn __hooks_thunk(
                __hooks_head: *mut #private::Head,
                __hooks_arguments: *mut #private::c_void,
                __hooks_state: *const #private::c_void,
            ) -> u32 {
                #slots
                // SAFETY: the host calls a thunk with the head of the call's handle, the argument struct of the hook point as
                // this binary knows it (its record is compared before), and the state that this plugin's `load` returned.
                // Each argument is taken once.
                unsafe { #call }
            }

            #bytes

            const __HOOKS_CALLOUT: #private::CalloutEntry =
                // SAFETY: the thunk takes what the record names, and a state of this type.
                unsafe {
                    #private::CalloutEntry::new(__hooks_thunk, &__HOOKS_BYTES, #is_plain, #state, #private::env!("CARGO_CRATE_NAME"))
                };
            #entry

            &__HOOKS_CALLOUT
        };
    }
}

/// What the thunk does.
struct Call {
    /// Names the arguments, without the caller's rights.
    slots: TokenStream,
    /// Takes them and calls the function.
    call: TokenStream,
    /// Whether nothing of it can reach the handle.
    is_plain: bool,
}

/// The call of the function inside of the thunk. Every word with the caller's rights (`unsafe` above) stays on the macro's own
/// tokens, so that `#![forbid(unsafe_code)]` holds for what the user wrote.
fn call(
    function: &Function,
    parameters: &[Parameter<'_>],
    private: &TokenStream,
    path: Option<&Path>,
    point: &TokenStream,
) -> Call {
    let callout = &function.signature.ident;
    let mut slots = Vec::new();
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
                let take = quote_spanned!(written.span()=> #private::#take::<#point, #inner, _, _>);
                // The argument that rustc blames for a mode or a type that does not fit stands on the user's type.
                let slot = format_ident!("__hooks_slot_{i}");
                let offered = quote_spanned!(written.span()=> &#slot);
                slots.push(quote!(let #slot = <#path::Hook as #private::Point>::OFFERED.#name;));
                lets.push(quote!(let #local = #take(#offered, __hooks_arguments);));
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
    let call = quote! {
        #private::run(__hooks_head, || {
            #(#lets)*
            #inner
        })
    };
    Call { slots: quote!(#(#slots)*), call, is_plain: !handle && !arguments }
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
