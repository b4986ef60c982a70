//! What a configuration says of the failures of a library's callouts.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Deserializer};

/// What is done when a callout of a library fails: what the failure counts as, and whether it is called again.
///
/// A callout fails if it returns an error, panics, answers a status that its hook point does not honour, or answers PARK without a
/// ticket; one in C if it returns another number than 0. Each failure is logged (ERROR) and counted, whatever the policy
/// ([`Hooks::callout_statistics`](crate::Hooks::callout_statistics)).
///
/// Without a policy a failure counts as what the hook point declares for it, which is DROP unless it says otherwise, and the
/// callout is called again for the next request.
///
/// A failure's status stands, unless a later callout asks for something more severe or undoes it on purpose
/// ([`CalloutHandle::override_failure`](crate::CalloutHandle::override_failure)); it never undoes something more severe.
///
/// # A callout that is not called refuses nobody
///
/// [`FailureAction::Continue`], [`FailureAction::SkipLibrary`] and [`Disable`] fail *open*: a deny list that has failed, that is
/// left out or that is disabled denies nobody, and requests pass as if it were not loaded. That is right for what adds something
/// (an option, a line in a log). For what protects, choose [`FailureAction::Drop`] without [`Disable`]: then nobody is served
/// unchecked, and the log and the statistics show that the library fails.
///
/// ```
/// use std::time::Duration;
///
/// use hooks::{Disable, FailureAction, FailurePolicy, HookPointFailurePolicy, LibraryConfig, Source};
///
/// // An accounting library: its failures are nobody's loss, and it rests for five minutes after three within a minute.
/// let accounting = FailurePolicy::new(FailureAction::Continue)
///     .disable(Disable::library(3, Duration::from_secs(60)).retry(Duration::from_secs(300)))
///     .at("pkt4_receive", HookPointFailurePolicy::new().action(FailureAction::SkipLibrary));
/// // The same from a configuration.
/// let configured: FailurePolicy = serde_json::from_str(
///     r#"{
///         "action": "continue",
///         "disable": {"what": "library", "after": 3, "within": 60, "retry": 300},
///         "hook-points": {"pkt4_receive": {"action": "skip-library"}}
///     }"#,
/// )?;
/// assert_eq!(accounting, configured);
/// let library = LibraryConfig::new(Source::Builtin("accounting".to_owned())).failure_policy(accounting);
///
/// // A deny list: whom it could not check is dropped.
/// let strict = FailurePolicy::new(FailureAction::Drop);
/// # let _ = (library, strict);
/// # Ok::<(), serde_json::Error>(())
/// ```
///
/// In a configuration all keys may be left out. `action` is `hook-point`, `continue`, `drop` or `skip-library`; `within` and `retry`
/// are whole seconds. At a hook point what is left out is as for the library; `"disable": null` there says that its failures
/// disable nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct FailurePolicy {
    action: FailureAction,
    disable: Option<Disable>,
    hook_points: BTreeMap<String, HookPointFailurePolicy>,
}

/// What a failed callout counts as.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum FailureAction {
    /// As what the hook point declares for failures: DROP, unless it says otherwise.
    #[default]
    HookPoint,
    /// As no opinion; what the callout had set before it failed stays.
    Continue,
    /// As DROP, where the hook point honours it; elsewhere as what the hook point declares.
    Drop,
    /// As no opinion, and no further callout of the library is called for this request: neither at this hook point nor at later
    /// ones, also not further on at hook points in whose callouts this one was called. The request's other libraries go on.
    ///
    /// Only its callouts at `context_destroy` are called in the end, so that the library can give back what it keeps for the
    /// request.
    SkipLibrary,
}

/// When a callout that fails again and again is not called any more.
///
/// After so many failures within the span it is disabled: callouts are taken out as if they had been deregistered, and calls that
/// are going on finish. An ERROR in the log says so. After the time of [`Disable::retry`] they are put back (INFO), on trial: the
/// first failure within the span disables again at once; after a span without failures it counts from the beginning.
///
/// A library that has gone through a reload unchanged, or with another policy, is tried again too. Without a retry that is the
/// only way back.
///
/// Requests that begin before something is disabled and end after it have perhaps passed only a part of a library's callouts; so
/// `context_destroy` may be missed. What is in a library's context is dropped with the request in any case.
///
/// What is disabled does nothing at all: see [what that means](FailurePolicy#a-callout-that-is-not-called-refuses-nobody).
///
/// ```
/// use std::time::Duration;
///
/// use hooks::Disable;
///
/// let rarely = Disable::callout(10, Duration::from_secs(3600));
/// let configured: Disable = serde_json::from_str(r#"{"what": "callout", "after": 10, "within": 3600}"#)?;
/// assert_eq!(rarely, configured);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "DisableText")]
pub struct Disable {
    pub(crate) what: What,
    pub(crate) after: u32,
    pub(crate) within: Duration,
    pub(crate) retry: Option<Duration>,
}

