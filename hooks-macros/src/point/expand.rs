//! What a hook point expands to: the argument struct, the static with its record, and the functions that call it.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Attribute, Expr, Meta};

use super::{Argument, Mode, Names, Point, answers, unlisted};
use crate::options::CratePath;
use crate::register;

/// Everything that makes a hook point, without the module around it.
pub(crate) fn expand(point: &Point, names: &Names, krate: &CratePath) -> TokenStream {
    let args = expand_args(point, names, krate);
    let record = expand_record(point, names, krate);
    let answers = answers::expand(point, names, krate);
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
        let text = name.unraw().to_string();
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
    let lines = point.attributes.iter().filter_map(doc_line);
    let details = quote! {
        #private::PointDetails { record: &__HOOKS_RECORD, documentation: #private::concat!(#(#lines, "\n"),*) }
    };
    let details = register::element(krate, "DETAILS", &quote!(#private::PointDetails), &details);
    quote! {
        #[doc(hidden)]
        pub static #place: #private::HookPoint = {
            #bytes
            #element
            const _: () = {
                #details
            };
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
    let Names { args, next_step, point: place, .. } = names;
    let lifetime = has_lifetime(point).then(|| quote!(<'static>));
    let inferred = has_lifetime(point).then(|| quote!(<'_>));
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
    let callout_doc = format!("A callout for the hook point `{name}` made of a closure, which is lent all arguments.");
    let honours_all = all.then(|| quote!(impl #private::HonoursAll for Hook {}));
    quote! {
        #[doc(hidden)]
        #[derive(::core::fmt::Debug)]
        pub enum Hook {}

        // SAFETY: the slots below are those of this hook point.
        unsafe impl #private::Point for Hook {
            const NAME: &'static str = #name;
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
            fn answer(self) -> #private::Result<u32, #private::String> {
                #private::Result::Ok(self as u32)
            }
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
            unsafe extern "C" fn __hooks_thunk<F, R>(
                __hooks_head: *mut #private::Head,
                __hooks_arguments: *mut #private::c_void,
                __hooks_state: *const #private::c_void,
            ) -> u32
            where
                F: #call_lifetime #private::Fn(&mut #private::CalloutHandle<'_>, #call_args) -> R,
                R: #private::Answer<Hook>,
            {
                // SAFETY: the host calls it with the head of the call's handle, the argument struct of this hook point and the
                // closure, which it keeps. The struct is read once, and what it lends is not used beside the copy.
                unsafe {
                    #private::run(__hooks_head, || {
                        let __hooks_callout = &*__hooks_state.cast::<F>();
                        let __hooks_taken = __hooks_arguments.cast::<#args #inferred>().read();
                        #private::lend_handle(__hooks_head, |__hooks_handle| {
                            #private::answer::<Hook, R>(__hooks_callout(__hooks_handle, __hooks_taken))
                        })
                    })
                }
            }
            // SAFETY: the thunk takes the arguments of this hook point and the closure that is given here.
            unsafe {
                #private::Callout::closure(
                    <Hook as #private::Point>::NAME,
                    #private::Option::Some(&#place),
                    __hooks_thunk::<F, R>,
                    callout,
                )
            }
        }
    }
}
