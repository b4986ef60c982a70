//! Reads the files of a list, several at once where that is wanted.

use std::collections::VecDeque;
use std::panic::resume_unwind;
use std::sync::{Mutex, PoisonError};
use std::thread::{self, ScopedJoinHandle};
use std::{io, mem};

use super::buffer::Buffer;
use super::checked::{self, Examined, Wanted};
use super::images;
use super::read::{self, Content};
use super::stage::Staged;
use crate::error::Error;
use crate::registry::Registry;

/// More would wait for the memory, of which each takes as much as its file has.
const MOST_THREADS: usize = 4;

/// Whether there is something else that the processors are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reading {
    /// Requests are worked on meanwhile: one thread, the caller's.
    Aside,
    /// Nothing is loaded, and the caller waits: as many threads as there are processors.
    Alone,
}

/// What was read, of which nothing has been checked yet but its hash.
#[derive(Debug)]
pub(crate) struct Taken {
    pub(super) content: Content,
    /// A private copy, or why there is none, if it was made while there was nothing else to do.
    pub(super) staged: Option<Result<Staged, Error>>,
    /// What its bytes say, or why they are refused, if there was time to look.
    pub(super) examined: Option<Result<Examined, Error>>,
}

/// The files of a list, read in their order some steps before they are checked.
#[derive(Debug)]
pub(crate) struct Ahead<'a> {
    wanted: VecDeque<Wanted<'a>>,
    taken: VecDeque<Result<Taken, Error>>,
    /// Memory for the next files.
    spare: Vec<Buffer>,
    threads: usize,
    /// Whether there is no other file in the list.
    single: bool,
}

