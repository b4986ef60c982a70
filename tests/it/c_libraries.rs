//! Plain C libraries: what they are, what is attached, their standard functions, and their place among the others.

mod arguments;
mod fuzzed;
mod header;
mod refused;
mod status;
mod symbols;
mod values;

use fixture_api::Packet;
use hooks::{Error, Hooks, LibraryConfig, Source};
use hooks_tests::{Journal, Origin, c_library, has_c_compilers, logged, receive, script, send, text_of};
use serde_json::json;

hooks::declare_hooks! {
    /// Has the name of a function of the mathematics library.
    pub hook sqrt(count: &mut u64) -> [Continue, Drop];

    /// Has the name of a standard function of libraries.
    pub hook unload(count: &mut u64) -> [Continue, Drop];
}

/// The library `journal.c`, which writes into `journal`, with these standard functions.
pub(crate) fn journal_library(journal: &Journal, name: &str, standard: &[&str]) -> Source {
    let given = |flag: &str| standard.iter().any(|standard| standard.starts_with(flag));
    let mut flags = vec![format!("-DJOURNAL=\"{}\"", journal.path().display()), format!("-DNAME=\"{name}\"")];
    flags.extend(standard.iter().map(ToString::to_string));
    for default in ["-DVERSION=HOOKS_VERSION", "-DTHREADS=1", "-DLOAD=0", "-DUNLOAD=0"] {
        let flag = default.split('=').next().unwrap();
        if !given(flag) {
            flags.push(default.to_owned());
        }
    }
    // Without a value it is left out.
    flags.retain(|flag| !flag.ends_with("=none"));
    let flags: Vec<_> = flags.iter().map(String::as_str).collect();
    c_library(journal.beside(".").as_path(), name, "journal.c", &flags)
}

fn config(source: &Source) -> LibraryConfig {
    LibraryConfig::new(source.clone())
}

fn load(source: &Source) -> Result<Hooks, Error> {
    let hooks = hooks_tests::hooks();
    hooks.load_libraries(vec![config(source)]).map(|()| hooks)
}

