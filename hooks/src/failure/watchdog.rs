//! Looks for callouts that run too long, while they run.
//!
//! Each thread writes down which callouts it is in and since when; one thread of the process looks at what the others have written.
//! A call takes no lock that another call takes, and none of this is done while no `Hooks` asks for it.
//!
//! INVARIANT: locks are taken in the order watchdog, thread; the log is written under none of them.

use std::cell::OnceCell;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::thread;
use std::time::{Duration, Instant};

use super::Attached;
use crate::abi::guard::guard;
use crate::instance::Instance;

/// Nothing is looked for more often than this.
const LEAST: Duration = Duration::from_millis(1);

static WATCHDOG: Mutex<Watchdog> = Mutex::new(Watchdog { limits: Vec::new(), threads: Vec::new(), runs: false });
static CHANGED: Condvar = Condvar::new();

struct Watchdog {
    /// Which `Hooks` are watched, and how long their callouts may run.
    limits: Vec<(u64, Duration)>,
    /// The threads on which watched callouts have run.
    threads: Vec<Weak<Thread>>,
    runs: bool,
}

/// What runs on one thread.
struct Thread {
    name: String,
    /// The innermost callout is the last.
    running: Mutex<Vec<Call>>,
}

/// A callout that is running.
struct Call {
    attached: Arc<Attached>,
    since: Instant,
    limit: Duration,
    /// How long it has run when it is reported the next time.
    report_at: Duration,
}

/// A callout that takes long.
#[derive(Debug)]
struct Report {
    attached: Arc<Attached>,
    thread: String,
    limit: Duration,
    running_for: Duration,
}

/// A watched call of a callout; to be ended on the thread that has begun it.
pub(crate) struct Running {
    thread: Arc<Thread>,
}

/// Has the callouts of `instance` watched from now on, or not.
pub(crate) fn set(instance: &Instance, limit: Option<Duration>) {
    let limit = limit.map(|limit| limit.max(LEAST));
    let mut watchdog = lock();
    watchdog.limits.retain(|(id, _)| *id != instance.id());
    watchdog.limits.extend(limit.map(|limit| (instance.id(), limit)));
    instance.set_limit(limit);
    let mut failed = None;
    if limit.is_some() && !watchdog.runs {
        match thread::Builder::new().name("hooks-watchdog".to_owned()).spawn(run) {
            Ok(_) => watchdog.runs = true,
            Err(error) => failed = Some(error),
        }
    }
    drop(watchdog);
    instance.watch();
    CHANGED.notify_one();
    if let Some(error) = failed {
        let _ = guard(|| {
            tracing::error!("slow callouts are reported only when they end, since no thread starts: {error}");
        });
    }
}

thread_local! {
    static THREAD: OnceCell<Arc<Thread>> = const { OnceCell::new() };
}

/// A callout begins on this thread.
pub(crate) fn begin(attached: &Arc<Attached>, limit: Duration) -> Running {
    // A thread that ends has no such place any more; what it still calls has one of its own.
    let own = THREAD.try_with(|thread| Arc::clone(thread.get_or_init(register)));
    let thread = own.unwrap_or_else(|_| register());
    let call = Call { attached: Arc::clone(attached), since: Instant::now(), limit, report_at: limit };
    thread.lock().push(call);
    Running { thread }
}

impl Running {
    /// The callout has returned. If it was slow, that is logged.
    pub(crate) fn end(self) {
        // Calls end in the order opposite to that in which they have begun.
        let Some(call) = self.thread.lock().pop() else { return };
        let took = call.since.elapsed();
        call.attached.took(took);
        if took < call.limit {
            return;
        }
        if call.is_unreported() {
            call.attached.is_slow();
        }
        let report =
            Report { thread: self.thread.name.clone(), running_for: took, limit: call.limit, attached: call.attached };
        report.log("callout was slow");
    }
}

impl Call {
    fn is_unreported(&self) -> bool {
        self.report_at == self.limit
    }
}

impl Thread {
    fn lock(&self) -> MutexGuard<'_, Vec<Call>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What has to be reported at `now`, added to `reports`; and when that has to be asked again, if something runs.
    fn look(&self, now: Instant, reports: &mut Vec<Report>) -> Option<Instant> {
        let mut next: Option<Instant> = None;
        for call in &mut *self.lock() {
            let running_for = now.saturating_duration_since(call.since);
            if running_for >= call.report_at {
                if call.is_unreported() {
                    call.attached.is_slow();
                }
                // Twice as late each time, and once however late this is.
                while call.report_at <= running_for {
                    call.report_at = call.report_at.saturating_mul(2);
                }
                let (attached, thread) = (Arc::clone(&call.attached), self.name.clone());
                reports.push(Report { attached, thread, limit: call.limit, running_for });
            }
            let at = call.since.checked_add(call.report_at);
            next = next.into_iter().chain(at).min();
        }
        next
    }
}

