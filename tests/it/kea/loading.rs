//! Loading and loading again.

use calculating::{RESULT, second};
use fixture_api::Packet;
use hooks::{Command, HookIndex, Hooks, Response};
use hooks_tests::{Journal, Origin, both, receive, script, text_of};
use serde_json::json;

use super::calculation::{basic, by_load, failing, full, result, results};

both!(
    two_libraries_calculate_in_their_order,
    the_same_set_is_loaded_again,
    the_order_is_reversed,
    callouts_that_load_registers_come_behind_the_attached_ones,
    one_failing_library_leaves_none,
    a_refused_load_leaves_a_known_state,
    a_failed_load_leaves_the_components_lasting_callouts,
    a_request_sees_its_own_set_to_the_end,
    the_components_callouts_last_until_the_next_load,
);

// 91
#[test]
fn everything_works_without_libraries() {
    for hooks in [hooks_tests::hooks(), {
        let hooks = hooks_tests::hooks();
        hooks.load_libraries(vec![]).unwrap();
        hooks
    }] {
        assert!(hooks.libraries().is_empty() && hooks.library_names().is_empty() && hooks.callouts().is_empty());
        assert!(hooks.validate_libraries(&[]).is_empty());
        for name in ["context_create", "context_destroy", "received", "first", "second", "third"] {
            let index = hooks.hook_index(name).unwrap();
            assert!(!hooks.callouts_present(index).unwrap(), "{name}");
        }
        assert!(hooks.callouts_present(HookIndex::CONTEXT_CREATE).is_ok());
        assert!(!hooks.command_handlers_present("lease-of-nobody") && hooks.commands().is_empty());
        let command = Command::new("lease-of-nobody", "");
        hooks.call_command_handlers(&mut hooks.handle(), &command, &mut Response::default()).unwrap_err();
        assert_eq!(results(&hooks, [1, 2, 3]), [None; 4]);
        let index = hooks.register_hook("loading_of_nothing").unwrap();
        assert!(hooks.handle().call_callouts(index).is_ok());
        hooks.prepare_unload_libraries();
        assert!(hooks.unload_libraries());
    }
}

// 30, 95
fn two_libraries_calculate_in_their_order(origin: Origin) {
    let hooks = hooks_tests::hooks();
    hooks.load_libraries(vec![full(origin), basic(origin)]).unwrap();
    // ((10 * d1 + d1) - d2) * d2 * d3 - d3: `begin` of the last library stands, each step is the first's and then the second's.
    assert_eq!(results(&hooks, [3, 2, 3]), [10, 33, 62, 183].map(Some));
    assert!(hooks.unload_libraries());
    assert_eq!(results(&hooks, [3, 2, 3]), [None; 4]);
    assert_eq!(hooks.library_names(), [""; 0]);
}

// 95, 112
fn the_same_set_is_loaded_again(origin: Origin) {
    let hooks = hooks_tests::hooks();
    let set = || vec![full(origin), basic(origin)];
    for _ in 0..3 {
        hooks.load_libraries(set()).unwrap();
        assert_eq!(results(&hooks, [3, 2, 3]), [10, 33, 62, 183].map(Some));
        assert_eq!(hooks.library_names(), ["calculating", "calculating"]);
    }
    hooks.reload(set()).unwrap();
    assert_eq!(results(&hooks, [3, 2, 3]), [10, 33, 62, 183].map(Some));
}

// 95, 112
fn the_order_is_reversed(origin: Origin) {
    let hooks = hooks_tests::hooks();
    hooks.load_libraries(vec![full(origin), basic(origin)]).unwrap();
    assert_eq!(results(&hooks, [3, 2, 3]), [10, 33, 62, 183].map(Some));
    for reload in [false, true] {
        let reversed = vec![basic(origin), full(origin)];
        if reload { hooks.reload(reversed) } else { hooks.load_libraries(reversed) }.unwrap();
        assert_eq!(results(&hooks, [3, 3, 7]), [7, 30, 87, 560].map(Some));
        // None of them.
        if reload { hooks.reload(vec![]) } else { hooks.load_libraries(vec![]) }.unwrap();
        assert_eq!(results(&hooks, [3, 3, 7]), [None; 4]);
        hooks.load_libraries(vec![full(origin), basic(origin)]).unwrap();
    }
}

// 15, 21
fn callouts_that_load_registers_come_behind_the_attached_ones(origin: Origin) {
    let hooks = hooks_tests::hooks();
    hooks.load_libraries(vec![by_load(origin)]).unwrap();
    assert_eq!(results(&hooks, [1, 2, 3]), [5, 5, 7, 21].map(Some));
    let of_second: Vec<_> = hooks.callouts().into_iter().filter(|callout| callout.hook() == "second").collect();
    assert_eq!([of_second[0].callout(), of_second[1].callout()], ["second_step", "second_of_load"]);
    // A load that fails leaves nothing that it had registered.
    let both = json!({"begin": 1, "attached": {"second": "add"}, "registered": {"second": "multiply"}});
    let library = hooks::LibraryConfig::new(origin.plugin("calculating")).parameters(both);
    hooks.load_libraries(vec![library]).unwrap();
    assert_eq!(results(&hooks, [0, 3, 0]), [1, 1, 12, 12].map(Some));
}

