// Two roots of one crate can be linked; which one a configuration means cannot be told, so loading says so.

#![forbid(unsafe_code)]
#![deny(warnings)]

mod first {
    pub(super) struct Root;

    #[hooks::plugin]
    impl hooks::Plugin for Root {
        type Parameters = hooks::NoParameters;
        fn load(_: hooks::NoParameters, _: &mut hooks::LibraryHandle) -> Result<Root, hooks::BoxError> {
            Ok(Root)
        }
    }
}

mod second {
    pub(super) struct Root;

    #[hooks::plugin]
    impl hooks::Plugin for Root {
        type Parameters = hooks::NoParameters;
        fn load(_: hooks::NoParameters, _: &mut hooks::LibraryHandle) -> Result<Root, hooks::BoxError> {
            Ok(Root)
        }
    }
}

fn main() {
    let _ = (first::Root, second::Root);
    let library = hooks::Source::Builtin(env!("CARGO_PKG_NAME").into());
    let error = hooks::Hooks::new().load_libraries(vec![hooks::LibraryConfig::new(library)]).unwrap_err();
    assert!(error.to_string().contains("2 plugin roots"), "{error}");
}
