//! Libraries in C, built when a test asks for them.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Once;
use std::{env, io};

use hooks::Source;

/// The compilers, for C and C++.
const PROGRAMS: [&str; 2] = ["cc", "c++"];

/// Whether this machine can build C libraries; if not, one line says what is missing.
///
/// # Panics
///
/// If a compiler is missing where `CI` is `true`: there everything is installed.
pub fn has_c_compilers() -> bool {
    static SAID: Once = Once::new();
    let path = env::var_os("PATH").unwrap_or_default();
    let is_installed = |program: &&str| env::split_paths(&path).any(|folder| folder.join(program).is_file());
    let Some(missing) = PROGRAMS.iter().find(|program| !is_installed(program)) else { return true };
    assert_ne!(env::var("CI").as_deref(), Ok("true"), "`{missing}` is not in PATH; install it");
    // Not by a macro, whose text the test harness would keep to itself.
    SAID.call_once(|| {
        drop(writeln!(io::stderr(), "C libraries: skipped, because `{missing}` is not in PATH; install it"))
    });
    false
}

/// The folder with the header `hooks.h`.
pub fn include() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../hooks/include")
}

/// The shared library `lib{name}.so` in `folder`, of the file `source` among the fixtures or at a path of its own.
///
/// # Panics
///
/// If it cannot be built.
pub fn c_library(folder: &Path, name: &str, source: &str, flags: &[&str]) -> Source {
    let library = folder.join(format!("lib{name}.so"));
    let output = compile(source, &library, flags);
    assert!(output.status.success(), "{source}: {}", String::from_utf8_lossy(&output.stderr));
    Source::File(library)
}

fn compile(source: &str, library: &Path, flags: &[&str]) -> Output {
    let (program, standard) = if source.ends_with(".cc") { ("c++", "-std=c++11") } else { ("cc", "-std=c99") };
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("c");
    let mut compiler = Command::new(program);
    compiler.args([standard, "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-shared", "-fPIC", "-pthread", "-I"]);
    compiler.arg(include()).arg("-o").arg(library).arg(fixtures.join(source)).args(flags);
    compiler.output().expect("the compiler runs")
}
