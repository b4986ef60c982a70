//! On what it was measured.

use std::fs;
use std::process::Command;

use crate::{Effort, Problem};

/// A list in Markdown.
pub(crate) fn describe(effort: Effort) -> Result<String, Problem> {
    let processors = fs::read_to_string("/proc/cpuinfo")?;
    let model = processors
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(": "))
        .map_or("unknown", |(_, model)| model);
    let count = std::thread::available_parallelism().map_or(1, usize::from);
    let memory = fs::read_to_string("/proc/meminfo")?;
    let memory = memory.split_whitespace().nth(1).and_then(|kilobytes| kilobytes.parse::<f64>().ok()).unwrap_or(0.0);
    let load = fs::read_to_string("/proc/loadavg")?;
    let load: Vec<&str> = load.split_whitespace().take(3).collect();
    let mut text = format!("- {model}, {count} processors, {:.0} GiB of memory\n", memory / 1048576.0);
    text += &format!("- {}; {}\n", said("uname", &["-srm"]), said("ldd", &["--version"]));
    text += &format!("- {}; hooks {}\n", said("rustc", &["--version"]), said("git", &["rev-parse", "--short", "HEAD"]));
    text += &format!("- load before: {}\n", load.join(", "));
    text += &format!(
        "- {} runs; in each, the least of {} samples of a millisecond; figures are those of the middle run, with the least and the greatest\n",
        effort.runs, effort.samples
    );
    if effort.quick {
        text += "- **a quick run: these are no figures to be quoted**\n";
    }
    Ok(text)
}

/// The first line that a program prints.
fn said(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output();
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    text.lines().next().map_or_else(|| format!("{program}: unknown"), str::to_owned)
}
