// Names of the user's own that the generated code must not trip over.

#![forbid(unsafe_code)]
#![deny(warnings)]
#![allow(dead_code, non_upper_case_globals, clippy::all)]

mod own {
    pub(super) struct Result;
    pub(super) struct Option;
    pub(super) struct Ok;
    pub(super) struct Err;
    pub(super) struct Some;
    pub(super) struct None;
    pub(super) struct String;
    pub(super) struct Vec;
    pub(super) struct Box;
    pub(super) mod hooks {}
    pub(super) mod std {}
    pub(super) mod core {}
    pub(super) mod __private {}
    pub(super) mod diagnostic {}
    pub(super) trait FnOnce {}
    pub(super) trait Default {}
    pub(super) trait Clone {}
    pub(super) trait Debug {}
    pub(super) trait Send {}
    pub(super) trait Sync {}
    pub(super) trait Fn {}
    pub(super) struct Callout;
    pub(super) struct CalloutHandle;
    pub(super) struct TypeId;
}

mod interface {
    #[allow(unused_imports)]
    use super::own::*;

    #[derive(::hooks::HookType)]
    pub struct Args(pub u8);
    #[derive(::hooks::HookType)]
    pub enum NextStep {
        Continue,
        Stop(u8),
    }
    #[derive(::hooks::HookType)]
    pub struct Step {
        pub field: [u8; BYTES],
        pub recursive: u8,
    }
    pub const BYTES: usize = 4;
    pub const RECORD: usize = 4;
    pub const ENTRY: usize = 4;

    ::hooks::declare_hooks! {
        pub hook received(args: &mut Args, next: &NextStep, step: &Step, bytes: &[u8; BYTES], record: &[u8; RECORD], entry: &[u8; ENTRY],
            number: u32, head: u32, point: u32, r#type: u32, private: u32) -> [Continue, Skip, Drop];
        pub hook call(call: u32) -> [Continue, Drop];
    }
}

mod plugin {
    #[allow(unused_imports)]
    use super::own::*;
    use super::interface::{Args, BYTES, ENTRY, NextStep, RECORD, Step, call, received};

    pub struct Hook;

    #[::hooks::plugin]
    impl ::hooks::Plugin for Hook {
        type Parameters = ::hooks::NoParameters;
        fn load(_: ::hooks::NoParameters, _: &mut ::hooks::LibraryHandle) -> ::std::result::Result<Hook, ::hooks::BoxError> {
            ::std::result::Result::Ok(Hook)
        }
    }

    #[::hooks::callout(received)]
    fn answer(this: &Hook, args: &mut Args, next: &NextStep, step: &Step, bytes: &[u8; BYTES], record: &[u8; RECORD], entry: &[u8; ENTRY],
        number: u32, head: u32, point: u32, r#type: u32, private: u32) -> received::NextStep {
        let _ = (this, next, step);
        let numbers = [bytes[0], record[0], entry[0]].map(u32::from);
        args.0 = (numbers.iter().sum::<u32>() + number + head + point + r#type + private) as u8;
        received::NextStep::Skip
    }

    #[::hooks::callout(call)]
    fn call_call(call: u32) {
        let _ = call;
    }

    #[::hooks::callout(command = "x", manual)]
    fn callout(command: &::hooks::Command, response: &mut ::hooks::Response) {
        response.set(0, command.name());
    }

    pub(super) fn closure() -> (::hooks::Callout, ::hooks::Callout) {
        (callout::callout(), call::callout(|_, args| drop((args, answer::callout()))))
    }
}

mod component {
    #[allow(unused_imports)]
    use super::own::*;

    /// A hook point of the function's own, whose body has names that the generated code uses as well.
    #[::hooks::hook_point(statuses = [Continue, Skip, Drop])]
    pub(super) fn callouts_present(handle: &mut ::hooks::CalloutHandle, arguments_count: u32, number: u32) -> u32 {
        let callouts_present = arguments_count;
        let _ = &handle;
        callouts_present + number
    }
}

fn main() {
    use interface::{Args, NextStep, Step, received};
    let hooks = ::hooks::Hooks::new();
    let library = ::hooks::Source::Builtin(env!("CARGO_PKG_NAME").into());
    hooks.load_libraries(vec![::hooks::LibraryConfig::new(library)]).unwrap();
    let mut handle = hooks.handle();
    assert_eq!(plugin::closure().1.hook(), "call");
    let (mut args, next, step) = (Args(0), NextStep::Stop(1), Step { field: [1; 4], recursive: 0 });
    let (bytes, record, entry) = ([1; 4], [2; 4], [3; 4]);
    let answer = received::call(&mut handle, || received::Args {
        args: &mut args, next: &next, step: &step, bytes: &bytes, record: &record, entry: &entry,
        number: 10, head: 20, point: 30, r#type: 40, private: 50,
    });
    assert_eq!((answer, args.0), (received::NextStep::Skip, 156));
    assert_eq!(component::callouts_present(&mut handle, 1, 2), ::hooks::Step::Done(3));
}
