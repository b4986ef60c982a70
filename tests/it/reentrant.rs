//! `Hooks` used from within: by a plugin that is being loaded, and by what runs while a plugin goes.

use std::sync::{Mutex, mpsc};

use fixture_api::{Packet, received, tolerant};
use hooks::{BoxError, Hooks, LibraryConfig, LibraryHandle, NoParameters, Outcome, Source};
use hooks_tests::{Origin, both, receive, script, send, text_of};
use serde_json::json;

both!(a_continuation_may_use_hooks_while_a_plugin_is_dropped, a_continuation_may_use_hooks_while_a_plugin_is_unloaded);

/// The `Hooks` that the plugin of this program finds when it is loaded.
static HOOKS: Mutex<Option<Hooks>> = Mutex::new(None);

/// A plugin of this program itself.
pub(crate) struct Own;

#[hooks::plugin]
impl hooks::Plugin for Own {
    type Parameters = NoParameters;

    fn load(_: NoParameters, _: &mut LibraryHandle) -> Result<Own, BoxError> {
        let hooks = HOOKS.lock().unwrap().clone().ok_or("no hooks")?;
        let error = hooks.reload(vec![]).unwrap_err();
        assert!(error.is_still_open(), "{error}");
        assert!(error.to_string().contains("cannot be changed by a library that is being loaded"), "{error}");
        hooks.load_libraries(vec![]).unwrap_err();
        hooks.prepare_unload_libraries();
        assert!(!hooks.unload_libraries());
        assert_eq!((hooks.libraries().len(), text_of(&hooks).as_str()), (1, "old"), "the old set goes on");
        Ok(Own)
    }

    fn unload(&self) -> Result<(), BoxError> {
        // The transaction is over by now.
        let hooks = HOOKS.lock().unwrap().clone().ok_or("no hooks")?;
        hooks.reload(vec![script(Origin::BuiltIn, "a", json!({"received": [{"append": "newest"}]}))])?;
        Ok(())
    }
}

#[hooks::callout(tolerant)]
fn nothing(this: &Own) {
    let _ = this;
}

#[test]
fn a_plugin_that_changes_the_set_while_it_is_loaded_is_told() {
    let hooks = hooks_tests::hooks();
    hooks.load_libraries(vec![script(Origin::BuiltIn, "a", json!({"received": [{"append": "old"}]}))]).unwrap();
    *HOOKS.lock().unwrap() = Some(hooks.clone());
    hooks.reload(vec![LibraryConfig::new(Source::Builtin("hooks-tests".to_owned()))]).unwrap();
    assert_eq!(hooks.libraries()[0].name, "hooks-tests");
    hooks.reload(vec![]).unwrap();
    assert_eq!(text_of(&hooks), "newest", "what its `unload` loaded");
    *HOOKS.lock().unwrap() = None;
}

/// Parks a request whose continuation uses everything of `hooks`, and tells how it ended.
fn park(hooks: &Hooks) -> mpsc::Receiver<Outcome> {
    let (sender, receiver) = mpsc::channel();
    let received::Step::Parked(parked) = receive(&mut hooks.handle(), &mut Packet::default()) else {
        panic!("not parked");
    };
    parked.resume_with(hooks.clone(), move |hooks, outcome| {
        let _ = (hooks.libraries(), hooks.callouts(), hooks.collect(), hooks.hook_names());
        hooks.set_observer(None);
        hooks.reload(vec![script(Origin::BuiltIn, "a", json!({"received": [{"append": "later"}]}))]).unwrap();
        sender.send(outcome).unwrap();
    });
    receiver
}

fn a_continuation_may_use_hooks_while_a_plugin_is_dropped(origin: Origin) {
    let keeping = || script(origin, "a", json!({"received": ["keep-ticket", {"return": "park"}]}));
    let hooks = hooks_tests::hooks();
    for reload in [true, false] {
        hooks.load_libraries(vec![keeping()]).unwrap();
        let outcome = park(&hooks);
        if reload {
            hooks.reload(vec![]).unwrap();
        } else {
            assert!(!hooks.unload_libraries(), "the continuation has loaded others");
        }
        assert_eq!(outcome.try_recv(), Ok(Outcome::Dropped));
        assert_eq!(text_of(&hooks), "later");
    }
}

fn a_continuation_may_use_hooks_while_a_plugin_is_unloaded(origin: Origin) {
    // The plugin's `unload` waits for the thread that resumes, which waits until the request is resumed.
    let keeping = json!({"received": ["keep-ticket", {"return": "park"}], "sent": ["resume-kept-elsewhere"]});
    let hooks = hooks_tests::hooks();
    hooks.load_libraries(vec![script(origin, "a", keeping)]).unwrap();
    let outcome = park(&hooks);
    assert!(send(&mut hooks.handle(), &mut Packet::default()).is_continue());
    // Which of the two changes comes first is open.
    hooks.prepare_unload_libraries();
    assert_eq!(outcome.recv(), Ok(Outcome::Resumed));
}
