// Parameters of every kind that serde can make, and all functions of the trait.

#![forbid(unsafe_code)]
#![deny(warnings)]

use std::sync::atomic::{AtomicU32, Ordering};

static UNLOADED: AtomicU32 = AtomicU32::new(0);

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Parameters {
    deny: Vec<String>,
}

enum Root {
    Denies(Vec<String>),
}

#[hooks::plugin]
impl hooks::Plugin for Root {
    type Parameters = Parameters;

    fn load(Parameters { deny }: Parameters, library: &mut hooks::LibraryHandle) -> Result<Self, hooks::BoxError> {
        assert_eq!(library.name(), env!("CARGO_PKG_NAME"));
        Ok(Root::Denies(deny))
    }

    fn unload(&self) -> Result<(), hooks::BoxError> {
        let Root::Denies(deny) = self;
        UNLOADED.fetch_add(deny.len() as u32, Ordering::Relaxed);
        Ok(())
    }
}

hooks::declare_hooks! {
    pub hook received(name: &String) -> [Continue, Drop];
}

#[hooks::callout(received)]
fn denied(this: &Root, name: &String) -> received::NextStep {
    let Root::Denies(deny) = this;
    if deny.contains(name) { received::NextStep::Drop } else { received::NextStep::Continue }
}

fn main() {
    let hooks = hooks::Hooks::new();
    let library = hooks::LibraryConfig::new(hooks::Source::Builtin(env!("CARGO_PKG_NAME").into()));
    let parameters = serde_json::json!({"deny": ["a", "b"]});
    hooks.load_libraries(vec![library.parameters(parameters)]).unwrap();
    let name = String::from("b");
    assert!(received::call(&mut hooks.handle(), || received::Args { name: &name }).is_drop());
    assert!(hooks.unload_libraries());
    assert_eq!(UNLOADED.load(Ordering::Relaxed), 2);
}
