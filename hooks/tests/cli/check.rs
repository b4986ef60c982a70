//! `hooks check`.

use std::fs;
use std::path::Path;

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{Ran, folder_with, library, run, text};

/// What a check of `config` with this test as the server says.
fn check(config: &Path, more: &[&str]) -> Ran {
    let own = std::env::current_exe().unwrap();
    let folder = own.parent().unwrap();
    run(&[&["check", text(config), "--host", text(&own), "-L", text(folder)], more].concat())
}

/// The place of `part` in `text`, as `line:column`.
fn place(text: &str, part: &str) -> String {
    let before = &text[..text.find(part).unwrap_or_else(|| panic!("{part} is missing"))];
    let line = before.rsplit('\n').next().unwrap();
    format!("{}:{}", before.matches('\n').count() + 1, line.chars().count() + 1)
}

#[test]
fn nothing_is_wrong() {
    let hash: String =
        Sha256::digest(fs::read(library("scripted")).unwrap()).iter().map(|byte| format!("{byte:02X}")).collect();
    let config = format!(
        "{{ // a server\n  \"Server\": {{ # with\n    \"hooks-libraries\": [ /* two */\n      {{\"library\": \"builtin:scripted\"}},\n      \
         {{\"library\": \"libfixture_scripted.so\", \"sha256\": \"{hash}\", \"parameters\": {{\"name\": \"a\"}}, \"on-failure\": {{}}}}\n    ]\n  }}\n}}\n"
    );
    let (_folder, path) = folder_with("server.json", config);
    let ran = check(&path, &["--deny-warnings"]);
    assert_eq!((ran.code, &*ran.stderr), (Some(0), ""), "{ran:?}");
    assert!(ran.stdout.starts_with(&format!("{}: 2 libraries, 0 errors, 0 warnings\nnot checked: ", path.display())));
    assert!(!ran.stdout.contains("--host"), "{ran:?}");
    // Nobody says what the server has.
    let ran = run(&["check", text(&path), "-L", text(library("scripted").parent().unwrap())]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.stdout.contains("not checked: whether the libraries fit the server"), "{ran:?}");
}

#[test]
fn all_problems_at_once() {
    let config = r##"{
  "hooks-libraries": [
    7,
    {"libary": "x"},
    {"library": "", "parameters": {"a": {"b": 1, "b": 2}}},
    {"library": "libfixture_scirpted.so"},
    {"library": "libfixture_scripted.so", "sha256": "00"},
    {"library": "libfixture_scripted.so", "sha256": "0000000000000000000000000000000000000000000000000000000000000000"},
    {"library": "builtin:scriptde", "on-failure": 3},
    {"library": "near.txt"},
    {"library": "libfixture_outdated_lent.so"},
    {"library": "libfixture_single_threaded.so"},
    {"library": "libfixture_single_threaded.so"}
  ]
}"##;
    let (folder, path) = folder_with("server.json", config);
    // Relative to the configuration, not to where the command runs.
    fs::write(folder.path().join("near.txt"), "text").unwrap();
    let ran = check(&path, &[]);
    assert_eq!((ran.code, &*ran.stderr), (Some(1), ""), "{ran:?}");
    let mut lines = ran.stdout.lines();
    for (part, severity, json_path, message) in [
        ("7,", "error", "[0]", "expected a map with \"library\", found a number"),
        ("{\"libary\"", "error", "[1]", "the key \"library\" is missing"),
        ("\"libary\"", "error", "[1].libary", "unknown key \"libary\"; did you mean \"library\"? Known here: "),
        ("\"\", \"par", "error", "[2].library", "expected the path of a shared library"),
        ("\"b\": 2", "error", "[2].parameters.a.b", "the key \"b\" is there twice; keep one of them"),
        ("\"libfixture_scirpted", "error", "[3].library", "cannot be found"),
        ("\"00\"", "error", "[4].sha256", "expected 64 hexadecimal digits"),
        (
            "\"libfixture_scripted.so\", \"sha256\": \"0000",
            "warning",
            "[5].library",
            "is there already, as hooks-libraries[4]",
        ),
        ("\"0000", "error", "[5].sha256", "expected the SHA-256 0000"),
        ("\"builtin:scriptde", "error", "[6].library", "the host has no plugin `scriptde`; did you mean `scripted`?"),
        ("3}", "error", "[6].on-failure", "expected a map, found a number"),
        ("\"near.txt", "error", "[7].library", "near.txt`: is not a shared library"),
        (
            "\"libfixture_outdated_lent",
            "error",
            "[8].library",
            "plugin `outdated-lent` 0.1.0, callout `use_value`, hook point `lent`: argument `value`: the host lends it as `&u64`, \
             the library was built for `&mut u64`; rebuild the library",
        ),
        ("\"libfixture_single", "warning", "[9].library", "plugin `single-threaded` is not multi-threading compatible"),
    ] {
        let line = lines.next().unwrap_or_default();
        let begin = format!("{}:{}: {severity}: hooks-libraries{json_path}: ", path.display(), place(config, part));
        assert!(line.starts_with(&begin) && line.contains(message), "{begin}…{message} is missing in {}", ran.stdout);
    }
    assert!(ran.stdout.contains("(the callout is at tests/fixtures/outdated-lent/src/lib.rs:"), "{}", ran.stdout);
    assert!(ran.stdout.contains(": 8 libraries, 12 errors, "), "{}", ran.stdout);
}

