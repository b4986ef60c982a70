//! Whether a hook point is idle is known to the whole process, so this test has a process of its own.

use std::sync::Arc;

use fixture_api::{Packet, sent};
use hooks::{Hooks, Observer};
use hooks_tests::{Origin, script};
use serde_json::json;

hooks::builtin!(scripted);

/// How often the arguments are built for one call.
fn built(hooks: &Hooks) -> usize {
    let (mut count, mut packet) = (0, Packet::default());
    let step = sent::call(&mut hooks.handle(), || {
        count += 1;
        sent::Args { packet: &mut packet }
    });
    assert!(step.is_continue());
    count
}

struct Watching;
impl Observer for Watching {}

#[test]
fn arguments_are_built_only_while_somebody_is_attached() {
    for origin in [Origin::Shared, Origin::BuiltIn] {
        let library = || vec![script(origin, "a", json!({}))];
        let (hooks, other) = (hooks_tests::hooks(), hooks_tests::hooks());
        assert_eq!(built(&hooks), 0, "{origin:?}");
        hooks.load_libraries(library()).unwrap();
        assert_eq!(built(&hooks), 1, "{origin:?}");
        for _ in 0..3 {
            hooks.reload(library()).unwrap();
            other.reload(library()).unwrap();
            hooks.reload(vec![]).unwrap();
            assert_eq!(built(&other), 1, "{origin:?}");
            assert!(other.unload_libraries());
        }
        assert_eq!((built(&hooks), built(&other)), (0, 0), "{origin:?}");
        // A set that failed to load leaves nothing behind.
        hooks.reload(vec![script(origin, "a", json!({})), script(origin, "b", json!({"unknown": 1}))]).unwrap_err();
        assert_eq!(built(&hooks), 0, "{origin:?}");
        // A request in flight keeps them attached.
        hooks.load_libraries(library()).unwrap();
        let request = hooks.handle();
        assert!(!hooks.unload_libraries());
        assert_eq!(built(&hooks), 1, "{origin:?}");
        drop(request);
        assert!(hooks.unload_libraries());
        assert_eq!(built(&hooks), 0, "{origin:?}");
        // An observer is told of idle hook points too, so it needs the arguments.
        hooks.set_observer(Some(Arc::new(Watching)));
        hooks.set_observer(Some(Arc::new(Watching)));
        hooks.load_libraries(library()).unwrap();
        assert_eq!(built(&hooks), 1, "{origin:?}");
        hooks.set_observer(None);
        assert!(hooks.unload_libraries());
        assert_eq!(built(&hooks), 0, "{origin:?}");
        // `Hooks` that go with an observer and with libraries.
        hooks.load_libraries(library()).unwrap();
        hooks.set_observer(Some(Arc::new(Watching)));
        drop(hooks);
        assert_eq!(built(&other), 0, "{origin:?}");
    }
}
