//! The log as callouts see it: a queue, and a thread that empties it.

use std::{
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread::{self, JoinHandle},
};

use crate::{
    output::LogFile,
    parameters::Settings,
    queue::Queue,
    record::{Line, Record},
    writer::{Unwritten, Writer},
};

/// The log.
#[derive(Debug)]
pub(crate) struct Log {
    path: PathBuf,
    /// Whether old files are kept.
    rotates: bool,
    queue: Arc<Queue>,
    state: Mutex<State>,
}

#[derive(Debug)]
enum State {
    /// A thread writes.
    Running(JoinHandle<(Writer<LogFile>, Result<(), Unwritten>)>),
    /// The thread has ended. Requests that began before can still have something to write.
    Closed(Writer<LogFile>),
    /// The thread has ended in a panic and taken the file with it.
    Broken,
}

impl Log {
    /// Opens the file and starts the thread.
    pub(crate) fn open(settings: &Settings) -> Result<Self, String> {
        let path = settings.path.clone();
        let file = LogFile::open(path.clone(), settings.rotation).map_err(|error| {
            format!("`path`: the log {path:?} cannot be opened: {error}; give the path of a file in a directory in which the \
                     server may write")
        })?;
        let queue = Arc::new(Queue::new(settings.queue));
        let mut writer = Writer::new(file, &path);
        let thread = thread::Builder::new().name("lease-log".to_owned()).spawn({
            let queue = Arc::clone(&queue);
            move || {
                let written = writer.run(&queue);
                (writer, written)
            }
        });
        let thread = thread.map_err(|error| format!("the thread that writes the log cannot be started: {error}"))?;
        Ok(Self { path, rotates: settings.rotation.is_some(), queue, state: Mutex::new(State::Running(thread)) })
    }

    /// Hands the record to the thread, without waiting for the disk; writes it at once if the thread has ended.
    pub(crate) fn write(&self, record: Record) {
        let Some(record) = self.queue.push(record) else { return };
        // Whoever closes the log holds the lock until the thread has ended.
        if let State::Closed(writer) = &mut *self.lock() {
            // The writer has told the operator if this fails.
            let _ = writer.write(&Line::Record(record), || true);
        }
    }

    /// Has what comes from now on written to a new file, without waiting for the disk.
    pub(crate) fn rotate(&self) -> Result<(), String> {
        if !self.rotates {
            return Err(format!(
                "the log {:?} is not rotated; set `max-bytes` and `keep`, or move the file away: the next record begins a new one",
                self.path
            ));
        }
        if self.queue.rotate() { Ok(()) } else { Err(format!("too many records wait for the log {:?}", self.path)) }
    }

    /// Lets the thread write what is in the queue, and waits until it has ended.
    pub(crate) fn close(&self) -> Result<(), String> {
        let mut state = self.lock();
        self.queue.close();
        let State::Running(thread) = std::mem::replace(&mut *state, State::Broken) else {
            return Err("the log was closed before".to_owned());
        };
        let (writer, written) = thread.join().map_err(|_| "the thread that writes the log has panicked".to_owned())?;
        *state = State::Closed(writer);
        written.map_err(|Unwritten { records, error }| match records {
            0 => format!("the log {:?} may not be complete on the disk: {error}", self.path),
            _ => format!("{records} records could not be written to the log {:?}: {error}", self.path),
        })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
