//! Arguments: values by name that callouts and component hand to each other with a request.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use fixture_api::Packet;
use hooks::{CalloutHandle, HookType, LibraryConfig};
use hooks_tests::{Origin, both, receive, send};
use serde_json::{Value, json};

both!(
    plugins_and_component_share_extra_arguments,
    a_type_that_is_not_exact_is_refused_between_binaries,
    arguments_and_contexts_of_one_name_are_apart,
    arguments_stay_from_call_to_call,
    each_callout_changes_what_the_next_one_sees,
    a_declared_argument_is_not_replaced_by_an_extra_one,
);

fn storing(origin: Origin, parameters: Value) -> LibraryConfig {
    LibraryConfig::new(origin.plugin("storing")).parameters(parameters)
}

fn handle() -> CalloutHandle<'static> {
    hooks_tests::hooks().handle()
}

// 50
#[test]
fn simple_values_are_kept_apart_and_replaced() {
    let mut handle = handle();
    for (name, value) in [("first", 1), ("second", 2), ("fourth", 4)] {
        handle.set_argument(name, value).unwrap();
    }
    handle.set_argument("third", 3_i16).unwrap();
    let int = |handle: &CalloutHandle<'_>, name| *handle.argument::<i32>(name).unwrap();
    assert_eq!([int(&handle, "first"), int(&handle, "second"), int(&handle, "fourth")], [1, 2, 4]);
    assert_eq!(handle.argument::<i16>("third").unwrap(), &3);
    handle.set_argument("second", 22).unwrap();
    handle.set_argument("third", "now a text".to_owned()).unwrap();
    assert_eq!(int(&handle, "second"), 22);
    assert_eq!(handle.argument::<String>("third").unwrap(), "now a text");
    assert_eq!(handle.argument_names(), ["first", "second", "fourth", "third"]);
}

// 50
fn plugins_and_component_share_extra_arguments(origin: Origin) {
    let hooks = hooks_tests::hooks();
    let received = json!([{"get": ["argument", "given", "int"]}, {"set": ["argument", "given", {"int": 8}]},
        {"set": ["argument", "made", {"text": "in the plugin"}]}]);
    hooks.load_libraries(vec![storing(origin, json!({"name": "a", "received": received}))]).unwrap();
    let (mut request, mut packet) = (hooks.handle(), Packet::default());
    request.set_argument("given", 7).unwrap();
    let _ = receive(&mut request, &mut packet);
    assert_eq!(packet.trace, ["given = 7"]);
    assert_eq!(request.argument::<i32>("given").unwrap(), &8);
    request.argument_mut::<String>("made").unwrap().push_str(", changed by the component");
    assert_eq!(request.argument::<String>("made").unwrap(), "in the plugin, changed by the component");
}

// 51
#[test]
fn an_unknown_name_is_refused() {
    let mut handle = handle();
    let error = handle.argument::<i32>("missing").unwrap_err();
    assert!(error.is_argument());
    assert_eq!(error.to_string(), "argument `missing`, asked for as `i32`: nothing has that name; there are: none");
    handle.set_argument("present", 1).unwrap();
    let error = handle.argument_mut::<i32>("missing").unwrap_err();
    assert!(error.to_string().ends_with("nothing has that name; there are: present"), "{error}");
}

/// Two structs with fields of the same types.
#[derive(Clone, Debug, PartialEq, HookType)]
struct Alpha {
    a: i32,
    b: i32,
}

#[derive(Clone, Debug, PartialEq, HookType)]
struct Beta {
    a: i32,
    b: i32,
}

