//! The instructions of the idle path and of one callout, as the gate prints them.

use std::process::Command;

use crate::document::Document;
use crate::{Problem, root};

pub(crate) fn write(document: &mut Document) -> Result<(), Problem> {
    let mut cargo = Command::new("cargo");
    cargo.args(["run", "--release", "--quiet", "--package", "gate", "--", "paths"]);
    let output = cargo.current_dir(root().join("tests/benches")).output()?;
    if !output.status.success() {
        return Err(format!("the gate cannot say: {}", String::from_utf8_lossy(&output.stderr)).into());
    }
    document.replace("paths", &String::from_utf8(output.stdout)?)
}