// 93, 94
fn one_failing_library_leaves_none(origin: Origin) {
    let hooks = hooks_tests::hooks();
    for set in [vec![full(origin), failing(origin)], vec![failing(origin), full(origin)]] {
        let error = hooks.load_libraries(set).unwrap_err();
        assert!(error.is_load(), "{error}");
        assert_eq!(results(&hooks, [3, 2, 3]), [None; 4]);
        assert_eq!((hooks.libraries().len(), hooks.callouts().len()), (0, 0));
    }
}

// 96
fn a_refused_load_leaves_a_known_state(origin: Origin) {
    let (journal, hooks) = (Journal::new(), hooks_tests::hooks());
    let library = |name: &str| script(origin, name, json!({"journal": journal.path(), "received": [{"append": name}]}));
    let text = |request: &mut hooks::CalloutHandle<'_>| {
        let mut packet = Packet::default();
        let _ = receive(request, &mut packet);
        packet.text
    };
    hooks.load_libraries(vec![library("old")]).unwrap();
    let mut request = hooks.handle();
    let mut since = None;
    for round in 0..3 {
        let error = hooks.load_libraries(vec![library("new")]).unwrap_err();
        assert!(error.is_still_open(), "{error}");
        // What is listed is what new requests get: nothing. The old request has its library as before.
        assert_eq!((hooks.library_names().len(), hooks.callouts().len()), (0, 0), "{round}");
        assert_eq!((text_of(&hooks).as_str(), text(&mut request).as_str()), ("", "old"));
        since.get_or_insert_with(|| hooks.handle());
    }
    assert_eq!(journal.take(), ["old load", "old unload"], "`new` has not been touched");
    // The first handle goes; one that was made after the refusal keeps nothing that is in the way.
    drop(request);
    hooks.load_libraries(vec![library("new")]).unwrap();
    assert_eq!(text(since.as_mut().unwrap()), "");
    assert_eq!((hooks.library_names(), text_of(&hooks)), (vec!["scripted".to_owned()], "new".to_owned()));
    drop(since);
    assert_eq!(journal.take(), ["old drop after 3 calls", "new load"]);
    // With a reload there is nothing to refuse.
    let mut request = hooks.handle();
    hooks.reload(vec![library("newer")]).unwrap();
    assert_eq!((text_of(&hooks).as_str(), text(&mut request).as_str()), ("newer", "new"));
}

// 94
fn a_failed_load_leaves_the_components_lasting_callouts(origin: Origin) {
    let hooks = hooks_tests::hooks();
    let append =
        |text: &'static str| fixture_api::received::callout(move |_, arguments| arguments.packet.text.push_str(text));
    let before = hooks.pre_callouts_library_handle();
    before.register_callout(&append("short")).unwrap();
    before.across_loads().register_callout(&append("lasting")).unwrap();
    assert_eq!(text_of(&hooks), "shortlasting");
    let bad = script(origin, "a", json!({"load": {"error": "no"}}));
    hooks.load_libraries(vec![bad.clone()]).unwrap_err();
    assert_eq!(text_of(&hooks), "lasting");
    hooks.load_libraries(vec![script(origin, "a", json!({"received": [{"append": "!"}]}))]).unwrap();
    assert_eq!(text_of(&hooks), "lasting!");
    hooks.load_libraries(vec![bad]).unwrap_err();
    assert_eq!(text_of(&hooks), "lasting");
}

// 101
fn a_request_sees_its_own_set_to_the_end(origin: Origin) {
    let (journal, hooks) = (Journal::new(), hooks_tests::hooks());
    let library = |name: &str| {
        let tell = json!({"get-optional": ["x", "text"]});
        let parameters = json!({"name": name, "journal": journal.path(),
            "create": [{"set": ["context", "x", {"text": name}]}], "received": [tell], "destroy": [tell]});
        hooks::LibraryConfig::new(origin.plugin("storing")).parameters(parameters)
    };
    hooks.load_libraries(vec![library("one")]).unwrap();
    let mut request = hooks.handle();
    hooks.reload(vec![library("two"), library("three")]).unwrap();
    let mut packet = Packet::default();
    let _ = receive(&mut request, &mut packet);
    assert_eq!(packet.trace, ["x = one"], "calls and the end of the request are those of one set");
    drop(request);
    assert_eq!(journal.take(), ["one x = one"]);
    drop(hooks.handle());
    hooks.collect();
    let lines = journal.take();
    assert!(lines.contains(&"two x = two".to_owned()) && lines.contains(&"three x = three".to_owned()), "{lines:?}");
}

// 39
fn the_components_callouts_last_until_the_next_load(origin: Origin) {
    let hooks = hooks_tests::hooks();
    hooks.load_libraries(vec![full(origin)]).unwrap();
    let before = second::callout(|handle, _| handle.set_argument(RESULT, 1027_i64));
    let after = second::callout(|handle, _| {
        *handle.argument_mut::<i64>(RESULT)? *= 2;
        Ok::<_, hooks::Error>(())
    });
    hooks.pre_callouts_library_handle().register_callout(&before).unwrap();
    hooks.post_callouts_library_handle().register_callout(&after).unwrap();
    let second_step = |hooks: &Hooks| {
        let mut request = hooks.handle();
        request.set_argument(RESULT, 0_i64).unwrap();
        let _ = second::call(&mut request, || second::Args { data: 15 });
        result(&request)
    };
    assert_eq!(second_step(&hooks), Some((1027 - 15) * 2));
    hooks.load_libraries(vec![full(origin)]).unwrap();
    assert_eq!(second_step(&hooks), Some(-15));
}
