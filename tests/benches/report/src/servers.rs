//! What an exchange of four packets takes in the example server and in the reference's, without libraries and with some.

mod instructions;
mod load;
mod network;
mod server;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;
use workloads::Files;

use crate::document::Document;
use crate::figures::{Figure, number, table};
use crate::{Effort, Problem, kea, root};
use instructions::Counts;
use network::Network;
use server::Kind;

/// How many libraries are loaded, and by how many percent the instructions may be more than without.
const LIBRARIES: [(usize, f64); 3] = [(0, 0.0), (1, 0.3), (16, 3.0)];

/// The example server may take so many instructions for an exchange, without libraries.
const INSTRUCTIONS: f64 = 60_000.0;

/// How often the callouts of one library are called in an exchange: three for each of its two queries.
const CALLS: f64 = 6.0;

/// How many exchanges begin in a second under callgrind.
const SLOW: u64 = 40;
/// How many exchanges begin in a second without it.
const FAST: u64 = 1000;

/// How often a measurement is tried.
const TRIES: usize = 3;

pub(crate) fn write(effort: Effort, document: &mut Document) -> Result<(), Problem> {
    let network = match available() {
        Ok(network) => network,
        Err(reason) => {
            eprintln!("servers: skipped, because {reason}");
            return Ok(());
        }
    };
    let files = Files::new()?;
    let folder = tempfile::tempdir()?;
    let most = LIBRARIES.iter().map(|(count, _)| *count).max().unwrap_or(0);
    let ours = Kind {
        name: "dhcp4, the example",
        reference: false,
        program: example()?,
        libraries: files.paths("counting", most)?,
    };
    let mut text = measure(&network, effort, &ours)?;
    match reference(&folder, most).and_then(|reference| measure(&network, effort, &reference)) {
        Ok(rows) => text.extend(rows),
        Err(reason) => eprintln!("servers: the reference is skipped, because {reason}"),
    }
    let head = [
        "server",
        "libraries",
        "instructions for an exchange",
        "of these outside of libc",
        "allocations",
        "what libraries add outside of libc (share of all instructions without any)",
        "for each callout called",
        "µs of processor time for an exchange",
        "goal",
        "reached",
    ];
    document.replace("servers", &table(&head, &text))
}

/// The rows of a server.
fn measure(network: &Network, effort: Effort, kind: &Kind) -> Result<Vec<Vec<String>>, Problem> {
    let mut rows = Vec::new();
    let mut without = Counts::default();
    // What a library adds is small in ours only.
    let pairs = if kind.reference || effort.quick { 1 } else { effort.runs };
    for (libraries, most) in LIBRARIES {
        let counted = (0..pairs).map(|_| count(network, effort, kind, libraries));
        let counted = counted.collect::<Result<Vec<Counts>, Problem>>()?;
        let figure = |of: &dyn Fn(&Counts) -> f64| Figure::of(counted.iter().map(of));
        let (all, outside) = (figure(&|counts| counts.all), figure(&|counts| counts.outside));
        let allocations = figure(&|counts| counts.allocations).median();
        let counts = Counts { all: all.median(), outside: outside.median(), allocations };
        let times = (0..effort.runs).map(|_| again(|| microseconds(network, effort, kind, libraries)));
        let times = Figure::of(times.collect::<Result<Vec<f64>, Problem>>()?);
        if libraries == 0 {
            without = counts;
        }
        let more = counts.outside - without.outside;
        let percent = more / without.all * 100.0;
        let (goal, reached) = match libraries {
            _ if kind.reference => ("–".to_owned(), None),
            0 => (format!("≤ {INSTRUCTIONS} instructions"), Some(counts.all <= INSTRUCTIONS)),
            _ => (format!("≤ {most} % more"), Some(percent <= most)),
        };
        let (more, each) = match libraries {
            0 => ("–".to_owned(), "–".to_owned()),
            _ => (format!("{} ({percent:.2} %)", number(more)), number(more / (libraries as f64 * CALLS))),
        };
        let row = vec![
            kind.name.to_owned(),
            libraries.to_string(),
            all.text(),
            outside.text(),
            number(allocations),
            more,
            each,
            times.text(),
            goal,
            reached.map_or("–", |reached| if reached { "yes" } else { "**no**" }).to_owned(),
        ];
        eprintln!("servers: {}", row.join(" | "));
        rows.push(row);
    }
    Ok(rows)
}

/// Counts for each exchange: two runs under callgrind differ by those of the exchanges that one has more.
fn count(network: &Network, effort: Effort, kind: &Kind, libraries: usize) -> Result<Counts, Problem> {
    let [shorter, longer] = if effort.quick { [2, 6] } else { [5, 25] };
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("callgrind.out");
    let run = |seconds| -> Result<(Counts, u64), Problem> {
        let server = kind.start(network, libraries, Some(&file))?;
        let exchanges = load::exchanges(network, SLOW, seconds)?;
        called(&server.end()?, libraries, exchanges)?;
        Ok((Counts::parse(&std::fs::read_to_string(&file)?), exchanges))
    };
    let ((fewer, first), (more, second)) = (again(|| run(shorter))?, again(|| run(longer))?);
    Ok((more - fewer).each(second as f64 - first as f64))
}

