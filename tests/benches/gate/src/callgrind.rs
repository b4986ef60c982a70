//! Runs a workload under callgrind, twice: the difference is what the loop's turns take, exactly.

use std::path::Path;
use std::process::Command;

use crate::Problem;
use crate::profile::Profile;

/// Turns of the first run and of the second; both are multiples of the number of packets that take turns.
const TURNS: [u64; 2] = [1024, 3072];

/// What one turn of the workload's loop executes.
#[derive(Debug)]
pub(crate) struct Turns {
    /// How often each instruction was executed in `number` turns.
    pub(crate) profile: Profile,
    pub(crate) number: u64,
}

impl Turns {
    /// Instructions for each turn.
    pub(crate) fn instructions(&self) -> f64 {
        self.profile.instructions() as f64 / self.number as f64
    }
}

pub(crate) fn count(subject: &Path, workload: &str) -> Result<Turns, Problem> {
    let folder = tempfile::tempdir()?;
    let [fewer, more] = TURNS;
    let fewer_profile = run(subject, workload, fewer, folder.path())?;
    let profile = run(subject, workload, more, folder.path())?.minus(&fewer_profile);
    Ok(Turns { profile, number: more - fewer })
}

fn run(subject: &Path, workload: &str, turns: u64, folder: &Path) -> Result<Profile, Problem> {
    let out = folder.join("callgrind.out");
    let mut valgrind = Command::new("valgrind");
    valgrind.args(["--tool=callgrind", "--toggle-collect=measured_loop", "--dump-instr=yes"]);
    valgrind.args(["--compress-strings=no", "--compress-pos=no"]);
    let mut file = std::ffi::OsString::from("--callgrind-out-file=");
    file.push(&out);
    valgrind.arg(file).arg(subject).args([workload, &turns.to_string()]);
    let output = valgrind
        .output()
        .map_err(|error| format!("valgrind cannot be run: {error}; on Debian, `apt-get install valgrind`"))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(format!("the workload `{workload}` has failed under valgrind:\n{said}").into());
    }
    let profile = Profile::parse(&std::fs::read_to_string(&out)?)?;
    if profile.instructions() == 0 {
        return Err(format!(
            "callgrind has counted nothing in `{workload}`: is there still a function `measured_loop`?"
        )
        .into());
    }
    Ok(profile)
}