#[test]
fn every_callout_that_does_not_fit() {
    let (_folder, path) =
        folder_with("c.json", r#"{"hooks-libraries": [{"library": "libfixture_outdated_types.so"}]}"#);
    let ran = check(&path, &["--json"]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    let report: Value = serde_json::from_str(&ran.stdout).unwrap();
    let problems = report["problems"].as_array().unwrap();
    assert_eq!(problems.len(), 7, "{report:#}");
    for (hook, difference) in [
        ("inserted", "at byte 16 of the arguments"),
        ("swapped", "argument `value`, type `fixture_api::versions::Swapped`"),
        ("swapped_c", "field `first`: the host has it at byte 0, the library at byte 4"),
        ("extended", "the host has a variant `New`, the library has none"),
        ("turned", "the host has the variant `One` where the library has `Two`"),
        ("refilled", "variant `Filled`, field `0`: the host's type is `i32`, the library's is `u32`"),
        ("featured", "the host has a field `wide: u64`, the library has none"),
    ] {
        let hook = format!("hook point `{hook}`: ");
        let problem = problems.iter().find(|problem| problem["text"].as_str().unwrap().contains(&hook)).unwrap();
        assert!(problem["text"].as_str().unwrap().contains(difference), "{problem:#}");
        assert_eq!((&problem["severity"], &problem["line"]), (&"error".into(), &1.into()));
        assert_eq!(problem["callout"]["file"], "tests/fixtures/outdated-types/src/lib.rs");
    }
    assert_eq!(report["libraries"][0]["name"], "outdated-types");
    assert_eq!(report["host"]["build"]["panic"], "unwind");
    let keys: Vec<_> = report.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(keys, ["config", "host", "libraries", "not-checked", "problems"]);
}

#[test]
fn failure_policies() {
    let config =
        |policy: &str| format!(r#"{{"hooks-libraries": [{{"library": "builtin:scripted", "on-failure": {policy}}}]}}"#);
    for (policy, expected) in [
        (r#"{"action": "drop", "hook-points": {"narrow": {"action": "continue"}}}"#, None),
        (
            r#"{"acton": "drop"}"#,
            Some(":1:68: error: hooks-libraries[0].on-failure.acton: unknown field `acton`, expected one of `action`"),
        ),
        (
            r#"{"hook-points": {"received": {"action": "explode"}}}"#,
            Some(".on-failure.hook-points.received.action: unknown variant `explode`"),
        ),
        (
            r#"{"hook-points": {"recieved": {"action": "drop"}}}"#,
            Some(
                ".on-failure: its failure policy has an exception at the hook point `recieved`: no hook point has the name \
                  `recieved`; did you mean `received`?",
            ),
        ),
        (
            r#"{"hook-points": {"narrow": {"action": "drop"}}}"#,
            Some(
                ".on-failure: its failure policy asks for `drop` at the hook point `narrow`, which honours only CONTINUE",
            ),
        ),
    ] {
        let (_folder, path) = folder_with("c.json", config(policy));
        let ran = check(&path, &[]);
        assert_eq!(ran.code, Some(i32::from(expected.is_some())), "{ran:?}");
        assert!(
            ran.stdout.contains(expected.unwrap_or(" 0 errors, 0 warnings")),
            "{expected:?} is missing in {}",
            ran.stdout
        );
    }
}

#[test]
fn c_libraries() {
    let (folder, source) = folder_with(
        "near.c",
        "#include <hooks.h>\nint version(void) { return HOOKS_VERSION; }\n#ifdef DATA\nint received;\n#else\n\
         int recieved(hooks_handle *handle) { return handle == 0; }\n#endif\n",
    );
    let include = Path::new(env!("CARGO_MANIFEST_DIR")).join("include");
    for (name, flag) in [("libnear.so", "-DNEAR"), ("libdata.so", "-DDATA")] {
        let mut compiler = std::process::Command::new("cc");
        compiler
            .args(["-shared", "-fPIC", flag, "-I"])
            .arg(&include)
            .arg(&source)
            .arg("-o")
            .arg(folder.path().join(name));
        let Ok(output) = compiler.output() else {
            assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "`cc` is not in PATH; install it");
            eprintln!("C libraries: skipped, because `cc` is not in PATH; install it");
            return;
        };
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    let config = folder.path().join("c.json");
    fs::write(&config, r#"{"S": {"hooks-libraries": [{"library": "libnear.so"}, {"library": "libdata.so"}]}}"#)
        .unwrap();
    let ran = check(&config, &[]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    for part in [
        "1:40: warning: S.hooks-libraries[0].library: library ",
        "libnear.so`: its symbol `recieved` has the name of no hook point; did you mean `received`?",
        "libnear.so`: none of its functions has the name of a hook point",
        "libnear.so`: it has no function `int multi_threading_compatible(void)`",
        "libdata.so`: its symbol `received` has the name of a hook point but is data, not a function",
        ": 2 libraries, 1 error, ",
    ] {
        assert!(ran.stdout.contains(part), "{part:?} is missing in {}", ran.stdout);
    }
}

#[test]
fn without_the_server_libraries_are_compared_with_each_other() {
    let config = r#"{"hooks-libraries": [
        {"library": "libfixture_scripted.so"}, {"library": "libfixture_outdated_lent.so"}, {"library": "builtin:x"}
    ]}"#;
    let (_folder, path) = folder_with("c.json", config);
    let folder = library("scripted");
    let ran = run(&["check", text(&path), "-L", text(folder.parent().unwrap())]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    let lent = "hook point `lent`: argument `value`: `libfixture_scripted.so` lends it as `&u64`, the library was built for `&mut u64`";
    assert!(ran.stdout.contains(lent) && ran.stdout.contains("3 libraries, 1 error, 0 warnings"), "{}", ran.stdout);
}

#[test]
fn configurations_that_are_none() {
    for (text, code, expected) in [
        ("{\n  \"a\": ]", 1, ":2:8: error: expected value"),
        ("{ /* open", 1, ":1:3: error: expected `*/` after this comment"),
        ("", 1, ": error: EOF while parsing a value"),
        ("[1]", 1, ":1:1: error: expected a map with \"hooks-libraries\""),
        (
            "{\"hooks-libraries\": {}}",
            1,
            ":1:21: error: hooks-libraries: expected a list of maps with \"library\", found a map",
        ),
        (
            "{\"hook-libraries\": []}",
            1,
            ": error: hook-libraries: unknown key \"hook-libraries\"; did you mean \"hooks-libraries\"?",
        ),
        ("{\"S\": {}}", 0, ": warning: there is no \"hooks-libraries\""),
        ("{\"S\": {\"hooks-libraries\": []}}", 0, ": 0 libraries, 0 errors, 0 warnings"),
    ] {
        let (_folder, path) = folder_with("c.json", text);
        let ran = check(&path, &[]);
        assert_eq!(ran.code, Some(code), "{text}: {ran:?}");
        assert!(ran.stdout.contains(expected), "{expected} is missing in {}", ran.stdout);
    }
    let (_folder, path) = folder_with("c.json", b"{\n \"\xff\"}");
    let ran = check(&path, &[]);
    assert!(ran.code == Some(1) && ran.stdout.contains(":2:3: error: expected text in UTF-8"), "{ran:?}");
    let (_folder, path) = folder_with("c.json", "{}");
    assert_eq!(check(&path, &["--deny-warnings"]).code, Some(1));
}

#[test]
fn files_that_cannot_be_used() {
    let ran = run(&["check", "/nowhere.json"]);
    assert_eq!((ran.code, &*ran.stdout), (Some(2), ""), "{ran:?}");
    assert!(ran.stderr.contains("hooks: `/nowhere.json` cannot be read: No such file"), "{ran:?}");
    let (_folder, path) = folder_with("c.json", "{}");
    for (host, expected) in [
        ("/nowhere", "--host: `/nowhere`: cannot be found"),
        (text(&path), "is not a shared library"),
        ("/bin/sh", "has no section `.hooks`, so it is no server with hook points; name the server's executable"),
        (
            text(&library("scripted")),
            "is a hook library; name the server's executable, and the library in the configuration",
        ),
    ] {
        let ran = run(&["check", text(&path), "--host", host]);
        assert_eq!((ran.code, &*ran.stdout), (Some(2), ""), "{ran:?}");
        assert!(ran.stderr.contains(expected), "{ran:?}");
    }
}
