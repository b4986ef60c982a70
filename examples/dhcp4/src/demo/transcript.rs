//! Writes down what happens at the hook points.

use std::{
    collections::HashMap,
    fmt,
    io::{self, Write},
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
};

use dhcp4_api::Packet;
use hooks::{Arguments, Call, CalloutInfo, CalloutResult, NextStep, Observer};

use super::{client::PATIENCE, snapshot::Snapshot};

/// The transcript of the demonstration, written by the client and, as an observer, by the server.
///
/// Only one packet is under way at a time, so that the lines of the two do not mix.
pub(super) struct Transcript {
    state: Mutex<State>,
    silence: Condvar,
}

struct State {
    out: Box<dyn Write + Send>,
    failed: Option<io::Error>,
    arguments: Snapshot,
    calls: HashMap<(String, String, String), u64>,
    /// The hook points in the order in which they were first passed.
    passed: Vec<String>,
    /// How many packets have gone their way to its end without an answer.
    unanswered: u64,
}

impl Transcript {
    pub(super) fn new(out: impl Write + Send + 'static) -> Self {
        let state = State {
            out: Box::new(out),
            failed: None,
            arguments: Snapshot::default(),
            calls: HashMap::new(),
            passed: Vec::new(),
            unanswered: 0,
        };
        Self { state: Mutex::new(state), silence: Condvar::new() }
    }

    /// Writes a line.
    pub(super) fn line(&self, line: impl fmt::Display) {
        self.lock().line(line);
    }

    /// Writes the callouts and how often each was called.
    pub(super) fn table(&self, callouts: &[CalloutInfo]) {
        let mut state = self.lock();
        let names = |callout: &CalloutInfo| {
            (callout.hook().to_owned(), callout.library().to_owned(), callout.callout().to_owned())
        };
        let mut callouts: Vec<&CalloutInfo> = callouts.iter().collect();
        // Callouts of one hook point stay in the order of their calls; those of points that no packet passed come last.
        callouts.sort_by_key(|callout| {
            let place = state.passed.iter().position(|hook| hook == callout.hook());
            (place.unwrap_or(usize::MAX), if place.is_some() { "" } else { callout.hook() })
        });
        let mut rows = vec![["hook point", "callout", "calls"].map(str::to_owned)];
        for callout in callouts {
            let names = names(callout);
            let calls = state.calls.get(&names).copied().unwrap_or(0);
            let (hook, library, name) = names;
            rows.push([hook, format!("{library}/{name}"), calls.to_string()]);
        }
        let width = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(String::len).max().unwrap_or(0);
        let (first, second) = (width(0), width(1));
        for [hook, callout, calls] in rows {
            state.line(format_args!("  {hook:<first$}  {callout:<second$}  {calls}"));
        }
    }

    /// How many packets have gone their way to its end without an answer.
    pub(super) fn unanswered(&self) -> u64 {
        self.lock().unanswered
    }

    /// Waits until this many packets have gone their way without an answer; false if that does not happen.
    pub(super) fn wait_for_unanswered(&self, count: u64) -> bool {
        let waited = self.silence.wait_timeout_while(self.lock(), PATIENCE, |state| state.unanswered < count);
        let (state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        state.unanswered >= count
    }

    /// The first error in writing the transcript, if there was one.
    pub(super) fn finish(&self) -> io::Result<()> {
        let mut state = self.lock();
        match state.failed.take() {
            Some(error) => Err(error),
            None => state.out.flush(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn line(&mut self, line: impl fmt::Display) {
        if let Err(error) = writeln!(self.out, "{line}") {
            self.failed.get_or_insert(error);
        }
    }
}

impl fmt::Debug for Transcript {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transcript").finish_non_exhaustive()
    }
}

impl Observer for Transcript {
    fn hook_begin(&self, call: &Call<'_>, arguments: &Arguments<'_>) {
        let mut state = self.lock();
        state.arguments = Snapshot::of(arguments);
        if !state.passed.iter().any(|hook| hook == call.hook()) {
            state.passed.push(call.hook().to_owned());
        }
        state.line(format_args!("  {}", call.hook()));
    }

    fn callout_end(
        &self,
        _call: &Call<'_>,
        callout: &CalloutInfo,
        result: CalloutResult<'_>,
        arguments: &Arguments<'_>,
    ) {
        let mut state = self.lock();
        *state.calls.entry(names(callout)).or_default() += 1;
        let said = match result {
            CalloutResult::NoOpinion => "no opinion".to_owned(),
            CalloutResult::Status(step) => format!("asks for {}", spelled(step)),
            CalloutResult::Failed(error) => format!("fails: {error}"),
        };
        state.line(format_args!("    {}/{}: {said}", callout.library(), callout.callout()));
        let now = Snapshot::of(arguments);
        for change in now.changes_since(&state.arguments) {
            state.line(format_args!("      {change}"));
        }
        state.arguments = now;
    }

    fn hook_end(&self, call: &Call<'_>, status: NextStep, arguments: &Arguments<'_>) {
        let mut state = self.lock();
        if status != NextStep::Continue {
            state.line(format_args!("    outcome: {}", spelled(status)));
        }
        // The answer to a RELEASE or DECLINE is an empty packet that is never sent.
        let no_answer = arguments.get::<Packet>("response4").is_ok_and(|response| response.op == 0);
        if status == NextStep::Drop || (call.hook() == "leases4_committed" && no_answer) {
            state.unanswered += 1;
            self.silence.notify_all();
        }
    }
}

/// The hook point, the library and the callout.
fn names(callout: &CalloutInfo) -> (String, String, String) {
    (callout.hook().to_owned(), callout.library().to_owned(), callout.callout().to_owned())
}

fn spelled(step: NextStep) -> &'static str {
    match step {
        NextStep::Continue => "CONTINUE",
        NextStep::Skip => "SKIP",
        NextStep::Drop => "DROP",
        NextStep::Park => "PARK",
    }
}
