//! `hooks inspect`.

use std::fs;

use sha2::{Digest, Sha256};

use super::{Ran, folder_with, library, run, text};

fn hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn a_plugin() {
    let path = library("outdated-lent");
    let bytes = fs::read(&path).unwrap();
    let Ran { stdout, stderr, code } = run(&["inspect", text(&path)]);
    assert_eq!((code, &*stderr), (Some(0), ""));
    assert!(stdout.starts_with(&format!("{}: plugin outdated-lent 0.1.0\n", path.display())), "{stdout}");
    for part in [
        &format!("\n  size         {} bytes\n", bytes.len()),
        &format!("\n  sha256       {}\n", hash(&bytes)),
        "\n  crate        fixture_outdated_lent\n",
        "\n  threads      several at a time\n",
        "\n  built with   hooks 0.1.0 (protocol ",
        "), rustc 1.",
        ", panic = \"unwind\"\n",
        "\n  heap         the host's\n",
        "\n  needs        ",
        "\n  callouts\n    lent: use_value(value: &mut u64)  at tests/fixtures/outdated-lent/src/lib.rs:",
        "\n    lent [CONTINUE DROP], on failure DROP  at tests/fixtures/api-older/src/versions.rs:",
        "\n      value: &mut u64  8 bytes, layout ",
        "\n  exports\n",
        "    hooks_library_",
    ] {
        assert!(stdout.contains(part), "{part:?} is missing in {stdout}");
    }
}

#[test]
fn as_json() {
    let path = library("single-threaded");
    let own = std::env::current_exe().unwrap();
    let Ran { stdout, code, .. } = run(&["inspect", "--json", text(&path), text(&own), "/nowhere"]);
    assert_eq!(code, Some(2));
    let lines: Vec<serde_json::Value> = stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let [plugin, program, missing] = &lines[..] else { panic!("{stdout}") };
    assert_eq!(plugin["file"], text(&path));
    assert_eq!(plugin["plugin"]["name"], "single-threaded");
    assert_eq!(plugin["plugin"]["multi-threading-compatible"], false);
    assert_eq!(plugin["sha256"], hash(&fs::read(&path).unwrap()));
    assert_eq!((&program["kind"], &program["built-in"][0]["name"]), (&"program".into(), &"scripted".into()));
    assert!(missing["error"].as_str().unwrap().contains("`/nowhere`: cannot be found"), "{missing}");
}

#[test]
fn what_is_no_library() {
    let (_folder, script) = folder_with("libx.so", "#!/bin/sh\n");
    let good = library("scripted");
    let Ran { stdout, stderr, code } = run(&["inspect", text(&script), text(&good)]);
    assert_eq!(code, Some(1));
    assert!(stderr.starts_with(&format!("hooks: `{}`: is not a shared library", script.display())), "{stderr}");
    assert!(stdout.contains("plugin scripted 0.1.0"), "the other one is told all the same: {stdout}");
    let ran = run(&["inspect", "/"]);
    assert!(ran.code == Some(2) && ran.stderr.contains("`/`: is not a regular file"), "{ran:?}");
    // The command itself is a program without a plugin; it declares what the framework declares.
    let ran = run(&["inspect", env!("CARGO_BIN_EXE_hooks")]);
    assert!(ran.code == Some(0) && ran.stdout.contains(": program with hook points\n"), "{ran:?}");
}

#[test]
fn a_terminal_is_told_nothing_that_it_would_obey() {
    let bytes = fs::read(library("scripted")).unwrap();
    let (name, hostile) = (b"\x08\0\0\0scripted", b"\x08\0\0\0sc\x1b[2Jed");
    let mut bytes = bytes;
    let places: Vec<_> = (0..bytes.len() - name.len()).filter(|&at| bytes[at..].starts_with(name)).collect();
    for at in places {
        bytes[at..at + name.len()].copy_from_slice(hostile);
    }
    let (_folder, path) = folder_with("libhostile.so", bytes);
    let ran = run(&["inspect", text(&path)]);
    assert!(!ran.stdout.contains('\x1b') && !ran.stderr.contains('\x1b'), "{ran:?}");
}
