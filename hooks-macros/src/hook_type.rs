//! `#[derive(HookType)]`: the layout of a type as a constant.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::spanned::Spanned;
use syn::visit_mut::{self, VisitMut};
use syn::{Attribute, Data, DeriveInput, Fields, Ident, LitStr, Member, Path, Result, Token, Type, Variant};

use crate::errors::Errors;
use crate::options::CratePath;

/// What `#[hook(…)]` says of a field.
#[derive(Default)]
struct FieldOptions {
    opaque: Option<LitStr>,
    recursive: bool,
}

/// The type whose layout is described.
struct Owner<'a> {
    name: &'a Ident,
    /// The path of the hidden module for generated code.
    private: &'a TokenStream,
    /// Whether a field contains the type itself.
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
    let mut owner = Owner { name, private: &private, recursive: false };
    let parts = match &input.data {
        Data::Struct(data) => {
            let fields = owner.fields(&data.fields, true, &mut errors);
            quote!(#private::Parts::Struct { fixed: #fixed, fields: &[#(#fields),*] })
        }
        Data::Enum(data) => {
            let variants = data.variants.iter().map(|variant| owner.variant(variant, data, &mut errors));
            let variants: Vec<_> = variants.collect();
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
    // Only a type that contains itself needs its stand-in.
    let stand_in = owner.recursive.then(|| {
        quote! {
            struct __HooksOwner;

            // SAFETY: it stands for the type itself, where that contains itself, and is described by its name.
            unsafe impl #private::HookType for __HooksOwner {
                const LAYOUT: &'static #private::TypeLayout = &#private::TypeLayout::of::<__HooksOwner>(
                    #private::concat!(#private::module_path!(), "::", #text),
                    #private::Parts::Recursive,
                );
            }
        }
    });
    Ok(quote! {
        const _: () = {
            #stand_in

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

impl Owner<'_> {
    fn variant(&mut self, variant: &Variant, data: &syn::DataEnum, errors: &mut Errors) -> TokenStream {
        let Owner { name, private, .. } = *self;
        let variant_name = &variant.ident;
        let text = variant_name.to_string();
        let plain = data.variants.iter().all(|variant| matches!(variant.fields, Fields::Unit));
        // The number of a variant can only be read where no variant has fields.
        let number = if plain { quote!(#name::#variant_name as i128) } else { quote!(0) };
        let fields = self.fields(&variant.fields, false, errors);
        quote!(#private::Variant::new(#text, #number, &[#(#fields),*]))
    }

    fn fields(&mut self, fields: &Fields, offsets: bool, errors: &mut Errors) -> Vec<TokenStream> {
        let Owner { name, private, .. } = *self;
        let mut expanded = Vec::new();
        for (i, field) in fields.iter().enumerate() {
            let member = field.ident.clone().map_or_else(|| Member::from(i), Member::from);
            let text = match &member {
                Member::Named(name) => name.unraw().to_string(),
                Member::Unnamed(index) => index.index.to_string(),
            };
            let layout = self.layout(&field.ty, &field_options(&field.attrs, errors), errors);
            // An enum's fields have no offset that stable Rust can name: its size and the same compiler stand for them.
            let offset = if offsets { quote!(#private::offset_of!(#name, #member)) } else { quote!(0) };
            expanded.push(quote!(#private::Field::new(#text, #offset, #layout)));
        }
        expanded
    }

    fn layout(&mut self, ty: &Type, options: &FieldOptions, errors: &mut Errors) -> TokenStream {
        let Owner { name, private, .. } = *self;
        if let Some(detail) = &options.opaque {
            let type_name = quote!(#ty).to_string();
            return quote!(&#private::TypeLayout::of::<#ty>(#type_name, #private::Parts::Opaque(#detail)));
        }
        let (without_owner, names_owner) = replace_owner(ty, name);
        self.recursive |= names_owner;
        match (options.recursive, names_owner) {
            (true, false) => {
                let message = format!(
                    "this type does not name `{name}`, so the field is not recursive; leave `recursive` out, or mark the \
                     field `opaque` if two types contain each other"
                );
                errors.push(ty, message);
            }
            (false, true) => {
                errors.push(ty, format!("`{name}` contains itself here; mark the field `#[hook(recursive)]`"));
            }
            _ => {}
        }
        quote_spanned!(ty.span()=> #private::layout_of::<#without_owner>())
    }
}

/// The type with a stand-in for `owner`, whose layout ends there, and whether it names `owner` at all.
fn replace_owner(ty: &Type, owner: &Ident) -> (Type, bool) {
    struct Replace<'a>(&'a Ident, bool);
    impl VisitMut for Replace<'_> {
        fn visit_path_mut(&mut self, path: &mut Path) {
            if path.is_ident(self.0) || path.is_ident("Self") {
                *path = Ident::new("__HooksOwner", path.span()).into();
                self.1 = true;
            }
            visit_mut::visit_path_mut(self, path);
        }
    }
    let (mut ty, mut replace) = (ty.clone(), Replace(owner, false));
    replace.visit_type_mut(&mut ty);
    (ty, replace.1)
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
    let (mut options, mut described) = (FieldOptions::default(), false);
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
            if !input.is_empty() || std::mem::replace(&mut described, true) {
                input.parse::<TokenStream>()?;
                return Err(syn::Error::new(key.span(), "a field takes one option; leave the others out"));
            }
            Ok(())
        });
        if let Err(error) = parsed {
            errors.add(error);
        }
    }
    options
}
