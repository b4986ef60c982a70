//! The library in C of `examples/c-plugin`, at work in the server.

use std::{
    env,
    io::Write,
    path::{Path, PathBuf},
    process::Command,
};

/// The library, built in `folder`; nothing if there is no C compiler, which is a failure where `CI` is `true`.
fn library(folder: &Path) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    if !env::split_paths(&path).any(|folder| folder.join("cc").is_file()) {
        assert_ne!(env::var("CI").as_deref(), Ok("true"), "`cc` is not in PATH; install it");
        // Not by a macro, whose text the test harness would keep to itself.
        let _ = writeln!(std::io::stderr(), "c_plugin: skipped, because `cc` is not in PATH; install it");
        return None;
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let library = folder.join("libshort_leases.so");
    let mut compiler = Command::new("cc");
    compiler.args(["-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-shared", "-fPIC", "-I"]);
    compiler.arg(root.join("hooks/include")).arg("-o").arg(&library).arg(root.join("examples/c-plugin/short_leases.c"));
    let output = compiler.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(library)
}

/// The demonstration with the library and `parameters`: whether it ended well, what it said, and what it logged.
fn demo(library: &Path, parameters: &str) -> (bool, String, String) {
    let mut program = Command::new(env!("CARGO_BIN_EXE_dhcp4"));
    program.arg("--library").arg(library).args(["--parameters", parameters]).env("RUST_LOG", "short_leases=info,error");
    let output = program.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.success(), text(output.stdout), text(output.stderr))
}

#[test]
fn it_changes_leases_and_logs() {
    let folder = tempfile::tempdir().unwrap();
    let Some(library) = library(folder.path()) else { return };
    let (good, text, log) = demo(&library, r#"{"lifetime": 123}"#);
    assert!(good, "{log}\n{text}");
    assert!(text.contains("short_leases"), "{text}");
    assert!(text.contains("-> 123"), "{text}");
    assert!(log.contains(" is given for 123 seconds"), "{log}");
    assert!(!log.contains("ERROR"), "{log}");
}

#[test]
fn it_refuses_parameters_that_cannot_be() {
    let folder = tempfile::tempdir().unwrap();
    let Some(library) = library(folder.path()) else { return };
    let (good, _, log) = demo(&library, r#"{"lifetime": 0}"#);
    assert!(!good, "{log}");
    assert!(
        log.contains("expected the parameter \"lifetime\"") && log.contains("its function `load` returned 1"),
        "{log}"
    );
}
