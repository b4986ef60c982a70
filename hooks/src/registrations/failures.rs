//! What becomes of the callouts of one owner when they fail: counted, disabled, tried again.

use std::io;
use std::sync::{Arc, Weak};
use std::time::Instant;

use super::{Inner, Registered, Registrations, points};
use crate::abi::guard::guard;
use crate::callout_info::CalloutInfo;
use crate::chains::Chains;
use crate::failure::{
    Attached, CalloutState, CalloutStatistics, Cause, Disable, FailureAction, FailurePolicy, LastFailure, What,
};
use crate::timer::{self, Due};

/// Something has been disabled, or could not be.
#[derive(Debug)]
pub(crate) struct Disabled {
    /// Whose failure was one too many.
    callout: CalloutInfo,
    rule: Disable,
    cause: Cause,
    done: io::Result<()>,
}

/// Chains that have been changed: to be dropped, as perhaps the last who has them, where no lock is held.
#[derive(Debug)]
#[must_use = "to be dropped where no lock is held"]
pub(crate) struct Changed(Vec<Arc<Chains>>);

impl Registrations {
    /// A callout of this owner has failed: what that counts as, and what has been disabled by it. No lock is held by the caller.
    pub(crate) fn failed(
        self: &Arc<Self>,
        attached: &Arc<Attached>,
        text: &str,
        now: Instant,
    ) -> (FailureAction, Option<Disabled>) {
        let mut inner = self.lock();
        let policy = Arc::clone(&inner.policy);
        let hook = attached.info.hook();
        let rule = policy.rule(hook);
        attached.record().count(text, now);
        let cause = rule.disable.and_then(|disable| {
            if inner.closed || inner.health.is_disabled() {
                return None;
            }
            let cause = match disable.what {
                What::Callout => attached.record().health.fails(&disable, now),
                What::Library => inner.health.at(rule.own_count.then_some(hook)).fails(&disable, now),
            };
            Some((disable, cause?))
        });
        let Some((disable, cause)) = cause else { return (rule.action, None) };
        let until = disable.retry.and_then(|retry| now.checked_add(retry));
        // First of all the way back: what would never be tried again although it should be is rather called.
        let done = until.map_or(Ok(()), |at| timer::arm(at, self.as_due()).map(drop));
        if done.is_ok() {
            let changed = match disable.what {
                What::Callout => {
                    attached.record().health.disable(until);
                    // It may have been deregistered meanwhile.
                    let mine = inner.list.iter().find(|registered| Arc::ptr_eq(&registered.attached, attached));
                    self.update(&inner, mine.map(Registered::point).into_iter().collect())
                }
                What::Library => {
                    inner.health.at(rule.own_count.then_some(hook)).disable(until);
                    self.update(&inner, points(&inner.list))
                }
            };
            drop(inner);
            changed.iter().for_each(|chains| chains.tidy());
        }
        (rule.action, Some(Disabled { callout: attached.info.clone(), rule: disable, cause, done }))
    }

    fn as_due(self: &Arc<Self>) -> Weak<dyn Due> {
        Arc::<Registrations>::downgrade(self)
    }

    /// What is done from now on when a callout fails. What is disabled is tried again.
    pub(crate) fn renew_policy(self: &Arc<Self>, policy: FailurePolicy, now: Instant) -> Changed {
        self.lock().policy = Arc::new(policy);
        self.try_again(now, |_| true)
    }

    /// Puts back what is disabled, if `is_time`, which is told until when, says so.
    fn try_again(self: &Arc<Self>, now: Instant, is_time: impl Fn(Option<Instant>) -> bool) -> Changed {
        let mut inner = self.lock();
        if inner.closed {
            return Changed(Vec::new());
        }
        let library = inner.health.retry(now, &is_time);
        let retry = |registered: &&Registered| registered.attached.record().health.retry(now, &is_time);
        let callouts: Vec<_> =
            inner.list.iter().filter(retry).map(|registered| registered.attachment.clone()).collect();
        let changed = match library {
            true => self.update(&inner, points(&inner.list)),
            false if callouts.is_empty() => Vec::new(),
            false => self.update(&inner, callouts.iter().map(|callout| (callout.index, &callout.point)).collect()),
        };
        drop(inner);
        let _ = guard(|| {
            let owner = self.name();
            if library {
                tracing::info!(library = owner, "library enabled again, on trial");
            }
            for callout in &callouts {
                let (hook, callout) = (callout.info.hook(), callout.info.callout());
                tracing::info!(library = owner, hook, callout, "callout enabled again, on trial");
            }
        });
        Changed(changed)
    }

