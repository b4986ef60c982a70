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
                        ::core::matches!(self, #pattern)
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
        #[derive(::core::clone::Clone, ::core::marker::Copy, ::core::fmt::Debug, ::core::cmp::PartialEq, ::core::cmp::Eq)]
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
            #[derive(::core::fmt::Debug)]
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
        let unlisted = unlisted();
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

            #unlisted
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
