//! What a hook point expands to: the argument struct, the static with its record, and the functions that call it.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Attribute, Expr, Ident, Meta};

use super::{Argument, Mode, Names, Point, answers, unlisted};
use crate::options::CratePath;
use crate::register;

/// Everything that makes a hook point that a function has for itself.
pub(crate) fn expand_in_function(point: &Point, names: &Names, krate: &CratePath) -> TokenStream {
    let private = krate.private();
    let Names { args: name, point: place, .. } = names;
    let args = expand_args(point, names, krate);
    let lifetime = has_lifetime(point).then(|| quote!(<'static>));
    let record = expand_record(point, krate, |argument| quote!(#private::offset_of!(#name #lifetime, #argument)));
    let element = element(&[declared(&quote!(#place), &quote!(__HOOKS_RECORD), &private)], krate);
    let hook_point = expand_static(names, krate, &quote!(__HOOKS_RECORD));
    let answers = answers::expand(point, names, krate);
    let call = expand_call(point, names, krate);
    quote! {
        #args
        const __HOOKS_RECORD: &#private::PointRecord = &#record;
        const _: () = {
            #element
        };
        #hook_point
        #answers
        #call
    }
}

/// Everything that makes a declared hook point, without the module around it, and without the element that registers it.
pub(crate) fn expand_in_module(point: &Point, krate: &CratePath) -> TokenStream {
    let names = Names::in_module();
    let args = expand_args(point, &names, krate);
    let hook_point = expand_static(&names, krate, &quote!(__HOOKS_RECORD));
    let answers = answers::expand(point, &names, krate);
    let call = expand_call(point, &names, krate);
    let for_callouts = expand_for_callouts(point, &names, krate);
    quote!(#args #hook_point #answers #call #for_callouts)
}

/// The hook point whose static is `place`, to be registered with its `record`.
pub(crate) fn declared(place: &TokenStream, record: &TokenStream, private: &TokenStream) -> TokenStream {
    // SAFETY: the record is that of this hook point.
    quote!(unsafe { #private::DeclaredPoint::new(&#place, #record) })
}

/// The element by which hook points are registered, and nothing else: what is in `declared`.
pub(crate) fn element(declared: &[TokenStream], krate: &CratePath) -> TokenStream {
    let private = krate.private();
    register::element(krate, "POINTS", &quote!(&[#private::DeclaredPoint]), &quote!(&[#(#declared),*]))
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
            #[inline]
            fn fmt(&self, f: &mut #private::fmt::Formatter<'_>) -> #private::fmt::Result {
                f.write_str(#text)
            }
        }
    }
}

/// The record; `offset` says where an argument lies.
fn expand_record(point: &Point, krate: &CratePath, offset: impl Fn(&Ident) -> TokenStream) -> TokenStream {
    let private = krate.private();
    let name = point.name.to_string();
    let statuses = point.statuses.bits();
    let on_failure = point.statuses.on_failure;
    let arguments = point.arguments.iter().map(|argument| {
        let Argument { name, mode, ty, .. } = argument;
        let text = name.unraw().to_string();
        let offset = offset(name);
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
                offset: #offset,
                layout: #layout,
            }
        }
    });
    let lines = point.attributes.iter().filter_map(doc_line);
    quote! {
        #private::PointRecord {
            name: #name,
            file: #private::file!(),
            line: #private::line!(),
            statuses: #statuses,
            on_failure: #on_failure,
            arguments: &[#(#arguments),*],
            documentation: #private::concat!(#(#lines, "\n"),*),
        }
    }
}

/// The static of the hook point that `record` describes.
fn expand_static(names: &Names, krate: &CratePath, record: &TokenStream) -> TokenStream {
    let private = krate.private();
    let Names { point: place, .. } = names;
    let bytes = register::bytes(record);
    quote! {
        #[doc(hidden)]
        pub static #place: #private::HookPoint = {
            #bytes
            // SAFETY: the record describes the argument struct of this hook point.
            unsafe { #private::HookPoint::new(&__HOOKS_BYTES) }
        };
    }
}

/// What stands in `#[doc = …]`.
fn doc_line(attribute: &Attribute) -> Option<&Expr> {
    match &attribute.meta {
        Meta::NameValue(meta) if meta.path.is_ident("doc") => Some(&meta.value),
        _ => None,
    }
}

fn expand_call(point: &Point, names: &Names, krate: &CratePath) -> TokenStream {
    let private = krate.private();
    let Names { args, step, point: place, .. } = names;
    let lifetime = has_lifetime(point).then(|| quote!(<'call>));
    let doc = format!("Calls the callouts that are attached to the hook point `{}`.", point.name);
    let outcomes = answers::outcomes(point, names, krate);
    let must_use = (point.statuses.honoured.len() > 1)
        .then(|| quote!(#[must_use = "a callout may have asked for something else than to go on"]));
    quote! {
        #[doc = #doc]
        ///
        /// `arguments` is only called if any are attached, in whatever set of libraries.
        #must_use
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
            match unsafe { #place.call(handle, (&raw mut arguments).cast()) } {
                #outcomes
            }
        }

        /// Whether callouts are attached, in the set of libraries that `handle` sees.
        #[inline]
        pub fn callouts_present(handle: &#private::CalloutHandle<'_>) -> bool {
            #place.callouts_present(handle)
        }
    }
}

/// What typed callouts need of a declared hook point: the arguments as types, and which answers fit.
fn expand_for_callouts(point: &Point, names: &Names, krate: &CratePath) -> TokenStream {
    let private = krate.private();
    let Names { args, next_step, point: place, .. } = names;
    let lifetime = has_lifetime(point).then(|| quote!(<'static>));
    let slots = point.arguments.iter().map(|argument| {
        let Argument { name, mode, ty, .. } = argument;
        let mode = match mode {
            Mode::Value => quote!(Value),
            Mode::Ref => quote!(Ref),
            Mode::Mut => quote!(Mut),
        };
        (quote!(pub #name: #private::Slot<Hook, #private::#mode, #ty>), name)
    });
    let (fields, field_names): (Vec<_>, Vec<_>) = slots.unzip();
    let name = point.name.to_string();
    let unlisted = unlisted();
    let all = (0..4).all(|number| point.statuses.honours(number));
    let (call_lifetime, call_args) = match has_lifetime(point) {
        true => (quote!(for<'call>), quote!(#args<'call>)),
        false => (TokenStream::new(), quote!(#args)),
    };
    // The slots know the offsets, and the compiler takes long for each constant.
    let record = expand_record(point, krate, |argument| quote!(<Hook as #private::Point>::OFFERED.#argument.offset()));
    let callout_doc = format!("A callout for the hook point `{name}` made of a closure, which is lent all arguments.");
    let honours_all = all.then(|| quote!(impl #private::HonoursAll for Hook {}));
    quote! {
        #[doc(hidden)]
        #[allow(missing_debug_implementations)]
        pub enum Hook {}

        // Not in the implementation: there `Self`, which a type may mention, would be another one than in the structs.
        const __HOOKS_RECORD: &#private::PointRecord = &#record;

        // SAFETY: record, argument struct and slots are those of this hook point.
        unsafe impl #private::Point for Hook {
            const RECORD: &'static #private::PointRecord = __HOOKS_RECORD;
            type Args<'call> = #call_args;
            type Offered = OfferedArguments;
            const OFFERED: OfferedArguments = OfferedArguments {
                // SAFETY: the slot is at this offset of the argument struct.
                #(#field_names: unsafe { #private::Slot::new(#private::offset_of!(#args #lifetime, #field_names)) },)*
            };
        }

        #[doc(hidden)]
        #[allow(missing_debug_implementations)]
        pub struct OfferedArguments {
            #(#fields,)*
        }

        #unlisted
        impl #private::Answer<Hook> for #next_step {
            type Way = #private::ByNumber;
        }

        #honours_all

        #[doc = #callout_doc]
        ///
        /// It is registered through a library handle.
        #[track_caller]
        pub fn callout<F, R>(callout: F) -> #private::Callout
        where
            F: #call_lifetime #private::Fn(&mut #private::CalloutHandle<'_>, #call_args) -> R
                + #private::Send + #private::Sync + 'static,
            R: #private::Answer<Hook>,
        {
            // SAFETY: it is the static of this hook point.
            unsafe { #private::closure_callout::<Hook, F, R>(&#place, callout) }
        }
    }
}
