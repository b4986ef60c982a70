//! The calculation that shows which libraries ran, in which order and with which data.

use calculating::{RESULT, first, second, third};
use hooks::{CalloutHandle, Hooks, LibraryConfig};
use hooks_tests::Origin;
use serde_json::{Value, json};

fn calculating(origin: Origin, parameters: Value) -> LibraryConfig {
    LibraryConfig::new(origin.plugin("calculating")).parameters(parameters)
}

/// (10 + d1) * d2 - d3, with callouts that are attached by themselves.
pub(super) fn basic(origin: Origin) -> LibraryConfig {
    calculating(origin, json!({"begin": 10, "attached": {"first": "add", "second": "multiply", "third": "subtract"}}))
}

/// (7 * d1 - d2) * d3; `load` registers the last two callouts.
pub(super) fn full(origin: Origin) -> LibraryConfig {
    let registered = json!({"second": "subtract", "third": "multiply"});
    calculating(origin, json!({"begin": 7, "attached": {"first": "multiply"}, "registered": registered}))
}

/// (5 * d1 + d2) * d3; `load` registers all callouts.
pub(super) fn by_load(origin: Origin) -> LibraryConfig {
    calculating(origin, json!({"begin": 5, "registered": {"first": "multiply", "second": "add", "third": "multiply"}}))
}

/// A library whose `load` fails, because a parameter of it is unknown.
pub(super) fn failing(origin: Origin) -> LibraryConfig {
    calculating(origin, json!({"end": 1}))
}

/// The result so far.
pub(super) fn result(request: &CalloutHandle<'_>) -> Option<i64> {
    request.argument(RESULT).ok().copied()
}

/// The result of a new request at its beginning and after each of its three steps.
pub(super) fn results(hooks: &Hooks, data: [i64; 3]) -> [Option<i64>; 4] {
    let mut request = hooks.handle();
    let begin = result(&request);
    let _ = first::call(&mut request, || first::Args { data: data[0] });
    let one = result(&request);
    let _ = second::call(&mut request, || second::Args { data: data[1] });
    let two = result(&request);
    let _ = third::call(&mut request, || third::Args { data: data[2] });
    [begin, one, two, result(&request)]
}