impl<'a> Ahead<'a> {
    pub(crate) fn new(wanted: impl IntoIterator<Item = Wanted<'a>>, reading: Reading) -> Ahead<'a> {
        let wanted: VecDeque<_> = wanted.into_iter().collect();
        let threads = match (reading, wanted.len()) {
            (Reading::Aside, _) | (_, 0) => 1,
            // To ask takes as long as to start one.
            (Reading::Alone, 1) => 2,
            (Reading::Alone, _) => thread::available_parallelism().map_or(1, |number| number.get().min(MOST_THREADS)),
        };
        let single = wanted.len() == 1;
        Ahead { wanted, taken: VecDeque::new(), spare: Vec::new(), threads, single }
    }

    /// What `check` says of the file that is `wanted`, which is the next in the list.
    pub(crate) fn with<T>(
        &mut self,
        wanted: Wanted<'a>,
        check: impl FnOnce(&mut Taken) -> Result<T, Error>,
    ) -> Result<T, Error> {
        if self.taken.is_empty() {
            self.read();
        }
        let taken = self.taken.pop_front().unwrap_or_else(|| hashed(wanted, Buffer::default()));
        let mut taken = taken?;
        let checked = check(&mut taken);
        self.spare.push(taken.content.bytes);
        checked
    }

    /// Reads as many files as there are threads.
    fn read(&mut self) {
        let number = self.threads.min(self.wanted.len());
        let group: Vec<_> = self.wanted.drain(..number).collect();
        let spare = Mutex::new(mem::take(&mut self.spare));
        let bytes = || spare.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default();
        self.taken = match &group[..] {
            [] => VecDeque::new(),
            [only] if self.threads == 1 => VecDeque::from([hashed(*only, bytes())]),
            [only] => VecDeque::from([copied_beside(*only, bytes(), self.single)]),
            [first, others @ ..] => together(*first, others, |wanted| copied(wanted, bytes())),
        };
        self.spare = spare.into_inner().unwrap_or_else(PoisonError::into_inner);
    }
}

/// Reads a file, and leaves the copy for later: it may not be needed.
fn hashed(wanted: Wanted<'_>, bytes: Buffer) -> Result<Taken, Error> {
    let bytes = read::bytes(wanted.path, wanted.policy, bytes)?;
    let hash = read::hash(&bytes);
    Ok(Taken { content: Content::new(wanted.path, bytes, hash, wanted.config)?, staged: None, examined: None })
}

/// Reads a file, and copies it if it is not mapped.
fn copied(wanted: Wanted<'_>, bytes: Buffer) -> Result<Taken, Error> {
    let mut taken = hashed(wanted, bytes)?;
    if !images::is_mapped(&taken.content.hash) {
        taken.staged = Some(wanted.staging.copy(wanted.path, &taken.content.bytes));
    }
    Ok(taken)
}

/// Reads a file, and copies it while another thread hashes it. One that is `single` depends on no file before it, and is looked
/// into as well.
fn copied_beside(wanted: Wanted<'_>, bytes: Buffer, single: bool) -> Result<Taken, Error> {
    let bytes = read::bytes(wanted.path, wanted.policy, bytes)?;
    let (hash, staged, examined) = thread::scope(|scope| {
        let hash = builder().spawn_scoped(scope, || read::hash(&bytes));
        // What has been mapped from there is probably the same, of which no other copy is needed.
        let new = !images::is_known(wanted.path);
        let staged = new.then(|| wanted.staging.copy(wanted.path, &bytes));
        // Nothing is looked into before it has the hash that it is to have.
        let examined = (new && single && wanted.config.sha256.is_none())
            .then(|| checked::examine(wanted, &bytes, &Registry::default()));
        (joined(hash, || read::hash(&bytes)), staged, examined)
    });
    Ok(Taken { content: Content::new(wanted.path, bytes, hash, wanted.config)?, staged, examined })
}

/// What `take` makes of each, each on a thread of its own.
fn together<'a, T: Send>(
    first: Wanted<'a>,
    others: &[Wanted<'a>],
    take: impl Fn(Wanted<'a>) -> T + Sync,
) -> VecDeque<T> {
    let take = &take;
    thread::scope(|scope| {
        let start = |wanted: &Wanted<'a>| {
            let wanted = *wanted;
            (wanted, builder().spawn_scoped(scope, move || take(wanted)))
        };
        let others: Vec<_> = others.iter().map(start).collect();
        let first = take(first);
        let others = others.into_iter().map(|(wanted, thread)| joined(thread, || take(wanted)));
        std::iter::once(first).chain(others).collect()
    })
}

fn builder() -> thread::Builder {
    thread::Builder::new().name("hooks-load".to_owned())
}

/// What the thread has made; if there is none, because the system gives no more, what this one makes `instead`.
fn joined<T>(thread: io::Result<ScopedJoinHandle<'_, T>>, instead: impl FnOnce() -> T) -> T {
    match thread {
        Ok(thread) => thread.join().unwrap_or_else(|panic| resume_unwind(panic)),
        Err(_) => instead(),
    }
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use super::*;
    use crate::library::stage::Staging;
    use crate::library::{LibraryConfig, LibraryPolicy, Source};

    /// Files of which each has its own content, and one that is not there.
    fn list(folder: &Path, number: usize) -> Vec<PathBuf> {
        let path = |name: usize| {
            let path = folder.join(name.to_string());
            std::fs::write(&path, name.to_string()).unwrap();
            path
        };
        let mut paths: Vec<_> = (0..number).map(path).collect();
        paths.push(folder.join("missing"));
        paths
    }

    #[test]
    fn each_file_is_read_in_its_turn() {
        let folder = tempfile::tempdir().unwrap();
        let (source, staging) = (folder.path().join("from"), folder.path().join("to"));
        std::fs::create_dir(&source).unwrap();
        std::fs::create_dir(&staging).unwrap();
        let policy = LibraryPolicy::new().check_permissions(false).staging_directory(&staging);
        let config = LibraryConfig::new(Source::File("x".into()));
        let number_of_copies = || std::fs::read_dir(&staging).unwrap().count();
        for (number, threads) in [(0, 1), (0, 2), (1, 2), (5, 1), (5, 2), (5, 4), (5, 8)] {
            let (paths, copies) = (list(&source, number), Staging::new(&policy));
            let wanted: Vec<_> = paths
                .iter()
                .map(|path| Wanted { path, config: &config, policy: &policy, staging: &copies, multi_threading: true })
                .collect();
            let mut ahead = Ahead { threads, ..Ahead::new(wanted.clone(), Reading::Aside) };
            for (position, wanted) in wanted.into_iter().enumerate() {
                let checked = ahead.with(wanted, |taken| {
                    assert_eq!(*taken.content.bytes, *position.to_string().as_bytes());
                    assert_eq!(taken.content.hash, read::hash(&taken.content.bytes));
                    match &taken.staged {
                        None => assert_eq!(threads, 1),
                        Some(staged) => assert_eq!(
                            std::fs::read(&staged.as_ref().unwrap().path).unwrap(),
                            position.to_string().as_bytes()
                        ),
                    }
                    Ok(position)
                });
                assert_eq!(checked.ok(), (position < number).then_some(position), "{number} {threads}");
            }
            drop(ahead);
            drop(copies);
            assert_eq!(number_of_copies(), 0);
        }
    }

    #[test]
    fn a_thread_that_panics_is_noticed() {
        let panicked = std::panic::catch_unwind(|| {
            thread::scope(|scope| joined(builder().spawn_scoped(scope, || resume_unwind(Box::new("broken"))), || ()));
        });
        assert_eq!(panicked.unwrap_err().downcast_ref(), Some(&"broken"));
        assert_eq!(joined(Err(io::ErrorKind::WouldBlock.into()), || 7), 7);
    }
}
