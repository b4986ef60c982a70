//! The threads that ask addresses, so that the server never waits.

use std::{
    collections::VecDeque,
    net::Ipv4Addr,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread::{self, JoinHandle},
};

use dhcp4_api::MacAddr;
use hooks::Ticket;

use crate::{
    parameters::Settings,
    probe::{self, Found},
};

/// An address that is to be asked, with the request that waits for it.
#[derive(Debug)]
pub(crate) struct Check {
    pub(crate) address: Ipv4Addr,
    pub(crate) client: MacAddr,
    pub(crate) ticket: Ticket,
}

/// Checks that wait, and the threads that take them.
#[derive(Debug)]
pub(crate) struct Checker {
    queue: Arc<Queue>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

#[derive(Debug)]
struct Queue {
    settings: Settings,
    waiting: Mutex<Waiting>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Waiting {
    checks: VecDeque<Check>,
    stopped: bool,
}

impl Checker {
    /// Starts the threads, if the method is allowed on this machine.
    pub(crate) fn start(settings: Settings) -> Result<Self, String> {
        settings.method.allowed()?;
        let queue = Arc::new(Queue { settings, waiting: Mutex::default(), changed: Condvar::new() });
        let checker = Self { queue, threads: Mutex::default() };
        for number in 0..settings.threads {
            let queue = Arc::clone(&checker.queue);
            match thread::Builder::new().name(format!("ping-check {number}")).spawn(move || queue.work()) {
                Ok(thread) => lock(&checker.threads).push(thread),
                Err(error) => {
                    checker.stop()?;
                    return Err(format!("`threads`: thread {} cannot be started: {error}", number + 1));
                }
            }
        }
        Ok(checker)
    }

    /// Whether checks are still taken.
    pub(crate) fn is_running(&self) -> bool {
        !lock(&self.queue.waiting).stopped
    }

    /// Has the address asked; the request goes on, or is dropped, from one of the threads.
    pub(crate) fn check(&self, check: Check) {
        lock(&self.queue.waiting).checks.push_back(check);
        self.queue.changed.notify_one();
    }

    /// Ends the threads.
    ///
    /// Checks that have not come to an end are kept: the server's options say what becomes of their requests.
    pub(crate) fn stop(&self) -> Result<(), String> {
        lock(&self.queue.waiting).stopped = true;
        self.queue.changed.notify_all();
        let threads = std::mem::take(&mut *lock(&self.threads));
        let panicked = threads.into_iter().filter_map(|thread| thread.join().err()).count();
        if panicked > 0 { Err(format!("{panicked} threads have panicked")) } else { Ok(()) }
    }
}

impl Queue {
    fn work(&self) {
        while let Some(check) = self.next() {
            let Check { address, client, ticket } = check;
            match probe::ask(address, &self.settings, || lock(&self.waiting).stopped) {
                Ok(Found::Free) => ticket.resume(),
                Ok(Found::InUse) => {
                    tracing::warn!(%address, %client, "the address is in use: it is not offered");
                    ticket.drop_request();
                }
                Ok(Found::Stopped) => lock(&self.waiting).checks.push_front(Check { address, client, ticket }),
                Err(error) => {
                    tracing::warn!(%address, %client, "the address is offered without a check: it cannot be asked: {error}");
                    ticket.resume();
                }
            }
        }
    }

    /// Waits for a check; nothing once the plugin ends.
    fn next(&self) -> Option<Check> {
        let idle = |waiting: &mut Waiting| waiting.checks.is_empty() && !waiting.stopped;
        let mut waiting = self.changed.wait_while(lock(&self.waiting), idle).unwrap_or_else(PoisonError::into_inner);
        if waiting.stopped { None } else { waiting.checks.pop_front() }
    }
}

/// What is locked is whole at any time, also after a panic of another thread.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
