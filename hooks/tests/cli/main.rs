//! The commands `hooks` and `cargo hooks` as their users run them.

mod check;
mod inspect;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

// This test stands for a server: it has hook points and a plugin that is compiled in.
use fixture_api as _;
hooks::builtin!(scripted);

/// What a program has written and how it has ended.
#[derive(Debug)]
struct Ran {
    stdout: String,
    stderr: String,
    code: Option<i32>,
}

impl From<Output> for Ran {
    fn from(output: Output) -> Ran {
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Ran { stdout: text(output.stdout), stderr: text(output.stderr), code: output.status.code() }
    }
}

fn hooks() -> Command {
    Command::new(env!("CARGO_BIN_EXE_hooks"))
}

fn run(arguments: &[&str]) -> Ran {
    hooks().args(arguments).output().unwrap().into()
}

/// Where cargo has put the library of the plugin `name`.
fn library(name: &str) -> PathBuf {
    let file = format!("libfixture_{}.so", name.replace('-', "_"));
    std::env::current_exe().unwrap().with_file_name(file)
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// A folder with a file in it.
fn folder_with(name: &str, content: impl AsRef<[u8]>) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, content).unwrap();
    (folder, path)
}

#[test]
fn help_and_version() {
    for (arguments, part) in [
        (&["--help"][..], "Exit codes:"),
        (&["inspect", "--help"], "The file is read and never loaded"),
        (&["check", "--help"], "--host <EXECUTABLE>"),
        (&["--version"], "hooks 0.1.0"),
    ] {
        let ran = run(arguments);
        assert_eq!(ran.code, Some(0), "{ran:?}");
        assert!(ran.stdout.contains(part) && ran.stderr.is_empty(), "{ran:?}");
    }
}

#[test]
fn a_wrong_command_line() {
    for arguments in
        [&[][..], &["inspect"], &["check"], &["inspcet", "x"], &["check", "a", "b"], &["inspect", "--yaml", "x"]]
    {
        let ran = run(arguments);
        assert_eq!(ran.code, Some(2), "{ran:?}");
        assert!(ran.stdout.is_empty() && ran.stderr.contains("Usage: hooks"), "{ran:?}");
    }
}

#[test]
fn by_cargo() {
    let program = Path::new(env!("CARGO_BIN_EXE_cargo-hooks"));
    let file = library("scripted");
    let directly: Ran = Command::new(program).args(["hooks", "inspect", text(&file)]).output().unwrap().into();
    assert_eq!((directly.code, directly.stdout.contains("plugin scripted ")), (Some(0), true), "{directly:?}");
    let usage: Ran = Command::new(program).arg("hooks").output().unwrap().into();
    assert!(usage.code == Some(2) && usage.stderr.contains("Usage: cargo hooks"), "{usage:?}");
    // And as cargo finds it.
    let folders = std::env::var_os("PATH").unwrap_or_default();
    let folders = [program.parent().unwrap().to_owned()].into_iter().chain(std::env::split_paths(&folders));
    let path = std::env::join_paths(folders).unwrap();
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let ran: Ran =
        Command::new(cargo).env("PATH", path).args(["hooks", "inspect", text(&file)]).output().unwrap().into();
    assert_eq!((ran.code, &ran.stdout), (Some(0), &directly.stdout), "{ran:?}");
}

#[test]
fn nobody_reads_to_the_end() {
    let own = std::env::current_exe().unwrap();
    for arguments in [&["inspect", text(&own), text(&own)][..], &["--help"]] {
        let mut child = hooks().args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let ran: Ran = child.wait_with_output().unwrap().into();
        assert_eq!((ran.code, &*ran.stderr), (Some(0), ""), "{ran:?}");
    }
}

#[test]
fn what_cannot_be_written_is_no_success() {
    let full = fs::File::create("/dev/full").unwrap();
    let ran: Ran = hooks().args(["inspect", text(&library("scripted"))]).stdout(full).output().unwrap().into();
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(ran.stderr.contains("the output cannot be written: No space left"), "{ran:?}");
}
