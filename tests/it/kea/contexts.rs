//! Contexts: what a library keeps for one request from callout to callout.

use fixture_api::{Packet, narrow, received, sent};
use hooks::{CalloutHandle, LibraryConfig, context_create, context_destroy};
use hooks_tests::{Journal, Origin, both, logged, receive, send};
use serde_json::{Value, json};

both!(
    each_library_has_a_context_for_each_request,
    what_is_not_there_is_said_in_words,
    an_optional_value_may_be_absent,
    a_library_deletes_only_its_own,
    the_components_callouts_have_contexts_of_their_own,
    a_request_begins_and_ends_with_the_libraries,
    values_of_a_library_go_before_its_state,
);

fn storing(origin: Origin, parameters: Value) -> LibraryConfig {
    LibraryConfig::new(origin.plugin("storing")).parameters(parameters)
}

/// Passes the three hook points in turn.
fn pass(request: &mut CalloutHandle<'_>, packet: &mut Packet) {
    let _ = receive(request, packet);
    let _ = send(request, packet);
    let _ = narrow::call(request, || narrow::Args { packet });
}

// 56
fn each_library_has_a_context_for_each_request(origin: Origin) {
    // Each library writes the number of the request and a digit of its own behind its number, at each of three hook points.
    let hooks = hooks_tests::hooks();
    let library = |name: &str, base: i32| {
        let at = |digit: i32| json!({"accumulate": ["context", "number", base + digit]});
        let tell = json!({"get": ["context", "number", "long"]});
        storing(
            origin,
            json!({"name": name, "received": [at(1), {"accumulate": ["argument", "number", base]}], "sent": [at(2)],
                "narrow": [at(3), tell]}),
        )
    };
    hooks.load_libraries(vec![library("a", 0), library("b", 3), library("c", 6)]).unwrap();
    let mut requests = [1, 2].map(|number| {
        let mut request = hooks.handle();
        request.set_argument("handle", number).unwrap();
        (request, Packet::default())
    });
    // The two requests take turns.
    for (request, packet) in &mut requests {
        let _ = receive(request, packet);
    }
    for (request, packet) in &mut requests {
        let _ = send(request, packet);
        let _ = narrow::call(request, || narrow::Args { packet });
    }
    let [(one, first), (two, second)] = &requests;
    assert_eq!(first.trace, ["number = 111213", "number = 141516", "number = 171819"]);
    assert_eq!(second.trace, ["number = 212223", "number = 242526", "number = 272829"]);
    // The argument of the same name was everybody's.
    assert_eq!(one.argument::<i64>("number").unwrap(), &101_316);
    assert_eq!(two.argument::<i64>("number").unwrap(), &202_326);
}

// 57
fn what_is_not_there_is_said_in_words(origin: Origin) {
    let hooks = hooks_tests::hooks();
    let get = |kind: &str| json!({"get": ["context", "count", kind]});
    let sent = json!([{"set": ["context", "other", {"int": 1}]}, get("int"), {"set": ["context", "count", {"int": 2}]},
        get("long"), get("int")]);
    hooks.load_libraries(vec![storing(origin, json!({"name": "a", "received": [get("int")], "sent": sent}))]).unwrap();
    let (mut request, mut packet) = (hooks.handle(), Packet::default());
    let _ = receive(&mut request, &mut packet);
    let _ = send(&mut request, &mut packet);
    let expected = [
        "context `count` of the library `storing`: there is no context for the library whose callout is running; \
         `set_context` makes one",
        "context `count` of the library `storing`: nothing has that name; there are: other",
        "context `count`, asked for as `i64`: it is a `i32`",
        "count = 2",
    ];
    assert_eq!(packet.trace, expected);
    assert!(request.context::<i32>("count").unwrap_err().is_context());
}

// 58
fn an_optional_value_may_be_absent(origin: Origin) {
    let hooks = hooks_tests::hooks();
    let get = |kind: &str| json!({"get-optional": ["count", kind]});
    let received = json!([get("int"), {"set": ["context", "other", {"int": 1}]}, get("int"),
        {"set": ["context", "count", {"int": 2}]}, get("int"), get("long")]);
    hooks.load_libraries(vec![storing(origin, json!({"name": "a", "received": received}))]).unwrap();
    let (mut request, mut packet) = (hooks.handle(), Packet::default());
    let _ = receive(&mut request, &mut packet);
    assert_eq!(
        packet.trace,
        ["no count", "no count", "count = 2", "context `count`, asked for as `i64`: it is a `i32`"]
    );
}

// 59
fn a_library_deletes_only_its_own(origin: Origin) {
    let hooks = hooks_tests::hooks();
    let library = |name: &str, sent: Value| {
        let set = |number: i32| json!({"set": ["context", format!("{name}{number}"), {"int": number}]});
        let names = json!([{"names": "context"}]);
        storing(origin, json!({"name": name, "received": [set(1), set(2), set(3)], "sent": sent, "narrow": names}))
    };
    let delete = json!([{"delete": ["context", "b2"]}, {"delete": ["context", "b2"]}, {"delete": ["context", "a1"]}]);
    let libraries =
        vec![library("a", json!([])), library("b", delete), library("c", json!([{"delete-all": "context"}]))];
    hooks.load_libraries(libraries).unwrap();
    let (mut request, mut packet) = (hooks.handle(), Packet::default());
    pass(&mut request, &mut packet);
    assert_eq!(packet.trace, ["true", "false", "false", "a1,a2,a3", "b1,b3", ""]);
    // Without a context there are no names, and nothing to delete.
    let (mut request, mut packet) = (hooks.handle(), Packet::default());
    let _ = send(&mut request, &mut packet);
    let _ = narrow::call(&mut request, || narrow::Args { packet: &mut packet });
    let none = "the library `storing` has no context here";
    assert_eq!(packet.trace, ["false", "false", "false", none, none, none]);
}

