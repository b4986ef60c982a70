//! Whoever loads what is prepared does not wait for what is still being prepared. On its own, since a library that is unmapped would
//! wait for the constructors of the other one, as glibc has it.

use std::{fs, thread};

use fixture_api::{Packet, tolerant};
use hooks::LibraryConfig;
use hooks_tests::{Journal, Origin, c_library, has_c_compilers, script, wait_until};
use serde_json::json;

hooks::builtin!(scripted);

#[test]
fn preparing_does_not_hold_up_the_one_who_loads() {
    if !has_c_compilers() {
        return;
    }
    let (journal, hooks) = (Journal::new(), hooks_tests::hooks());
    let (mark, go) = (journal.beside("mark"), journal.beside("go"));
    let flags =
        [format!("-DMARK=\"{}\"", mark.display()), format!("-DGO=\"{}\"", go.display()), "-D_GNU_SOURCE".to_owned()];
    let flags = flags.each_ref().map(String::as_str);
    let source = c_library(&journal.beside("."), "slow", "slow_constructor.c", &flags);
    // What a server does in its loop.
    let hooks = &hooks;
    let turn = || {
        let ready = hooks.prepare(vec![script(Origin::BuiltIn, "a", json!({"tolerant": [{"append": "a"}]}))]).unwrap();
        move || {
            hooks.reload_prepared(ready).unwrap();
            hooks.collect();
            let mut packet = Packet::default();
            let _ = tolerant::call(&mut hooks.handle(), || tolerant::Args { packet: &mut packet });
            assert!(hooks.unload_libraries());
            packet.text
        }
    };
    // The first time a thread uses a thread-local value with a destructor it waits for constructors anyway, as glibc has it.
    assert_eq!(turn()(), "a");
    let turn = turn();
    thread::scope(|scope| {
        let slow = scope.spawn(|| hooks.prepare(vec![LibraryConfig::new(source)]).map(drop));
        wait_until("the constructor runs", || mark.exists());
        assert_eq!(turn(), "a");
        assert!(mark.exists(), "the loop waits for the constructor of a library that is only prepared");
        fs::write(&go, "").unwrap();
        slow.join().unwrap().unwrap();
    });
}