    /// A request goes on without it.
    pub(crate) fn count_skipped(&self) {
        self.lock().skipped += 1;
    }

    /// What has been counted of each of its callouts, with the index of its hook point.
    pub(crate) fn statistics(&self, now: Instant) -> Vec<(u32, CalloutStatistics)> {
        let inner = self.lock();
        inner
            .list
            .iter()
            .map(|registered| (registered.attachment.index, inner.statistics_of(registered, now)))
            .collect()
    }
}

impl Inner {
    fn statistics_of(&self, registered: &Registered, now: Instant) -> CalloutStatistics {
        let record = registered.attached.record();
        let (slow_calls, longest) = registered.attached.watched();
        let left = |until: Option<Instant>| until.map(|until| until.saturating_duration_since(now));
        let state = match (self.health.disabled(), record.health.disabled()) {
            (Some(until), _) => CalloutState::LibraryDisabled { retry_in: left(until) },
            (None, Some(until)) => CalloutState::Disabled { retry_in: left(until) },
            (None, None) => CalloutState::Active,
        };
        let last = record.last.as_ref();
        CalloutStatistics {
            callout: registered.attached.info.clone(),
            state,
            failures: record.failures,
            last_failure: last
                .map(|(text, at)| LastFailure { text: text.clone(), age: now.saturating_duration_since(*at) }),
            slow_calls,
            longest,
            times: registered.attached.times.summary(),
            times_disabled: record.health.times() + self.health.times(),
            skipped_requests: self.skipped,
        }
    }
}

impl Due for Registrations {
    fn due(self: Arc<Self>) {
        let now = Instant::now();
        let Changed(chains) = self.try_again(now, |until| until.is_some_and(|until| until <= now));
        chains.iter().for_each(|chains| chains.tidy());
    }
}

