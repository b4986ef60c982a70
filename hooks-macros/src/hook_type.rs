//! `#[derive(HookType)]`: the layout of a type as a constant.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::spanned::Spanned;
use syn::visit_mut::{self, VisitMut};
use syn::{
    Attribute, Data, DeriveInput, Fields, Ident, LitStr, Member, Path, Result, Token, Type, Variant, Visibility,
};

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
    let repr = Repr::of(&input.attrs);
    let (fixed, text) = (repr.is_fixed(), repr.text());
    let in_module = has_opaque(&input.data).then(|| {
        // Two types of one name in two functions would be taken for each other, and nothing looks inside an opaque field.
        quote!(const _: fn(&self::#name) = |_| {};)
    });
    let mut owner = Owner { name, private: &private, recursive: false };
    let (mut of, mut variants) = (quote!(of), None);
    let parts = match &input.data {
        Data::Struct(data) => {
            let fields = owner.fields(&data.fields, true, &mut errors);
            quote!(#private::Parts::Struct { fixed: #fixed, repr: #text, fields: &[#(#fields),*] })
        }
        Data::Enum(data) => {
            let numbers = discriminants(data, name, &repr);
            (of, variants) = (quote!(of_enum), Some(variants_impl(data, name, &private)));
            let variants = data.variants.iter().zip(&numbers);
            let variants: Vec<_> =
                variants.map(|(variant, number)| owner.variant(variant, number, &mut errors)).collect();
            quote!(#private::Parts::Enum { fixed: #fixed, repr: #text, variants: &[#(#variants),*] })
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
            #in_module
            #stand_in
            #variants

            // SAFETY: all fields are hook types, and the layout names each with its offset.
            unsafe impl #private::HookType for #name {
                const LAYOUT: &'static #private::TypeLayout = &#private::TypeLayout::#of::<#name>(
                    #private::concat!(#private::module_path!(), "::", #text),
                    #parts,
                );
            }
        };
    })
}

impl Owner<'_> {
    fn variant(&mut self, variant: &Variant, number: &TokenStream, errors: &mut Errors) -> TokenStream {
        let private = self.private;
        let text = variant.ident.unraw().to_string();
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
            // The fields of an enum's variant are as visible as the enum.
            let closed = (offsets && !matches!(field.vis, Visibility::Public(_))).then(|| quote!(.private()));
            expanded.push(quote!(#private::Field::new(#text, #offset, #layout)#closed));
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

/// How an enum says which of its variants it is.
fn variants_impl(data: &syn::DataEnum, name: &Ident, private: &TokenStream) -> TokenStream {
    let arms = data.variants.iter().enumerate().map(|(place, variant)| {
        let ident = &variant.ident;
        quote!(#name::#ident { .. } => #place)
    });
    quote! {
        impl #private::Variants for #name {
            fn variant(&self) -> usize {
                match *self {
                    #(#arms,)*
                }
            }
        }
    }
}

/// The numbers of an enum's variants, as expressions.
fn discriminants(data: &syn::DataEnum, name: &Ident, repr: &Repr) -> Vec<TokenStream> {
    if data.variants.iter().all(|variant| matches!(variant.fields, Fields::Unit)) {
        return data.variants.iter().map(|Variant { ident, .. }| quote!(#name::#ident as i128)).collect();
    }
    // Where variants have fields, their numbers cannot be read; they count on from the last one that is written.
    let integer = repr.integer();
    let (mut last, mut since) = (quote!(0), 0i128);
    let number = |variant: &Variant| {
        if let Some((_, expression)) = &variant.discriminant {
            (last, since) = (quote!({ const NUMBER: #integer = #expression; NUMBER as i128 }), 0);
        }
        let number = quote!(#last + #since);
        since += 1;
        number
    };
    data.variants.iter().map(number).collect()
}

/// What the `repr` attributes say, each part as its tokens.
struct Repr(Vec<String>);

impl Repr {
    fn of(attributes: &[Attribute]) -> Repr {
        let mut parts = Vec::new();
        for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("repr")) {
            // Mistakes in `repr` are the compiler's to report.
            if let Ok(list) = attribute.meta.require_list() {
                parts
                    .extend(list.tokens.to_string().split(',').map(|part| part.split_whitespace().collect::<String>()));
            }
        }
        parts.sort();
        Repr(parts)
    }

    fn text(&self) -> String {
        self.0.join(", ")
    }

    /// Whether it fixes the layout whatever the compiler.
    fn is_fixed(&self) -> bool {
        self.0.iter().any(|part| part == "C" || part == "transparent" || INTEGERS.contains(&part.as_str()))
    }

    /// The type of the variants' numbers.
    fn integer(&self) -> Ident {
        let integer = self.0.iter().find(|part| INTEGERS.contains(&part.as_str()));
        Ident::new(integer.map_or("isize", String::as_str), proc_macro2::Span::call_site())
    }
}

const INTEGERS: [&str; 12] = ["u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16", "i32", "i64", "i128", "isize"];

fn has_opaque(data: &Data) -> bool {
    let is_opaque = |field: &syn::Field| {
        let mut errors = Errors::default();
        field_options(&field.attrs, &mut errors).opaque.is_some()
    };
    match data {
        Data::Struct(data) => data.fields.iter().any(is_opaque),
        Data::Enum(data) => data.variants.iter().any(|variant| variant.fields.iter().any(is_opaque)),
        Data::Union(_) => false,
    }
}

// #[hook(crate = path)]
fn crate_path(attributes: &[Attribute], errors: &mut Errors) -> CratePath {
    let mut krate = CratePath::Default;
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
            Ok(path) => krate = CratePath::Named(path),
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
