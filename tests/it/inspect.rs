//! What a library's file says of itself.

use std::fs;

use fixture_api as _;
use hooks::inspect::{FileKind, Heap, PanicStrategy};
use hooks::{ArgumentMode, NextStep};
use hooks_tests::{library_path, records, text_in_records};
use serde_json::Value;

fn read(name: &str) -> Vec<u8> {
    fs::read(library_path(name)).unwrap()
}

#[test]
fn a_plugin() {
    let bytes = read("single-threaded");
    let library = hooks::inspect(&bytes).unwrap();
    assert_eq!((library.kind, library.heap, &library.problem), (FileKind::Plugin, Some(Heap::Host), &None));
    assert_eq!(library.size, bytes.len() as u64);
    let plugin = library.plugin.as_ref().unwrap();
    assert_eq!((&*plugin.name, &*plugin.version), ("single-threaded", env!("CARGO_PKG_VERSION")));
    assert_eq!((&*plugin.crate_name, plugin.multi_threading_compatible), ("single_threaded", false));
    let build = library.build.as_ref().unwrap();
    assert_eq!(build.hooks_version, "0.1.0");
    assert!(build.rustc.as_ref().unwrap().starts_with("1."), "{build:?}");
    assert!(
        build.target.as_ref().unwrap().contains("linux") && build.panic == Some(PanicStrategy::Unwind),
        "{build:?}"
    );
    assert!(library.needed.iter().any(|name| name.starts_with("libc.so")), "{:?}", library.needed);
    let entry = format!("hooks_library_{}", build.protocol);
    assert!(library.exported.contains(&entry), "{:?}", library.exported);
}

#[test]
fn its_callouts_and_hook_points() {
    let library = hooks::inspect(&read("outdated-lent")).unwrap();
    let [callout] = &library.callouts[..] else { panic!("{:?}", library.callouts) };
    assert_eq!((&*callout.hook, &*callout.name, callout.manual), ("lent", "use_value", false));
    assert!(callout.file.ends_with("outdated-lent/src/lib.rs") && callout.line > 10, "{callout:?}");
    let [argument] = &callout.arguments[..] else { panic!("{callout:?}") };
    assert_eq!((&*argument.name, argument.mode), ("value", Some(ArgumentMode::Mut)));
    assert_eq!(argument.type_name.as_deref(), Some("u64"));
    let point = library.hook_points.iter().find(|point| point.name == "lent").unwrap();
    assert_eq!(point.statuses, [NextStep::Continue, NextStep::Drop]);
    assert_eq!(
        (&*point.arguments[0].type_name, point.arguments[0].size, point.arguments[0].layout.len()),
        ("u64", 8, 32)
    );
    // Another library of the same types says the same of their layouts.
    let other = hooks::inspect(&read("outdated-moved")).unwrap();
    assert_eq!(other.hook_points.iter().find(|point| point.name == "lent"), Some(point));
}

#[test]
fn a_program() {
    let library = hooks::inspect(&fs::read(std::env::current_exe().unwrap()).unwrap()).unwrap();
    assert_eq!((library.kind, &library.plugin, library.heap), (FileKind::Program, &None, None));
    assert!(library.build.as_ref().unwrap().rustc.is_some());
    let point = library.hook_points.iter().find(|point| point.name == "received").unwrap();
    assert_eq!(point.arguments[0].type_name, "Packet");
    assert!(library.built_in.iter().any(|plugin| plugin.name == "ordered"), "{:?}", library.built_in);
}

#[test]
fn the_keys_of_its_json() {
    let json = serde_json::to_value(hooks::inspect(&read("ordered")).unwrap()).unwrap();
    let keys = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>().join(" ");
    assert_eq!(keys(&json), "build built-in callouts exported heap hook-points kind needed plugin problem sha256 size");
    assert_eq!(keys(&json["plugin"]), "crate multi-threading-compatible name version");
    assert_eq!(keys(&json["build"]), "hooks-version panic protocol rustc target");
    assert_eq!(keys(&json["callouts"][0]), "arguments command crate file hook line manual name");
    assert_eq!(keys(&json["callouts"][0]["arguments"][0]), "mode name type");
    let point = json["hook-points"].as_array().unwrap().iter().find(|point| point["name"] == "received").unwrap();
    assert_eq!(keys(point), "arguments file line name on-failure statuses");
    assert_eq!(keys(&point["arguments"][0]), "align layout mode name offset size type");
    assert_eq!(point["statuses"], serde_json::json!(["CONTINUE", "SKIP", "DROP", "PARK"]));
    assert_eq!((&json["kind"], &point["arguments"][0]["mode"]), (&"plugin".into(), &"mut".into()));
}

#[test]
fn one_of_another_version_of_the_framework() {
    let (mut bytes, section) = records("ordered");
    let version = text_in_records(env!("CARGO_PKG_VERSION"));
    for at in section {
        // The protocol's number stands between the kind of a record and the framework's version.
        if matches!(bytes[at], 1 | 5) && bytes[at + 5..].starts_with(&version) {
            bytes[at + 1..at + 5].copy_from_slice(&77u32.to_le_bytes());
        }
    }
    let library = hooks::inspect(&bytes).unwrap();
    let problem = library.problem.unwrap();
    assert!(problem.contains("was built with hooks 0.1.0 (protocol 77)"), "{problem}");
    assert_eq!((library.kind, library.build.as_ref().unwrap().protocol), (FileKind::Plugin, 77));
}

#[test]
fn whatever_the_bytes_are_it_ends() {
    let (bytes, section) = records("ordered");
    for length in (0..bytes.len()).step_by((bytes.len() / 20) | 1) {
        // An answer, or an error in words.
        if let Err(error) = hooks::inspect(&bytes[..length]) {
            assert!(error.is_refused() && !error.to_string().is_empty());
        }
    }
    let headers = (0..64).chain(bytes.len() - 64 * 40..bytes.len()).step_by(67);
    for at in headers.chain(section.step_by(397)) {
        let mut changed = bytes.clone();
        changed[at] = !changed[at];
        drop(hooks::inspect(&changed));
    }
}
