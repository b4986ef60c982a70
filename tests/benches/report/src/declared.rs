//! What declared hook points cost a program at its start: they are registered when the first `Hooks` is made.

use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::Command;

use crate::build_time::{cargo, package};
use crate::document::Document;
use crate::figures::{number, table};
use crate::{Effort, Problem};

/// Says how many microseconds the first `Hooks` took, and by how many KiB the process grew with it.
const MAIN: &str = r#"
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux says it");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("Linux says it");
    line.trim().trim_end_matches(" kB").parse().expect("it is a number")
}

fn main() {
    let before = resident();
    let begin = std::time::Instant::now();
    let hooks = hooks::Hooks::new();
    let time = begin.elapsed();
    println!("{} {} {}", time.as_secs_f64() * 1e6, resident() - before, hooks.hook_names().len());
}
"#;

pub(crate) fn write(effort: Effort, document: &mut Document) -> Result<(), Problem> {
    let counts: &[usize] = if effort.quick { &[10, 100] } else { &[10, 1000, 2000, 10_000] };
    let folder = tempfile::tempdir()?;
    let target = folder.path().join("target");
    let mut rows = Vec::new();
    for &count in counts {
        let name = format!("declaring-{count}");
        let declaring = folder.path().join(&name);
        package(&declaring, &name, "")?;
        fs::write(declaring.join("src/lib.rs"), "")?;
        fs::write(declaring.join("src/main.rs"), program(count))?;
        let compiled = cargo(&declaring, &target, &["build"])?;
        let program = target.join("debug").join(&name);
        let (mut times, mut memory) = (Vec::new(), Vec::new());
        for _ in 0..if effort.quick { 3 } else { 20 } {
            let (time, grown) = run(&program, count)?;
            times.push(time / count as f64);
            memory.push(grown * 1024.0 / count as f64);
        }
        let least = |figures: Vec<f64>| number(figures.into_iter().fold(f64::INFINITY, f64::min));
        rows.push(vec![count.to_string(), least(times), least(memory), number(compiled)]);
    }
    let head = [
        "hook points declared",
        "µs at the start, each",
        "bytes of memory, each",
        "seconds to compile; in the first row with all dependencies",
    ];
    document.replace("declared", &table(&head, &rows))
}

fn program(count: usize) -> String {
    let mut text = "hooks::declare_hooks! {\n".to_owned();
    for number in 0..count {
        let _ = writeln!(text, "    pub hook point_{number}(value: &mut u64, from: u64) -> [Continue, Drop];");
    }
    text + "}\n" + MAIN
}

/// The time and the memory of one start.
fn run(program: &Path, count: usize) -> Result<(f64, f64), Problem> {
    let output = Command::new(program).output()?;
    let said = String::from_utf8(output.stdout)?;
    let numbers: Vec<f64> = said.split_whitespace().map(str::parse).collect::<Result<_, _>>()?;
    match numbers[..] {
        [time, memory, points] if points >= count as f64 => Ok((time, memory)),
        _ => Err(format!("`{}` with {count} hook points said `{said}`", program.display()).into()),
    }
}
