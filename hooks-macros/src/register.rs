//! The statics by which generated code registers itself: a record in the file, and an element of a linkme slice.

use proc_macro2::TokenStream;
use quote::quote;

use crate::options::CratePath;

/// The bytes of the constant `record` in the section `.hooks`, under the name `__HOOKS_BYTES`. The names are long, so that they hide
/// nothing that a user's type mentions.
pub(crate) fn bytes(record: &TokenStream) -> TokenStream {
    quote! {
        #[used]
        #[cfg_attr(target_vendor = "apple", unsafe(link_section = "__DATA,__hooks"))]
        #[cfg_attr(not(target_vendor = "apple"), unsafe(link_section = ".hooks"))]
        static __HOOKS_BYTES: [u8; #record.length()] = #record.bytes();
    }
}

/// The same with the record itself, of the type `kind`.
pub(crate) fn record(krate: &CratePath, kind: &str, record: &TokenStream) -> TokenStream {
    let private = krate.private();
    let kind = syn::Ident::new(kind, proc_macro2::Span::call_site());
    let bytes = bytes(&quote!(__HOOKS_RECORD));
    quote! {
        const __HOOKS_RECORD: #private::#kind = #record;

        #bytes
    }
}

/// An element of the linkme slice `slice`.
pub(crate) fn element(krate: &CratePath, slice: &str, ty: &TokenStream, value: &TokenStream) -> TokenStream {
    let private = krate.private();
    let slice = syn::Ident::new(slice, proc_macro2::Span::call_site());
    quote! {
        #[#private::linkme::distributed_slice(#private::#slice)]
        #[linkme(crate = #private::linkme)]
        static __HOOKS_ENTRY: #ty = #value;
    }
}
