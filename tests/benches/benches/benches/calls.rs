//! Each workload on one thread and on two at once, by criterion; at the end the least times in raw calls.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Barrier;
use std::time::{Duration, Instant};

use criterion::Criterion;
use workloads::{ALL, Files, Workload};

/// Nanoseconds of a turn, the least that has been seen, by workload and threads.
type Least = RefCell<BTreeMap<(&'static str, usize), f64>>;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut criterion = Criterion::default().configure_from_args();
    let files = Files::new()?;
    let least = Least::default();
    for threads in [1, 2] {
        for workload in ALL {
            bench(&mut criterion, workload, threads, &files, &least)?;
        }
    }
    criterion.final_summary();
    let least = least.into_inner();
    for (&(name, threads), time) in &least {
        if let Some(raw) = least.get(&("raw", threads)) {
            println!("{name}, {threads} threads: {:.2} raw calls", time / raw);
        }
    }
    Ok(())
}

fn bench(
    criterion: &mut Criterion,
    workload: &Workload,
    threads: usize,
    files: &Files,
    least: &Least,
) -> Result<(), Box<dyn std::error::Error>> {
    let hooks = workload.component(files)?;
    criterion.bench_function(&format!("{}, {threads} threads", workload.name), |bencher| {
        bencher.iter_custom(|turns| {
            let barrier = Barrier::new(threads);
            let time = || -> Duration {
                let mut run = (workload.prepare)(&hooks);
                run(16);
                barrier.wait();
                let begin = Instant::now();
                run(turns);
                begin.elapsed()
            };
            // The slower thread counts.
            let time = std::thread::scope(|scope| {
                let all: Vec<_> = (0..threads).map(|_| scope.spawn(time)).collect();
                all.into_iter().filter_map(|thread| thread.join().ok()).max().unwrap_or_default()
            });
            // In a few turns the clock itself would count.
            if turns >= 1000 {
                let each = time.as_nanos() as f64 / turns as f64;
                let mut least = least.borrow_mut();
                let known = least.entry((workload.name, threads)).or_insert(each);
                *known = known.min(each);
            }
            time
        });
    });
    Ok(())
}
