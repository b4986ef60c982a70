//! The table of calls: our rows, the peers and the reference, each as a ratio to the raw call of the same run.

use std::collections::BTreeMap;

use serde::Deserialize;
use workloads::{ALL, Files, Loop, Workload};

use crate::document::Document;
use crate::figures::{Figure, number, table};
use crate::kea::Kea;
use crate::plot::{Bar, bars};
use crate::timing::{least, least_beside_process, least_of_two};
use crate::{Effort, Problem, root};

/// At most so many raw calls.
const GOALS: &[(&str, f64)] = &[
    ("idle", 0.15),
    ("call-1", 1.5),
    ("call-4", 4.5),
    ("call-16", 17.0),
    // A typed call, and 8 for each callout that is timed.
    ("timed-1", 9.5),
    ("timed-4", 36.5),
    ("request", 7.0),
    ("handle", 2.0),
    ("handle-bracketed", 5.0),
    ("context-get", 1.0),
    ("context-set", 2.0),
    ("by-name", 15.0),
];

/// On two threads at once at most so much more than the raw call itself takes there.
const TWO_THREADS: f64 = 1.1;

/// What one run has found, in nanoseconds.
#[derive(Debug, Default)]
struct Run {
    one: BTreeMap<String, f64>,
    two: BTreeMap<String, f64>,
    /// On one thread, beside another process.
    beside: BTreeMap<String, f64>,
    kea: BTreeMap<String, f64>,
}

impl Run {
    /// In raw calls, without the empty loop. What runs beside the loop's own instructions comes out as nothing, or just below.
    fn ratio(&self, name: &str) -> Option<f64> {
        Some(self.over_loop(self.one.get(name)?).max(0.0) / self.over_loop(self.one.get("raw")?))
    }

    fn over_loop(&self, nanoseconds: &f64) -> f64 {
        nanoseconds - self.one.get("loop").copied().unwrap_or(0.0)
    }

    /// How much slower each of two threads is than one alone, and than one beside another process.
    fn slowdowns(&self, name: &str) -> Option<(f64, f64)> {
        let two = self.two.get(name)?;
        Some((two / self.one.get(name)?, two / self.beside.get(name)?))
    }

    /// How much slower each of two threads is, beside how much slower the raw call is there.
    fn two_threads(&self, name: &str) -> Option<f64> {
        Some((self.two.get(name)? / self.one.get(name)?) / (self.two.get("raw")? / self.one.get("raw")?))
    }
}

pub(crate) fn write(effort: Effort, document: &mut Document) -> Result<(), Problem> {
    let files = Files::new()?;
    let kea = Kea::build();
    let mut runs = Vec::new();
    for number in 0..effort.runs {
        eprintln!("rows: run {} of {}", number + 1, effort.runs);
        runs.push(run(effort, &files, kea.as_ref().ok())?);
    }
    let figure = |find: &dyn Fn(&Run) -> Option<f64>| Figure::of(runs.iter().filter_map(find));
    let instructions = instructions()?;
    let mut rows = Vec::new();
    let mut two = Vec::new();
    let mut plotted = Vec::new();
    for workload in ALL.iter().filter(|workload| workload.name != "loop") {
        let name = workload.name;
        let ratio = figure(&|run| run.ratio(name));
        let goal = GOALS.iter().find(|(goal, _)| *goal == name).map(|(_, goal)| *goal);
        let kea = figure(&|run| Some(run.kea.get(name)? / run.over_loop(run.one.get("raw")?)));
        rows.push(vec![
            workload.what.to_owned(),
            goal.map_or_else(|| "–".to_owned(), |goal| format!("≤ {goal}")),
            ratio.text(),
            verdict(goal, ratio.median()),
            number(figure(&|run| run.one.get(name).copied()).median()),
            instructions.get(name).map_or_else(|| "–".to_owned(), |count| number(*count)),
            kea.text(),
        ]);
        let pair = figure(&|run| run.two_threads(name));
        let slowdown = figure(&|run| Some(run.slowdowns(name)?.0));
        let shared = figure(&|run| Some(run.slowdowns(name)?.1));
        two.push(vec![
            workload.what.to_owned(),
            slowdown.text(),
            pair.text(),
            verdict(Some(TWO_THREADS), pair.median()),
            shared.text(),
        ]);
        plotted.push(Bar {
            name: workload.what.to_owned(),
            value: ratio.median(),
            ours: !["raw", "box-dyn"].contains(&name),
        });
        if kea.median().is_finite() {
            plotted.push(Bar { name: format!("Kea: {name}"), value: kea.median(), ours: false });
        }
    }
    let mut beside = Vec::new();
    for (name, _) in peers::ALL {
        let ratio = figure(&|run| run.ratio(name));
        beside.push(vec![
            (*name).to_owned(),
            ratio.text(),
            number(figure(&|run| run.one.get(*name).copied()).median()),
        ]);
    }
    let head = ["what", "goal (R)", "R", "reached", "ns, with the loop", "instructions, with the loop", "Kea (R)"];
    let mut text = table(&head, &rows);
    if let Err(problem) = &kea {
        text += &format!("\nKea was not measured: {problem}\n");
    }
    text += &format!(
        "\n![in raw calls]({})\n",
        document.plot("calls", &bars("Times in raw calls (logarithmic)", "R", &plotted))?
    );
    document.replace("calls", &text)?;
    document.replace(
        "two-threads",
        &table(
            &[
                "what",
                "two threads, times one",
                "by the raw call's own",
                "≤ 1.1",
                "two threads, times one beside another process",
            ],
            &two,
        ),
    )?;
    document.replace("peers", &table(&["peer", "R", "ns, with the loop"], &beside))
}