// 51
#[test]
fn only_the_exact_type_fits() {
    let mut handle = handle();
    handle.set_argument("int", 1_i32).unwrap();
    let error = handle.argument::<i64>("int").unwrap_err();
    assert_eq!(error.to_string(), "argument `int`, asked for as `i64`: it is a `i32`");
    handle.argument::<u32>("int").unwrap_err();
    // Structs are values too, and are not taken for each other because they look alike.
    let (alpha, beta) = (Alpha { a: 10, b: 20 }, Beta { a: 30, b: 40 });
    handle.set_argument("alpha", alpha.clone()).unwrap();
    handle.set_argument("beta", beta.clone()).unwrap();
    assert_eq!((handle.argument::<Alpha>("alpha").unwrap(), handle.argument::<Beta>("beta").unwrap()), (&alpha, &beta));
    assert!(handle.argument::<Beta>("alpha").unwrap_err().to_string().contains("it is a `"));
    assert!(handle.argument_mut::<Alpha>("beta").unwrap_err().is_argument());
    // A value, a pointer to one, and a list of one have different types.
    handle.set_argument("boxed", Box::new(beta)).unwrap();
    handle.argument::<Beta>("boxed").unwrap_err();
    handle.argument::<Vec<Beta>>("boxed").unwrap_err();
    handle.argument::<Box<Alpha>>("boxed").unwrap_err();
    handle.argument_mut::<Box<Beta>>("boxed").unwrap().a = 31;
    assert_eq!(handle.argument::<Box<Beta>>("boxed").unwrap().a, 31);
}

// 51
fn a_type_that_is_not_exact_is_refused_between_binaries(origin: Origin) {
    let hooks = hooks_tests::hooks();
    let received = json!([{"get": ["argument", "short", "int"]}, {"get": ["argument", "missing", "int"]},
        {"get": ["argument", "short", "short"]}]);
    hooks.load_libraries(vec![storing(origin, json!({"name": "a", "received": received}))]).unwrap();
    let (mut request, mut packet) = (hooks.handle(), Packet::default());
    request.set_argument("short", 5_i16).unwrap();
    let _ = receive(&mut request, &mut packet);
    let expected = [
        "argument `short`, asked for as `i32`: it is a `i16`",
        "argument `missing`, asked for as `i32`: nothing has that name; there are: short",
        "short = 5",
    ];
    assert_eq!(packet.trace, expected);
}

/// Counts its drops.
#[derive(Debug, HookType)]
struct Counted {
    #[hook(opaque = "std")]
    drops: Arc<AtomicU32>,
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.drops.fetch_add(1, Ordering::Relaxed);
    }
}

// 52
#[test]
fn names_are_listed_and_values_deleted() {
    let (mut handle, drops) = (handle(), Arc::new(AtomicU32::new(0)));
    let dropped = || drops.load(Ordering::Relaxed);
    assert!(handle.argument_names().is_empty());
    for name in ["one", "two", "three", "four"] {
        handle.set_argument(name, Counted { drops: Arc::clone(&drops) }).unwrap();
    }
    assert!(handle.delete_argument("one") && handle.delete_argument("three"));
    assert!(!handle.delete_argument("one") && !handle.delete_argument("five"), "nothing to delete is no mistake");
    assert_eq!((handle.argument_names(), dropped()), (vec!["two".to_owned(), "four".to_owned()], 2));
    handle.argument::<Counted>("one").unwrap_err();
    handle.argument::<Counted>("two").unwrap();
    handle.set_argument("two", 2).unwrap();
    assert_eq!(dropped(), 3, "what is replaced is dropped");
    handle.delete_all_arguments();
    handle.delete_all_arguments();
    assert_eq!((handle.argument_names().len(), dropped()), (0, 4));
    handle.set_argument("last", Counted { drops: Arc::clone(&drops) }).unwrap();
    drop(handle);
    assert_eq!(dropped(), 5);
}

// 54
fn arguments_and_contexts_of_one_name_are_apart(origin: Origin) {
    let hooks = hooks_tests::hooks();
    let received = json!([{"set": ["argument", "same", {"int": 1}]}, {"set": ["context", "same", {"text": "one"}]}]);
    let sent = json!([{"get": ["argument", "same", "int"]}, {"get": ["context", "same", "text"]},
        {"delete": ["argument", "same"]}, {"get": ["context", "same", "text"]}, {"get": ["argument", "same", "int"]}]);
    hooks.load_libraries(vec![storing(origin, json!({"name": "a", "received": received, "sent": sent}))]).unwrap();
    let (mut request, mut packet) = (hooks.handle(), Packet::default());
    let _ = receive(&mut request, &mut packet);
    let _ = send(&mut request, &mut packet);
    assert_eq!(packet.trace[..4], ["same = 1", "same = one", "true", "same = one"]);
    assert!(packet.trace[4].contains("nothing has that name"), "{:?}", packet.trace);
}

