//! How often something has failed of late, and whether that is too often. Knows no clock: it is told what time it is.

use std::collections::{HashMap, VecDeque};
use std::time::Instant;

use super::policy::Disable;

/// The failures of one callout, or of one library, that count for disabling it.
#[derive(Debug, Default)]
pub(crate) struct Health {
    /// When it failed, as far back as it counts.
    recent: VecDeque<Instant>,
    state: State,
    /// How often it has been disabled.
    times: u64,
}

/// Why something is disabled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cause {
    /// So many failures within the span.
    TooOften,
    /// A failure soon after it was put back.
    OnTrial,
}

#[derive(Clone, Copy, Debug, Default)]
enum State {
    #[default]
    Well,
    /// It was disabled, and is tried again.
    OnTrial {
        since: Instant,
    },
    Disabled {
        until: Option<Instant>,
    },
}

impl Health {
    /// It has failed once more; why it has to be disabled now, if it has to.
    pub(crate) fn fails(&mut self, rule: &Disable, now: Instant) -> Option<Cause> {
        match self.state {
            // A call that was going on when it was disabled.
            State::Disabled { .. } => return None,
            State::OnTrial { since } if now.saturating_duration_since(since) <= rule.within => {
                return Some(Cause::OnTrial);
            }
            State::OnTrial { .. } | State::Well => self.state = State::Well,
        }
        let counts = |at: &Instant| now.saturating_duration_since(*at) <= rule.within;
        self.recent.retain(counts);
        self.recent.push_back(now);
        // More decide nothing. There are more only where nobody disables it in spite of the answer: its retry has no thread.
        let surplus = self.recent.len().saturating_sub(rule.after as usize);
        self.recent.drain(..surplus);
        (self.recent.len() >= rule.after as usize).then_some(Cause::TooOften)
    }

    /// It is disabled until then, or until somebody tries it again by hand.
    pub(crate) fn disable(&mut self, until: Option<Instant>) {
        self.state = State::Disabled { until };
        self.times += 1;
        self.recent = VecDeque::new();
    }

    /// It is tried again if it is disabled and `is_time`, which is told until when, says so; whether it is.
    pub(crate) fn retry(&mut self, now: Instant, is_time: impl Fn(Option<Instant>) -> bool) -> bool {
        let due = matches!(self.state, State::Disabled { until } if is_time(until));
        if due {
            self.state = State::OnTrial { since: now };
        }
        due
    }

    pub(crate) fn is_disabled(&self) -> bool {
        self.disabled().is_some()
    }

    /// Until when it is disabled, if it is.
    pub(crate) fn disabled(&self) -> Option<Option<Instant>> {
        match self.state {
            State::Disabled { until } => Some(until),
            State::Well | State::OnTrial { .. } => None,
        }
    }

    pub(crate) fn times(&self) -> u64 {
        self.times
    }
}

/// The failures of a library: those that count together, and those of each hook point that counts alone.
#[derive(Debug, Default)]
pub(crate) struct LibraryHealth {
    together: Health,
    alone: HashMap<String, Health>,
}

impl LibraryHealth {
    /// What counts the failures: those of the hook point `alone`, or all others.
    pub(crate) fn at(&mut self, alone: Option<&str>) -> &mut Health {
        match alone {
            Some(hook) => self.alone.entry(hook.to_owned()).or_default(),
            None => &mut self.together,
        }
    }

    pub(crate) fn retry(&mut self, now: Instant, is_time: impl Fn(Option<Instant>) -> bool) -> bool {
        // One of them, see `disabled`.
        self.together.retry(now, &is_time) || self.alone.values_mut().any(|health| health.retry(now, &is_time))
    }

    pub(crate) fn is_disabled(&self) -> bool {
        self.disabled().is_some()
    }

    /// Until when it is disabled, if it is: by one of them, because in what is disabled nothing else counts.
    pub(crate) fn disabled(&self) -> Option<Option<Instant>> {
        self.all().find_map(Health::disabled)
    }

    pub(crate) fn times(&self) -> u64 {
        self.all().map(Health::times).sum()
    }