/// Tries it three times: where something else needs the processors for a moment, a server does not keep up.
fn again<T>(run: impl Fn() -> Result<T, Problem>) -> Result<T, Problem> {
    for _ in 1..TRIES {
        match run() {
            Ok(found) => return Ok(found),
            Err(problem) => eprintln!("servers: once more, because {problem}"),
        }
    }
    run()
}

/// The microseconds of processor time for each exchange, in user space and in the kernel.
fn microseconds(network: &Network, effort: Effort, kind: &Kind, libraries: usize) -> Result<f64, Problem> {
    let server = kind.start(network, libraries, None)?;
    let before = server.seconds()?;
    let exchanges = load::exchanges(network, FAST, if effort.quick { 2 } else { 10 })?;
    let taken = server.seconds()? - before;
    called(&server.end()?, libraries, exchanges)?;
    Ok(taken * 1e6 / exchanges as f64)
}

/// Whether each library has been called for both queries of each exchange, as it says at its end.
fn called(said: &str, libraries: usize, exchanges: u64) -> Result<(), Problem> {
    let counts = |line: &str, name: &str| {
        line.split(' ').find_map(|part| part.strip_prefix(name)?.strip_prefix('=')?.parse::<u64>().ok())
    };
    let full = said
        .lines()
        .filter(|line| line.contains("counted received="))
        .filter(|line| ["received", "selected", "sent"].iter().all(|name| counts(line, name) == Some(2 * exchanges)));
    let full = full.count();
    if full == libraries {
        return Ok(());
    }
    Err(format!(
        "{full} of {libraries} libraries were called for each of {exchanges} exchanges; the server says:\n{said}"
    )
    .into())
}

/// The network, if this machine has what it takes.
fn available() -> Result<Network, Problem> {
    for program in ["ip", "perfdhcp", "valgrind"] {
        if installed(program).is_none() {
            return Err(format!(
                "`{program}` is not installed; on Debian, `apt-get install iproute2 kea-admin valgrind`"
            )
            .into());
        }
    }
    Network::new().map_err(|problem| format!("no network namespace can be made; that takes root: {problem}").into())
}

fn installed(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|file| file.is_file())
}

/// The example server as `cargo build --release` builds it.
fn example() -> Result<PathBuf, Problem> {
    let mut cargo = Command::new("cargo");
    cargo.args(["build", "--release", "--quiet", "--package", "dhcp4", "--message-format=json"]).current_dir(root());
    // What `cargo run` sets for this program is not for others.
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("CARGO_PKG_")) {
        cargo.env_remove(name);
    }
    let output = cargo.stderr(Stdio::inherit()).output()?;
    let messages = String::from_utf8(output.stdout)?;
    let program = messages.lines().find_map(|line| {
        let message: Value = serde_json::from_str(line).ok()?;
        let built = message["target"]["name"] == "dhcp4";
        message["executable"].as_str().filter(|_| built).map(PathBuf::from)
    });
    program.filter(|_| output.status.success()).ok_or_else(|| "the package `dhcp4` cannot be built".into())
}

/// The reference's server with copies of its library: it takes each file for a library of its own.
fn reference(folder: &TempDir, copies: usize) -> Result<Kind, Problem> {
    let program =
        installed("kea-dhcp4").or_else(|| Some(PathBuf::from("/usr/sbin/kea-dhcp4")).filter(|file| file.is_file()));
    let program = program.ok_or("`kea-dhcp4` is not installed; on Debian, `apt-get install kea-dhcp4-server`")?;
    let path = |number: usize| folder.path().join(format!("counting-{number}.so"));
    let first: &Path = &path(0);
    kea::counting(first)?;
    let libraries: Vec<PathBuf> = (0..copies).map(path).collect();
    for copy in libraries.iter().skip(1) {
        std::fs::copy(first, copy)?;
    }
    Ok(Kind { name: "kea-dhcp4", reference: true, program, libraries })
}

#[cfg(test)]
mod tests {
    use super::called;

    #[test]
    fn each_library_must_have_been_called_each_time() {
        let said = "x\nWARN counted received=20 octets=9 selected=20 sent=20 library=\"counting\"\n";
        assert!(called(said, 1, 10).is_ok());
        assert!(called(said, 2, 10).is_err() && called(said, 1, 11).is_err() && called(said, 0, 10).is_err());
        assert!(called(&said.replace("sent=20", "sent=19"), 1, 10).is_err());
    }
}
