//! What a hook point says of itself.

use hooks::{ArgumentMode, CalloutHandle, NextStep, hook_point};

/// Adds one.
///
/// SKIP: it does not.
#[hook_point(statuses = [Continue, Skip], on_failure = Skip)]
fn documented_step(_handle: &mut CalloutHandle<'_>, number: &mut u64, names: &Vec<(String, Option<u8>)>) -> usize {
    *number += 1;
    names.len()
}

#[test]
fn a_declared_hook_point_is_described() {
    let info = hooks_tests::hooks().hook_point_info("received").unwrap();
    assert_eq!((info.name.as_str(), info.documentation.as_str()), ("received", "Honours everything."));
    let arguments: Vec<_> = info.arguments.iter().map(ToString::to_string).collect();
    assert_eq!(arguments, ["packet: &mut Packet", "name: &String", "factor: u32"]);
    assert_eq!(info.arguments[1].mode, ArgumentMode::Ref);
    assert_eq!((info.statuses, info.on_failure), (NextStep::ALL.to_vec(), NextStep::Drop));
    assert!(info.file.ends_with("tests/fixtures/api/src/lib.rs") && info.line > 0, "{}:{}", info.file, info.line);
}

#[test]
fn a_function_that_is_a_hook_point_is_described_by_its_own_documentation() {
    let hooks = hooks_tests::hooks();
    assert_eq!(documented_step(&mut hooks.handle(), &mut 1, &vec![]).done(), Some(0));
    let info = hooks.hook_point_info("documented_step").unwrap();
    assert_eq!(info.documentation, "Adds one.\n\nSKIP: it does not.");
    assert_eq!(info.arguments[1].to_string(), "names: &Vec<(String, Option<u8>)>");
    assert_eq!((info.statuses, info.on_failure), (vec![NextStep::Continue, NextStep::Skip], NextStep::Skip));
}

#[test]
fn what_is_registered_at_run_time_has_no_documentation() {
    let hooks = hooks_tests::hooks();
    hooks.register_hook("undocumented_point").unwrap();
    let info = hooks.hook_point_info("undocumented_point").unwrap();
    assert_eq!((info.documentation.as_str(), info.arguments.len()), ("", 0));
    assert!(info.file.ends_with("hook_point_info.rs"), "{}", info.file);
    let error = hooks.hook_point_info("nowhere_at_all").unwrap_err();
    assert!(
        error.is_hook_point() && error.to_string().contains("no hook point has the name `nowhere_at_all`"),
        "{error}"
    );
}
