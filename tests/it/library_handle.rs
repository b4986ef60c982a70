//! What a library handle must refuse, and when what was registered through it ends.

use std::sync::Arc;

use fixture_api::versions::moved;
use fixture_api::{Packet, sent, sequence};
use hooks::{Arguments, Callout, CalloutHandle, Command, Response};

/// A callout of this program, for the component to register.
#[hooks::callout(sequence, manual)]
fn note(trace: &mut Vec<String>) {
    trace.push("note".to_owned());
}

/// One that handles commands.
#[hooks::callout(command = "answer", manual)]
fn answer(command: &Command, response: &mut Response) {
    response.set(0, command.name());
}

#[test]
fn a_function_with_other_arguments_handles_no_command() {
    let hooks = hooks_tests::hooks();
    let library = hooks.pre_callouts_library_handle();
    let error = library.register_command_callout("note-it", &note::callout()).unwrap_err().to_string();
    assert!(error.contains("belongs to the hook point `sequence`, not to `$note_it`"), "{error}");
    assert!(!hooks.command_handlers_present("note-it"));
    library.register_command_callout("answer-it", &answer::callout()).unwrap();
    let mut response = Response::default();
    let command = Command::new("answer-it", "");
    hooks.call_command_handlers(&mut hooks.handle(), &command, &mut response).unwrap();
    assert_eq!(response.json(), Some(r#"{"result":0,"text":"answer-it"}"#));
}

/// What looks like a hook point with two mutable arguments of one type, but offers one of them under both names.
mod disguised {
    pub(super) use fixture_api::versions::moved::Hook;
    use hooks::__private::{Mut, Point, Slot};

    pub(super) struct Offered {
        pub(super) one: Slot<Hook, Mut, u64>,
        pub(super) two: Slot<Hook, Mut, u64>,
    }

    pub(super) const ARGUMENTS: Offered =
        Offered { one: <Hook as Point>::OFFERED.two, two: <Hook as Point>::OFFERED.two };
}

#[hooks::callout(disguised, manual)]
fn swap(one: &mut u64, two: &mut u64) {
    std::mem::swap(one, two);
}

#[test]
fn a_module_of_the_users_does_not_say_where_arguments_lie() {
    let disguised::Offered { one, two } = disguised::ARGUMENTS;
    assert_eq!(format!("{one:?}"), format!("{two:?}"), "it offers one argument twice");
    let hooks = hooks_tests::hooks();
    hooks.pre_callouts_library_handle().register_callout(&swap::callout()).unwrap();
    let (mut one, mut two) = (1, 2);
    let step = moved::call(&mut hooks.handle(), || moved::Args { one: &mut one, two: &mut two });
    assert!(step.is_continue());
    assert_eq!((one, two), (2, 1));
}

/// A callout of the component that leaves `text` in the packet.
fn writes(text: &'static str) -> Callout {
    sent::callout(move |_, arguments| arguments.packet.text.push_str(text))
}

#[test]
fn callouts_that_are_registered_at_once_come_in_their_order() {
    let hooks = hooks_tests::hooks();
    let library = hooks.pre_callouts_library_handle();
    library.register_callout(&writes("a")).unwrap();
    let (mut trace, note) = (Vec::new(), note::callout());
    library.register_callouts([&writes("b"), &note, &writes("c"), &note]).unwrap();
    library.register_callouts([]).unwrap();
    let mut packet = Packet::default();
    assert!(sent::call(&mut hooks.handle(), || sent::Args { packet: &mut packet }).is_continue());
    assert!(sequence::call(&mut hooks.handle(), || sequence::Args { trace: &mut trace }).is_continue());
    assert_eq!((packet.text.as_str(), trace), ("abc", vec!["note".to_owned(), "note".to_owned()]));
}

#[test]
fn of_callouts_that_are_registered_at_once_none_is_attached_if_one_is_refused() {
    let hooks = hooks_tests::hooks();
    let library = hooks.pre_callouts_library_handle();
    let elsewhere = Callout::by_name("no_such_hook", |_: &mut CalloutHandle<'_>, _: &mut Arguments<'_>| {});
    let error = library.register_callouts([&writes("a"), &elsewhere, &writes("b")]).unwrap_err().to_string();
    assert!(error.contains("no_such_hook"), "{error}");
    assert!(hooks.callouts().is_empty());
}

#[test]
fn a_handle_that_its_own_closure_keeps_ends_with_the_hooks() {
    let hooks = hooks_tests::hooks();
    let library = hooks.post_callouts_library_handle();
    let alive = Arc::new(());
    let kept = (library.clone(), Arc::clone(&alive));
    library
        .register_callout(&sent::callout(move |_, arguments| {
            arguments.packet.text.push_str(&kept.0.name());
            let _ = &kept.1;
        }))
        .unwrap();
    let mut packet = Packet::default();
    assert!(sent::call(&mut hooks.handle(), || sent::Args { packet: &mut packet }).is_continue());
    assert_eq!(packet.text, "post-callouts");
    drop(hooks);
    assert_eq!(Arc::strong_count(&alive), 1, "the closure is gone");
    let error = library.register_callout(&note::callout()).unwrap_err().to_string();
    assert!(error.starts_with("this handle for post-callouts has ended"), "{error}");
}
