//! Two hook points with one name in one program: refused before anything is loaded. A process of its own, because its hook
//! points can never be used.

use hooks::Hooks;

mod one {
    hooks::declare_hooks! {
        /// The first.
        pub hook same(number: &mut u64) -> [Continue, Drop];
    }
}

mod two {
    hooks::declare_hooks! {
        /// The second.
        pub hook same(text: &String) -> [Continue, Skip], on_failure = Skip;
    }
}

#[test]
fn a_name_that_is_declared_twice_is_refused() {
    let error = Hooks::try_new().unwrap_err();
    assert!(error.is_hook_point());
    let text = error.to_string();
    assert!(
        text.contains("the hook point `same` is declared twice: at ") && text.contains("rename one of them"),
        "{text}"
    );
    assert_eq!(text.matches("twice.rs:").count(), 2, "{text}");
    assert!(std::panic::catch_unwind(Hooks::new).is_err());
}
