//! What has been counted of callouts, for operators.

use std::time::Duration;

use crate::callout_info::CalloutInfo;
use crate::timing::CalloutTimes;

/// What has been counted of one callout since its library was loaded; see
/// [`Hooks::callout_statistics`](crate::Hooks::callout_statistics).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct CalloutStatistics {
    /// Which callout.
    pub callout: CalloutInfo,
    /// Whether it is called.
    pub state: CalloutState,
    /// How often it has failed.
    pub failures: u64,
    /// Its last failure.
    pub last_failure: Option<LastFailure>,
    /// How many of its calls took longer than the watchdog's limit, with those that still do.
    pub slow_calls: u64,
    /// How long its longest call took that has ended while the watchdog was on.
    pub longest: Option<Duration>,
    /// How long its calls took while they were timed; `None` if none was. See [`Hooks::set_timing`](crate::Hooks::set_timing).
    pub times: Option<CalloutTimes>,
    /// How often it has been disabled, alone or with its library.
    pub times_disabled: u64,
    /// For how many requests its library has been skipped after a failure, by [`FailureAction::SkipLibrary`](crate::FailureAction::SkipLibrary).
    pub skipped_requests: u64,
}

/// The last failure of a callout.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LastFailure {
    /// What it said; no more than its first 1,024 bytes.
    pub text: String,
    /// How long ago it was.
    pub age: Duration,
}

/// Whether a callout is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CalloutState {
    /// It is called.
    Active,
    /// It failed too often and is not called.
    Disabled {
        /// After this time it is tried again; `None`: at the next reload.
        retry_in: Option<Duration>,
    },
    /// The library's callouts failed too often, and none of them is called.
    LibraryDisabled {
        /// After this time they are tried again; `None`: at the next reload.
        retry_in: Option<Duration>,
    },
}

impl CalloutState {
    /// Whether it is called.
    pub fn is_active(self) -> bool {
        self == CalloutState::Active
    }
}
