//! Runs one workload: `subject WORKLOAD TIMES`; `subject list` names them. For the gate, and for profilers.
#![expect(unsafe_code, reason = "gives the measured function a name that tools can be told")]

use std::process::ExitCode;

use workloads::{ALL, Files, Loop, find};

/// All that is measured happens inside of this function, whose name the gate gives to valgrind.
#[unsafe(no_mangle)]
#[inline(never)]
extern "C" fn measured_loop(run: &mut Loop, times: u64) {
    run(times);
}

fn run(name: &str, times: u64) -> Result<(), Box<dyn std::error::Error>> {
    let workload = find(name).ok_or_else(|| format!("no workload is called `{name}`; `subject list` names them"))?;
    let files = Files::new()?;
    let hooks = workload.component(&files)?;
    let mut run = (workload.prepare)(&hooks);
    // Whatever happens at first use only.
    run(16);
    measured_loop(&mut run, times);
    Ok(())
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let done = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["list"] => {
            ALL.iter().for_each(|workload| println!("{}", workload.name));
            Ok(())
        }
        [name, times] => times.parse().map_err(Into::into).and_then(|times| run(name, times)),
        _ => Err("expected: `subject WORKLOAD TIMES`, or `subject list`".into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("subject: {error}");
            ExitCode::FAILURE
        }
    }
}
