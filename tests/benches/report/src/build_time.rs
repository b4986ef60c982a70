//! What a user waits for the compiler, and how large a plugin is.

use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use workloads::library;

use crate::document::Document;
use crate::figures::{Figure, table};
use crate::{Effort, Problem, root};

const PLUGIN: &str = "\
#![forbid(unsafe_code)]
use bench_api::{Packet, received};
hooks::library!();
struct Plugin;
#[hooks::plugin]
impl hooks::Plugin for Plugin {
    type Parameters = hooks::NoParameters;
    fn load(_: hooks::NoParameters, _: &mut hooks::LibraryHandle) -> Result<Plugin, hooks::BoxError> { Ok(Plugin) }
}
#[hooks::callout(received)]
fn add(packet: &mut Packet) { packet.length += NUMBER; }
";

pub(crate) fn write(effort: Effort, document: &mut Document) -> Result<(), Problem> {
    let folder = tempfile::tempdir()?;
    let target = folder.path().join("target");
    let mut rows = Vec::new();
    let mut row = |what: &str, goal: &str, times: Vec<f64>, most: Option<f64>| {
        let figure = Figure::of(times);
        let reached = most.map_or("–", |most| if figure.median() <= most { "yes" } else { "**no**" });
        rows.push(vec![what.to_owned(), goal.to_owned(), figure.text(), reached.to_owned()]);
    };
    // Clean, with everything that it depends on, and from outside: the profile of this workspace is not the user's.
    let user = folder.path().join("user");
    package(&user, "measured-user", "")?;
    fs::write(user.join("src/lib.rs"), "")?;
    let (mut clean, mut processor) = (Vec::new(), Vec::new());
    for _ in 0..effort.runs {
        let _ = fs::remove_dir_all(&target);
        let before = processor_time()?;
        // A dependency from a registry is never built incrementally; one with a path is, unless that is turned off.
        clean.push(cargo_with(&user, &target, &["build", "-p", "hooks"], &[("CARGO_INCREMENTAL", "0")])?);
        processor.push(processor_time()? - before);
    }
    row("`hooks`, clean build with its dependencies", "≤ 10 s", clean, Some(10.0));
    row("the same, time of all processors", "–", processor, None);

    let plugin = folder.path().join("plugin");
    package(&plugin, "measured-plugin", "crate-type = [\"cdylib\"]")?;
    let mut edited = Vec::new();
    for run in 0..=effort.runs {
        fs::write(plugin.join("src/lib.rs"), format!("{PLUGIN}const NUMBER: u64 = {run};\n"))?;
        edited.push(cargo(&plugin, &target, &["build"])?);
    }
    // The first one builds the dependencies.
    row("a plugin, after an edit", "≤ 1.5 s", edited.split_off(1), Some(1.5));

    let mut halves = Vec::new();
    for count in [500, 1000] {
        let declared = folder.path().join(format!("declared-{count}"));
        package(&declared, &format!("declared-{count}"), "crate-type = [\"cdylib\"]")?;
        let mut times = Vec::new();
        for run in 0..=effort.runs {
            fs::write(declared.join("src/lib.rs"), declarations(count, run))?;
            times.push(cargo(&declared, &target, &["build"])?);
        }
        let times = times.split_off(1);
        halves.push(Figure::of(times.clone()).median());
        row(&format!("a crate with {count} hook points and {count} callouts, after an edit"), "linear", times, None);
    }
    if let [half, whole] = halves[..] {
        row("the second by the first", "≤ 2.2", vec![whole / half], Some(2.2));
    }
    let mut text = table(&["what", "goal", "seconds", "reached"], &rows);
    let size = stripped(folder.path())?;
    let _ = writeln!(
        text,
        "\nThe plugin `calling`, built with `--release`, has {} KiB, stripped {} KiB.\n",
        size.0 / 1024,
        size.1 / 1024
    );
    let tree = said(&root(), &["tree", "-p", "hooks", "-e", "normal,build", "--prefix", "none", "--no-dedupe"])?;
    let mut names: Vec<&str> = tree.lines().filter_map(|line| line.split_once(' ')).map(|(name, _)| name).collect();
    names.sort_unstable();
    names.dedup();
    names.retain(|name| *name != "hooks");
    let _ = writeln!(text, "`hooks` with default features builds {} crates: {}.", names.len(), names.join(", "));
    document.replace("build", &text)
}

