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
    sorted: Vec<u32>,
    reloads: usize,
}

impl Latencies {
    fn at(&self, share: f64) -> f64 {
        let place = (self.sorted.len() as f64 * share) as usize;
        f64::from(self.sorted.get(place).or(self.sorted.last()).copied().unwrap_or_default())
    }
}

pub(crate) fn write(effort: Effort, document: &mut Document) -> Result<(), Problem> {
    let time = if effort.quick { Duration::from_millis(500) } else { Duration::from_secs(5) };
    let (mut none, mut some) = (Vec::new(), Vec::new());
    for _ in 0..effort.runs {
        none.push(run(time, false)?);
        some.push(run(time, true)?);
    }
    let row = |name: &str, share: f64| {
        let text = |runs: &[Latencies]| Figure::of(runs.iter().map(|run| run.at(share))).text();
        let ratio = Figure::of(none.iter().zip(&some).map(|(none, some)| some.at(share) / none.at(share)));
        vec![name.to_owned(), text(&none), text(&some), ratio.text()]
    };
    let rows = [row("p50", 0.5), row("p99", 0.99), row("p99.9", 0.999), row("greatest", 1.0)];
    let reloads: usize = some.iter().map(|run| run.reloads).sum();
    let requests: usize = some.iter().map(|run| run.sorted.len()).sum();
    let text = table(&["latency of a request", "no reloads, ns", "reloads, ns", "times"], &rows)
        + &format!("\n{requests} requests during {reloads} reloads; two clock readings are in each latency.\n");
    document.replace("reloading", &text)
}

fn run(time: Duration, reloading: bool) -> Result<Latencies, Problem> {
    let files = Files::new()?;
    let hooks = Hooks::new();
    // Two sets that have no library in common.
    let mut sets = files.copies("calling", 4)?;
    let other = sets.split_off(2);
    hooks.load_libraries(sets.clone())?;
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let reloader = scope.spawn(|| -> Result<usize, String> {
            let mut reloads = 0;
            // Relaxed: nothing else is read after it.
            while reloading && !done.load(Ordering::Relaxed) {
                let set = if reloads % 2 == 0 { &other } else { &sets };
                hooks.reload(set.clone()).map_err(|error| error.to_string())?;
                reloads += 1;
                std::thread::sleep(PAUSE);
            }
            Ok(reloads)
        });
        let mut latencies = requests(&hooks, time);
        done.store(true, Ordering::Relaxed);
        latencies.reloads = reloader.join().map_err(|_| "the thread that reloads has panicked")??;
        Ok(latencies)
    })
}

fn requests(hooks: &Hooks, time: Duration) -> Latencies {
    let (mut packet, from) = (Packet::default(), Packet { length: 0, id: 3 });
    let mut sorted = Vec::with_capacity(1 << 24);
    let begin = Instant::now();
    let mut last = begin;
    while last.duration_since(begin) < time && sorted.len() < sorted.capacity() {
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
        sorted.push(u32::try_from(last.duration_since(start).as_nanos()).unwrap_or(u32::MAX));
    }
    sorted.sort_unstable();
    Latencies { sorted, reloads: 0 }
}
