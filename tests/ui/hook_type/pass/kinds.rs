// Every kind of type that can be described.

#![forbid(unsafe_code)]
#![deny(warnings, unreachable_pub)]
#![allow(dead_code)]

use std::collections::{BTreeMap, HashMap};
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

#[derive(Clone, Debug, Default, PartialEq, hooks::HookType)]
struct Unit;

#[derive(Clone, Debug, Default, PartialEq, hooks::HookType)]
struct Tuple(u8, pub(crate) String, (u8, u16));

#[derive(Clone, Debug, Default, PartialEq, hooks::HookType)]
#[repr(C, align(16))]
struct Named {
    r#type: u8,
    address: Option<IpAddr>,
    map: BTreeMap<String, Vec<Ipv4Addr>>,
    table: HashMap<u32, Box<Tuple>>,
    array: [Unit; 3],
    shared: Arc<Tuple>,
    outcome: Option<Result<u8, String>>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, hooks::HookType)]
#[repr(u8)]
enum Plain {
    #[default]
    First = 3,
    Second,
}

#[derive(Clone, Debug, PartialEq, hooks::HookType)]
enum Data {
    Nothing,
    Tuple(u8, String),
    Named { plain: Plain, named: Box<Named> },
}

#[derive(Debug, hooks::HookType)]
enum Never {}

/// A list and a tree.
#[derive(Clone, Debug, Default, PartialEq, hooks::HookType)]
struct Recursive {
    value: u32,
    #[hook(recursive)]
    next: Option<Box<Recursive>>,
    #[hook(recursive)]
    children: Vec<(u8, Arc<Self>)>,
}

#[derive(hooks::HookType)]
struct Opaque {
    #[hook(opaque = "std")]
    since: std::time::Instant,
}

hooks::declare_hooks! {
    hook all(unit: &Unit, tuple: &mut Tuple, named: &mut Named, plain: &Plain, data: &Data, recursive: &mut Recursive, opaque: &Opaque)
        -> [Continue, Drop];
}

struct Root;

#[hooks::plugin]
impl hooks::Plugin for Root {
    type Parameters = hooks::NoParameters;
    fn load(_: hooks::NoParameters, _: &mut hooks::LibraryHandle) -> Result<Root, hooks::BoxError> {
        Ok(Root)
    }
}

#[hooks::callout(all)]
fn by_name(arguments: &mut hooks::Arguments<'_>) -> Result<(), hooks::Error> {
    let next = arguments.get_mut::<Recursive>("recursive")?.next.take();
    *arguments.get_mut("recursive")? = Recursive { value: next.map_or(0, |next| next.value + 1), ..Recursive::default() };
    assert!(arguments.get::<Tuple>("named").is_err());
    assert!(arguments.get::<Opaque>("opaque")?.since.elapsed() >= std::time::Duration::ZERO);
    Ok(())
}

fn main() {
    let hooks = hooks::Hooks::new();
    let library = hooks::Source::Builtin(env!("CARGO_PKG_NAME").into());
    hooks.load_libraries(vec![hooks::LibraryConfig::new(library)]).unwrap();
    let (mut tuple, mut named, data) = (Tuple::default(), Named::default(), Data::Nothing);
    let mut recursive = Recursive { value: 1, next: Some(Box::new(Recursive { value: 7, ..Recursive::default() })), ..Recursive::default() };
    let opaque = Opaque { since: std::time::Instant::now() };
    let step = all::call(&mut hooks.handle(), || all::Args {
        unit: &Unit,
        tuple: &mut tuple,
        named: &mut named,
        plain: &Plain::Second,
        data: &data,
        recursive: &mut recursive,
        opaque: &opaque,
    });
    assert!(step.is_continue());
    assert_eq!(recursive.value, 8);
}
