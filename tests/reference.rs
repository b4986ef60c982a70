//! What the reference is seen to do where its behaviour is undefined, racy or not what its documents say.
//!
//! Each topic is a C++ program in `reference/`, which drives the installed reference and whose output is compared with
//! the one that is kept beside it. `reference/README.md` says what they show.

use std::{
    collections::BTreeSet,
    env, fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::Once,
};

/// Where the reference's headers are installed.
const HEADERS: &str = "/usr/include/kea";
/// The versions whose behaviour is kept: 2.2, as `KEA_HOOKS_VERSION` writes it.
const VERSIONS: std::ops::Range<u32> = 20200..20300;
/// The programs without which nothing can be built or run.
const PROGRAMS: [&str; 3] = ["g++", "timeout", "valgrind"];
/// In seconds. A program ends in one or two; only one that hangs runs this long.
const PATIENCE: &str = "300";

/// Makes a test of each topic.
macro_rules! topics {
    ($($topic:ident),+ $(,)?) => {
        const TOPICS: &[&str] = &[$(stringify!($topic)),+];
        $(#[test] fn $topic() { compare(stringify!($topic)); })+
    };
}

topics!(
    concurrent_registration,
    load_with_live_handle,
    mutation_during_call,
    nested_call,
    parking_by_hand,
    state_after_failed_load,
    stored_library_handle,
    unpark_before_reference,
);

#[test]
fn each_program_in_the_folder_is_a_topic() {
    let names = fs::read_dir(source("")).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let found: BTreeSet<String> =
        names.filter_map(|name| Some(name.strip_suffix(".cc")?.trim_end_matches("_library").to_owned())).collect();
    assert_eq!(found, TOPICS.iter().map(|&topic| topic.to_owned()).collect());
}

fn compare(topic: &str) {
    if !can_run() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join(topic);
    let library = folder.path().join(format!("{topic}_library.so"));
    // Without -fno-gnu-unique, a library with an inline variable is never unmapped.
    let as_library = ["-shared", "-fPIC", "-fno-gnu-unique"];
    compile(&source(&format!("{topic}_library.cc")), &library, &as_library, &["-lkea-hooks", "-lkea-cc"]);
    let libraries = ["-lkea-hooks", "-lkea-cc", "-lkea-log", "-lkea-util", "-lkea-exceptions", "-lpthread"];
    compile(&source(&format!("{topic}.cc")), &program, &["-rdynamic"], &libraries);

    let mut run = Command::new("timeout");
    let output = run.arg(PATIENCE).arg(&program).stdin(Stdio::null()).output().unwrap();
    let seen = String::from_utf8(output.stdout).unwrap();
    // In one piece, since other topics report at the same time.
    let report: String = seen.lines().map(|line| format!("reference: {topic}: {line}\n")).collect();
    eprint!("{report}");
    let log = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{topic}: {} after:\n{seen}and the log:\n{log}", output.status);
    let expected = fs::read_to_string(source(&format!("{topic}.expected"))).unwrap();
    assert_eq!(seen, expected, "{topic} behaves differently; its log:\n{log}");
}

fn compile(file: &Path, output: &Path, flags: &[&str], libraries: &[&str]) {
    let mut compiler = Command::new("g++");
    compiler.args(["-std=gnu++17", "-O1", "-Wall", "-Wextra", "-isystem", HEADERS]).args(flags);
    let compiled = compiler.arg("-o").arg(output).arg(file).args(libraries).output().unwrap();
    assert!(compiled.status.success(), "{}: {}", file.display(), String::from_utf8_lossy(&compiled.stderr));
}

fn source(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("reference").join(file)
}

/// Whether this machine has the reference; if not, one line says what is missing.
///
/// Where `CI` is `true`, everything is installed, so it is a failure if something is missing; but not if the system's
/// reference is of another version, which no package can change.
fn can_run() -> bool {
    static SAID: Once = Once::new();
    let (reason, may_be_installed) = match missing() {
        Some(reason) => (reason, true),
        None => match version() {
            Ok(version) if VERSIONS.contains(&version) => return true,
            Ok(version) => (format!("{HEADERS} is of version {version}, and what is kept was seen of 2.2"), false),
            Err(reason) => (reason, true),
        },
    };
    let in_ci = env::var("CI").as_deref() == Ok("true");
    assert!(!(in_ci && may_be_installed), "reference: cannot run: {reason}");
    // Not by a macro, whose text the test harness would keep to itself.
    SAID.call_once(|| drop(writeln!(std::io::stderr(), "reference: skipped, because {reason}")));
    false
}

fn missing() -> Option<String> {
    let path = env::var_os("PATH").unwrap_or_default();
    let is_installed = |program: &str| env::split_paths(&path).any(|folder| folder.join(program).is_file());
    let program = PROGRAMS.into_iter().find(|program| !is_installed(program))?;
    Some(format!("`{program}` is not in PATH; install it"))
}

/// The version of the reference's hooks, from its header.
fn version() -> Result<u32, String> {
    let header = format!("{HEADERS}/hooks/hooks.h");
    let text =
        fs::read_to_string(&header).map_err(|error| format!("{header}: {error}; install the package kea-dev"))?;
    let boost = Path::new("/usr/include/boost/any.hpp");
    if !boost.exists() {
        return Err(format!("{} is missing; install the package libboost-dev", boost.display()));
    }
    let number = text.split_once("KEA_HOOKS_VERSION = ").and_then(|(_, rest)| rest.split(';').next()?.parse().ok());
    number.ok_or_else(|| format!("{header}: expected a line `KEA_HOOKS_VERSION = NUMBER;`, and found none"))
}