// 60
fn the_components_callouts_have_contexts_of_their_own(origin: Origin) {
    let hooks = hooks_tests::hooks();
    let library = json!({"name": "a", "received": [{"get-optional": ["place", "text"]},
        {"set": ["context", "place", {"text": "library"}]}], "sent": [{"get": ["context", "place", "text"]}]});
    hooks.load_libraries(vec![storing(origin, library)]).unwrap();
    let (before, after) = (hooks.pre_callouts_library_handle(), hooks.post_callouts_library_handle());
    for (library, own) in [(&before, "before"), (&after, "after")] {
        let set = received::callout(move |handle, arguments| {
            arguments.packet.trace.push(format!("{:?}", handle.optional_context::<&str>("place").unwrap()));
            handle.set_context("place", own);
        });
        // Another callout of the component in the same place shares the context.
        let tell = sent::callout(|handle, arguments| {
            arguments.packet.trace.push(format!("{:?}", handle.context::<&str>("place").unwrap()));
        });
        library.register_callout(&set).unwrap();
        library.register_callout(&tell).unwrap();
    }
    let (mut request, mut packet) = (hooks.handle(), Packet::default());
    request.set_context("place", "outside");
    let _ = receive(&mut request, &mut packet);
    let _ = send(&mut request, &mut packet);
    let expected = ["None", "no place", "None", "\"before\"", "place = library", "\"after\""];
    assert_eq!(packet.trace, expected);
    assert_eq!(request.context::<&str>("place").unwrap(), &"outside", "outside of callouts it is the component's");
}

// 61
fn a_request_begins_and_ends_with_the_libraries(origin: Origin) {
    let (journal, hooks) = (Journal::new(), hooks_tests::hooks());
    let library = |name: &str| {
        storing(
            origin,
            json!({"name": name, "journal": journal.path(),
                "create": [{"set": ["context", "seen", {"text": "created"}]}, {"set": ["argument", "made", {"text": name}]}],
                "received": [{"append": ["context", "seen", ", received"]}],
                "destroy": [{"get": ["context", "seen", "text"]}, {"names": "argument"}]}),
        )
    };
    hooks.load_libraries(vec![library("a"), library("b")]).unwrap();
    assert_eq!(hooks.hook_name(hooks::HookIndex::CONTEXT_CREATE).unwrap(), "context_create");
    assert_eq!(hooks.hook_name(hooks::HookIndex::CONTEXT_DESTROY).unwrap(), "context_destroy");
    let (mut one, two) = (hooks.handle(), hooks.handle());
    assert_eq!(one.argument::<String>("made").unwrap(), "b", "what `context_create` leaves is there for the component");
    let _ = receive(&mut one, &mut Packet::default());
    assert_eq!(journal.take(), [""; 0]);
    drop(one);
    let lines = ["a seen = created, received", "a made", "b seen = created, received", "b made"];
    assert_eq!(journal.take(), lines, "contexts and arguments are still there");
    drop(two);
    assert_eq!(journal.take(), ["a seen = created", "a made", "b seen = created", "b made"]);
    // The status of these two is nobody's.
    hooks.pre_callouts_library_handle().register_callout(&context_create::callout(|_, _| Err::<(), _>("no"))).unwrap();
    let (request, log) = logged(|| hooks.handle());
    assert_eq!(request.status(), hooks::NextStep::Continue);
    assert!(log.contains("hook=\"context_create\"") && log.contains("callout failed: no"), "{log}");
    hooks
        .pre_callouts_library_handle()
        .register_callout(&context_destroy::callout(|_, _| -> () { panic!("ouch") }))
        .unwrap();
    let ((), log) = logged(|| drop(request));
    assert!(log.contains("hook=\"context_destroy\"") && log.contains("callout failed: ouch"), "{log}");
    assert_eq!(journal.take().len(), 4, "the libraries come after it all the same");
}

// 62
fn values_of_a_library_go_before_its_state(origin: Origin) {
    // The drop of a value is code of its library.
    let (journal, hooks) = (Journal::new(), hooks_tests::hooks());
    let received = json!([{"set": ["argument", "value", {"noting": "argument dropped"}]},
        {"set": ["context", "value", {"noting": "context dropped"}]}]);
    let library = json!({"name": "library", "journal": journal.path(), "received": received});
    hooks.load_libraries(vec![storing(origin, library)]).unwrap();
    let mut request = hooks.handle();
    let _ = receive(&mut request, &mut Packet::default());
    assert!(!hooks.unload_libraries(), "the request still uses the library");
    assert_eq!(journal.take(), [""; 0]);
    drop(request);
    assert_eq!(journal.take(), ["argument dropped", "context dropped"]);
    assert!(hooks.unload_libraries());
    assert_eq!(journal.take(), ["library dropped"]);
}
