// A callout may have the name of its hook point, as in the reference: declared beside it, imported, or by its path.

#![forbid(unsafe_code)]
#![deny(warnings)]

pub mod points {
    hooks::declare_hooks! {
        pub hook received(text: &mut String) -> [Continue, Drop];
    }
}

hooks::declare_hooks! {
    pub hook sent(text: &mut String) -> [Continue, Drop];
    pub hook done(text: &mut String) -> [Continue, Drop];
}

struct Root;

#[hooks::plugin]
impl hooks::Plugin for Root {
    type Parameters = hooks::NoParameters;
    fn load(_: hooks::NoParameters, library: &mut hooks::LibraryHandle) -> Result<Root, hooks::BoxError> {
        library.register_callout(&by_path::received::callout())?;
        Ok(Root)
    }
}

#[hooks::callout(sent)]
fn sent(text: &mut String) -> sent::NextStep {
    text.push_str(" beside");
    sent::NextStep::Continue
}

#[hooks::callout(self::done)]
fn done(text: &mut String) -> self::done::NextStep {
    text.push_str(" self");
    done::NextStep::Drop
}

mod imported {
    use super::points::received;

    #[hooks::callout(received)]
    fn received(text: &mut String) -> received::NextStep {
        text.push_str(" imported");
        received::NextStep::Continue
    }
}

mod imported_with_all {
    use super::points::*;

    #[hooks::callout(received)]
    fn received(text: &mut String) -> received::NextStep {
        text.push_str(" with all");
        received::NextStep::Continue
    }
}

mod by_path {
    #[hooks::callout(crate::points::received, manual)]
    pub(super) fn received(text: &mut String) {
        text.push_str(" by path");
    }
}

fn main() {
    use points::received;
    let hooks = hooks::Hooks::new();
    let library = hooks::Source::Builtin(env!("CARGO_PKG_NAME").into());
    hooks.load_libraries(vec![hooks::LibraryConfig::new(library)]).unwrap();
    let (mut text, mut handle) = (String::new(), hooks.handle());
    let _ = sent::call(&mut handle, || sent::Args { text: &mut text });
    assert!(done::call(&mut handle, || done::Args { text: &mut text }).is_drop());
    let _ = received::call(&mut handle, || received::Args { text: &mut text });
    assert_eq!(text, " beside self imported with all by path");
}
