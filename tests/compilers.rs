//! Libraries that another compiler has built. It is looked for among the toolchains of `rustup`; building takes a minute, so the test
//! runs only when it is asked for: `cargo test -p hooks-tests --test compilers -- --ignored`.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{fs, io};

use fixture_api::layouts::{Counter, Kind, counted};
use hooks::{LibraryConfig, Source};

/// The release and the commit of a compiler.
fn version(rustc: &mut Command) -> Option<String> {
    let output = rustc.arg("-vV").output().ok().filter(|output| output.status.success())?;
    let text = String::from_utf8(output.stdout).ok()?;
    let field = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
    Some(format!("{} {}", field("release:")?, field("commit-hash:")?))
}

/// A toolchain with another compiler than the one that has built this test, and what that is.
fn other_toolchain(own: &str) -> Option<(String, String)> {
    let output = Command::new("rustup").args(["toolchain", "list", "--quiet"]).output().ok()?;
    let names = String::from_utf8(output.stdout).ok()?;
    names.lines().find_map(|name| {
        let version = version(Command::new("rustup").args(["run", name, "rustc"]))?;
        (version != own).then(|| (name.to_owned(), version))
    })
}

/// Builds the libraries of two fixtures with `toolchain`, and returns their folder.
fn build(toolchain: &str) -> PathBuf {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("compilers");
    let mut cargo = Command::new("rustup");
    cargo.args(["run", toolchain, "cargo", "build", "-p", "fixed-layout", "-p", "loose-layout", "--locked"]);
    cargo.arg("--target-dir").arg(&target).current_dir(env!("CARGO_MANIFEST_DIR"));
    // What the cargo of this test has set is not meant for the other one.
    for variable in ["CARGO", "RUSTC", "RUSTDOC", "RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "RUSTUP_TOOLCHAIN"] {
        cargo.env_remove(variable);
    }
    let output = cargo.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    target.join("debug")
}

#[test]
#[ignore = "builds with a second toolchain, which takes a minute"]
fn a_library_of_another_compiler() {
    let own = hooks::inspect(&fs::read(std::env::current_exe().unwrap()).unwrap()).unwrap();
    let own = own.build.and_then(|build| build.rustc).unwrap();
    let Some((toolchain, other)) = other_toolchain(&own) else {
        drop(writeln!(
            io::stderr(),
            "libraries of another compiler: skipped, because `rustup` has no second toolchain"
        ));
        return;
    };
    let folder = build(&toolchain);
    let library = |name: &str| folder.join(format!("libfixture_{name}.so"));
    let built = hooks::inspect(&fs::read(library("fixed_layout")).unwrap()).unwrap().build.unwrap();
    assert_eq!(built.rustc, Some(other.clone()));

    // All layouts are fixed: it works.
    let hooks = hooks_tests::hooks();
    hooks.load_libraries(vec![LibraryConfig::new(Source::File(library("fixed_layout")))]).unwrap();
    let mut counter = Counter { value: 90, steps: [0; 3], kind: Kind::New };
    let mut call = |step| {
        let status = counted::call(&mut hooks.handle(), || counted::Args { counter: &mut counter, step });
        (status, counter)
    };
    let (status, after) = call(4);
    assert!(status.is_continue());
    assert_eq!(after, Counter { value: 94, steps: [0, 4, 0], kind: Kind::Counted(4) });
    let (status, after) = call(7);
    assert!(status.is_skip());
    assert_eq!(after, Counter { value: 101, steps: [0, 7, 0], kind: Kind::Counted(7) });
    // Its panics stay on its side.
    let (status, after) = call(13);
    assert!(status.is_drop());
    assert_eq!(after.value, 101);

    // A layout is the compiler's choice: it is refused in words, and the other one goes on.
    let loose = LibraryConfig::new(Source::File(library("loose_layout")));
    let fixed = LibraryConfig::new(Source::File(library("fixed_layout")));
    let error = hooks.reload(vec![fixed, loose]).unwrap_err();
    let text = error.to_string();
    let place = "plugin `loose-layout` 0.1.0, callout `list`, hook point `listed`: argument `loose`";
    assert!(error.is_refused() && text.contains(place), "{text}");
    assert!(
        text.contains(&format!("(library: rustc {other}; host: rustc {own}; build both with one compiler)")),
        "{text}"
    );
    let (status, _) = call(1);
    assert!(status.is_skip());
    assert!(hooks.unload_libraries());
}
