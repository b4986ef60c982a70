//! The hook points of the process and the plugins that are linked into it.

use hooks::{LibraryConfig, Source};

#[test]
fn hook_points_are_listed() {
    let points = hooks_tests::hooks().hook_names();
    for point in ["received", "sent", "narrow", "tolerant", "unattached", "sequence", "appended", "choose_number"] {
        assert_eq!(points.iter().filter(|name| *name == point).count(), 1, "{point}: {points:?}");
    }
}

#[test]
fn a_built_in_plugin_that_is_not_linked() {
    for (name, line) in [("no-callouts", "no_callouts"), ("Scripted", "Scripted"), ("", "")] {
        let hooks = hooks_tests::hooks();
        let error = hooks.load_libraries(vec![LibraryConfig::new(Source::Builtin(name.to_owned()))]).unwrap_err();
        assert!(error.is_not_found());
        let text = error.to_string();
        assert!(text.contains(&format!("built-in plugin `{name}`")), "{text}");
        let linked = text.split_once("(linked: ").and_then(|(_, rest)| rest.split_once(')')).unwrap().0;
        let linked: Vec<_> = linked.split(", ").collect();
        assert!(linked.is_sorted() && ["by-name", "hooks-tests", "scripted"].iter().all(|name| linked.contains(name)));
        assert!(text.contains(&format!("`hooks::builtin!({line});`")), "{text}");
        assert!(hooks.libraries().is_empty());
    }
}