// 55
fn arguments_stay_from_call_to_call(origin: Origin) {
    // Libraries tell each other by an argument whose name no hook point declares.
    let hooks = hooks_tests::hooks();
    let first = json!({"name": "a", "received": [{"set": ["argument", "$trigger", {"text": "a"}]}]});
    let second = json!({"name": "b", "received": [{"append": ["argument", "$trigger", "b"]}],
        "sent": [{"get": ["argument", "$trigger", "text"]}, {"names": "argument"}]});
    hooks.load_libraries(vec![storing(origin, first), storing(origin, second)]).unwrap();
    let (mut request, mut packet) = (hooks.handle(), Packet::default());
    let _ = receive(&mut request, &mut packet);
    let _ = send(&mut request, &mut packet);
    let _ = send(&mut request, &mut packet);
    assert_eq!(packet.trace, ["$trigger = ab", "$trigger"].repeat(2));
    assert_eq!(request.argument_names(), ["$trigger"], "only the component or a callout deletes it");
    assert!(hooks.handle().argument_names().is_empty(), "another request has its own");
}

// 49, 55
fn each_callout_changes_what_the_next_one_sees(origin: Origin) {
    // Three hook points, four libraries: each appends to one text, which is looked at in between and at the end.
    let hooks = hooks_tests::hooks();
    let library = |name: &str| {
        let append = |hook: &str| json!([{"append": ["argument", "text", format!("{name}{hook}")]}]);
        storing(origin, json!({"name": name, "received": append("1"), "sent": append("2"), "narrow": append("3")}))
    };
    let looking = storing(origin, json!({"name": "looking", "sent": [{"get": ["argument", "text", "text"]}]}));
    hooks.load_libraries(vec![library("a"), library("b"), looking, library("c"), library("d")]).unwrap();
    let (mut request, mut packet) = (hooks.handle(), Packet::default());
    request.set_argument("text", String::new()).unwrap();
    let _ = receive(&mut request, &mut packet);
    let _ = send(&mut request, &mut packet);
    let _ = fixture_api::narrow::call(&mut request, || fixture_api::narrow::Args { packet: &mut packet });
    assert_eq!(packet.trace, ["text = a1b1c1d1a2b2"]);
    assert_eq!(request.argument::<String>("text").unwrap(), "a1b1c1d1a2b2c2d2a3b3c3d3");
}

// 50
fn a_declared_argument_is_not_replaced_by_an_extra_one(origin: Origin) {
    let hooks = hooks_tests::hooks();
    let received = json!([{"set": ["argument", "packet", {"int": 1}]}, {"set": ["argument", "name", {"int": 1}]},
        {"names": "argument"}]);
    hooks.load_libraries(vec![storing(origin, json!({"name": "a", "received": received}))]).unwrap();
    let (mut request, mut packet) = (hooks.handle(), Packet::default());
    let _ = receive(&mut request, &mut packet);
    let refused = |name| {
        format!("argument `{name}`: the hook point that is being called declares it; a callout takes it as a parameter")
    };
    assert_eq!(packet.trace, [refused("packet"), refused("name"), String::new()]);
}

// 69
#[test]
fn a_request_may_hold_its_handle_and_what_it_lends() {
    // In the reference packet, handle and argument hold each other until somebody breaks the circle.
    struct Request {
        handle: CalloutHandle<'static>,
        packet: Packet,
        _counted: Counted,
    }
    let (hooks, drops) = (hooks_tests::hooks(), Arc::new(AtomicU32::new(0)));
    hooks
        .pre_callouts_library_handle()
        .register_callout(&fixture_api::sent::callout(|_, arguments| arguments.packet.number += 1))
        .unwrap();
    let counted = Counted { drops: Arc::clone(&drops) };
    let mut request = Request { handle: hooks.handle(), packet: Packet::default(), _counted: counted };
    request.handle.set_argument("extra", Counted { drops: Arc::clone(&drops) }).unwrap();
    let _ = send(&mut request.handle, &mut request.packet);
    assert_eq!((request.packet.number, drops.load(Ordering::Relaxed)), (1, 0));
    drop(request);
    assert_eq!(drops.load(Ordering::Relaxed), 2);
    assert!(hooks.unload_libraries());
}
