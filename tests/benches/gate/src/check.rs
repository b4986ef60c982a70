//! The gate itself: counts, compares, looks at the instructions.

use std::path::Path;

use crate::build::{compiler, subject, workloads};
use crate::callgrind::{Turns, count};
use crate::disassembly::findings;
use crate::expected::{self, Entry};
use crate::{Problem, expected::Expected};

/// Checks the workloads `names`, or all, of the tree with the folder `benches`; what has failed, in words.
pub(crate) fn check(
    benches: &Path,
    target: Option<&Path>,
    bless: bool,
    names: &[String],
) -> Result<Vec<String>, Problem> {
    let mut expected = expected::read(benches)?;
    let subject = subject(benches, target)?;
    let all = workloads(&subject)?;
    if let Some(unknown) = names.iter().find(|name| !all.contains(name)) {
        return Err(format!("no workload is called `{unknown}`; there are: {}", all.join(", ")).into());
    }
    let wanted: Vec<&String> = all.iter().filter(|name| names.is_empty() || names.contains(name)).collect();
    let mut failures = Vec::new();
    let counted = in_parallel(&wanted, |name| count(&subject, name).map_err(|problem| problem.to_string()));
    let empty = counted
        .iter()
        .zip(&wanted)
        .find(|(_, name)| name.as_str() == "loop")
        .and_then(|(turns, _)| turns.as_ref().ok());
    let empty = empty.map(Turns::instructions);
    for (name, turns) in wanted.iter().zip(&counted) {
        let turns = turns.as_ref().map_err(Clone::clone)?;
        let found = turns.instructions();
        let over = empty.map(|empty| format!(" ({} over the loop)", found - empty)).unwrap_or_default();
        println!("{name}: {found} instructions{over}");
        if bless {
            expected.workload.entry((*name).clone()).or_default().instructions = found;
        }
        let entry = expected.workload.get(*name);
        failures.extend(compare(name, entry, found));
        if let Some(calls) = entry.and_then(|entry| entry.calls.as_ref()) {
            let wrong = findings(&turns.profile, &subject, calls)?;
            failures.extend(wrong.iter().map(|wrong| format!("{name}: {wrong}")));
        }
    }
    conclude(benches, &all, bless, expected, failures)
}

fn conclude(
    benches: &Path,
    all: &[String],
    bless: bool,
    mut expected: Expected,
    mut failures: Vec<String>,
) -> Result<Vec<String>, Problem> {
    let compiler = compiler()?;
    if bless {
        expected.compiler = compiler;
        expected::write(benches, all, &expected)?;
    } else if !failures.is_empty() && compiler != expected.compiler {
        failures.push(format!(
            "the numbers belong to `{}`, and this is `{compiler}`: with another compiler they may differ",
            expected.compiler
        ));
    }
    failures.extend(
        expected
            .workload
            .keys()
            .filter(|name| !all.contains(name))
            .map(|name| format!("{name}: `instructions.toml` has it, but no workload is called so: take it out there")),
    );
    Ok(failures)
}

/// What is wrong with a count, in words.
fn compare(name: &str, entry: Option<&Entry>, found: f64) -> Option<String> {
    let bless = format!("if that is meant: `cargo run --release -p gate -- --bless {name}` in `tests/benches`");
    let Some(Entry { instructions, tolerance, .. }) = entry else {
        return Some(format!("{name}: {found} instructions found, and `instructions.toml` has no entry; {bless}"));
    };
    let off = found - instructions;
    (off.abs() > *tolerance).then(|| {
        let what = if off > 0.0 { "more" } else { "fewer" };
        format!(
            "{name}: {instructions} instructions expected, within {tolerance}; {found} found, {} {what}; {bless}",
            off.abs()
        )
    })
}

/// Does `work` for each of `items`, on all processors; the results in the same order.
fn in_parallel<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let next = std::sync::atomic::AtomicUsize::new(0);
    let mut results: Vec<(usize, R)> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..threads)
            .map(|_| {
                scope.spawn(|| {
                    // Relaxed: only that each number comes once counts.
                    let turn = || next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                    std::iter::repeat_with(turn).map_while(|at| Some((at, work(items.get(at)?)))).collect::<Vec<_>>()
                })
            })
            .collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap_or_default()).collect()
    });
    results.sort_by_key(|(at, _)| *at);
    results.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(instructions: f64, tolerance: f64) -> Entry {
        Entry { instructions, tolerance, calls: None }
    }

    #[test]
    fn a_count_outside_of_the_tolerance_fails_in_words() {
        assert_eq!(compare("idle", Some(&entry(4.0, 0.0)), 4.0), None);
        let said = compare("idle", Some(&entry(4.0, 0.0)), 5.0).expect("one is too many");
        assert!(said.starts_with("idle: 4 instructions expected, within 0; 5 found, 1 more; "), "{said}");
        assert!(said.contains("--bless idle"), "{said}");
        assert!(compare("idle", Some(&entry(4.0, 0.0)), 3.0).is_some(), "fewer are not what is expected either");
        assert_eq!(compare("handle", Some(&entry(400.0, 5.0)), 396.0), None);
        assert!(compare("new", None, 1.0).is_some(), "nothing is known of it");
    }

    #[test]
    fn results_come_in_the_order_of_the_items() {
        let items: Vec<u32> = (0..100).collect();
        assert_eq!(in_parallel(&items, |item| item * 2), items.iter().map(|item| item * 2).collect::<Vec<_>>());
    }
}
