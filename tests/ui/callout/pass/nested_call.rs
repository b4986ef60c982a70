// A callout calls a hook point through the handle that it is lent, with arguments that it is lent.

#![forbid(unsafe_code)]
#![deny(warnings)]

hooks::declare_hooks! {
    pub hook outer(text: &mut String) -> [Continue, Skip], on_failure = Continue;
    pub hook inner(text: &mut String, depth: u32) -> [Continue, Drop];
}

struct Root;

#[hooks::plugin]
impl hooks::Plugin for Root {
    type Parameters = hooks::NoParameters;
    fn load(_: hooks::NoParameters, _: &mut hooks::LibraryHandle) -> Result<Root, hooks::BoxError> {
        Ok(Root)
    }
}

#[hooks::callout(outer)]
fn call_inner(handle: &mut hooks::CalloutHandle, text: &mut String) -> outer::NextStep {
    text.push_str("outer,");
    let step = inner::call(handle, || inner::Args { text, depth: 1 });
    text.push_str("outer again");
    if step.is_drop() { outer::NextStep::Skip } else { outer::NextStep::Continue }
}

#[hooks::callout(inner)]
fn drop_it(text: &mut String, depth: u32) -> inner::NextStep {
    text.push_str(&format!("inner {depth},"));
    inner::NextStep::Drop
}

fn main() {
    let hooks = hooks::Hooks::new();
    let library = hooks::Source::Builtin(env!("CARGO_PKG_NAME").into());
    hooks.load_libraries(vec![hooks::LibraryConfig::new(library)]).unwrap();
    let mut text = String::new();
    assert_eq!(outer::call(&mut hooks.handle(), || outer::Args { text: &mut text }), outer::NextStep::Skip);
    assert_eq!(text, "outer,inner 1,outer again");
}