impl Disabled {
    /// Says so.
    pub(crate) fn log(&self) {
        let Disable { what, after: failures, within, retry } = self.rule;
        let (library, hook, callout) = (self.callout.library(), self.callout.hook(), self.callout.callout());
        let what = match what {
            What::Callout => "callout",
            What::Library => "library",
        };
        if let Err(error) = &self.done {
            tracing::error!(
                library,
                hook,
                callout,
                "{what} cannot be disabled, although it fails too often: no thread starts that would put it back: {error}"
            );
            return;
        }
        let why = match self.cause {
            Cause::TooOften => format!("{failures} failures within {within:?}"),
            Cause::OnTrial => "it failed again on trial".to_owned(),
        };
        match retry {
            Some(retry) => {
                tracing::error!(library, hook, callout, "{what} disabled: {why}; it is tried again in {retry:?}");
            }
            None => {
                tracing::error!(library, hook, callout, "{what} disabled: {why}; it is tried again at the next reload");
            }
        }
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use std::ffi::c_void;
    use std::time::Duration;

    use super::*;
    use crate::abi::Head;
    use crate::callout_info::CalloutNames;
    use crate::library::Attachment;
    use crate::registry;

    const MINUTE: Duration = Duration::from_secs(60);

    extern "C" fn thunk(_: *mut Head, _: *mut c_void, _: *const c_void) -> u32 {
        0
    }

    fn registered(callout: &str) -> Registered {
        let (index, point) =
            registry::lock().find("context_create").map(|(index, point)| (index, Arc::clone(point))).unwrap();
        let (hook, library, callout) = (point.name.clone(), "x".into(), callout.to_owned());
        let names = CalloutNames { hook, library, callout, file: String::new(), line: 0 };
        let info = CalloutInfo { inner: Arc::new(names) };
        Registered::new(
            Attachment { index, point, thunk, is_plain: true, info, identity: 0, manual: true },
            None,
            false,
        )
    }

    /// An owner with two callouts, which has this policy.
    fn owner(disable: Disable) -> (Arc<Registrations>, [Arc<Attached>; 2]) {
        let list = ["one", "other"].map(registered);
        let attached = list.each_ref().map(|registered| Arc::clone(&registered.attached));
        let policy = FailurePolicy::default().disable(disable);
        (Registrations::new("x".into(), None, list.into(), policy), attached)
    }

    /// Which callouts would be called.
    fn linked(owner: &Arc<Registrations>) -> Vec<String> {
        let inner = owner.lock();
        let points = points(&inner.list);
        owner.links(&inner, points[0].0).iter().map(|link| link.info().callout().to_owned()).collect()
    }

    fn try_again(owner: &Arc<Registrations>, now: Instant) {
        drop(owner.try_again(now, |until| until.is_some_and(|until| until <= now)));
    }

    #[test]
    fn a_callout_goes_alone_and_comes_back_in_its_time() {
        let (owner, [one, other]) = owner(Disable::callout(2, MINUTE).retry(2 * MINUTE));
        let start = Instant::now();
        assert!(owner.failed(&one, "no", start).1.is_none() && owner.failed(&other, "no", start).1.is_none());
        assert!(owner.failed(&one, "no", start + MINUTE).1.is_some());
        assert_eq!(linked(&owner), ["other"]);
        try_again(&owner, start + 2 * MINUTE);
        assert_eq!(linked(&owner), ["other"]);
        try_again(&owner, start + 3 * MINUTE);
        assert_eq!(linked(&owner), ["one", "other"]);
        // On trial; and what has been too long ago does not count any more.
        assert!(owner.failed(&one, "no", start + 4 * MINUTE).1.is_some());
        assert!(owner.failed(&other, "no", start + 4 * MINUTE).1.is_none());
        let times: Vec<_> = owner.statistics(start).iter().map(|(_, of)| (of.failures, of.times_disabled)).collect();
        assert_eq!(times, [(3, 2), (2, 0)]);
    }

    #[test]
    fn a_library_goes_as_a_whole_and_what_is_registered_meanwhile_waits_with_it() {
        let (owner, [one, other]) = owner(Disable::library(2, MINUTE).retry(MINUTE));
        let start = Instant::now();
        assert!(owner.failed(&one, "no", start).1.is_none());
        assert!(owner.failed(&other, "no", start).1.is_some());
        assert!(linked(&owner).is_empty());
        owner.register(vec![registered("new")]).unwrap();
        assert!(linked(&owner).is_empty());
        let left = CalloutState::LibraryDisabled { retry_in: Some(MINUTE / 2) };
        assert!(owner.statistics(start + MINUTE / 2).iter().all(|(_, of)| of.state == left));
        // A call that was going on.
        assert!(owner.failed(&one, "no", start + MINUTE).1.is_none());
        try_again(&owner, start + MINUTE);
        assert_eq!(linked(&owner), ["one", "other", "new"]);
        assert!(owner.failed(&one, "no", start + MINUTE).1.is_some(), "on trial");
    }

    #[test]
    fn what_has_been_deregistered_or_closed_is_only_counted() {
        let (owner, [one, other]) = owner(Disable::callout(1, MINUTE));
        let start = Instant::now();
        let index = owner.statistics(start)[0].0;
        assert!(owner.deregister(index, |registered| Arc::ptr_eq(&registered.attached, &one)));
        assert!(owner.failed(&one, "no", start).1.is_some());
        assert_eq!((linked(&owner), one.record().failures), (vec!["other".to_owned()], 1));
        drop(owner.close());
        assert!(owner.failed(&other, "no", start).1.is_none());
        drop(owner.renew_policy(FailurePolicy::default(), start));
        assert_eq!(other.record().failures, 1);
    }
}