/// What is disabled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum What {
    Callout,
    Library,
}

/// [`Disable`] as a configuration spells it.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct DisableText {
    what: What,
    after: u32,
    within: u32,
    #[serde(default)]
    retry: Option<u32>,
}

/// What is different at one hook point from the rest of a [`FailurePolicy`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct HookPointFailurePolicy {
    action: Option<FailureAction>,
    #[serde(deserialize_with = "given")]
    disable: Option<Option<Disable>>,
}

/// A key that is there, also with null.
fn given<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<Disable>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

impl FailurePolicy {
    /// A policy that says what failures count as.
    pub fn new(action: FailureAction) -> FailurePolicy {
        FailurePolicy { action, ..FailurePolicy::default() }
    }

    /// The same, and callouts that fail too often are disabled; or they are not (`None`), which is the default.
    #[must_use]
    pub fn disable(mut self, disable: impl Into<Option<Disable>>) -> FailurePolicy {
        self.disable = disable.into();
        self
    }

    /// The same with an exception at the hook point `hook`; commands have names that begin with `$`.
    ///
    /// A hook point that nobody knows when the library is loaded is refused then.
    #[must_use]
    pub fn at(mut self, hook: impl Into<String>, exception: HookPointFailurePolicy) -> FailurePolicy {
        self.hook_points.insert(hook.into(), exception);
        self
    }

    /// What holds at the hook point `hook`.
    pub(crate) fn rule(&self, hook: &str) -> Rule {
        let exception = self.hook_points.get(hook);
        let own = exception.and_then(|exception| exception.disable);
        Rule {
            action: exception.and_then(|exception| exception.action).unwrap_or(self.action),
            disable: own.unwrap_or(self.disable),
            own_count: own.is_some(),
        }
    }

    /// The hook points that are exceptions.
    pub(super) fn hook_points(&self) -> impl Iterator<Item = (&str, &HookPointFailurePolicy)> {
        self.hook_points.iter().map(|(hook, exception)| (hook.as_str(), exception))
    }

    /// All that it says of disabling.
    pub(super) fn disables(&self) -> impl Iterator<Item = Disable> {
        self.disable.into_iter().chain(self.hook_points.values().filter_map(|exception| exception.disable.flatten()))
    }
}

impl HookPointFailurePolicy {
    /// An exception in which nothing is different yet.
    pub fn new() -> HookPointFailurePolicy {
        HookPointFailurePolicy::default()
    }

    /// The same with what failures count as here.
    #[must_use]
    pub fn action(mut self, action: FailureAction) -> HookPointFailurePolicy {
        self.action = Some(action);
        self
    }

    /// The same, and only failures at this hook point count for disabling; with `None` they disable nothing.
    #[must_use]
    pub fn disable(mut self, disable: impl Into<Option<Disable>>) -> HookPointFailurePolicy {
        self.disable = Some(disable.into());
        self
    }

    pub(super) fn asks_for_drop(&self) -> bool {
        self.action == Some(FailureAction::Drop)
    }
}

/// What a policy says of one hook point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rule {
    pub(crate) action: FailureAction,
    pub(crate) disable: Option<Disable>,
    /// Whether failures of the library are counted at this hook point alone.
    pub(crate) own_count: bool,
}

impl Disable {
    /// A callout is disabled after so many of its failures, 1 to 1,000, within this span.
    pub fn callout(after: u32, within: Duration) -> Disable {
        Disable { what: What::Callout, after, within, retry: None }
    }

    /// All callouts of the library are disabled after so many failures, 1 to 1,000, of any of them within this span.
    pub fn library(after: u32, within: Duration) -> Disable {
        Disable { what: What::Library, ..Disable::callout(after, within) }
    }

