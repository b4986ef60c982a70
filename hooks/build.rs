//! Records which compiler builds this crate, for the fingerprint that a library carries.

use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    // Nightly tells of sanitizers; what is different for this one stands in `sync.rs`.
    if variable("CARGO_CFG_SANITIZE").contains("thread") {
        println!("cargo::rustc-cfg=tsan");
    }
    println!("cargo::rustc-env=HOOKS_TARGET={}", variable("TARGET"));
    println!("cargo::rustc-env=HOOKS_RUSTC={}", compiler());
}

fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| "unknown".to_owned())
}

/// The release and the commit, as in `1.95.0 59807616e…`; layouts of `repr(Rust)` types depend on both.
fn compiler() -> String {
    let output = Command::new(variable("RUSTC")).arg("-vV").output();
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    let field = |name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name)).unwrap_or("unknown");
        line.trim().to_owned()
    };
    format!("{} {}", field("release:"), field("commit-hash:"))
}
