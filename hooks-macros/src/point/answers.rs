//! The answers of a hook point: `NextStep` for callouts, and `Step` for the component.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote};
use syn::Ident;

use super::{Names, Point, unlisted};
use crate::options::CratePath;

/// `NextStep` and `Step`.
pub(super) fn expand(point: &Point, names: &Names, krate: &CratePath) -> TokenStream {
    let private = krate.private();
    let Names { next_step, step, .. } = names;
    let statuses = &point.statuses;
    let meanings = ["Go on; from a callout: no opinion.", "Leave out the next step.", "Drop it.", "Put it aside."];
    let variants = statuses.honoured.iter().enumerate().map(|(place, (status, number))| {
        let doc = meanings[usize::from(*number)];
        // Where it is the number anyway, it is left out: the compiler takes long for each constant.
        let previous = place.checked_sub(1).and_then(|place| statuses.honoured.get(place)).map(|(_, number)| *number);
        let number = u32::from(*number);
        let counted = previous.map_or(0, |previous| u32::from(previous) + 1);
        let discriminant = (counted != number).then(|| quote!(= #number));
        quote!(#[doc = #doc] #status #discriminant)
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
                        ::core::matches!(self, #pattern)
                    }
                }
            })
            .collect()
    };
    let own_questions = questions(&statuses.honoured);
    let doc = format!("What a callout of the hook point `{}` may ask for.", point.name);
    let next = quote! {
        #[doc = #doc]
        #[derive(::core::clone::Clone, ::core::marker::Copy, ::core::fmt::Debug, ::core::cmp::PartialEq)]
        #[repr(u32)]
        pub enum #next_step {
            #(#variants,)*
        }

        impl ::core::cmp::Eq for #next_step {}

        // SAFETY: it is such an enum.
        unsafe impl #private::Numbered for #next_step {}

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
            #[derive(::core::fmt::Debug)]
            #[must_use = "a callout may have asked for something else than to go on"]
            pub enum #step {
                #(#plain,)*
                /// Put aside: give the request to it.
                Parked(#private::Parked),
            }

            impl #step {
                #questions
            }
        }
    } else {
        let doc = format!("What a call of the hook point `{}` comes to.", point.name);
        let unlisted = unlisted();
        quote! {
            #[doc = #doc]
            pub type #step = #next_step;

            #unlisted
            impl #private::FunctionAnswer for #next_step {}
        }
    };
    quote!(#next #step_items)
}

/// The arms that turn a number into a `Step`. They stand in `call`, because the compiler takes long for each function.
pub(super) fn outcomes(point: &Point, names: &Names, krate: &CratePath) -> TokenStream {
    let private = krate.private();
    let step = &names.step;
    let statuses = &point.statuses;
    let failure = statuses.honoured.iter().find(|(_, number)| *number == statuses.on_failure);
    let Some((failure, _)) = failure else { return TokenStream::new() };
    let plain = statuses.honoured.iter().filter(|(_, number)| *number != 3).map(|(status, number)| {
        let number = u32::from(*number);
        quote!(#number => #step::#status)
    });
    let parked = statuses.honours(3).then(|| {
        quote! {
            3 => match handle.take_parked() {
                #private::Option::Some(parked) => #step::Parked(parked),
                #private::Option::None => #step::#failure,
            },
        }
    });
    quote! {
        #(#plain,)*
        #parked
        _ => #step::#failure,
    }
}