pub(crate) fn package(folder: &Path, name: &str, lib: &str) -> Result<(), Problem> {
    let root = root();
    fs::create_dir_all(folder.join("src"))?;
    let text = format!(
        "[package]\nname = \"{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n[lib]\n{lib}\n\n[dependencies]\n\
         hooks = {{ path = {:?} }}\nbench-api = {{ path = {:?} }}\n",
        root.join("hooks"),
        root.join("tests/benches/api")
    );
    // The versions of the dependencies that are there already.
    fs::copy(root.join("tests/benches/Cargo.lock"), folder.join("Cargo.lock"))?;
    Ok(fs::write(folder.join("Cargo.toml"), text)?)
}

fn declarations(count: usize, run: usize) -> String {
    let mut text = "hooks::library!();\nstruct Plugin;\n#[hooks::plugin]\nimpl hooks::Plugin for Plugin {\n    type Parameters = hooks::NoParameters;\n    \
        fn load(_: hooks::NoParameters, _: &mut hooks::LibraryHandle) -> Result<Plugin, hooks::BoxError> { Ok(Plugin) }\n}\n\
        hooks::declare_hooks! {\n"
        .to_owned();
    for number in 0..count {
        let _ = writeln!(text, "    pub hook point_{number}(value: &mut u64, from: u64) -> [Continue, Drop];");
    }
    text += "}\n";
    for number in 0..count {
        let _ = writeln!(
            text,
            "#[hooks::callout(point_{number})]\nfn callout_{number}(value: &mut u64, from: u64) {{ *value += from + {run}; }}"
        );
    }
    text
}

/// Seconds that the processors have spent on the children that have ended, and theirs. Other people's work does not count.
fn processor_time() -> Result<f64, Problem> {
    let text = fs::read_to_string("/proc/self/stat")?;
    // The name, which may have spaces, ends with the last parenthesis; the children's times are 13 and 14 fields after it, in
    // hundredths of a second on every Linux.
    let fields = text.rsplit_once(") ").map(|(_, fields)| fields.split(' ').collect::<Vec<_>>()).unwrap_or_default();
    let field = |number: usize| fields.get(number).and_then(|field| field.parse::<f64>().ok());
    match (field(13), field(14)) {
        (Some(user), Some(system)) => Ok((user + system) / 100.0),
        _ => Err(format!("`/proc/self/stat` has no times of children: `{text}`").into()),
    }
}

/// Seconds that cargo takes.
pub(crate) fn cargo(folder: &Path, target: &Path, arguments: &[&str]) -> Result<f64, Problem> {
    cargo_with(folder, target, arguments, &[])
}

/// As [`cargo`], with other variables as well.
fn cargo_with(folder: &Path, target: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Result<f64, Problem> {
    let mut cargo = Command::new("cargo");
    cargo.args(arguments).arg("--quiet").current_dir(folder).env("CARGO_TARGET_DIR", target).env_remove("RUSTFLAGS");
    cargo.envs(variables.iter().copied());
    // What `cargo run` sets for this program is not for others.
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("CARGO_PKG_")) {
        cargo.env_remove(name);
    }
    let begin = Instant::now();
    let output = cargo.output()?;
    let time = begin.elapsed().as_secs_f64();
    if output.status.success() {
        return Ok(time);
    }
    Err(format!(
        "`cargo {}` in `{}` has failed:\n{}",
        arguments.join(" "),
        folder.display(),
        String::from_utf8_lossy(&output.stderr)
    )
    .into())
}

fn said(folder: &Path, arguments: &[&str]) -> Result<String, Problem> {
    let output = Command::new("cargo").args(arguments).current_dir(folder).output()?;
    Ok(String::from_utf8(output.stdout)?)
}

/// The size of the plugin `calling` as cargo builds it, and stripped, in bytes.
fn stripped(folder: &Path) -> Result<(u64, u64), Problem> {
    let (original, copy) = (library("calling")?, folder.join("stripped.so"));
    let strip = Command::new("strip").arg("-o").arg(&copy).arg(&original).status();
    if !strip.map_err(|error| format!("strip: {error}; on Debian, `apt-get install binutils`"))?.success() {
        return Err(format!("strip has refused `{}`", original.display()).into());
    }
    Ok((fs::metadata(original)?.len(), fs::metadata(copy)?.len()))
}
