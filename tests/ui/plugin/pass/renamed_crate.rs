// The crate is known by another path: `crate = path` for all five macros.

#![forbid(unsafe_code)]
#![deny(warnings)]

mod framework {
    pub(crate) mod inner {
        pub(crate) use ::hooks as renamed;
    }
}
mod hooks {}

mod interface {
    #[derive(crate::framework::inner::renamed::HookType)]
    #[hook(crate = crate::framework::inner::renamed)]
    pub struct Query(pub String);

    crate::framework::inner::renamed::declare_hooks! {
        crate = super::framework::inner::renamed;
        pub hook received(query: &mut Query) -> [Continue, Skip, Drop];
        pub hook parked(count: u32) -> [Continue, Drop, Park];
    }
}

use framework::inner::renamed;
use interface::{Query, parked, received};

struct Root;

#[renamed::plugin(crate = renamed)]
impl renamed::Plugin for Root {
    type Parameters = renamed::NoParameters;
    fn load(_: renamed::NoParameters, _: &mut renamed::LibraryHandle) -> Result<Root, renamed::BoxError> {
        Ok(Root)
    }
}

#[renamed::callout(interface::received, crate = crate::framework::inner::renamed)]
fn ask(this: &Root, query: &mut Query, handle: &mut renamed::CalloutHandle) -> Result<received::NextStep, renamed::Error> {
    let _ = (this, handle);
    query.0.push('!');
    Ok(received::NextStep::Skip)
}

#[renamed::callout(crate = renamed, name = "own")]
fn by_name(arguments: &mut renamed::Arguments<'_>) {
    *arguments.get_mut::<u32>("count").unwrap() += 1;
}

#[renamed::hook_point(received, crate = self::renamed)]
fn receive(handle: &mut renamed::CalloutHandle, query: &mut Query) {}

#[renamed::hook_point(statuses = [Continue, Drop], crate = renamed)]
fn own(handle: &mut renamed::CalloutHandle, count: &mut u32) -> u32 {
    *count
}

fn main() {
    let hooks = renamed::Hooks::new();
    let library = renamed::Source::Builtin(env!("CARGO_PKG_NAME").into());
    hooks.load_libraries(vec![renamed::LibraryConfig::new(library)]).unwrap();
    let (mut handle, mut query) = (hooks.handle(), Query(String::new()));
    assert_eq!(receive(&mut handle, &mut query), renamed::Step::Skipped);
    assert_eq!(query.0, "!");
    assert_eq!(own(&mut handle, &mut 1), renamed::Step::Done(2));
    assert!(parked::call(&mut handle, || parked::Args { count: 1 }).is_continue());
}
