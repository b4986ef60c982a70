// Items that a condition leaves out take all that belongs to them along.

#![forbid(unsafe_code)]
#![deny(warnings)]
#![allow(unexpected_cfgs)]

hooks::declare_hooks! {
    pub hook received(count: &mut u32) -> [Continue, Drop];

    #[cfg(never)]
    pub hook sent(count: &Missing) -> [Continue, Drop];

    #[cfg(not(never))]
    pub hook sent(count: &mut u32) -> [Continue, Drop];
}

struct Root;

#[cfg(never)]
struct Missing;

#[cfg(never)]
#[hooks::plugin]
impl hooks::Plugin for Missing {
    type Parameters = Missing;
}

#[hooks::plugin]
#[cfg(never)]
impl hooks::Plugin for Missing {
    type Parameters = Missing;
}

#[hooks::plugin]
#[cfg(not(never))]
impl hooks::Plugin for Root {
    type Parameters = hooks::NoParameters;
    fn load(_: hooks::NoParameters, _: &mut hooks::LibraryHandle) -> Result<Root, hooks::BoxError> {
        Ok(Root)
    }
}

#[hooks::callout(received)]
#[cfg(never)]
fn count(count: &mut Missing) {}

#[cfg(never)]
#[hooks::callout(missing)]
fn count(count: &mut Missing) {}

#[hooks::callout(received)]
#[cfg(not(never))]
fn count(count: &mut u32) {
    *count += 1;
}

#[cfg_attr(not(never), hooks::callout(sent))]
fn count_sent(count: &mut u32) {
    *count += 10;
}

#[hooks::hook_point(received)]
#[cfg(never)]
fn receive(missing: Missing) {}

#[hooks::hook_point(received)]
#[cfg(not(never))]
fn receive(handle: &mut hooks::CalloutHandle, count: &mut u32) {}

fn main() {
    let hooks = hooks::Hooks::new();
    let library = hooks::Source::Builtin(env!("CARGO_PKG_NAME").into());
    hooks.load_libraries(vec![hooks::LibraryConfig::new(library)]).unwrap();
    let (mut handle, mut count) = (hooks.handle(), 0);
    assert_eq!(receive(&mut handle, &mut count), hooks::Step::Done(()));
    let _ = sent::call(&mut handle, || sent::Args { count: &mut count });
    assert_eq!(count, 11);
}
