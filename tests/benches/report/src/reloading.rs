//! How long requests take while libraries are reloaded all the time, against none.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use bench_api::{Packet, received, selected, sent};
use hooks::Hooks;
use workloads::Files;

use crate::document::Document;
use crate::figures::{Figure, table};
use crate::{Effort, Problem};

/// A pause between two reloads.
const PAUSE: Duration = Duration::from_millis(10);

/// The latencies of one run, in nanoseconds.
#[derive(Debug, Default)]
struct Latencies {
    all: Vec<u32>,
    /// Those that ended during a reload.
    within: Vec<u32>,
    reloads: usize,
}

/// The latency that this share of `sorted` ones does not exceed.
fn at(sorted: &[u32], share: f64) -> f64 {
    let place = (sorted.len() as f64 * share) as usize;
    f64::from(sorted.get(place).or(sorted.last()).copied().unwrap_or_default())
}

pub(crate) fn write(effort: Effort, document: &mut Document) -> Result<(), Problem> {
    let time = if effort.quick { Duration::from_millis(500) } else { Duration::from_secs(5) };
    let (mut none, mut some) = (Vec::new(), Vec::new());
    for _ in 0..effort.runs {
        none.push(run(time, false)?);
        some.push(run(time, true)?);
    }
    let row = |name: &str, share: f64| {
        let text = |sorted: &dyn Fn(&Latencies) -> f64, runs: &[Latencies]| Figure::of(runs.iter().map(sorted)).text();
        let (all, within) = (|run: &Latencies| at(&run.all, share), |run: &Latencies| at(&run.within, share));
        let ratio = Figure::of(none.iter().zip(&some).map(|(none, some)| all(some) / all(none)));
        vec![name.to_owned(), text(&all, &none), text(&all, &some), ratio.text(), text(&within, &some)]
    };
    let rows = [row("p50", 0.5), row("p99", 0.99), row("p99.9", 0.999), row("greatest", 1.0)];
    let reloads: usize = some.iter().map(|run| run.reloads).sum();
    let requests: usize = some.iter().map(|run| run.all.len()).sum();
    let within: usize = some.iter().map(|run| run.within.len()).sum();
    let head =
        ["latency of a request", "no reloads, ns", "reloads, ns", "times", "those that ended during a reload, ns"];
    let text = table(&head, &rows)
        + &format!(
            "\n{requests} requests, {within} of which ended during one of {reloads} reloads; two clock readings are in each latency. \
             The ratio is that of the runs, of which it says the middle one.\n"
        );
    document.replace("reloading", &text)
}

fn run(time: Duration, reloading: bool) -> Result<Latencies, Problem> {
    let files = Files::new()?;
    let hooks = Hooks::new();
    // Two sets that have no library in common.
    let mut sets = files.copies("calling", 4)?;
    let other = sets.split_off(2);
    hooks.load_libraries(sets.clone())?;
    let (done, is_reloading) = (AtomicBool::new(false), AtomicBool::new(false));
    std::thread::scope(|scope| {
        let reloader = scope.spawn(|| -> Result<usize, String> {
            let mut reloads = 0;
            // Relaxed: nothing else is read after it.
            while reloading && !done.load(Ordering::Relaxed) {
                let set = if reloads % 2 == 0 { &other } else { &sets };
                is_reloading.store(true, Ordering::Relaxed);
                hooks.reload(set.clone()).map_err(|error| error.to_string())?;
                is_reloading.store(false, Ordering::Relaxed);
                reloads += 1;
                std::thread::sleep(PAUSE);
            }
            Ok(reloads)
        });
        let mut latencies = requests(&hooks, time, &is_reloading);
        done.store(true, Ordering::Relaxed);
        latencies.reloads = reloader.join().map_err(|_| "the thread that reloads has panicked")??;
        Ok(latencies)
    })
}

fn requests(hooks: &Hooks, time: Duration, is_reloading: &AtomicBool) -> Latencies {
    let (mut packet, from) = (Packet::default(), Packet { length: 0, id: 3 });
    let mut all = Vec::with_capacity(1 << 24);
    let mut within = Vec::with_capacity(1 << 24);
    let begin = Instant::now();
    let mut last = begin;
    while last.duration_since(begin) < time && all.len() < all.capacity() {
        let packet = &mut packet;
        let start = Instant::now();
        let mut handle = hooks.handle();
        let steps = (
            received::call(&mut handle, || received::Args { packet, from: &from }),
            selected::call(&mut handle, || selected::Args { packet, from: &from }),
            sent::call(&mut handle, || sent::Args { packet, from: &from }),
        );
        drop(handle);
        last = Instant::now();
        std::hint::black_box(&steps);
        let latency = u32::try_from(last.duration_since(start).as_nanos()).unwrap_or(u32::MAX);
        all.push(latency);
        if is_reloading.load(Ordering::Relaxed) {
            within.push(latency);
        }
    }
    all.sort_unstable();
    within.sort_unstable();
    Latencies { all, within, reloads: 0 }
}
