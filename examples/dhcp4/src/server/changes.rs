//! Changes of the configuration, one after the other in their order; each is prepared on a thread of its own while the loop
//! goes on.

use std::{
    collections::VecDeque,
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    path::PathBuf,
    sync::mpsc::{self, Sender, SyncSender},
    thread::{self, JoinHandle},
};

use super::{
    Server, ServerError,
    change::{Change, Goal, PreparedChange},
    control::Event,
};
use crate::channel::{Command, Outcome};

/// Who waits for a change.
#[derive(Debug)]
pub(super) enum Asker {
    /// A client with a command, who gets the answer.
    Client { command: Command, answer: SyncSender<String> },
    /// A signal.
    Signal,
}

/// The changes that are not done yet.
#[derive(Debug, Default)]
pub(super) struct Changes {
    waiting: VecDeque<(Change, Asker)>,
    /// Whether one is prepared, or on its way back.
    is_busy: bool,
    /// Started with the first change.
    preparing: Option<Preparing>,
}

/// The thread that prepares.
#[derive(Debug)]
struct Preparing {
    changes: Sender<(Change, Asker)>,
    thread: JoinHandle<()>,
}

impl Server {
    /// The change that is made when the file of the configuration is read again.
    pub(super) fn reading_again(&self) -> Result<Change, ServerError> {
        let file = self.file.as_ref().ok_or(ServerError::NoFile)?;
        Ok(self.change(Goal::Reload, None, file.clone()))
    }

    /// A change to the configuration in the text, or in the file.
    pub(super) fn change(&self, goal: Goal, text: Option<String>, file: PathBuf) -> Change {
        let (paths, hooks) = (self.engine.config().library_paths.clone(), self.engine.hooks().clone());
        Change { goal, text, file, paths, hooks }
    }

    /// Has the change made when those before it are done.
    pub(super) fn add(&mut self, change: Change, asker: Asker) {
        let goal = change.goal;
        match self.changes.start(&self.control.events) {
            Ok(()) => self.changes.add(change, asker),
            Err(error) => self.commit(PreparedChange { goal, result: Err(ServerError::Thread(error)) }, asker),
        }
    }

    /// Takes a change that has been prepared, and tells whoever has asked for it.
    pub(super) fn commit(&mut self, change: PreparedChange, asker: Asker) {
        let done = self.finish(change);
        match asker {
            Asker::Client { command, answer } => drop(answer.send(self.answered(&command, &done))),
            Asker::Signal if done.result == Outcome::Success => tracing::info!("{}", done.text),
            Asker::Signal => tracing::error!("{}", done.text),
        }
    }
}

impl Changes {
    /// Starts the thread if this is the first change.
    fn start(&mut self, events: &SyncSender<Event>) -> io::Result<()> {
        if self.preparing.is_none() {
            self.preparing = Some(Preparing::start(events.clone())?);
        }
        Ok(())
    }

    /// Has the change prepared when those before it are done; what comes of it is an event.
    fn add(&mut self, change: Change, asker: Asker) {
        // The file is read when its turn comes, so one that waits does for all signals until then.
        let is_signal = |asker: &Asker| matches!(asker, Asker::Signal);
        if !is_signal(&asker) || !self.waiting.iter().any(|(_, waiting)| is_signal(waiting)) {
            self.waiting.push_back((change, asker));
            self.go_on();
        }
    }

    /// The change that was prepared is done.
    pub(super) fn done(&mut self) {
        self.is_busy = false;
        self.go_on();
    }

    fn go_on(&mut self) {
        if !self.is_busy
            && let Some(preparing) = &self.preparing
            && let Some(next) = self.waiting.pop_front()
        {
            // The thread is there as long as this is.
            self.is_busy = preparing.changes.send(next).is_ok();
        }
    }

    /// Lets go of those that wait, and waits for the one that is prepared. Nobody receives events any more.
    pub(super) fn end(self) {
        let Some(Preparing { changes, thread }) = self.preparing else { return };
        drop((changes, self.waiting));
        if thread.join().is_err() {
            tracing::error!("the thread that prepares configurations has panicked");
        }
    }
}

impl Preparing {
    fn start(events: SyncSender<Event>) -> io::Result<Self> {
        let (changes, given) = mpsc::channel::<(Change, Asker)>();
        let prepare = move || {
            for (change, asker) in given {
                let goal = change.goal;
                let change = catch_unwind(AssertUnwindSafe(|| change.prepare()))
                    .unwrap_or_else(|_| PreparedChange { goal, result: Err(ServerError::Panicked) });
                if events.send(Event::Prepared { change, asker }).is_err() {
                    return;
                }
            }
        };
        let thread = thread::Builder::new().name("dhcp4 prepare".into()).spawn(prepare)?;
        Ok(Self { changes, thread })
    }
}
