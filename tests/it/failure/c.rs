//! The same for plain C libraries.

use std::time::Duration;

use fixture_api::Packet;
use hooks::{CalloutState, Disable, FailureAction, FailurePolicy, Hooks, LibraryConfig};
use hooks_tests::{Journal, c_library, has_c_compilers, receive, send, wait_until};

use super::{LONG, at, load};

fn library(journal: &Journal) -> LibraryConfig {
    let flag = format!("-DJOURNAL=\"{}\"", journal.path().display());
    LibraryConfig::new(c_library(&journal.beside("."), "c_failing", "failing.c", &[&flag]))
}

/// A request that passes `received`, with this number, and `sent`: the status of the first, and where the library was called.
fn passed(hooks: &Hooks, number: u64) -> (String, String) {
    let (mut request, mut packet) = (hooks.handle(), Packet { number, ..Packet::default() });
    let step = format!("{:?}", receive(&mut request, &mut packet));
    assert!(send(&mut request, &mut packet).is_continue());
    (step, packet.text)
}

#[test]
fn each_action_counts_as_it_says() {
    if !has_c_compilers() {
        return;
    }
    for (action, expected) in [
        (FailureAction::HookPoint, ("Drop", "s")),
        (FailureAction::Continue, ("Continue", "s")),
        (FailureAction::Drop, ("Drop", "s")),
        (FailureAction::SkipLibrary, ("Continue", "")),
    ] {
        let journal = Journal::new();
        let hooks = load(vec![library(&journal).failure_policy(FailurePolicy::new(action))]);
        let (step, text) = passed(&hooks, 1);
        assert_eq!((step.as_str(), text.as_str()), expected, "{action:?}");
        assert_eq!(journal.take(), ["destroy 0"], "{action:?}");
        assert_eq!(passed(&hooks, 0), ("Continue".to_owned(), "rs".to_owned()));
        let statistics = &at(&hooks, "received")[0];
        let text = &statistics.last_failure.as_ref().unwrap().text;
        assert!(statistics.failures == 1 && text.contains("it returned 17; expected 0"), "{text}");
    }
}

#[test]
fn what_fails_too_often_is_disabled_and_tried_again() {
    if !has_c_compilers() {
        return;
    }
    let journal = Journal::new();
    let disable = |disable| FailurePolicy::new(FailureAction::Continue).disable(disable);
    let hooks = load(vec![library(&journal).failure_policy(disable(Disable::callout(2, LONG)))]);
    assert_eq!([1, 1, 0].map(|number| passed(&hooks, number).1), ["s", "s", "s"]);
    assert_eq!(at(&hooks, "received")[0].state, CalloutState::Disabled { retry_in: None });
    // Another policy: it is the same instance, and back.
    let library = || library(&journal);
    let soon = Disable::library(1, LONG).retry(Duration::from_millis(1));
    hooks.reload(vec![library().failure_policy(disable(soon))]).unwrap();
    assert_eq!(passed(&hooks, 0).1, "rs");
    for failures in 3..6 {
        let _ = passed(&hooks, 1);
        assert_eq!(at(&hooks, "received")[0].failures, failures);
        wait_until("the retry", || at(&hooks, "received")[0].state.is_active());
    }
    assert_eq!(passed(&hooks, 0).1, "rs");
}
