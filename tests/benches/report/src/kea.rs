//! The reference, where its headers and libraries are installed: a program of ours, compiled here and now.

use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::Problem;

/// The compiled program with its libraries.
#[derive(Debug)]
pub(crate) struct Kea {
    folder: TempDir,
}

/// The case of its program that does what our workload does, and the libraries for it.
const CASES: &[(&str, &str, &str, usize)] = &[
    ("idle", "idle", "calling", 1),
    ("call-1", "call", "calling", 1),
    ("call-4", "call", "calling", 4),
    ("call-16", "call", "calling", 16),
    ("request", "request", "calling", 1),
    ("handle", "handle", "calling", 1),
    ("handle-bracketed", "handle", "bracketing", 1),
    ("context-get", "context-get", "calling", 1),
    ("context-set", "context-set", "calling", 1),
    ("by-name", "by-name", "calling", 1),
];

impl Kea {
    /// Compiles it; an error says why that cannot be done.
    pub(crate) fn build() -> Result<Kea, Problem> {
        let folder = tempfile::tempdir()?;
        let kea = Kea { folder };
        let library = ["-shared", "-fno-gnu-unique", "library.cc", "-lkea-hooks"];
        compile(&kea.path("calling.so"), &library)?;
        compile(&kea.path("bracketing.so"), &[&["-DBRACKETING"], &library[..]].concat())?;
        let libraries = ["-lkea-hooks", "-lkea-cc", "-lkea-log", "-lkea-util", "-lkea-exceptions"];
        compile(&kea.path("bench"), &[&["bench.cc"], &libraries[..]].concat())?;
        for number in 1..16 {
            std::fs::copy(kea.path("calling.so"), kea.path(&format!("calling-{number}.so")))?;
        }
        Ok(kea)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Nanoseconds that it takes for what our workload `name` does; `None` if it has nothing like it.
    pub(crate) fn least(&self, name: &str, samples: usize) -> Result<Option<f64>, Problem> {
        let Some((_, case, library, count)) = CASES.iter().find(|(workload, ..)| *workload == name) else {
            return Ok(None);
        };
        let mut program = Command::new(self.path("bench"));
        program.args([*case, &samples.to_string()]);
        program.arg(self.path(&format!("{library}.so")));
        program.args((1..*count).map(|number| self.path(&format!("{library}-{number}.so"))));
        let output = program.output()?;
        let said = String::from_utf8_lossy(&output.stdout);
        let parsed = said.trim().parse().map_err(|_| {
            format!(
                "Kea's program has failed in `{case}` ({}): {}",
                output.status,
                String::from_utf8_lossy(&output.stderr)
            )
        })?;
        Ok(Some(parsed))
    }
}

/// A library for its server that does what our plugin `counting` does.
pub(crate) fn counting(file: &Path) -> Result<(), Problem> {
    compile(file, &["-shared", "-fno-gnu-unique", "counting.cc", "-lkea-hooks"])
}

fn compile(file: &Path, arguments: &[&str]) -> Result<(), Problem> {
    let headers = ["/usr/include/kea", "/usr/local/include/kea"].iter().find(|path| Path::new(path).is_dir());
    let headers =
        headers.ok_or("Kea's headers are not installed; on Debian, `apt-get install kea-dev libboost-dev g++`")?;
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("kea");
    let output = Command::new("g++")
        .args(["-std=gnu++17", "-O2", "-fPIC", &format!("-I{headers}"), "-o"])
        .arg(file)
        .args(arguments)
        .current_dir(sources)
        .output()
        .map_err(|error| format!("g++: {error}; on Debian, `apt-get install g++`"))?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!("Kea's `{}` cannot be compiled:\n{}", file.display(), String::from_utf8_lossy(&output.stderr)).into())
}
