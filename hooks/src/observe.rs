//! Watching calls: which hook points a request passes, what each callout did.

use crate::arguments::Arguments;
use crate::callout_info::CalloutInfo;
use crate::status::NextStep;

/// Is told of every call of a hook point, of every callout and of what came out.
///
/// For transcripts, audits and tests: while an observer is set, each hook point is reported, also those without callouts, and
/// calls are slower. (`context_create` and `context_destroy` are reported where they have callouts.) See [`Hooks::set_observer`](crate::Hooks::set_observer). The functions run on the thread of the call;
/// a panic in one is logged and has no other effect.
///
/// ```
/// use std::sync::{Arc, Mutex};
///
/// hooks::declare_hooks! { pub hook frame_sent(length: u32) -> [Continue, Drop]; }
///
/// #[derive(Default)]
/// struct Passed(Mutex<Vec<String>>);
///
/// impl hooks::Observer for Passed {
///     fn hook_begin(&self, call: &hooks::Call<'_>, arguments: &hooks::Arguments<'_>) {
///         let length = arguments.get::<u32>("length").copied().unwrap_or_default();
///         self.0.lock().unwrap().push(format!("{} {length}", call.hook()));
///     }
/// }
///
/// # fn main() {
/// let (hooks, passed) = (hooks::Hooks::new(), Arc::new(Passed::default()));
/// hooks.set_observer(Some(passed.clone()));
/// let _ = frame_sent::call(&mut hooks.handle(), || frame_sent::Args { length: 7 });
/// assert_eq!(*passed.0.lock().unwrap(), ["frame_sent 7"]);
/// # }
/// ```
pub trait Observer: Send + Sync {
    /// A hook point is reached, with these arguments.
    fn hook_begin(&self, call: &Call<'_>, arguments: &Arguments<'_>) {
        let _ = (call, arguments);
    }

    /// A callout has run.
    fn callout_end(
        &self,
        call: &Call<'_>,
        callout: &CalloutInfo,
        result: CalloutResult<'_>,
        arguments: &Arguments<'_>,
    ) {
        let _ = (call, callout, result, arguments);
    }

    /// All callouts have run; the component goes on with `status`.
    fn hook_end(&self, call: &Call<'_>, status: NextStep, arguments: &Arguments<'_>) {
        let _ = (call, status, arguments);
    }
}

/// One call of a hook point.
#[derive(Clone, Copy, Debug)]
pub struct Call<'a> {
    pub(crate) hook: &'a str,
    pub(crate) depth: u32,
}

impl Call<'_> {
    /// The hook point's name.
    pub fn hook(&self) -> &str {
        self.hook
    }

    /// How many calls of hook points of the same request surround this one.
    pub fn depth(&self) -> u32 {
        self.depth
    }
}

/// What a callout answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CalloutResult<'a> {
    /// It returned nothing or CONTINUE: the status stays as it was.
    NoOpinion,
    /// It asked for this.
    Status(NextStep),
    /// It panicked or returned an error, with this message.
    Failed(&'a str),
}
