//! The tables in docs/KEA.md and docs/RELIABILITY.md have every behaviour and every hazard once, and the tests that they name are
//! there.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The behaviours of the reference are numbered from 1 to this.
const BEHAVIOURS: usize = 123;

/// The hazards are numbered from 1 to this.
const HAZARDS: usize = 60;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The rows of the numbered tables of a page, up to `end`: number, and three more cells.
fn rows(page: &str, end: &str) -> Vec<[String; 4]> {
    let text = fs::read_to_string(root().join("docs").join(page)).unwrap();
    let tables = text.split(end).next().unwrap();
    let rows = tables.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| |"));
    rows.map(|row| {
        let cells: Vec<_> = row.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect();
        cells.try_into().unwrap_or_else(|cells| panic!("expected four cells: {cells:?}"))
    })
    .collect()
}

/// The rows of the areas: number, reference, ours, tests.
fn behaviours() -> Vec<[String; 4]> {
    rows("KEA.md", "## Undefined or racy")
}

/// The names of all functions, files and folders in the sources of tests.
fn names() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut folders: Vec<_> =
        ["tests", "examples", "hooks", "plugins", "fuzz", ".ci"].map(|name| root().join(name)).into();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let file = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() {
                folders.extend((file != "target").then_some(path));
                names.insert(file);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                let functions = text.lines().filter_map(|line| line.trim_start().split_once("fn "));
                names.extend(functions.filter_map(|(_, rest)| rest.split(['(', '<']).next().map(str::to_owned)));
                names.insert(file);
            } else {
                names.insert(file);
            }
        }
    }
    names
}

fn numbers(rows: &[[String; 4]]) -> Vec<usize> {
    rows.iter().map(|[number, ..]| number.parse().unwrap()).collect()
}

/// The tests that a cell names, all of which are there.
fn named<'a>(row: &str, cell: &'a str, names: &BTreeSet<String>) -> Vec<&'a str> {
    let named: Vec<_> = cell.split('`').skip(1).step_by(2).collect();
    for test in &named {
        let last = test.trim_end_matches('/').rsplit([':', ' ', '/']).next().unwrap();
        let files = ["", ".rs", ".cc"].map(|extension| format!("{last}{extension}"));
        assert!(files.iter().any(|file| names.contains(file)), "{row}: there is no test `{test}`");
    }
    named
}

#[test]
fn every_behaviour_and_every_hazard_has_one_row() {
    assert_eq!(numbers(&behaviours()), (1..=BEHAVIOURS).collect::<Vec<_>>());
    assert_eq!(numbers(&rows("RELIABILITY.md", "## Runs")), (1..=HAZARDS).collect::<Vec<_>>());
}

#[test]
fn every_behaviour_says_how_ours_is_and_names_tests_that_exist() {
    let names = names();
    for [number, reference, ours, tests] in behaviours() {
        assert!(!reference.is_empty(), "{number}");
        let kind = ["same", "better", "not applicable: "].into_iter().find(|kind| ours.starts_with(kind));
        let kind = kind.unwrap_or_else(|| panic!("{number}: same, better or not applicable? {ours}"));
        let named = named(&number, &tests, &names);
        assert!(!named.is_empty() || kind == "not applicable: ", "{number}: which test shows it?");
    }
}

#[test]
fn every_hazard_says_what_happens_and_names_tests_that_exist() {
    let names = names();
    for [number, hazard, ours, tests] in rows("RELIABILITY.md", "## Runs") {
        assert!(!hazard.is_empty() && !ours.is_empty(), "{number}");
        let named = named(&number, &tests, &names);
        assert!(!named.is_empty() || tests.contains("not tested") || tests.contains("not run"), "{number}");
    }
}
