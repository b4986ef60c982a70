//! Takes all times and writes the marked sections of `docs/PERFORMANCE.md` and its plots anew.

mod build_time;
mod children;
mod declared;
mod document;
mod figures;
mod kea;
mod loading;
mod machine;
mod paths;
mod plot;
mod reloading;
mod rows;
mod scale;
mod servers;
mod timing;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

type Problem = Box<dyn std::error::Error>;

const SECTIONS: &[&str] = &["rows", "paths", "loading", "scale", "reloading", "servers", "declared", "build"];

const USAGE: &str = "expected: `report [--quick] [--dry] [SECTION…]`, where a section is `rows`, `paths`, `loading`, `scale`, `reloading`, `servers`, `declared` or `build`

  --quick   fewer and shorter runs: to see that it works, not for figures
  --dry     print the sections instead of writing them into `docs/PERFORMANCE.md`";

/// How much is to be measured.
#[derive(Clone, Copy, Debug)]
struct Effort {
    /// How often everything is measured; the spread is that of these runs.
    runs: usize,
    /// How many samples of a millisecond a run takes of each workload.
    samples: usize,
    quick: bool,
}

/// The root of the repository.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(3).map_or_else(PathBuf::new, Path::to_owned)
}

fn report(effort: Effort, dry: bool, sections: &[String]) -> Result<(), Problem> {
    let wanted = |name: &str| sections.is_empty() || sections.iter().any(|section| section == name);
    let mut document = document::Document::open(&root().join("docs"), dry)?;
    document.replace("machine", &machine::describe(effort)?)?;
    if wanted("rows") {
        rows::write(effort, &mut document)?;
    }
    if wanted("paths") {
        paths::write(&mut document)?;
    }
    if wanted("loading") {
        loading::write(effort, &mut document)?;
    }
    if wanted("scale") {
        scale::write(effort, &mut document)?;
    }
    if wanted("reloading") {
        reloading::write(effort, &mut document)?;
    }
    if wanted("servers") {
        servers::write(effort, &mut document)?;
    }
    if wanted("declared") {
        declared::write(effort, &mut document)?;
    }
    if wanted("build") {
        build_time::write(effort, &mut document)?;
    }
    Ok(())
}

fn main() -> ExitCode {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    let done = if arguments.first().is_some_and(|argument| argument == "child") {
        children::run(&arguments[1..])
    } else {
        let mut option = |name: &str| {
            let before = arguments.len();
            arguments.retain(|argument| argument != name);
            arguments.len() < before
        };
        let (quick, dry) = (option("--quick"), option("--dry"));
        let effort = Effort { runs: if quick { 2 } else { 3 }, samples: if quick { 10 } else { 150 }, quick };
        if arguments.iter().all(|argument| SECTIONS.contains(&argument.as_str())) {
            report(effort, dry, &arguments)
        } else {
            Err(USAGE.into())
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("report: {problem}");
            ExitCode::FAILURE
        }
    }
}
