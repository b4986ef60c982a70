//! Many libraries, many callouts, many hook points: what each more costs.

use std::path::Path;
use std::time::Instant;

use bench_api::{Packet, received};
use hooks::{Hooks, LibraryConfig, Source};
use workloads::{Files, Loop, find, library, raw_call, repeat};

use crate::children::{copies, measure};
use crate::document::Document;
use crate::figures::{number, table};
use crate::plot::{Line, lines};
use crate::timing::least;
use crate::{Effort, Problem};

pub(crate) fn write(effort: Effort, document: &mut Document) -> Result<(), Problem> {
    let (steps, points): (&[usize], &[usize]) =
        if effort.quick { (&[1, 10, 100], &[100, 1000]) } else { (&[1, 10, 100, 1000], &[10, 100, 1000, 10_000]) };
    let files = Files::new()?;
    let most = steps.iter().copied().max().unwrap_or(1);
    files.paths("bench-raw", most)?;
    let folder = files.paths("calling", most)?;
    let folder = folder.last().and_then(|path| path.parent()).ok_or("copies have a folder")?.display().to_string();
    let mut plotted = Vec::new();
    let mut text = String::new();
    let mut series = |what: &str, steps: &[usize], first: &[&str], head: &[&str]| -> Result<(), Problem> {
        let mut rows = Vec::new();
        let mut per_callout = Vec::new();
        for &count in steps {
            let mut arguments: Vec<String> = first.iter().map(|&word| word.to_owned()).collect();
            arguments.push(count.to_string());
            let numbers = measure(&arguments)?;
            if let [time, _, _, ..] = numbers[..] {
                per_callout.push((count as f64, time));
            }
            rows.push(std::iter::once(count.to_string()).chain(numbers.iter().map(|value| number(*value))).collect());
        }
        // What is called nowhere has no line.
        if !per_callout.is_empty() {
            plotted.push(Line { name: format!("{what} (ns)"), points: per_callout });
        }
        text += &format!("{}\n", table(head, &rows));
        Ok(())
    };
    let head = [
        "libraries, 1 callout each",
        "ns for each callout called",
        "µs to load, each",
        "KiB of memory, each",
        "ns for each raw call into as many libraries",
    ];
    series("libraries", steps, &["libraries", &folder], &head)?;
    let head = [
        "callouts on one hook point",
        "ns for each callout called",
        "µs to register at once, each",
        "µs to register one by one, each",
        "bytes of memory, each",
    ];
    series("callouts of the component", steps, &["callouts"], &head)?;
    let head = ["hook points registered", "µs to register, each", "bytes of memory, each"];
    series("hook points", points, &["points"], &head)?;
    let plot = lines("A call, for each callout that it calls", "callouts", "ns", &plotted);
    text += &format!("![a call, for each callout]({})\n", document.plot("scale", &plot)?);
    document.replace("scale", &text)
}

/// Kibibytes of memory that this process has touched.
fn resident() -> Result<f64, Problem> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line =
        status.lines().find_map(|line| line.strip_prefix("VmRSS:")).ok_or("the system says how much memory is used")?;
    Ok(line.trim().trim_end_matches(" kB").parse()?)
}

/// Nanoseconds for each of `count` callouts that a call of `received` calls.
fn per_callout(hooks: &Hooks, count: usize) -> Result<f64, Problem> {
    let workload = find("call-1").ok_or("there is a workload `call-1`")?;
    Ok(least(&mut (workload.prepare)(hooks), 30) / count as f64)
}

/// With `count` libraries in `folder`: the time of a call, that of loading, and the memory, for each library.
pub(crate) fn libraries(folder: &Path, count: usize) -> Result<Vec<f64>, Problem> {
    let files = Files::new()?;
    let mut paths = copies(&files, 1)?;
    paths.extend((1..count).map(|number| folder.join(format!("libcalling_{number}.so")).display().to_string()));
    let hooks = Hooks::new();
    let before = resident()?;
    let begin = Instant::now();
    hooks.load_libraries(paths.iter().map(|path| LibraryConfig::new(Source::File(path.into()))).collect())?;
    let time = begin.elapsed().as_secs_f64() * 1e6;
    let memory = resident()? - before;
    let ours = per_callout(&hooks, count)?;
    Ok(vec![ours, time / count as f64, memory / count as f64, raw_calls(folder, count)?])
}

/// Nanoseconds for each of `count` raw calls, each into a library of its own in `folder`.
fn raw_calls(folder: &Path, count: usize) -> Result<f64, Problem> {
    let mut calls = vec![raw_call(&library("bench-raw")?)?];
    for number in 1..count {
        calls.push(raw_call(&folder.join(format!("libbench_raw_{number}.so")))?);
    }
    let (mut packets, from) = ([Packet::default(); 16], Packet { length: 0, id: 3 });
    let mut run: Loop = Box::new(move |times| {
        repeat(times, |left| {
            let packet = &mut packets[left as usize % 16];
            for call in &calls {
                std::hint::black_box(call(packet, &from));
            }
        });
    });
    Ok(least(&mut run, 30) / count as f64)
}

/// With `count` callouts of the component on one hook point: the time of a call, those of registering them at once and one by one,
/// and the memory, for each callout.
pub(crate) fn callouts(count: usize) -> Result<Vec<f64>, Problem> {
    let make = |_| {
        received::callout(|_, arguments: received::Args<'_>| {
            arguments.packet.length = arguments.packet.length.wrapping_add(arguments.from.id);
            received::NextStep::Continue
        })
    };
    let callouts: Vec<_> = (0..count).map(make).collect();
    let hooks = Hooks::new();
    let library = hooks.pre_callouts_library_handle();
    let before = resident()?;
    let begin = Instant::now();
    library.register_callouts(&callouts)?;
    let at_once = begin.elapsed().as_secs_f64() * 1e6;
    let memory = resident()? - before;
    let call = per_callout(&hooks, count)?;
    let hooks = Hooks::new();
    let library = hooks.pre_callouts_library_handle();
    let begin = Instant::now();
    for callout in &callouts {
        library.register_callout(callout)?;
    }
    let one_by_one = begin.elapsed().as_secs_f64() * 1e6;
    let count = count as f64;
    Ok(vec![call, at_once / count, one_by_one / count, memory * 1024.0 / count])
}

/// With `count` more hook points: the time to register one, and its memory.
pub(crate) fn points(count: usize) -> Result<Vec<f64>, Problem> {
    let hooks = Hooks::new();
    let before = resident()?;
    let begin = Instant::now();
    for number in 0..count {
        hooks.register_hook(&format!("scale_{number}"))?;
    }
    let time = begin.elapsed().as_secs_f64() * 1e6;
    Ok(vec![time / count as f64, (resident()? - before) * 1024.0 / count as f64])
}
