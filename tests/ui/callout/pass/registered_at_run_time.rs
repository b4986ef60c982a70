// Callouts as values: functions that are not attached by themselves, handlers of commands, closures of both kinds.

#![forbid(unsafe_code)]
#![deny(warnings)]

use std::sync::atomic::{AtomicU32, Ordering};

use hooks::{
    Arguments, BoxError, Callout, CalloutHandle, Command, Hooks, LibraryConfig, LibraryHandle, NoParameters, Plugin, Response,
    Source, command_callout,
};

hooks::declare_hooks! {
    pub hook received(query: &mut String, peer: &String, count: u32) -> [Continue, Skip, Drop];
    pub hook counted(count: u32, r#type: u32) -> [Continue, Drop];
}

struct Root {
    library: LibraryHandle,
    calls: AtomicU32,
}

#[hooks::plugin(multi_threading_compatible = false)]
impl Plugin for Root {
    type Parameters = NoParameters;
    fn load(_: NoParameters, library: &mut LibraryHandle) -> Result<Root, BoxError> {
        library.register_callout(&once::callout())?;
        library.register_callout(&r#match::callout())?;
        library.register_callout(&inside::again::callout())?;
        library.register_command_callout("late-get", &late::callout())?;
        // A closure that coerces, as a function does.
        library.register_callout(&counted::callout(takes_the_struct))?;
        Ok(Root { library: library.clone(), calls: AtomicU32::new(0) })
    }
}

#[hooks::callout(received, manual)]
fn once(this: &Root, query: &mut String) {
    query.push_str(" once");
    this.library.deregister_callout(&once::callout());
}

// The order of the options does not matter.
#[hooks::callout(manual, received)]
fn r#match(peer: &String, query: &mut String) -> received::NextStep {
    query.push_str(peer);
    received::NextStep::Skip
}

mod inside {
    #[hooks::callout(super::received, manual)]
    pub(super) fn again(query: &mut String) {
        query.push_str(" again");
    }

    mod deeper {
        #[hooks::callout(crate::received, manual)]
        pub fn reexported(count: u32) {
            let _ = count;
        }
    }
    pub use deeper::reexported;
}
pub use inside::reexported;

#[hooks::callout(manual, name = "received")]
fn by_name(arguments: &mut Arguments<'_>) -> Result<(), hooks::Error> {
    arguments.get_mut::<String>("query")?.push_str(" by name");
    Ok(())
}

#[hooks::callout(command = "echo-get")]
fn echo(this: &Root, command: &Command, response: &mut Response) {
    this.calls.fetch_add(1, Ordering::Relaxed);
    response.set(0, command.arguments_json());
}

// Every form that a callout of a hook point has.
#[hooks::callout(command = "echo-get")]
fn nothing() {}

#[hooks::callout(command = "echo-get")]
fn reads_the_response(response: &Response, handle: &mut CalloutHandle) -> Result<command_callout::NextStep, BoxError> {
    if response.json().is_none() || handle.hook_name() != "$echo_get" {
        return Err("it has not been answered".into());
    }
    Ok(command_callout::NextStep::Continue)
}

#[hooks::callout(command = "echo-get")]
fn handles_by_name(arguments: &mut Arguments<'_>) -> Result<(), hooks::Error> {
    assert_eq!(arguments.get::<Command>("command")?.name(), "echo-get");
    Ok(())
}

#[hooks::callout(command = "late-get", manual)]
fn late(response: &mut Response) -> Result<(), hooks::Error> {
    response.set_arguments(0, "late", &[1])
}

#[hooks::callout(manual, command = "never-get")]
fn never(response: &mut Response) {
    response.set(1, "never");
}

#[cfg(any())]
#[hooks::callout(missing, manual)]
fn conditional(missing: Missing) {}

#[hooks::callout(received, manual)]
#[cfg(not(any()))]
fn conditional(query: &mut String) {
    query.push_str(" conditional");
}

#[hooks::callout(hooks::context_create)]
fn begin(handle: &mut CalloutHandle) {
    handle.set_context("began", 1_u32);
}

#[hooks::callout(hooks::context_destroy)]
fn end(this: &Root, handle: &mut CalloutHandle) -> Result<(), hooks::Error> {
    this.calls.fetch_add(*handle.context::<u32>("began")?, Ordering::Relaxed);
    Ok(())
}

fn takes_the_struct(_: &mut CalloutHandle<'_>, args: counted::Args) -> counted::NextStep {
    if args.count == args.r#type { counted::NextStep::Drop } else { counted::NextStep::Continue }
}

fn receive(hooks: &Hooks, count: u32) -> (received::NextStep, String) {
    let (mut query, peer) = ("q".to_owned(), " from p".to_owned());
    let step = received::call(&mut hooks.handle(), || received::Args { query: &mut query, peer: &peer, count });
    (step, query)
}

fn main() -> Result<(), hooks::Error> {
    #[hooks::callout(received, manual)]
    fn local(query: &mut String) {
        query.push_str(" local");
    }

    let hooks = Hooks::new();
    hooks.set_multi_threading(false);
    hooks.load_libraries(vec![LibraryConfig::new(Source::Builtin(env!("CARGO_PKG_NAME").into()))])?;
    assert_eq!(receive(&hooks, 1), (received::NextStep::Skip, "q once from p again".into()));
    assert_eq!(receive(&hooks, 2), (received::NextStep::Skip, "q from p again".into()));
    assert!(counted::call(&mut hooks.handle(), || counted::Args { count: 2, r#type: 2 }).is_drop());

    let (before, after) = (hooks.pre_callouts_library_handle(), hooks.post_callouts_library_handle());
    before.register_callout(&local::callout())?;
    before.register_callout(&by_name::callout())?;
    before.register_callout(&conditional::callout())?;
    before.register_callout(&inside::reexported::callout())?;
    let prefix = " closure".to_owned();
    // What a closure may return: nothing, the hook point's answer, or a result.
    let closure = received::callout(move |_, args| args.query.push_str(&prefix));
    let fallible = received::callout(|handle, args| {
        let count = args.count.checked_sub(3).ok_or("too small")?;
        handle.set_argument("count", count).map_err(|_| "refused")?;
        Ok::<_, &str>(received::NextStep::Drop)
    });
    let named = Callout::by_name("received", |_: &mut CalloutHandle<'_>, arguments: &mut Arguments<'_>| {
        arguments.get_mut::<String>("query").map(|query| query.push_str(" closure by name"))
    });
    for callout in [&closure, &fallible, &named] {
        after.register_callout(callout)?;
    }
    let expected = "q local by name conditional from p again closure closure by name";
    assert_eq!(receive(&hooks, 3), (received::NextStep::Drop, expected.into()));
    assert!(after.deregister_callout(&fallible.clone()));
    assert_eq!(receive(&hooks, 3).0, received::NextStep::Skip);

    for (command, expected) in [
        ("echo-get", Some(r#"{"result":0,"text":"[7]"}"#)),
        ("late-get", Some(r#"{"result":0,"text":"late","arguments":[1]}"#)),
    ] {
        let mut response = Response::default();
        hooks.call_command_handlers(&mut hooks.handle(), &Command::new(command, "[7]"), &mut response)?;
        assert_eq!(response.json(), expected);
    }
    // A callout stays an ordinary function.
    let mut response = Response::default();
    never(&mut response);
    reexported(0);
    nothing();
    assert_eq!(never::callout().hook(), "$never_get");
    Ok(())
}
