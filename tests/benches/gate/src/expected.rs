//! `instructions.toml`: what each workload takes, by how much it may differ, and which calls a path may make.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::Problem;

const HEAD: &str = "\
# Instructions for each turn of a workload's loop, the loop included (`loop` is the empty one), built by `cargo build --release`
# with Cargo's own release profile. `gate --bless` writes the numbers anew; the rest of an entry is written by hand:
# `tolerance` is by how many instructions a count may differ, up or down. `calls` are all the calls that the path makes, as
# `from -> to`; where they are listed, the instructions are looked at as well: no `lock`, no exchange with memory, no fence, no clock,
# no system call. The compiler divides code otherwise where a checkout lies in another folder, which moves the counts of what is not
# inlined by a few: their tolerance. Where memory is allocated, the counts are glibc's as well, so they may differ by some instructions.
";

/// The file's content.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Expected {
    /// The compiler that the numbers belong to.
    pub(crate) compiler: String,
    /// The workloads.
    #[serde(default)]
    pub(crate) workload: BTreeMap<String, Entry>,
}

/// What is expected of one workload.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Entry {
    pub(crate) instructions: f64,
    pub(crate) tolerance: f64,
    pub(crate) calls: Option<Vec<String>>,
}

fn path(benches: &Path) -> PathBuf {
    benches.join("instructions.toml")
}

/// Reads the file in `tests/benches`.
pub(crate) fn read(benches: &Path) -> Result<Expected, Problem> {
    let path = path(benches);
    let text = fs::read_to_string(&path).map_err(|error| format!("`{}`: {error}", path.display()))?;
    Ok(toml::from_str(&text).map_err(|error| format!("`{}`: {error}", path.display()))?)
}

/// Writes it anew, the workloads in the order of `names`.
pub(crate) fn write(benches: &Path, names: &[String], expected: &Expected) -> Result<(), Problem> {
    let mut text = format!("{HEAD}\ncompiler = \"{}\"\n", expected.compiler);
    for name in names {
        let Some(entry) = expected.workload.get(name) else { continue };
        let Entry { instructions, tolerance, calls } = entry;
        write!(text, "\n[workload.{name}]\ninstructions = {instructions}\ntolerance = {tolerance}\n")?;
        match calls.as_deref() {
            None => {}
            Some([]) => text.push_str("calls = []\n"),
            Some(calls) => {
                let lines: String = calls.iter().map(|call| format!("    \"{call}\",\n")).collect();
                write!(text, "calls = [\n{lines}]\n")?;
            }
        }
    }
    let path = path(benches);
    Ok(fs::write(&path, text).map_err(|error| format!("`{}`: {error}", path.display()))?)
}
