//! Test mode: a component's tests keep its own callouts.

use hooks::Hooks;
use hooks_tests::{Origin, both};

use calculating::{RESULT, second};

use super::calculation::{full, result};

both!(
    in_test_mode_the_components_callouts_survive_a_load,
    otherwise_they_do_not_survive_it,
    test_mode_that_comes_too_late_brings_nothing_back,
);

/// `Hooks` with a library and callouts of the component: (1027 - 15) * 2 in the second step.
fn with_own_callouts(origin: Origin) -> Hooks {
    let hooks = hooks_tests::hooks();
    hooks.load_libraries(vec![full(origin)]).unwrap();
    let before = second::callout(|handle, _| handle.set_argument(RESULT, 1027_i64));
    let after = second::callout(|handle, _| {
        *handle.argument_mut::<i64>(RESULT)? *= 2;
        Ok::<_, hooks::Error>(())
    });
    hooks.pre_callouts_library_handle().register_callout(&before).unwrap();
    hooks.post_callouts_library_handle().register_callout(&after).unwrap();
    hooks
}

fn second_step(hooks: &Hooks) -> Option<i64> {
    let mut request = hooks.handle();
    request.set_argument(RESULT, 0_i64).unwrap();
    let _ = second::call(&mut request, || second::Args { data: 15 });
    result(&request)
}

// 105
fn in_test_mode_the_components_callouts_survive_a_load(origin: Origin) {
    let hooks = with_own_callouts(origin);
    hooks.set_test_mode(true);
    hooks.load_libraries(vec![]).unwrap();
    hooks.reload(vec![]).unwrap();
    hooks.prepare_unload_libraries();
    assert!(hooks.unload_libraries(), "it says that it succeeded, and did nothing");
    assert_eq!((second_step(&hooks), hooks.library_names().len()), (Some(2024), 1));
    hooks.set_test_mode(false);
    assert_eq!(second_step(&hooks), Some(2024));
    hooks.load_libraries(vec![full(origin)]).unwrap();
    assert_eq!(second_step(&hooks), Some(-15));
}

// 105
fn otherwise_they_do_not_survive_it(origin: Origin) {
    let hooks = with_own_callouts(origin);
    assert_eq!(second_step(&hooks), Some(2024));
    hooks.load_libraries(vec![full(origin)]).unwrap();
    assert_eq!(second_step(&hooks), Some(-15));
    assert!(hooks.unload_libraries());
    assert_eq!(second_step(&hooks), Some(0));
}

// 105
fn test_mode_that_comes_too_late_brings_nothing_back(origin: Origin) {
    let hooks = with_own_callouts(origin);
    hooks.load_libraries(vec![full(origin)]).unwrap();
    hooks.set_test_mode(true);
    assert_eq!(second_step(&hooks), Some(-15));
}
