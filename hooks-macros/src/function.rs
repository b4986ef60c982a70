//! A function whose signature is parsed and whose body stays as it is, so that rustc reports mistakes in the body itself.

use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::parse::{Parse, ParseStream};
use syn::visit::Visit;
use syn::{
    Attribute, FnArg, GenericParam, Ident, Pat, Result, Signature, Token, Type, TypeImplTrait, TypeReference,
    Visibility,
};

use crate::errors::Errors;

/// A function or a method.
pub(crate) struct Function {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) visibility: Visibility,
    pub(crate) signature: Signature,
    /// The block with its braces.
    pub(crate) body: TokenStream,
}

impl Parse for Function {
    fn parse(input: ParseStream<'_>) -> Result<Function> {
        let attributes = input.call(Attribute::parse_outer)?;
        let visibility = input.parse()?;
        let signature = input.parse()?;
        if input.peek(Token![;]) {
            return Err(input.error("the function has no body; it goes on a function with one"));
        }
        Ok(Function { attributes, visibility, signature, body: input.parse()? })
    }
}

impl ToTokens for Function {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let Function { attributes, visibility, signature, body } = self;
        tokens.extend(quote!(#(#attributes)* #visibility #signature #body));
    }
}

impl Function {
    /// Parses `item`, which is no function: an error that says so with `what`.
    pub(crate) fn parse(item: TokenStream, what: &str) -> Result<Function> {
        let is_function = |tree: &TokenTree| matches!(tree, TokenTree::Ident(ident) if ident == "fn");
        if !item.clone().into_iter().any(|tree| is_function(&tree)) {
            return Err(syn::Error::new_spanned(item, format!("`#[{what}]` goes on a function")));
        }
        syn::parse2(item)
    }

    /// The `#[cfg(…)]` attributes, which what is generated beside the function needs as well.
    pub(crate) fn conditions(&self) -> impl Iterator<Item = &Attribute> {
        self.attributes.iter().filter(|attribute| attribute.path().is_ident("cfg"))
    }

    /// Refuses generics other than lifetimes.
    pub(crate) fn refuse_generics(&self, what: &str, errors: &mut Errors) {
        for parameter in &self.signature.generics.params {
            if !matches!(parameter, GenericParam::Lifetime(_)) {
                errors.push(parameter, format!("{what} cannot be generic over types or constants; write the types"));
            }
        }
        for input in &self.signature.inputs {
            if let FnArg::Typed(parameter) = input {
                refuse_impl_trait(&parameter.ty, what, errors);
            }
        }
    }
}

/// Refuses `impl Trait`, also inside of other types.
pub(crate) fn refuse_impl_trait(ty: &Type, what: &str, errors: &mut Errors) {
    struct Find<'a>(&'a str, &'a mut Errors);
    impl Visit<'_> for Find<'_> {
        fn visit_type_impl_trait(&mut self, ty: &TypeImplTrait) {
            self.1.push(ty, format!("{} cannot be generic: write a type instead of `impl …`", self.0));
        }
    }
    Find(what, errors).visit_type(ty);
}

/// Refuses `Self`, which would be another type in each of the structs that are made for a declared hook point.
pub(crate) fn refuse_self(ty: &Type, errors: &mut Errors) {
    struct Find<'a>(&'a mut Errors);
    impl Visit<'_> for Find<'_> {
        fn visit_ident(&mut self, name: &Ident) {
            if name == "Self" {
                self.0.push(name, "a declared hook point is in no type that `Self` could mean; write the type's name");
            }
        }
    }
    Find(errors).visit_type(ty);
}

/// Refuses `#[cfg]` on a parameter: what is generated beside the function would need it as well.
pub(crate) fn refuse_conditions(attributes: &[Attribute], errors: &mut Errors) {
    for attribute in attributes {
        if attribute.path().is_ident("cfg") || attribute.path().is_ident("cfg_attr") {
            let message =
                "an argument cannot depend on a condition; write the whole item twice, each with its `#[cfg]`";
            errors.push(attribute, message);
        }
    }
}

/// Whether it is the mark of a parameter that is no argument of the hook point.
pub(crate) fn is_marker(attribute: &Attribute) -> bool {
    attribute.path().is_ident("not_argument")
}

/// An item in which a mistake was found, as it can be given to rustc: without the marks that only these macros know, and without
/// what rustc would report as well.
pub(crate) fn after_mistake(item: TokenStream) -> TokenStream {
    let Ok(mut function) = syn::parse2::<Function>(item.clone()) else { return item };
    for input in &mut function.signature.inputs {
        if let FnArg::Typed(parameter) = input {
            parameter.attrs.retain(|attribute| !is_marker(attribute));
        }
    }
    function.signature.variadic = None;
    quote!(#function)
}

/// The name of a parameter, if its pattern is one.
pub(crate) fn name_of(pattern: &Pat) -> Option<&Ident> {
    match pattern {
        Pat::Ident(pattern) if pattern.by_ref.is_none() && pattern.subpat.is_none() => Some(&pattern.ident),
        _ => None,
    }
}

/// The type without parentheses and invisible groups around it.
pub(crate) fn bare(ty: &Type) -> &Type {
    match ty {
        Type::Group(group) => bare(&group.elem),
        Type::Paren(paren) => bare(&paren.elem),
        other => other,
    }
}

/// The reference that the type is, if it is one.
pub(crate) fn reference(ty: &Type) -> Option<&TypeReference> {
    match bare(ty) {
        Type::Reference(reference) => Some(reference),
        _ => None,
    }
}

/// Whether the last part of the type's path is `name`.
pub(crate) fn is_named(ty: &Type, name: &str) -> bool {
    match bare(ty) {
        Type::Path(path) => path.path.segments.last().is_some_and(|segment| segment.ident == name),
        _ => false,
    }
}
