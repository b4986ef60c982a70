// The body is what SKIP and DROP leave out, in a function of a declared hook point and in one with a hook point of its own.

#![forbid(unsafe_code)]
#![deny(warnings)]

use hooks::{CalloutHandle, Hooks, LibraryConfig, Source, Step};

hooks::declare_hooks! {
    pub hook received(count: u32) -> [Continue, Skip, Drop];
}

struct Root;

#[hooks::plugin]
impl hooks::Plugin for Root {
    type Parameters = hooks::NoParameters;
    fn load(_: hooks::NoParameters, _: &mut hooks::LibraryHandle) -> Result<Root, hooks::BoxError> {
        Ok(Root)
    }
}

#[hooks::callout(received)]
fn decide(count: u32) -> received::NextStep {
    [received::NextStep::Continue, received::NextStep::Skip, received::NextStep::Drop][count as usize]
}

#[hooks::callout(name = "own")]
fn decide_own(arguments: &mut hooks::Arguments<'_>) -> Result<hooks::NextStep, hooks::Error> {
    let count = *arguments.get::<u32>("count")?;
    let names = arguments.get_mut::<Vec<String>>("names")?;
    names.push("own".into());
    Ok(if count == 1 { hooks::NextStep::Drop } else { hooks::NextStep::Continue })
}

#[hooks::hook_point(received)]
fn receive(handle: &mut CalloutHandle, count: u32, #[not_argument] ran: &mut u32) -> u32 {
    *ran += 1;
    count
}

#[hooks::hook_point(statuses = [Continue, Drop])]
fn own(handle: &mut CalloutHandle, names: &mut Vec<String>, count: u32) -> usize {
    names.len() + count as usize
}

fn main() {
    let hooks = Hooks::new();
    hooks.load_libraries(vec![LibraryConfig::new(Source::Builtin(env!("CARGO_PKG_NAME").into()))]).unwrap();
    let (mut handle, mut ran) = (hooks.handle(), 0);
    assert_eq!(receive(&mut handle, 0, &mut ran), Step::Done(0));
    assert_eq!(receive(&mut handle, 1, &mut ran), Step::Skipped);
    assert_eq!(receive(&mut handle, 2, &mut ran), Step::Dropped);
    // The callout panics: its index is out of bounds, which counts as DROP. The hook keeps it out of the test's output.
    std::panic::set_hook(Box::new(|_| {}));
    assert_eq!(receive(&mut handle, 3, &mut ran), Step::Dropped);
    assert_eq!(ran, 1);
    let mut names = vec![];
    assert_eq!(own(&mut handle, &mut names, 1), Step::Dropped);
    assert_eq!(own(&mut handle, &mut names, 5), Step::Done(7));
}
