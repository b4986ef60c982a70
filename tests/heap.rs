//! One heap for host and libraries, also if the host brings its own: what one side allocates, the other grows and frees.

use cap::Cap;
use fixture_api::Packet;
use hooks_tests::{Origin, receive, script};
use mimalloc::MiMalloc;
use serde_json::json;

/// The host's own allocator, which counts. Libraries have no other.
#[global_allocator]
static HEAP: Cap<MiMalloc> = Cap::new(MiMalloc, usize::MAX);

const MEGABYTE: usize = 1 << 20;

fn in_use() -> isize {
    HEAP.allocated() as isize
}

// One test, so that nobody else allocates while it counts.
#[test]
fn host_and_library_share_the_hosts_heap() {
    let hooks = hooks_tests::hooks();
    let long = "x".repeat(MEGABYTE);
    let actions =
        json!({"ballast": 8 * MEGABYTE, "received": [{"append": long}, "place"], "sent": [{"exchange": long}]});
    let library = || script(Origin::Shared, "a", actions.clone());
    hooks.load_libraries(vec![library()]).unwrap();
    assert!(hooks.unload_libraries());

    // What a library allocates counts on the host's heap, and comes back to it.
    let before = in_use();
    hooks.load_libraries(vec![library()]).unwrap();
    let loaded = in_use() - before;
    assert!(loaded >= 8 * MEGABYTE as isize, "{loaded}");

    for _ in 0..50 {
        // The library grows the host's text and list; the host grows them again and frees them.
        let mut packet = Packet { text: "host ".repeat(1000), number: 1, trace: vec!["host".to_owned(); 3] };
        packet.text.shrink_to_fit();
        packet.trace.shrink_to_fit();
        let mut request = hooks.handle();
        assert!(receive(&mut request, &mut packet).is_continue());
        assert_eq!((packet.text.len(), packet.trace.len()), (5000 + MEGABYTE, 4));
        packet.text.push_str(&"host".repeat(MEGABYTE));
        packet.trace.extend(vec!["more".to_owned(); 1000]);
        packet.trace.shrink_to_fit();
        // The library frees the host's and its own text and list, and gives the host new ones.
        assert!(hooks_tests::send(&mut request, &mut packet).is_continue());
        assert_eq!((packet.text.len(), packet.trace.len()), (MEGABYTE, 1));
        assert!(receive(&mut request, &mut packet).is_continue());
        assert!(packet.text.bytes().all(|byte| byte == b'x') && packet.text.len() == 2 * MEGABYTE);
    }
    let after = in_use() - before;
    assert!(
        after < loaded + MEGABYTE as isize,
        "{after} bytes in use after calls that free everything, {loaded} before"
    );

    assert!(hooks.unload_libraries());
    let left = in_use() - before;
    assert!(left < MEGABYTE as isize, "{left} bytes are left of {loaded}");
}
