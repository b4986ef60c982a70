//! Loads a library in a process of its own: under another user, in another folder, with less than usual, or at its risk.

use std::env;
use std::ffi::OsStr;
use std::io::{self, Write};
use std::path::Path;
use std::process::{Command, Output};

use hooks::{LibraryConfig, LibraryPolicy, Source};

const LIBRARIES: &str = "HOOKS_TEST_LIBRARIES";
const STAGING: &str = "HOOKS_TEST_STAGING";

/// The process: this test again, behind the words of `before`, which end with `exec "$@"` for a shell.
pub(super) fn command(before: &[&OsStr], libraries: &[&Path], staging: Option<&Path>) -> Command {
    let test = env::current_exe().unwrap();
    let words = [
        before,
        &[test.as_os_str()],
        &["--exact", "files::child::loads", "--ignored", "--nocapture", "--test-threads=1"].map(OsStr::new),
    ];
    let words = words.concat();
    let mut command = Command::new(words[0]);
    command.args(&words[1..]).env(LIBRARIES, env::join_paths(libraries).unwrap());
    if let Some(staging) = staging {
        command.env(STAGING, staging);
    }
    command
}

/// What was said of each library; none if the process could not be started, as where there is no permission for it.
pub(super) fn run(mut command: Command) -> Option<Vec<String>> {
    let Output { status, stdout, stderr } = command.output().ok()?;
    let text = String::from_utf8_lossy(&stdout);
    if !text.contains("running 1 test") {
        return None;
    }
    assert!(status.success(), "{status}: {text}{}", String::from_utf8_lossy(&stderr));
    let lines = text.lines().filter_map(|line| line.split_once("| ").map(|(_, said)| said.to_owned()));
    Some(lines.collect())
}

#[test]
#[ignore = "other tests run it in a process of its own"]
fn loads() {
    let Some(libraries) = env::var_os(LIBRARIES) else { return };
    let mut policy = LibraryPolicy::new().check_permissions(false).max_images(usize::MAX);
    if let Some(staging) = env::var_os(STAGING) {
        policy = policy.staging_directory(staging);
    }
    for library in env::split_paths(&libraries) {
        let hooks = hooks_tests::hooks();
        hooks.set_library_policy(policy.clone());
        let said = match hooks.load_libraries(vec![LibraryConfig::new(Source::File(library))]) {
            Ok(()) => format!("loaded {}", hooks.library_names().join(" ")),
            Err(error) => error.to_string(),
        };
        // Whoever has started this process reads it.
        writeln!(io::stdout(), "| {said}").unwrap();
    }
}
