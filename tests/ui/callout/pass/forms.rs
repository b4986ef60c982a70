// Every form of a callout: no arguments, a subset in any order, `&T` of `&mut T`, and everything that it may return.

#![forbid(unsafe_code)]
#![deny(warnings)]

use hooks::{BoxError, CalloutHandle, Hooks, LibraryConfig, LibraryHandle, NoParameters, Plugin, Source};
use std::sync::Mutex;

hooks::declare_hooks! {
    pub hook received(query: &mut String, peer: &String, count: u32) -> [Continue, Skip, Drop, Park];
    pub hook idle() -> [Continue, Drop];
}

struct Root(Mutex<Vec<&'static str>>);

#[hooks::plugin]
impl Plugin for Root {
    type Parameters = NoParameters;
    fn load(_: NoParameters, _: &mut LibraryHandle) -> Result<Root, BoxError> {
        Ok(Root(Mutex::default()))
    }
}

#[hooks::callout(received)]
fn nothing() {}

#[hooks::callout(received)]
fn unused_root(_this: &Root) {}

#[hooks::callout(received)]
fn in_another_order(count: u32, this: &Root, query: &mut String) {
    this.0.lock().unwrap().push("another order");
    query.push_str(&count.to_string());
}

#[hooks::callout(received)]
fn read_only(query: &String) -> Result<(), String> {
    if query.is_empty() { Err("it is empty".into()) } else { Ok(()) }
}

#[hooks::callout(received)]
fn lifetimes<'a>(peer: &'a String, query: &'a mut String, mut count: u32) -> Result<received::NextStep, std::fmt::Error> {
    count += 1;
    query.push_str(peer);
    Ok(if count == 8 { received::NextStep::Skip } else { received::NextStep::Continue })
}

#[hooks::callout(received)]
fn static_error() -> Result<(), &'static str> {
    Ok(())
}

#[hooks::callout(received)]
fn all_statuses(query: &String) -> hooks::NextStep {
    if query.is_empty() { hooks::NextStep::Drop } else { hooks::NextStep::Continue }
}

#[hooks::callout(received)]
fn asks_the_handle(handle: &mut CalloutHandle, query: &mut String) {
    query.push_str(&handle.hook_name());
}

#[hooks::callout(name = "received")]
fn by_name(this: &Root, arguments: &mut hooks::Arguments<'_>) -> Result<(), hooks::Error> {
    this.0.lock().unwrap().push("by name");
    let peer = arguments.get::<String>("peer")?.clone();
    arguments.get_mut::<String>("query")?.push_str(&peer);
    Ok(())
}

#[hooks::callout(idle)]
pub(crate) fn without_arguments(this: &Root, handle: &mut CalloutHandle<'_>) -> idle::NextStep {
    assert_eq!(handle.hook_name(), "idle");
    assert_eq!(*this.0.lock().unwrap(), ["another order", "by name"]);
    idle::NextStep::Drop
}

fn main() {
    let hooks = Hooks::new();
    hooks.load_libraries(vec![LibraryConfig::new(Source::Builtin(env!("CARGO_PKG_NAME").into()))]).unwrap();
    let (mut query, peer) = (String::from("q"), String::from("-p-"));
    let mut handle = hooks.handle();
    let step = received::call(&mut handle, || received::Args { query: &mut query, peer: &peer, count: 7 });
    assert!(step.is_skip(), "{step:?}");
    assert_eq!(query, "q7-p-received-p-");
    assert!(idle::call(&mut handle, || idle::Args {}).is_drop());
    // A callout stays an ordinary function.
    nothing();
    assert_eq!(lifetimes(&peer, &mut query, 1), Ok(received::NextStep::Continue));
}
