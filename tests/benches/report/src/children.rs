//! What needs a process of its own: what has been mapped once stays mapped, and would be found there by the next measurement.

use std::path::PathBuf;
use std::process::Command;
use std::time::Instant;

use hooks::{Hooks, LibraryConfig, Source};
use workloads::Files;

use crate::{Problem, loading, scale, timing};

/// Runs this program for one measurement: `arguments` say which; the numbers that it prints.
pub(crate) fn measure(arguments: &[String]) -> Result<Vec<f64>, Problem> {
    let output = Command::new(std::env::current_exe()?).arg("child").args(arguments).output()?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(format!("the measurement `{}` has failed: {said}", arguments.join(" ")).into());
    }
    let numbers = String::from_utf8(output.stdout)?;
    numbers.split_whitespace().map(|number| Ok(number.parse()?)).collect()
}

/// The other side: does one measurement and prints its numbers.
pub(crate) fn run(arguments: &[String]) -> Result<(), Problem> {
    let numbers = match arguments {
        [what, paths @ ..] if what == "load" => {
            let hooks = Hooks::new();
            let configs = paths.iter().map(|path| LibraryConfig::new(Source::File(path.into()))).collect();
            let begin = Instant::now();
            hooks.load_libraries(configs)?;
            vec![begin.elapsed().as_secs_f64() * 1e6]
        }
        [what, name] if what == "busy" => {
            let workload = workloads::find(name).ok_or("there is no such workload")?;
            let files = Files::new()?;
            let hooks = workload.component(&files)?;
            // It is ended by a signal, so nobody would remove them later; the libraries are mapped.
            drop(files);
            timing::busy((workload.prepare)(&hooks))
        }
        [what, symbol, paths @ ..] if what == "open" => {
            let paths: Vec<PathBuf> = paths.iter().map(PathBuf::from).collect();
            vec![loading::open(symbol, &paths)?]
        }
        [what, folder, count] if what == "libraries" => scale::libraries(folder.as_ref(), count.parse()?)?,
        [what, count] if what == "callouts" => scale::callouts(count.parse()?)?,
        [what, count] if what == "points" => scale::points(count.parse()?)?,
        _ => return Err("this is for the program itself".into()),
    };
    let numbers: Vec<String> = numbers.iter().map(f64::to_string).collect();
    println!("{}", numbers.join(" "));
    Ok(())
}

/// Copies of the plugin `calling`, as paths for a child.
pub(crate) fn copies(files: &Files, count: usize) -> Result<Vec<String>, Problem> {
    Ok(files.paths("calling", count)?.into_iter().map(|path| path.display().to_string()).collect())
}
