//! Takes times: the least of many short samples, on one thread or on two at once.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use rustix::thread::{CpuSet, sched_setaffinity};
use workloads::Loop;

use crate::Problem;

/// How long a sample takes, about.
const SAMPLE: Duration = Duration::from_millis(1);

/// Nanoseconds that a turn takes, in the fastest of `samples`.
pub(crate) fn least(run: &mut Loop, samples: usize) -> f64 {
    let turns = turns(run);
    (0..samples).map(|_| once(run, turns)).fold(f64::INFINITY, f64::min)
}

/// The same with a loop on each of two threads at once; a sample is that of the slower thread.
pub(crate) fn least_of_two(
    prepare: &(dyn Fn() -> Result<Loop, Problem> + Sync),
    samples: usize,
) -> Result<f64, Problem> {
    let arrived = AtomicUsize::new(0);
    let failed = || format!("a thread for a second loop: {}", std::io::Error::last_os_error());
    let thread = |processor: usize| {
        pin(processor);
        let run = prepare().map_err(|problem| problem.to_string());
        // Before anybody waits, so that nobody waits in vain.
        let mut run = match run {
            Ok(run) => run,
            Err(problem) => {
                arrived.store(usize::MAX / 2, Ordering::SeqCst);
                return Err(problem);
            }
        };
        let turns = turns(&mut run);
        let sample = |round: usize| {
            // SeqCst: both threads see one order; it costs nothing here, outside of what is measured.
            arrived.fetch_add(1, Ordering::SeqCst);
            while arrived.load(Ordering::SeqCst) < 2 * (round + 1) {
                std::hint::spin_loop();
            }
            once(&mut run, turns)
        };
        Ok((0..samples).map(sample).collect::<Vec<f64>>())
    };
    let (one, other) = std::thread::scope(|scope| {
        let other = scope.spawn(|| thread(1));
        let one = scope.spawn(|| thread(0));
        (one.join(), other.join())
    });
    let (one, other) = (one.map_err(|_| failed())??, other.map_err(|_| failed())??);
    Ok(one.iter().zip(&other).map(|(one, other)| one.max(*other)).fold(f64::INFINITY, f64::min))
}

/// The same on one thread, while a process that shares nothing with this one keeps the other processor busy with the workload `name`.
///
/// What two threads take more than this is the price of what they share; the rest is that of the processor's shared parts.
pub(crate) fn least_beside_process(
    name: &str,
    prepare: &(dyn Fn() -> Loop + Sync),
    samples: usize,
) -> Result<f64, Problem> {
    let mut program = Command::new(std::env::current_exe()?);
    let mut child = program.args(["child", "busy", name]).stdout(Stdio::piped()).spawn()?;
    let mut ready = String::new();
    let told = child.stdout.take().map(|output| BufReader::new(output).read_line(&mut ready));
    let measured = std::thread::scope(|scope| {
        let thread = scope.spawn(|| {
            pin(0);
            least(&mut prepare(), samples)
        });
        thread.join().map_err(|_| format!("the loop of `{name}` has panicked"))
    });
    child.kill()?;
    child.wait()?;
    if !matches!(told, Some(Ok(length)) if length > 0) {
        return Err(format!("the process that should be busy with `{name}` has not begun").into());
    }
    Ok(measured?)
}

/// The other process: busy until it is ended, on the second processor.
pub(crate) fn busy(mut run: Loop) -> ! {
    pin(1);
    let turns = turns(&mut run);
    println!("ready");
    loop {
        run(turns);
    }
}

/// How many turns take as long as a sample should.
fn turns(run: &mut Loop) -> u64 {
    let mut turns = 16;
    loop {
        let begin = Instant::now();
        run(turns);
        if begin.elapsed() >= SAMPLE / 2 {
            return turns;
        }
        turns *= 2;
    }
}

fn once(run: &mut Loop, turns: u64) -> f64 {
    let begin = Instant::now();
    run(turns);
    begin.elapsed().as_nanos() as f64 / turns as f64
}

/// Keeps this thread on one processor; where that is not possible, the system decides.
fn pin(processor: usize) {
    let mut set = CpuSet::new();
    set.set(processor);
    let _ = sched_setaffinity(None, &set);
}
