//! Handles: one for each request, as long as the request.

use fixture_api::{Packet, received, sent};
use hooks::{CalloutHandle, Hooks};
use hooks_tests::{Journal, Origin, both, receive, script, send};
use serde_json::json;

both!(the_hook_point_is_known_while_its_callouts_run, a_request_has_one_handle, a_handle_can_be_replaced);

// 45
fn the_hook_point_is_known_while_its_callouts_run(origin: Origin) {
    let hooks = hooks_tests::hooks();
    let place = json!(["place"]);
    hooks
        .load_libraries(vec![script(origin, "a", json!({"received": place, "sent": place, "narrow": place}))])
        .unwrap();
    let told = |what: &str| format!("{what} pre-callouts");
    let before = hooks.pre_callouts_library_handle();
    let tell = received::callout(|handle, arguments| {
        arguments.packet.trace.push(format!("{} {}", handle.hook_name(), handle.library_name()));
    });
    before.register_callout(&tell).unwrap();
    let (mut request, mut packet) = (hooks.handle(), Packet::default());
    assert_eq!((request.hook_name(), request.library_name()), (String::new(), String::new()));
    let _ = receive(&mut request, &mut packet);
    let _ = send(&mut request, &mut packet);
    assert_eq!(packet.trace, [told("received"), "received scripted".to_owned(), "sent scripted".to_owned()]);
    assert_eq!((request.hook_name(), request.library_name()), (String::new(), String::new()));
}

/// What a component keeps of a request.
struct Request {
    handle: CalloutHandle<'static>,
    packet: Packet,
}

impl Request {
    fn new(hooks: &Hooks) -> Request {
        Request { handle: hooks.handle(), packet: Packet::default() }
    }

    fn pass(&mut self) {
        let _ = receive(&mut self.handle, &mut self.packet);
        let _ = send(&mut self.handle, &mut self.packet);
    }
}

// 70
fn a_request_has_one_handle(origin: Origin) {
    let hooks = hooks_tests::hooks();
    hooks.load_libraries(vec![script(origin, "a", json!({}))]).unwrap();
    let before = hooks.pre_callouts_library_handle();
    let count = |handle: &mut CalloutHandle<'_>, packet: &mut Packet| {
        let count = handle.optional_context::<u32>("count").unwrap().copied().unwrap_or(0) + 1;
        handle.set_context("count", count);
        packet.trace.push(count.to_string());
    };
    before.register_callout(&received::callout(move |handle, arguments| count(handle, arguments.packet))).unwrap();
    before.register_callout(&sent::callout(move |handle, arguments| count(handle, arguments.packet))).unwrap();
    let (mut one, mut two) = (Request::new(&hooks), Request::new(&hooks));
    one.pass();
    two.pass();
    one.pass();
    assert_eq!(one.packet.trace, ["1", "2", "3", "4"], "the same handle at each hook point");
    assert_eq!(two.packet.trace, ["1", "2"], "another request has another handle");
}

// 70
fn a_handle_can_be_replaced(origin: Origin) {
    let (journal, hooks) = (Journal::new(), hooks_tests::hooks());
    let library = json!({"name": "a", "journal": journal.path(), "create": [{"set": ["context", "x", {"int": 1}]}],
        "received": [{"set": ["context", "x", {"int": 2}]}], "destroy": [{"get": ["context", "x", "int"]}]});
    hooks.load_libraries(vec![hooks::LibraryConfig::new(origin.plugin("storing")).parameters(library)]).unwrap();
    let mut request = Request::new(&hooks);
    request.pass();
    request.handle = hooks.handle();
    assert_eq!(journal.take(), ["a x = 2"], "the handle before has ended");
    drop(request);
    assert_eq!(journal.take(), ["a x = 1"]);
    assert!(hooks.unload_libraries(), "no handle is left that keeps the library");
}
