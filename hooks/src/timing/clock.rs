//! The clock for callouts: the processor's own counter where it runs at one speed, otherwise the system's monotonic clock.
#![expect(unsafe_code, reason = "reads the processor's counter")]

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// The rate of the counter is known well enough when it has been looked at for this long.
const LEARNT: Duration = Duration::from_millis(10);

/// Where counting began.
static START: OnceLock<Start> = OnceLock::new();

/// Whether `START` says that the counter can be used. A hint, which may be seen late.
static HAS_COUNTER: AtomicBool = AtomicBool::new(false);

#[derive(Clone, Copy, Debug)]
struct Start {
    at: Instant,
    /// The counter then, if it can be used.
    counter: Option<u64>,
}

/// Finds out which clock there is. Called before anything is timed.
pub(crate) fn start() {
    begun();
}

fn begun() -> &'static Start {
    START.get_or_init(|| {
        let start = Start { counter: counter(), at: Instant::now() };
        // Relaxed: a hint.
        HAS_COUNTER.store(start.counter.is_some(), Ordering::Relaxed);
        start
    })
}

/// Now, in ticks since some time.
#[inline(always)]
pub(crate) fn now() -> u64 {
    // Relaxed: a hint, which is looked at first because that is one load.
    if HAS_COUNTER.load(Ordering::Relaxed) { read_counter() } else { now_otherwise() }
}

#[cold]
#[inline(never)]
fn now_otherwise() -> u64 {
    match begun() {
        Start { counter: Some(_), .. } => read_counter(),
        Start { at, .. } => u64::try_from(at.elapsed().as_nanos()).unwrap_or(u64::MAX),
    }
}

/// How many nanoseconds a tick is.
pub(super) fn nanoseconds_per_tick() -> f64 {
    let start = begun();
    let Some(first) = start.counter else { return 1.0 };
    if let Some(rest) = LEARNT.checked_sub(start.at.elapsed()) {
        thread::sleep(rest);
    }
    let (ticks, time) = (read_counter().saturating_sub(first), start.at.elapsed());
    if ticks == 0 { 1.0 } else { time.as_nanos() as f64 / ticks as f64 }
}

/// The counter, if it runs at one speed whatever the processor does.
#[cfg(all(target_arch = "x86_64", not(miri)))]
fn counter() -> Option<u64> {
    use std::arch::x86_64::__cpuid;
    /// Bit 8 of EDX there: the counter is invariant.
    const POWER_MANAGEMENT: u32 = 0x8000_0007;
    let greatest = __cpuid(0x8000_0000).eax;
    let is_invariant = greatest >= POWER_MANAGEMENT && __cpuid(POWER_MANAGEMENT).edx & 1 << 8 != 0;
    is_invariant.then(read_counter)
}

#[cfg(not(all(target_arch = "x86_64", not(miri))))]
fn counter() -> Option<u64> {
    None
}

#[cfg(all(target_arch = "x86_64", not(miri)))]
#[inline(always)]
fn read_counter() -> u64 {
    // SAFETY: each processor of this architecture has the instruction, and Linux lets programs use it.
    unsafe { std::arch::x86_64::_rdtsc() }
}

#[cfg(not(all(target_arch = "x86_64", not(miri))))]
fn read_counter() -> u64 {
    0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_become_the_time_that_has_passed() {
        start();
        let (begin, at) = (now(), Instant::now());
        thread::sleep(Duration::from_millis(20));
        let (ticks, least) = (now() - begin, Duration::from_millis(20));
        let took = at.elapsed();
        let measured = Duration::from_nanos((ticks as f64 * nanoseconds_per_tick()) as u64);
        // The rate is learnt while others may run; it is near enough for people.
        assert!(measured > least / 2 && measured < took * 2, "{measured:?} for {took:?}");
    }
}
