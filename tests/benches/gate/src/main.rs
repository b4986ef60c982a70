//! Counts the instructions of each workload and compares them with `instructions.toml`; looks at the instructions of the idle path
//! and of the path of one callout.

#![forbid(unsafe_code)]

mod build;
mod callgrind;
mod check;
mod disassembly;
mod expected;
mod mutations;
mod paths;
mod profile;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

type Problem = Box<dyn std::error::Error>;

const USAGE: &str = "expected: `gate [--bless] [WORKLOAD…]`, `gate paths`, or `gate mutations`

  --bless     write what is found into `instructions.toml`; tolerances and lists of calls stay as they are
  paths       print the instructions of the paths whose calls are listed
  mutations   put an allocation, a clock and a shared atomic into a copy of the sources, and require that the gate fails";

/// The folder `tests/benches` of the tree that is measured.
fn benches() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map_or_else(PathBuf::new, Path::to_owned)
}

fn gate(bless: bool, names: &[String]) -> Result<bool, Problem> {
    let failures = check::check(&benches(), None, bless, names)?;
    for failure in &failures {
        eprintln!("\n{failure}");
    }
    println!("{} failed", failures.len());
    Ok(failures.is_empty())
}

fn main() -> ExitCode {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    let passed = if arguments == ["mutations"] {
        mutations::run(&benches())
    } else if arguments == ["paths"] {
        paths::print(&benches()).map(|()| true)
    } else if arguments.iter().all(|argument| argument == "--bless" || !argument.starts_with('-')) {
        let all = arguments.len();
        arguments.retain(|argument| argument != "--bless");
        gate(arguments.len() < all, &arguments)
    } else {
        Err(USAGE.into())
    };
    match passed {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(problem) => {
            eprintln!("gate: {problem}");
            ExitCode::from(2)
        }
    }
}
