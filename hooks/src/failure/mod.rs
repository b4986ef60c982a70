//! What becomes of callouts that fail or that are slow.
//!
//! ```text
//!   a callout fails   --->  `host/failure.rs`: the policy of its library says what that counts as
//!                     --->  `Registrations::failed`: counted in its `Record`, and in the `Health` that the policy's rule looks at
//!   too many failures --->  the callout, or its library, is taken out of the chains; the timer puts it back
//!   a callout is slow --->  `watchdog`: a thread that looks at what runs on the others
//! ```
//!
//! All of it is off the path of calls that go well.

mod attached;
mod check;
mod health;
mod policy;
mod record;
mod statistics;
pub(crate) mod watchdog;

pub(crate) use attached::Attached;
pub(crate) use check::check;
pub(crate) use health::{Cause, LibraryHealth};
pub(crate) use policy::What;
pub use policy::{Disable, FailureAction, FailurePolicy, HookPointFailurePolicy};
pub use statistics::{CalloutState, CalloutStatistics, LastFailure};
