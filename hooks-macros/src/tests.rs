//! What the macros expand to, as text. What users see of mistakes is tested with the compiler, in `tests/ui`.

use proc_macro2::TokenStream;
use quote::quote;

/// The items as rustfmt would write them.
fn pretty(tokens: TokenStream) -> String {
    prettyplease::unparse(&syn::parse2(tokens).unwrap())
}

/// The texts that `compile_error!` is called with.
fn mistakes(tokens: TokenStream) -> Vec<String> {
    let file: syn::File = syn::parse2(tokens).unwrap();
    let calls = file.items.iter().filter_map(|item| match item {
        syn::Item::Macro(item) => Some(&item.mac),
        _ => None,
    });
    calls.map(|call| call.parse_body::<syn::LitStr>().unwrap().value()).collect()
}

#[test]
fn an_argument_struct_has_the_order_of_the_declaration_and_types_as_seen_from_inside() {
    let hook = quote!(pub hook received(first: &mut self::Packet, second: u8, third: &Args) -> [Continue, Drop];);
    let text = pretty(crate::declare::expand(hook).unwrap());
    let start = text.find("    #[repr(C)]").unwrap();
    let end = text[start..].find("\n    }\n").unwrap();
    let expected = r#"    #[repr(C)]
    pub struct Args<'call> {
        ///The argument `first`.
        pub first: &'call mut super::Packet,
        ///The argument `second`.
        pub second: u8,
        ///The argument `third`.
        pub third: &'call super::Args,"#;
    assert_eq!(&text[start..start + end], expected);
}

#[test]
fn a_hook_point_without_references_has_no_lifetime() {
    let text = pretty(crate::declare::expand(quote!(hook counted(count: u32) -> [Continue, Drop];)).unwrap());
    assert!(text.contains("pub struct Args {"), "{text}");
    assert!(text.contains("pub fn call("), "{text}");
}

#[test]
fn the_body_of_a_hook_point_stays_as_it_is_written() {
    let attribute = quote!(point::received);
    let function = quote! {
        fn receive(&self, handle: &mut CalloutHandle, packet: &mut Packet, #[not_argument] more: u8) -> Option<u8> {
            this is no Rust, and rustc says so
        }
    };
    let text = crate::hook_point::expand(attribute, function).to_string();
    assert!(text.contains(&quote!({ this is no Rust, and rustc says so }).to_string()), "{text}");
    assert!(text.contains(&quote!(-> ::hooks::__private::Step<Option<u8> >).to_string()), "{text}");
    assert!(text.contains(&quote!(point::received::Args { packet: &mut *packet }).to_string()), "{text}");
    assert!(!text.contains("not_argument"), "{text}");
}

#[test]
fn all_mistakes_are_reported_at_once_and_the_function_stays() {
    let function = quote! {
        async unsafe fn answer<T>(this: &mut Root, (a, b): &Pair, packet: &str) {}
    };
    let expanded = crate::callout::expand(quote!(received), function.clone());
    assert!(expanded.to_string().starts_with(&function.to_string()), "{expanded}");
    let mistakes = mistakes(expanded);
    assert_eq!(mistakes.len(), 6, "{mistakes:#?}");
}

#[test]
fn what_belongs_to_a_callout_has_its_condition() {
    let function = quote! {
        #[cfg(feature = "answers")]
        fn answer() {}
    };
    let file: syn::File = syn::parse2(crate::callout::expand(quote!(received), function)).unwrap();
    assert_eq!(file.items.len(), 4);
    for item in &file.items {
        let (syn::Item::Fn(syn::ItemFn { attrs, .. })
        | syn::Item::Enum(syn::ItemEnum { attrs, .. })
        | syn::Item::Impl(syn::ItemImpl { attrs, .. })
        | syn::Item::Const(syn::ItemConst { attrs, .. })) = item
        else {
            panic!("what is this? {}", quote!(#item));
        };
        assert!(attrs.iter().any(|attribute| attribute.path().is_ident("cfg")), "{}", quote!(#item));
    }
}

#[test]
fn a_callout_has_no_second_item_where_its_hook_point_has_the_name() {
    let function = quote! {
        fn received() {}
    };
    let items = |attribute| {
        let expanded = crate::callout::expand(attribute, function.clone());
        syn::parse2::<syn::File>(expanded).unwrap().items.len()
    };
    for (attribute, expected) in [
        (quote!(received), 2),
        (quote!(self::received), 2),
        (quote!(r#received), 2),
        (quote!(api::received), 4),
        (quote!(::received), 4),
        (quote!(super::received), 4),
        (quote!(other), 4),
        (quote!(name = "received"), 4),
    ] {
        assert_eq!(items(attribute.clone()), expected, "{attribute}");
    }
}

#[test]
fn manual_may_stand_before_and_after_the_hook_point() {
    for (attribute, expected) in [
        (quote!(api::received), "manual : false"),
        (quote!(api::received, manual), "manual : true"),
        (quote!(manual, api::received,), "manual : true"),
        (quote!(manual, command = "x-y"), "manual : true"),
        (quote!(manual::received), "manual : false"),
        (quote!(self::manual), "manual : false"),
    ] {
        let text = crate::callout::expand(
            attribute.clone(),
            quote!(
                fn answer() {}
            ),
        )
        .to_string();
        assert!(text.contains(expected), "{attribute}: {text}");
    }
}