fn run(effort: Effort, files: &Files, kea: Option<&Kea>) -> Result<Run, Problem> {
    let mut run = Run::default();
    let raw = workloads::find("raw").ok_or("there is a workload `raw`")?;
    for workload in ALL {
        // The raw call again beside each, so that its least is as little disturbed as theirs.
        one(raw, effort.samples / 5 + 1, files, &mut run)?;
        one(workload, effort.samples, files, &mut run)?;
        let hooks = workload.component(files)?;
        let samples = effort.samples + 1;
        let pair = least_of_two(&|| Ok((workload.prepare)(&hooks)), samples)?;
        run.two.insert(workload.name.to_owned(), pair);
        let beside = least_beside_process(workload.name, &|| (workload.prepare)(&hooks), samples)?;
        run.beside.insert(workload.name.to_owned(), beside);
        if let Some(least) = kea.map(|kea| kea.least(workload.name, effort.samples)).transpose()?.flatten() {
            run.kea.insert(workload.name.to_owned(), least);
        }
    }
    for (name, prepare) in peers::ALL {
        let mut peer: Loop = prepare()?;
        run.one.insert((*name).to_owned(), least(&mut peer, effort.samples));
    }
    Ok(run)
}

fn one(workload: &Workload, samples: usize, files: &Files, run: &mut Run) -> Result<(), Problem> {
    let hooks = workload.component(files)?;
    let time = least(&mut (workload.prepare)(&hooks), samples);
    let known = run.one.entry(workload.name.to_owned()).or_insert(time);
    *known = known.min(time);
    Ok(())
}

fn verdict(goal: Option<f64>, found: f64) -> String {
    goal.map_or("–", |goal| if found <= goal { "yes" } else { "**no**" }).to_owned()
}

/// What the gate counts.
fn instructions() -> Result<BTreeMap<String, f64>, Problem> {
    #[derive(Deserialize)]
    struct File {
        workload: BTreeMap<String, Entry>,
    }
    #[derive(Deserialize)]
    struct Entry {
        instructions: f64,
    }
    let text = std::fs::read_to_string(root().join("tests/benches/instructions.toml"))?;
    let file: File = toml::from_str(&text)?;
    Ok(file.workload.into_iter().map(|(name, entry)| (name, entry.instructions)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ratio_is_that_over_the_empty_loop() {
        let one = [("loop", 1.0), ("raw", 3.0), ("idle", 1.5)].map(|(name, time)| (name.to_owned(), time)).into();
        let run = Run { one, ..Run::default() };
        assert_eq!(run.ratio("idle"), Some(0.25));
        assert_eq!(run.ratio("unknown"), None);
    }

    #[test]
    fn each_goal_is_one_of_a_workload() {
        assert!(GOALS.iter().all(|(name, _)| workloads::find(name).is_some()));
    }
}
