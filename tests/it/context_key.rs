//! Values of contexts by typed keys.

use std::sync::Arc;

use fixture_api::{Packet, narrow, received, sent};
use hooks::{ContextKey, LibraryConfig};
use hooks_tests::{Origin, both, receive, send};
use serde_json::json;

both!(a_library_that_is_loaded_twice_has_a_value_for_each);

static PLACE: ContextKey<String> = ContextKey::new("place");
static COUNT: ContextKey<u32> = ContextKey::new("count");
/// The name of `COUNT`, and another type.
const LONG: ContextKey<u64> = ContextKey::new("count");
static KEPT: ContextKey<Arc<()>> = ContextKey::new("kept");

fn a_library_that_is_loaded_twice_has_a_value_for_each(origin: Origin) {
    let hooks = hooks_tests::hooks();
    // Both have the same static.
    let library = |name: &str, number: u32| {
        let count = json!([{"count": number}, {"count": number}]);
        let parameters = json!({"name": name, "received": count, "sent": count, "narrow": [{"names": "context"}]});
        LibraryConfig::new(origin.plugin("storing")).parameters(parameters)
    };
    hooks.load_libraries(vec![library("a", 1), library("b", 10)]).unwrap();
    for _ in 0..2 {
        // The second request has the inside of the first one's handle, and nothing of its values.
        let (mut request, mut packet) = (hooks.handle(), Packet::default());
        let _ = receive(&mut request, &mut packet);
        let _ = send(&mut request, &mut packet);
        let _ = narrow::call(&mut request, || narrow::Args { packet: &mut packet });
        let expected =
            ["1 1 1", "2 2 2", "10 10 10", "20 20 20", "3 3 3", "4 4 4", "30 30 30", "40 40 40", "counted", "counted"];
        assert_eq!(packet.trace, expected);
    }
}

#[test]
fn a_key_means_another_value_outside_before_and_after_the_libraries() {
    let hooks = hooks_tests::hooks();
    let (before, after) = (hooks.pre_callouts_library_handle(), hooks.post_callouts_library_handle());
    for (library, own) in [(&before, "before"), (&after, "after")] {
        let outer = received::callout(move |handle, arguments| {
            let text = PLACE.get_or_insert_with(handle, || own.to_owned());
            text.push('!');
            // Within it the other callouts run, also that of the other place.
            let _ = sent::call(handle, || sent::Args { packet: arguments.packet });
            arguments.packet.trace.push(PLACE.get(handle).unwrap().clone());
        });
        let inner = sent::callout(move |handle, arguments| {
            let found = PLACE.get(handle).map_or("nothing", String::as_str);
            arguments.packet.trace.push(format!("{own}: {found}"));
        });
        library.register_callout(&outer).unwrap();
        library.register_callout(&inner).unwrap();
    }
    let (mut request, mut packet) = (hooks.handle(), Packet::default());
    PLACE.set(&mut request, "outside".to_owned());
    assert_eq!(PLACE.get(&request).unwrap(), "outside");
    let _ = receive(&mut request, &mut packet);
    let expected = ["before: before!", "after: nothing", "before!", "before: before!", "after: after!", "after!"];
    assert_eq!(packet.trace, expected);
    assert_eq!(PLACE.get(&request).unwrap(), "outside");
}

#[test]
fn what_is_deleted_or_replaced_is_not_found_any_more() {
    let mut handle = hooks_tests::hooks().handle();
    let text = COUNT.get(&handle).unwrap_err().to_string();
    assert!(text.contains("context `count` of the component: there is no context"), "{text}");
    COUNT.set(&mut handle, 1);
    *COUNT.get_mut(&mut handle).unwrap() += 1;
    assert_eq!(COUNT.get(&handle).unwrap(), &2);
    // By name it is the same value.
    handle.set_context("count", 3_u32);
    assert_eq!(COUNT.get(&handle).unwrap(), &3);
    handle.set_context("count", "text");
    let text = COUNT.get(&handle).unwrap_err().to_string();
    assert!(text.contains("context `count`, asked for as `u32`: it is a `&str`"), "{text}");
    assert_eq!(*COUNT.get_or_insert_with(&mut handle, || 4), 4);
    assert!(COUNT.delete(&mut handle) && !COUNT.delete(&mut handle));
    assert!(COUNT.get(&handle).unwrap_err().to_string().contains("nothing has that name"));
    COUNT.set(&mut handle, 5);
    handle.delete_all_context();
    assert!(COUNT.get_mut(&mut handle).is_err());
    COUNT.set(&mut handle, 6);
    // Extra arguments are something else.
    handle.set_argument("count", 7_u32).unwrap();
    handle.delete_all_arguments();
    assert_eq!(COUNT.get(&handle).unwrap(), &6);
}

#[test]
fn two_keys_of_one_name_mean_one_value_of_one_type() {
    let mut handle = hooks_tests::hooks().handle();
    COUNT.set(&mut handle, 1);
    for _ in 0..2 {
        assert_eq!(COUNT.get(&handle).unwrap(), &1);
        assert!(LONG.get(&handle).unwrap_err().to_string().contains("asked for as `u64`: it is a `u32`"));
    }
    LONG.set(&mut handle, 2);
    assert!(COUNT.get(&handle).is_err());
    assert_eq!(LONG.get(&handle).unwrap(), &2);
}

#[test]
fn a_value_goes_with_its_request() {
    let hooks = hooks_tests::hooks();
    let kept = Arc::new(());
    for _ in 0..3 {
        let mut handle = hooks.handle();
        assert!(KEPT.get(&handle).is_err());
        for _ in 0..2 {
            KEPT.set(&mut handle, Arc::clone(&kept));
            assert_eq!(Arc::strong_count(&kept), 2);
        }
        drop(handle);
        assert_eq!(Arc::strong_count(&kept), 1);
    }
}

#[test]
fn a_value_that_panics_when_it_goes_is_replaced() {
    struct Bomb(bool);
    impl Drop for Bomb {
        fn drop(&mut self) {
            assert!(!self.0, "a bomb");
        }
    }
    static BOMB: ContextKey<Bomb> = ContextKey::new("bomb");
    let mut handle = hooks_tests::hooks().handle();
    for armed in [true, true, false] {
        BOMB.set(&mut handle, Bomb(armed));
        assert_eq!(BOMB.get(&handle).unwrap().0, armed);
    }
}
