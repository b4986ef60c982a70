//! Callouts that fail or are slow: what the component asks for, and what has been counted.

use std::time::{Duration, Instant};

use super::Hooks;
use crate::failure::{CalloutStatistics, watchdog};
use crate::timing::clock;

impl Hooks {
    /// Reports callouts that run longer than `limit` from now on, or no longer does (`None`, as at the beginning).
    ///
    /// A WARN in the log names hook point, library, callout and thread while the callout still runs: when the limit is exceeded, and
    /// again each time that it has run twice as long. Another one says how long it took when it has ended. All of it is counted, see
    /// [`Hooks::callout_statistics`]. Nothing is interrupted: a thread cannot be taken out of code that runs.
    ///
    /// The limit holds for callouts that begin after this call. It is no shorter than a millisecond. Where a callout calls a hook
    /// point whose callouts take long, it is slow itself and is reported too.
    ///
    /// While it is on, each callout costs two looks at the clock and a lock that its thread has for itself (about 0.2 µs); one thread
    /// of the process wakes up about as often as the shortest limit says. While it is off, nothing is measured.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// hooks::declare_hooks! { pub hook frame_checked(length: u32) -> [Continue, Drop]; }
    ///
    /// # fn main() -> Result<(), hooks::Error> {
    /// let hooks = hooks::Hooks::new();
    /// hooks.set_watchdog(Some(Duration::from_millis(5)));
    /// let slow = frame_checked::callout(|_, _| std::thread::sleep(Duration::from_millis(10)));
    /// hooks.pre_callouts_library_handle().register_callout(&slow)?;
    /// let _ = frame_checked::call(&mut hooks.handle(), || frame_checked::Args { length: 7 });
    /// let statistics = &hooks.callout_statistics()[0];
    /// assert_eq!(statistics.slow_calls, 1);
    /// assert!(statistics.longest.is_some_and(|longest| longest >= Duration::from_millis(10)));
    /// # Ok(())
    /// # }
    /// ```
    pub fn set_watchdog(&self, limit: Option<Duration>) {
        watchdog::set(&self.shared.instance, limit);
    }

    /// Times each call of a callout from now on, or no longer does (as at the beginning). The times are in
    /// [`CalloutStatistics::times`], also when it has been turned off.
    ///
    /// While it is on, each callout costs one look at the processor's counter and two numbers of its thread that are added to. While it
    /// is off, nothing is measured. What a callout calls counts for it, too.
    ///
    /// See [`CalloutTimes`](crate::CalloutTimes) for an example.
    pub fn set_timing(&self, timed: bool) {
        clock::start();
        self.shared.instance.set_timed(timed);
    }

    /// What has been counted of each attached callout, by hook point and in the order in which they are called.
    ///
    /// Also of those that are disabled at the moment. The counts begin when a library is loaded, and go on when a reload keeps it.
    ///
    /// ```
    /// hooks::declare_hooks! { pub hook frame_rejected(length: u32) -> [Continue, Drop]; }
    ///
    /// # fn main() -> Result<(), hooks::Error> {
    /// let hooks = hooks::Hooks::new();
    /// let strict = frame_rejected::callout(|_, arguments| match arguments.length {
    ///     0 => Err("an empty frame"),
    ///     _ => Ok(frame_rejected::NextStep::Continue),
    /// });
    /// hooks.pre_callouts_library_handle().register_callout(&strict)?;
    /// for length in [7, 0] {
    ///     let _ = frame_rejected::call(&mut hooks.handle(), || frame_rejected::Args { length });
    /// }
    /// let statistics = &hooks.callout_statistics()[0];
    /// assert_eq!(statistics.callout.hook(), "frame_rejected");
    /// assert!(statistics.state.is_active());
    /// assert_eq!((statistics.failures, statistics.slow_calls), (1, 0));
    /// assert_eq!(statistics.last_failure.as_ref().unwrap().text, "an empty frame");
    /// # Ok(())
    /// # }
    /// ```
    pub fn callout_statistics(&self) -> Vec<CalloutStatistics> {
        let _control = self.lock();
        self.shared.instance.current().chains.statistics(Instant::now())
    }
}
