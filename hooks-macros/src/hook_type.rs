//! `#[derive(HookType)]`: the layout of a type as a constant.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::parse::ParseStream;
use syn::spanned::Spanned;
use syn::{Attribute, Data, DeriveInput, Fields, Ident, LitStr, Member, Path, Result, Token, Variant};

use crate::errors::Errors;
use crate::options::CratePath;

/// What `#[hook(…)]` says of a field.
#[derive(Default)]
struct FieldOptions {
    opaque: Option<LitStr>,
    recursive: bool,
}

/// Expands the derive macro.
pub(crate) fn expand(input: TokenStream) -> Result<TokenStream> {
    let input: DeriveInput = syn::parse2(input)?;
    let mut errors = Errors::default();
    let krate = crate_path(&input.attrs, &mut errors);
    for parameter in &input.generics.params {
        errors.push(
            parameter,
            "a hook type cannot be generic, because its layout is compared between binaries; derive it on a type with the \
             parameters filled in",
        );
    }
    let private = krate.private();
    let name = &input.ident;
    let fixed = is_fixed(&input.attrs);
    let parts = match &input.data {
        Data::Struct(data) => {
            let fields = fields(&data.fields, &quote!(#name), true, &private, &mut errors);
            quote!(#private::Parts::Struct { fixed: #fixed, fields: &[#(#fields),*] })
        }
        Data::Enum(data) => {
            let variants: Vec<_> = data
                .variants
                .iter()
                .map(|variant| expand_variant(variant, data, name, &private, &mut errors))
                .collect();
            quote!(#private::Parts::Enum { fixed: #fixed, variants: &[#(#variants),*] })
        }
        Data::Union(data) => {
            errors.push(
                data.union_token,
                "a union cannot be a hook type, because nothing says which field is valid; use an enum",
            );
            TokenStream::new()
        }
    };
    errors.finish()?;
    let text = name.to_string();
    Ok(quote! {
        const _: () = {
            // SAFETY: all fields are hook types, and the layout names each with its offset.
            unsafe impl #private::HookType for #name {
                const LAYOUT: &'static #private::TypeLayout = &#private::TypeLayout::of::<#name>(
                    #private::concat!(#private::module_path!(), "::", #text),
                    #parts,
                );
            }
        };
    })
}

fn expand_variant(
    variant: &Variant,
    data: &syn::DataEnum,
    name: &Ident,
    private: &TokenStream,
    errors: &mut Errors,
) -> TokenStream {
    let variant_name = &variant.ident;
    let text = variant_name.to_string();
    let plain = data.variants.iter().all(|variant| matches!(variant.fields, Fields::Unit));
    // The number of a variant can only be read where no variant has fields.
    let number = if plain { quote!(#name::#variant_name as i128) } else { quote!(0) };
    let fields = fields(&variant.fields, &quote!(#name), false, private, errors);
    quote!(#private::Variant::new(#text, #number, &[#(#fields),*]))
}

fn fields(
    fields: &Fields,
    owner: &TokenStream,
    offsets: bool,
    private: &TokenStream,
    errors: &mut Errors,
) -> Vec<TokenStream> {
    let mut expanded = Vec::new();
    for (i, field) in fields.iter().enumerate() {
        let options = field_options(&field.attrs, errors);
        let member = field.ident.clone().map_or_else(|| Member::from(i), Member::from);
        let text = match &member {
            Member::Named(name) => name.to_string(),
            Member::Unnamed(index) => index.index.to_string(),
        };
        let ty = &field.ty;
        let type_name = quote!(#ty).to_string();
        let layout = if let Some(detail) = &options.opaque {
            quote!(&#private::TypeLayout::of::<#ty>(#type_name, #private::Parts::Opaque(#detail)))
        } else if options.recursive {
            quote!(&#private::TypeLayout::of::<#ty>(#type_name, #private::Parts::Recursive))
        } else {
            quote_spanned!(ty.span()=> #private::layout_of::<#ty>())
        };
        // An enum's fields have no offset that stable Rust can name: its size and the same compiler stand for them.
        let offset = if offsets { quote!(#private::offset_of!(#owner, #member)) } else { quote!(0) };
        expanded.push(quote!(#private::Field::new(#text, #offset, #layout)));
    }
    expanded
}

/// Whether `repr` fixes the layout whatever the compiler.
fn is_fixed(attributes: &[Attribute]) -> bool {
    let fixing = ["C", "transparent", "u8", "u16", "u32", "u64", "i8", "i16", "i32", "i64", "usize", "isize"];
    let mut fixed = false;
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("repr")) {
        // Mistakes in `repr` are the compiler's to report.
        let _ = attribute.parse_nested_meta(|meta| {
            fixed |= fixing.iter().any(|name| meta.path.is_ident(name));
            let arguments = meta.input.peek(syn::token::Paren);
            if arguments {
                let content;
                syn::parenthesized!(content in meta.input);
                content.parse::<TokenStream>()?;
            }
            Ok(())
        });
    }
    fixed
}

// #[hook(crate = path)]
fn crate_path(attributes: &[Attribute], errors: &mut Errors) -> CratePath {
    let mut krate = CratePath::DEFAULT;
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("hook")) {
        let parsed = attribute.parse_args_with(|input: ParseStream<'_>| {
            if !input.peek(Token![crate]) {
                return Err(input.error("on a type, expected `crate = path`; `opaque` and `recursive` go on a field"));
            }
            input.parse::<Token![crate]>()?;
            input.parse::<Token![=]>()?;
            input.call(Path::parse_mod_style)
        });
        match parsed {
            Ok(path) => krate = CratePath::new(path),
            Err(error) => errors.add(error),
        }
    }
    krate
}

// #[hook(opaque = "crate 1.2, features a b")]
// #[hook(recursive)]
fn field_options(attributes: &[Attribute], errors: &mut Errors) -> FieldOptions {
    let mut options = FieldOptions::default();
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("hook")) {
        let parsed = attribute.parse_args_with(|input: ParseStream<'_>| {
            let key: Ident = input.parse()?;
            if key == "recursive" {
                options.recursive = true;
            } else if key == "opaque" {
                if input.is_empty() {
                    let message = "what does its layout depend on? Write `opaque = \"crate 1.2, features a b\"`";
                    return Err(syn::Error::new(key.span(), message));
                }
                input.parse::<Token![=]>()?;
                options.opaque = Some(input.parse()?);
            } else {
                let message = format!("unknown option `{key}`; expected `opaque = \"…\"` or `recursive`");
                return Err(syn::Error::new(key.span(), message));
            }
            Ok(())
        });
        if let Err(error) = parsed {
            errors.add(error);
        }
    }
    if options.recursive
        && let Some(opaque) = &options.opaque
    {
        errors.push(opaque, "a field is `opaque` or `recursive`, not both");
    }
    options
}