#[test]
fn a_library_is_loaded_called_and_unloaded() {
    if !has_c_compilers() {
        return;
    }
    let journal = Journal::new();
    let source = journal_library(&journal, "alpha", &[]);
    let hooks = hooks_tests::hooks();
    hooks.load_libraries(vec![config(&source).parameters(json!({"a": [1, "é"]}))]).unwrap();
    assert_eq!(
        journal.take(),
        ["alpha threads", "alpha load", "alpha alpha", r#"alpha {"a":[1,"é"]}"#],
        "name and parameters follow"
    );
    let library = &hooks.libraries()[0];
    assert_eq!((library.name.as_str(), library.version.as_str(), &library.source), ("alpha", "1", &source));
    assert!(library.multi_threading_compatible);
    let callouts = hooks.callouts();
    let names: Vec<_> = callouts.iter().map(|callout| (callout.hook(), callout.library(), callout.callout())).collect();
    assert_eq!(
        names,
        [("received", "alpha", "received")],
        "`unload` is a hook point here, but first a standard function"
    );
    assert_eq!(text_of(&hooks), "alpha");
    assert!(hooks.unload_libraries());
    assert_eq!(journal.take(), ["alpha unload"]);
    assert_eq!(text_of(&hooks), "");
}

#[test]
fn the_order_is_that_of_the_configuration_whatever_the_language() {
    if !has_c_compilers() {
        return;
    }
    let journal = Journal::new();
    let (a, b) = (journal_library(&journal, "a", &[]), journal_library(&journal, "b", &[]));
    let plus = c_library(&journal.beside("."), "plus", "plus.cc", &[]);
    for origin in [Origin::Shared, Origin::BuiltIn] {
        let hooks = hooks_tests::hooks();
        let rust = script(origin, "r", json!({"received": [{"append": "r"}], "journal": journal.path()}));
        hooks.load_libraries(vec![config(&b), rust, config(&plus), config(&a)]).unwrap();
        assert_eq!(text_of(&hooks), "br++a");
        journal.take();
        drop(hooks);
        assert_eq!(journal.take(), ["a unload", "r unload", "b unload", "r drop after 1 calls"]);
    }
}

#[test]
fn the_same_file_twice_is_two_libraries() {
    if !has_c_compilers() {
        return;
    }
    let journal = Journal::new();
    let source = journal_library(&journal, "twice", &[]);
    let hooks = hooks_tests::hooks();
    hooks.load_libraries(vec![config(&source), config(&source)]).unwrap();
    assert_eq!(text_of(&hooks), "twicetwice");
    let loads = journal.take().iter().filter(|line| line.ends_with(" load")).count();
    assert_eq!(loads, 2);
    // A reload keeps what is the same, and a request in flight keeps what it began with.
    let mut request = hooks.handle();
    hooks.reload(vec![config(&source)]).unwrap();
    assert_eq!(journal.take(), ["twice unload"]);
    let mut packet = Packet::default();
    let _ = receive(&mut request, &mut packet);
    assert_eq!((packet.text.as_str(), text_of(&hooks).as_str()), ("twicetwice", "twice"));
}

#[test]
fn a_load_that_fails_is_followed_by_unload() {
    if !has_c_compilers() {
        return;
    }
    let journal = Journal::new();
    let first = journal_library(&journal, "first", &[]);
    let second = journal_library(&journal, "second", &["-DLOAD=3", "-DUNLOAD=4"]);
    let hooks = hooks_tests::hooks();
    let (error, log) = logged(|| hooks.load_libraries(vec![config(&first), config(&second)]).unwrap_err());
    assert!(error.is_load(), "{error}");
    assert!(error.to_string().ends_with("its function `load` returned 3; expected 0"), "{error}");
    assert!(error.to_string().contains("library `second` from "), "{error}");
    assert!(log.contains("`unload` after the failed `load` returned 4"), "{log}");
    let lines: Vec<_> = journal.take().into_iter().filter(|line| line.ends_with("load")).collect();
    assert_eq!(lines, ["first load", "second load", "second unload", "first unload"]);
    assert!(hooks.libraries().is_empty() && hooks.callouts().is_empty());
    assert_eq!(text_of(&hooks), "");
}

#[test]
fn an_unload_that_fails_is_logged() {
    if !has_c_compilers() {
        return;
    }
    let journal = Journal::new();
    let hooks = load(&journal_library(&journal, "stubborn", &["-DUNLOAD=-2"])).unwrap();
    let (unloaded, log) = logged(|| hooks.unload_libraries());
    assert!(unloaded);
    assert!(log.contains("unload failed: its function `unload` returned -2; expected 0"), "{log}");
    assert_eq!(journal.take().last().unwrap(), "stubborn unload");
}

#[test]
fn a_function_of_the_mathematics_library_is_no_callout() {
    if !has_c_compilers() {
        return;
    }
    let journal = Journal::new();
    let imported = c_library(&journal.beside("."), "root_imported", "root_imported.c", &["-lm"]);
    let defined = c_library(&journal.beside("."), "root_defined", "root_defined.c", &["-fno-builtin"]);
    let hooks = hooks_tests::hooks();
    hooks.load_libraries(vec![config(&imported), config(&defined)]).unwrap();
    let attached: Vec<_> =
        hooks.callouts().iter().map(|callout| (callout.hook().to_owned(), callout.library().to_owned())).collect();
    let expected = [("received", "root_imported"), ("sqrt", "root_defined")];
    assert_eq!(attached.len(), 2, "{attached:?}");
    assert!(
        expected.iter().all(|(hook, library)| attached.contains(&((*hook).to_owned(), (*library).to_owned()))),
        "{attached:?}"
    );
    let mut packet = Packet { number: 144, ..Packet::default() };
    assert!(receive(&mut hooks.handle(), &mut packet).is_continue());
    let mut count = 144;
    assert!(sqrt::call(&mut hooks.handle(), || sqrt::Args { count: &mut count }).is_continue());
    assert_eq!((packet.number, count), (12, 145), "the one takes the root, the other one counts");
}

#[test]
fn hook_points_that_are_registered_later_are_found_by_the_next_load() {
    if !has_c_compilers() {
        return;
    }
    let journal = Journal::new();
    let text = "#include \"hooks.h\"\nint version(void) { return HOOKS_VERSION; }\n\
                int c_late_point(hooks_handle *handle) { return hooks_set_status(handle, HOOKS_SKIP); }\n";
    let file = journal.beside("late.c");
    std::fs::write(&file, text).unwrap();
    let source = c_library(&journal.beside("."), "late", &file.display().to_string(), &[]);
    let hooks = hooks_tests::hooks();
    hooks.set_multi_threading(false);
    let ((), log) = logged(|| hooks.load_libraries(vec![config(&source)]).unwrap());
    assert!(log.contains("nothing of the library is attached"), "{log}");
    let index = hooks.register_hook("c_late_point").unwrap();
    assert!(!hooks.callouts_present(index).unwrap(), "what came later is not attached by itself");
    hooks.load_libraries(vec![config(&source)]).unwrap();
    assert_eq!(hooks.handle().call_callouts(index).unwrap(), hooks::NextStep::Skip);
}

#[test]
fn nobody_else_is_disturbed() {
    if !has_c_compilers() {
        return;
    }
    let journal = Journal::new();
    let hooks = load(&journal_library(&journal, "quiet", &[])).unwrap();
    let mut packet = Packet::default();
    assert!(send(&mut hooks.handle(), &mut packet).is_continue());
    assert_eq!(packet, Packet::default());
}
