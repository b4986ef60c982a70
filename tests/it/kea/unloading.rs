//! Unloading, with and without preparation, with and without requests.

use hooks_tests::{Journal, Origin, both, script, text_of};
use serde_json::json;

use super::calculation::{basic, full, result, results};

both!(
    preparation_calls_unload_and_detaches,
    preparation_can_be_left_out,
    a_request_keeps_its_libraries,
    after_unloading_calls_do_nothing,
);

// 97
fn preparation_calls_unload_and_detaches(origin: Origin) {
    let (journal, hooks) = (Journal::new(), hooks_tests::hooks());
    let library = |name: &str| script(origin, name, json!({"journal": journal.path(), "received": [{"append": name}]}));
    hooks.load_libraries(vec![library("1"), library("2")]).unwrap();
    assert_eq!(text_of(&hooks), "12");
    hooks.prepare_unload_libraries();
    let lines = journal.take();
    assert_eq!(lines[..4], ["1 load", "2 load", "2 unload", "1 unload"]);
    assert_eq!((text_of(&hooks), hooks.callouts().len()), (String::new(), 0));
    hooks.prepare_unload_libraries();
    assert!(hooks.unload_libraries());
    let rest: Vec<_> = lines.into_iter().skip(4).chain(journal.take()).collect();
    assert_eq!(rest, ["2 drop after 1 calls", "1 drop after 1 calls"], "each once");
}

// 99
fn preparation_can_be_left_out(origin: Origin) {
    let (journal, hooks) = (Journal::new(), hooks_tests::hooks());
    let library = |name: &str| script(origin, name, json!({"journal": journal.path()}));
    hooks.load_libraries(vec![library("1"), library("2")]).unwrap();
    assert!(hooks.unload_libraries());
    let all = ["1 load", "2 load", "2 unload", "1 unload", "2 drop after 0 calls", "1 drop after 0 calls"];
    assert_eq!(journal.take(), all);
}

// 98
fn a_request_keeps_its_libraries(origin: Origin) {
    let hooks = hooks_tests::hooks();
    hooks.load_libraries(vec![full(origin), basic(origin)]).unwrap();
    let mut request = hooks.handle();
    assert!(!hooks.unload_libraries());
    assert!(hooks.library_names().is_empty());
    // It still calculates, and its values are there.
    let _ = calculating::first::call(&mut request, || calculating::first::Args { data: 3 });
    assert_eq!(result(&request), Some(33));
    assert!(!hooks.unload_libraries());
    drop(request);
    assert!(hooks.unload_libraries() && hooks.unload_libraries());
}

// 100
fn after_unloading_calls_do_nothing(origin: Origin) {
    let hooks = hooks_tests::hooks();
    assert_eq!(hooks.library_names(), [""; 0]);
    hooks.load_libraries(vec![full(origin), script(origin, "a", json!({}))]).unwrap();
    assert_eq!(hooks.library_names(), ["calculating", "scripted"]);
    assert_eq!(results(&hooks, [1, 2, 3]), [7, 7, 5, 15].map(Some));
    assert!(hooks.unload_libraries());
    assert_eq!(results(&hooks, [1, 2, 3]), [None; 4]);
    assert_eq!((hooks.library_names().len(), hooks.callouts().len()), (0, 0));
    for hook in ["first", "second", "third", "received"] {
        assert!(!hooks.callouts_present(hooks.hook_index(hook).unwrap()).unwrap(), "{hook}");
    }
}
