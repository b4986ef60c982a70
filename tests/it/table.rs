//! The table in docs/KEA.md has every behaviour once, and the tests that it names are there.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The behaviours of the reference are numbered from 1 to this.
const BEHAVIOURS: usize = 123;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The rows of the areas: number, reference, ours, tests.
fn rows() -> Vec<[String; 4]> {
    let text = fs::read_to_string(root().join("docs/KEA.md")).unwrap();
    let areas = text.split("## Undefined or racy").next().unwrap();
    let rows = areas.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| |"));
    rows.map(|row| {
        let cells: Vec<_> = row.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect();
        cells.try_into().unwrap_or_else(|cells| panic!("expected four cells: {cells:?}"))
    })
    .collect()
}

/// The names of all functions and files in the sources of tests.
fn names() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut folders: Vec<_> = ["tests", "examples", "hooks", "plugins"].map(|name| root().join(name)).into();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let file = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() {
                folders.extend((file != "target").then_some(path));
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

#[test]
fn every_behaviour_has_one_row() {
    let numbers: Vec<_> = rows().iter().map(|[number, ..]| number.parse::<usize>().unwrap()).collect();
    assert_eq!(numbers, (1..=BEHAVIOURS).collect::<Vec<_>>());
}

#[test]
fn every_row_says_how_ours_is_and_names_tests_that_exist() {
    let names = names();
    for [number, reference, ours, tests] in rows() {
        assert!(!reference.is_empty(), "{number}");
        let kind = ["same", "better", "not applicable: "].into_iter().find(|kind| ours.starts_with(kind));
        let kind = kind.unwrap_or_else(|| panic!("{number}: same, better or not applicable? {ours}"));
        let named: Vec<_> = tests.split('`').skip(1).step_by(2).collect();
        assert!(!named.is_empty() || kind == "not applicable: ", "{number}: which test shows it?");
        for test in named {
            let last = test.rsplit([':', ' ', '/']).next().unwrap();
            let found = names.contains(last) || names.contains(&format!("{last}.rs")) || names.contains(&format!("{last}.cc"));
            assert!(found, "{number}: there is no test `{test}`");
        }
    }
}