    /// The same with a retry after this time.
    #[must_use]
    pub fn retry(mut self, after: Duration) -> Disable {
        self.retry = Some(after);
        self
    }

    /// The greatest number of failures that are counted.
    const MOST: u32 = 1_000;

    /// An error in words if it says nothing that can be done.
    pub(super) fn check(&self) -> Result<(), String> {
        if !(1..=Disable::MOST).contains(&self.after) {
            return Err(format!(
                "`after` is {}; expected a number of failures from 1 to {}",
                self.after,
                Disable::MOST
            ));
        }
        for (key, span) in [("within", Some(self.within)), ("retry", self.retry)] {
            if span.is_some_and(|span| span.is_zero()) {
                return Err(format!("`{key}` is 0; expected a time"));
            }
        }
        Ok(())
    }
}

impl TryFrom<DisableText> for Disable {
    type Error = String;

    fn try_from(text: DisableText) -> Result<Disable, String> {
        let seconds = |seconds: u32| Duration::from_secs(seconds.into());
        let DisableText { what, after, within, retry } = text;
        let disable = Disable { what, after, within: seconds(within), retry: retry.map(seconds) };
        disable.check().map(|()| disable)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<FailurePolicy, String> {
        serde_json::from_str(text).map_err(|error| error.to_string())
    }

    #[test]
    fn what_is_left_out_is_the_default() {
        assert_eq!(read("{}").unwrap(), FailurePolicy::default());
        assert_eq!(read("{}").unwrap().rule("any").action, FailureAction::HookPoint);
        for (text, action) in [("continue", FailureAction::Continue), ("drop", FailureAction::Drop)] {
            assert_eq!(read(&format!("{{\"action\": \"{text}\"}}")).unwrap(), FailurePolicy::new(action));
        }
    }

    #[test]
    fn an_exception_changes_what_it_names() {
        let general = r#""action": "continue", "disable": {"what": "callout", "after": 2, "within": 1}"#;
        let policy = read(&format!(
            r#"{{{general}, "hook-points": {{
                "a": {{"action": "drop"}}, "b": {{"disable": null}},
                "c": {{"disable": {{"what": "library", "after": 1, "within": 9, "retry": 7}}}}
            }}}}"#
        ));
        let policy = policy.unwrap();
        let (second, nine) = (Duration::from_secs(1), Duration::from_secs(9));
        let callout = Some(Disable::callout(2, second));
        let rule = |action, disable, own_count| Rule { action, disable, own_count };
        assert_eq!(policy.rule("a"), rule(FailureAction::Drop, callout, false));
        assert_eq!(policy.rule("b"), rule(FailureAction::Continue, None, true));
        let library = Disable::library(1, nine).retry(Duration::from_secs(7));
        assert_eq!(policy.rule("c"), rule(FailureAction::Continue, Some(library), true));
        assert_eq!(policy.rule("d"), rule(FailureAction::Continue, callout, false));
    }

    #[test]
    fn mistakes_are_named() {
        let disable = |text: &str| read(&format!("{{\"disable\": {{{text}}}}}")).unwrap_err();
        for (error, part) in [
            (read(r#"{"actoin": "drop"}"#).unwrap_err(), "unknown field `actoin`, expected one of `action`"),
            (read(r#"{"action": "explode"}"#).unwrap_err(), "unknown variant `explode`, expected one of `hook-point`"),
            (read(r#"{"hook-points": {"a": {"retry": 1}}}"#).unwrap_err(), "unknown field `retry`"),
            (
                disable(r#""what": "callout", "after": 0, "within": 1"#),
                "`after` is 0; expected a number of failures from 1",
            ),
            (disable(r#""what": "callout", "after": 1001, "within": 1"#), "`after` is 1001; expected"),
            (disable(r#""what": "callout", "after": 1, "within": 0"#), "`within` is 0; expected a time"),
            (disable(r#""what": "library", "after": 1, "within": 1, "retry": 0"#), "`retry` is 0; expected a time"),
            (disable(r#""what": "host", "after": 1, "within": 1"#), "unknown variant `host`"),
            (disable(r#""after": 1, "within": 1"#), "missing field `what`"),
            (disable(r#""what": "callout", "after": -1, "within": 1"#), "invalid value"),
        ] {
            assert!(error.contains(part), "{part}: {error}");
        }
    }
}
