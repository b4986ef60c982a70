//! Builds the program that is measured, and says with what.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Problem;

/// The program `subject` with its libraries, built as a user's `cargo build --release` builds it.
///
/// `target` is Cargo's folder, if not the usual one.
pub(crate) fn subject(benches: &Path, target: Option<&Path>) -> Result<PathBuf, Problem> {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args([
        "build",
        "--release",
        "--quiet",
        "--package",
        "subject",
        "--message-format",
        "json-render-diagnostics",
    ]);
    // What the environment says of optimization is not what a user gets.
    cargo.current_dir(benches).env_remove("RUSTFLAGS").env_remove("CARGO_ENCODED_RUSTFLAGS");
    if let Some(target) = target {
        cargo.env("CARGO_TARGET_DIR", target);
    }
    let output = cargo.stderr(std::process::Stdio::inherit()).output().map_err(|error| format!("cargo: {error}"))?;
    if !output.status.success() {
        return Err(format!("the package `subject` in `{}` cannot be built: see above", benches.display()).into());
    }
    let text = String::from_utf8(output.stdout)?;
    let program = text.lines().filter_map(|line| line.split_once("\"executable\":\"")?.1.split_once('"')).next_back();
    let (program, _) = program.ok_or("cargo has not said where the program `subject` is")?;
    Ok(PathBuf::from(program))
}

/// The compiler, as `rustc --version` says it.
pub(crate) fn compiler() -> Result<String, Problem> {
    let output = Command::new("rustc").arg("--version").output().map_err(|error| format!("rustc: {error}"))?;
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}

/// The workloads, as the program names them.
pub(crate) fn workloads(subject: &Path) -> Result<Vec<String>, Problem> {
    let output = Command::new(subject).arg("list").output()?;
    Ok(String::from_utf8(output.stdout)?.lines().map(str::to_owned).collect())
}