impl Report {
    fn log(&self, event: &str) {
        let info = &self.attached.info;
        let (hook, library, callout, thread) = (info.hook(), info.library(), info.callout(), &*self.thread);
        let Report { limit, running_for, .. } = self;
        let _ = guard(|| tracing::warn!(hook, library, callout, thread, ?running_for, ?limit, "{event}"));
    }
}

/// The place of this thread, which the watchdog looks at.
fn register() -> Arc<Thread> {
    let current = thread::current();
    let name = current.name().map_or_else(|| format!("{:?}", current.id()), str::to_owned);
    let thread = Arc::new(Thread { name, running: Mutex::default() });
    let mut watchdog = lock();
    watchdog.threads.retain(|thread| thread.strong_count() > 0);
    watchdog.threads.push(Arc::downgrade(&thread));
    thread
}

/// The thread is detached, so it does not keep the process from ending.
fn run() {
    loop {
        let threads: Vec<_> = lock().threads.iter().filter_map(Weak::upgrade).collect();
        // Before it looks: whatever begins meanwhile is seen, or is due no earlier than the least limit from now.
        let now = Instant::now();
        let mut reports = Vec::new();
        let next = threads.iter().filter_map(|thread| thread.look(now, &mut reports)).min();
        drop(threads);
        reports.iter().for_each(|report| report.log("callout is slow and still runs"));
        wait(now, next);
    }
}

/// Waits until it is time to look again: at `next`, or when something can be due that has begun after `now`.
fn wait(now: Instant, next: Option<Instant>) {
    let watchdog = lock();
    let least = watchdog.limits.iter().filter_map(|(_, limit)| now.checked_add(*limit)).min();
    match next.into_iter().chain(least).min() {
        Some(at) => {
            let wait = at.saturating_duration_since(Instant::now());
            drop(CHANGED.wait_timeout(watchdog, wait));
        }
        None => drop(CHANGED.wait(watchdog)),
    }
}

fn lock() -> MutexGuard<'static, Watchdog> {
    WATCHDOG.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;
    use crate::callout_info::{CalloutInfo, CalloutNames};

    const LIMIT: Duration = Duration::from_secs(1);

    fn thread_with(since: &[Instant]) -> (Thread, Arc<Attached>) {
        let (hook, callout) = ("sent".to_owned(), "slow".to_owned());
        let names = CalloutNames { hook, library: "x".into(), callout, file: String::new(), line: 0 };
        let attached = Arc::new(Attached::new(CalloutInfo { inner: Arc::new(names) }));
        let call =
            |since: &Instant| Call { attached: Arc::clone(&attached), since: *since, limit: LIMIT, report_at: LIMIT };
        let running = Mutex::new(since.iter().map(call).collect());
        (Thread { name: "t".to_owned(), running }, attached)
    }

    #[test]
    fn reports_come_at_doubling_intervals_and_one_at_a_time() {
        let start = Instant::now();
        let (thread, attached) = thread_with(&[start]);
        let look = |seconds: f64| {
            let (mut reports, now) = (Vec::new(), start + Duration::from_secs_f64(seconds));
            let next = thread.look(now, &mut reports).unwrap();
            assert!(reports.iter().all(|report| report.running_for == now - start && report.limit == LIMIT));
            (reports.len(), (next - start).as_secs())
        };
        assert_eq!(look(0.9), (0, 1));
        assert_eq!(look(1.0), (1, 2));
        assert_eq!(look(1.9), (0, 2));
        assert_eq!(look(2.1), (1, 4));
        assert_eq!(look(2.2), (0, 4));
        // However late it comes, one report is enough.
        assert_eq!(look(100.0), (1, 128));
        assert_eq!(attached.watched(), (1, None), "it is one slow call");
    }

    #[test]
    fn the_next_look_is_for_the_one_that_is_due_first() {
        let start = Instant::now();
        let (thread, attached) = thread_with(&[start, start + LIMIT / 2]);
        let mut reports = Vec::new();
        assert_eq!(thread.look(start + LIMIT, &mut reports), Some(start + LIMIT + LIMIT / 2));
        assert_eq!(reports.len(), 1);
        assert_eq!(thread.look(start + 2 * LIMIT, &mut reports), Some(start + LIMIT / 2 + 2 * LIMIT));
        assert_eq!((reports.len(), attached.watched().0), (3, 2));
        thread.lock().clear();
        assert_eq!(thread.look(start + 9 * LIMIT, &mut reports), None);
    }

    #[test]
    fn each_watched_call_is_timed() {
        let (_, attached) = thread_with(&[]);
        let outer = begin(&attached, Duration::from_secs(3600));
        let inner = begin(&attached, Duration::from_secs(3600));
        assert_eq!(outer.thread.lock().len(), 2);
        inner.end();
        assert_eq!(outer.thread.lock().len(), 1);
        let (thread, seen) = (Arc::clone(&outer.thread), attached.watched().1.unwrap());
        outer.end();
        assert!(thread.lock().is_empty() && attached.watched().1.unwrap() >= seen);
        assert_eq!(attached.watched().0, 0);
    }
}