    fn all(&self) -> impl Iterator<Item = &Health> {
        std::iter::once(&self.together).chain(self.alone.values())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Cause::{OnTrial, TooOften};
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn so_many_failures_within_the_span_are_too_many() {
        let (rule, start, mut health) = (Disable::callout(3, MINUTE), Instant::now(), Health::default());
        let mut at = |after| health.fails(&rule, start + seconds(after));
        assert_eq!([at(0), at(1)], [None, None]);
        // The first one is too long ago.
        assert_eq!([at(61), at(61)], [None, Some(TooOften)]);
        assert_eq!(Health::default().fails(&Disable::callout(1, MINUTE), start), Some(TooOften));
    }

    #[test]
    fn failures_at_the_same_moment_and_at_the_end_of_the_span_count() {
        let (rule, start, mut health) = (Disable::callout(3, MINUTE), Instant::now(), Health::default());
        assert_eq!([health.fails(&rule, start), health.fails(&rule, start)], [None, None]);
        assert_eq!(health.fails(&rule, start + MINUTE), Some(TooOften));
    }

    #[test]
    fn no_more_failures_are_kept_than_decide() {
        let (rule, start, mut health) = (Disable::callout(3, MINUTE), Instant::now(), Health::default());
        for after in 0..1000 {
            let found = health.fails(&rule, start + Duration::from_millis(after));
            assert_eq!(found, (after >= 2).then_some(TooOften));
            assert!(health.recent.len() <= 3);
        }
        // The last ones are kept: a minute after the first of them three have failed within it, later fewer.
        assert_eq!(health.fails(&rule, start + MINUTE + Duration::from_millis(998)), Some(TooOften));
        assert_eq!(health.fails(&rule, start + MINUTE + Duration::from_millis(1000)), None);
        // With another rule, which a reload brings.
        for after in 70..80 {
            health.fails(&Disable::callout(10, MINUTE), start + seconds(after));
        }
        assert_eq!(health.fails(&rule, start + seconds(80)), Some(TooOften));
        assert_eq!(health.recent.len(), 3);
    }

    #[test]
    fn what_is_disabled_counts_nothing() {
        let (rule, start, mut health) = (Disable::callout(1, MINUTE), Instant::now(), Health::default());
        health.disable(Some(start + seconds(10)));
        assert!(health.is_disabled() && health.fails(&rule, start).is_none());
        let is_time = |now: Instant| move |until: Option<Instant>| until.is_some_and(|until| until <= now);
        assert!(!health.retry(start, is_time(start)) && health.is_disabled());
        let later = start + seconds(10);
        assert!(health.retry(later, is_time(later)) && !health.is_disabled());
        assert!(!health.retry(later, is_time(later)), "it is back already");
        assert_eq!(health.times(), 1);
    }

    #[test]
    fn the_first_failure_on_trial_is_one_too_many() {
        let (rule, start) = (Disable::callout(3, MINUTE), Instant::now());
        let on_trial = || {
            let mut health = Health::default();
            health.disable(None);
            assert!(health.retry(start, |until| until.is_none()));
            health
        };
        assert_eq!(on_trial().fails(&rule, start + MINUTE), Some(OnTrial));
        // After a span without failures it counts from the beginning.
        let mut health = on_trial();
        let mut at = |after| health.fails(&rule, start + seconds(after));
        assert_eq!([at(61), at(62), at(63)], [None, None, Some(TooOften)]);
    }

    #[test]
    fn a_hook_point_that_counts_alone_disables_the_library() {
        let (rule, now, mut library) = (Disable::library(2, MINUTE), Instant::now(), LibraryHealth::default());
        assert_eq!([None, Some("sent")].map(|hook| library.at(hook).fails(&rule, now)), [None, None]);
        assert_eq!(library.at(Some("sent")).fails(&rule, now), Some(TooOften));
        library.at(Some("sent")).disable(None);
        assert_eq!((library.disabled(), library.times()), (Some(None), 1));
        assert!(library.retry(now, |_| true) && !library.is_disabled());
        assert_eq!(library.at(None).fails(&rule, now), Some(TooOften), "the others have counted on");
    }
}
