//! Symbols that are not those of ordinary functions.

use fixture_api::Packet;
use hooks_tests::{Journal, c_library, has_c_compilers, receive};

use super::load;

/// Whether the callout of `symbols.c`, built with these flags, is attached and drops; or why it is not loaded.
fn drops(name: &str, flags: &[&str]) -> Result<bool, String> {
    let journal = Journal::new();
    let hooks = load(&c_library(&journal.beside("."), name, "symbols.c", flags)).map_err(|error| error.to_string())?;
    assert!(hooks.callouts().iter().all(|callout| callout.hook() == "received"), "{:?}", hooks.callouts());
    Ok(receive(&mut hooks.handle(), &mut Packet::default()).is_drop())
}

#[test]
fn a_weak_function_is_one() {
    if has_c_compilers() {
        assert_eq!(drops("weak", &["-DWEAK"]), Ok(true));
    }
}

#[test]
#[cfg(target_env = "gnu")]
fn a_function_that_is_chosen_when_the_library_is_opened_is_one() {
    if has_c_compilers() {
        assert_eq!(drops("chosen", &["-DIFUNC"]), Ok(true));
    }
}

#[test]
fn a_variable_of_each_thread_is_none() {
    if has_c_compilers() {
        let error = drops("thread_local", &["-DTHREAD_LOCAL"]).unwrap_err();
        assert!(error.contains("its symbol `received` has the name of a hook point but is data"), "{error}");
    }
}

#[test]
fn a_function_of_an_older_version_hides_none_of_a_dependency() {
    if !has_c_compilers() {
        return;
    }
    let journal = Journal::new();
    let script = journal.beside("versions");
    std::fs::write(&script, "OLD { global: sqrt; version; multi_threading_compatible; local: *; };\n").unwrap();
    let script = format!("-Wl,--version-script={}", script.display());
    // `sqrt` by its bare name would be that of the mathematics library.
    assert_eq!(drops("old", &["-DOLD_VERSION", &script, "-Wl,--no-as-needed", "-lm"]), Ok(false));
}
