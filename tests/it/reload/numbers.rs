//! The numbers that operators see: sets of libraries, and images.

use std::thread;

use hooks::{Error, Hooks, ImageInfo, ImageState, LibraryConfig, Source, images};
use hooks_tests::{Journal, Origin, altered, both, logged, script};
use serde_json::json;

both!(sets_are_live_draining_and_retired, a_set_with_several_numbers_is_one, a_refused_set_is_retired);

/// The image whose bytes were found at the path of `source`.
pub(super) fn image(source: &Source) -> Option<ImageInfo> {
    let Source::File(path) = source else { panic!("a file is expected") };
    images().into_iter().find(|image| image.path == *path)
}

fn numbers(hooks: &Hooks) -> (u64, Vec<u64>, u64) {
    let generations = hooks.generations();
    (generations.live.number, generations.draining.iter().map(|set| set.number).collect(), generations.retired)
}

fn sets_are_live_draining_and_retired(origin: Origin) {
    let hooks = hooks_tests::hooks();
    let set = |names: &[&str]| names.iter().map(|name| script(origin, name, json!({}))).collect::<Vec<_>>();
    assert_eq!(numbers(&hooks), (0, vec![], 0));
    hooks.reload(set(&["a", "b"])).unwrap();
    assert_eq!(numbers(&hooks), (1, vec![], 1), "the empty set had no requests");
    let (one, two) = (hooks.handle(), hooks.handle());
    hooks.reload(set(&["c"])).unwrap();
    let three = hooks.handle();
    hooks.reload(set(&[])).unwrap();
    let generations = hooks.generations();
    assert_eq!(numbers(&hooks), (3, vec![1, 2], 1));
    let draining: Vec<_> =
        generations.draining.iter().map(|set| (set.handles, set.libraries.len(), set.since)).collect();
    assert_eq!((draining[0].0, draining[0].1, draining[1].0, draining[1].1), (2, 2, 1, 1));
    assert!(draining[0].2 >= draining[1].2 && draining[1].2 >= generations.live.since, "the oldest first");
    assert_eq!(generations.draining[0].libraries, ["scripted", "scripted"]);
    assert_eq!(generations.live.handles, 0);
    // Handles are counted wherever they go.
    thread::spawn(move || drop(one)).join().unwrap();
    assert_eq!(hooks.generations().draining[0].handles, 1);
    drop(three);
    let (left, log) = logged(|| hooks.collect());
    assert_eq!((left, numbers(&hooks)), (1, (3, vec![1], 2)));
    let line = log.lines().find(|line| line.contains("replaced sets are retired")).expect("a line");
    assert!(line.contains("INFO") && line.contains("number=3 libraries=0 draining=1 retired=2 images="), "{line}");
    drop(two);
    assert!(hooks.unload_libraries());
    assert_eq!(numbers(&hooks), (3, vec![], 3), "nothing was loaded, so nothing was replaced");
}

fn a_set_with_several_numbers_is_one(origin: Origin) {
    use fixture_api::sequence;
    let hooks = hooks_tests::hooks();
    hooks.reload(vec![script(origin, "a", json!({}))]).unwrap();
    let library = hooks.pre_callouts_library_handle();
    let mut requests = Vec::new();
    for _ in 0..3 {
        requests.push(hooks.handle());
        for _ in 0..70 {
            let callout = sequence::callout(|_, _| ());
            library.register_callout(&callout).unwrap();
            assert!(library.deregister_callout(&callout));
        }
    }
    let live = hooks.generations().live;
    assert_eq!((numbers(&hooks), live.handles), ((1, vec![], 1), 3));
    hooks.reload(vec![]).unwrap();
    let draining = hooks.generations().draining;
    assert_eq!((draining.len(), draining[0].number, draining[0].handles), (1, 1, 3));
    requests.pop();
    hooks.collect();
    assert_eq!(numbers(&hooks), (2, vec![1], 1));
    drop(requests);
    hooks.collect();
    assert_eq!(numbers(&hooks), (2, vec![], 2));
}

fn a_refused_set_is_retired(origin: Origin) {
    let hooks = hooks_tests::hooks();
    hooks.reload(vec![script(origin, "a", json!({}))]).unwrap();
    let refused = hooks.reload_if(vec![script(origin, "b", json!({}))], |_| {
        Err(hooks.reload(vec![]).expect_err("a change within a change"))
    });
    let error: Error = refused.unwrap_err();
    assert!(error.is_still_open(), "{error}");
    // The set itself, the refused one, and the old libraries once more.
    assert_eq!(numbers(&hooks), (3, vec![], 3));
    hooks.reload(vec![script(origin, "bad", json!({"load": {"error": "no"}}))]).unwrap_err();
    assert_eq!(numbers(&hooks), (3, vec![], 3), "a set that was never there has no number");
}

#[test]
fn each_different_build_is_one_image() {
    let (hooks, other, folder) = (hooks_tests::hooks(), hooks_tests::hooks(), Journal::new());
    let builds = ["one", "two"].map(|mark| altered("scripted", &folder.beside(&format!("lib{mark}.so")), mark));
    let load = |hooks: &Hooks, source: &Source| {
        let library = LibraryConfig::new(source.clone()).parameters(json!({"name": "a"}));
        logged(|| hooks.reload(vec![library])).1
    };
    assert_eq!(builds.each_ref().map(image), [None, None]);
    let log = load(&hooks, &builds[0]);
    let first = image(&builds[0]).unwrap();
    assert_eq!((first.name.as_str(), first.version.as_str()), ("scripted", env!("CARGO_PKG_VERSION")));
    assert_eq!(first.state, ImageState::InUse);
    let Source::File(path) = &builds[0] else { unreachable!() };
    let size = path.metadata().unwrap().len();
    assert!(first.mapped_bytes.is_multiple_of(4096) && first.mapped_bytes > 4096, "{first:?}");
    assert!(first.mapped_bytes < size + (1 << 20), "what is not loaded, as debug information, counts not: {first:?}");
    let line = log.lines().find(|line| line.contains("the set of libraries is in place")).expect("a line");
    assert!(line.contains("INFO") && line.contains("libraries=1 draining=0") && line.contains("bytes="), "{line}");
    load(&other, &builds[0]);
    load(&hooks, &builds[1]);
    assert_ne!(image(&builds[1]).unwrap().sha256, first.sha256);
    assert_eq!(image(&builds[0]).unwrap(), first, "the other one still uses it");
    assert!(other.unload_libraries());
    assert_eq!(image(&builds[0]).unwrap().state, ImageState::Retired);
    for _ in 0..20 {
        load(&hooks, &builds[0]);
        load(&hooks, &builds[1]);
    }
    let mine = images()
        .into_iter()
        .filter(|image| builds.iter().any(|source| matches!(source, Source::File(path) if *path == image.path)));
    assert_eq!(mine.count(), 2);
}
