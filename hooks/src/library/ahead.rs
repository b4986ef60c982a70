//! Reads the files of a list, several at once where that is wanted.

use std::collections::VecDeque;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use super::buffer::Buffer;
use super::checked::Wanted;
use crate::error::Error;

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

/// What is made of each file, in memory that is used for all of them.
type Take<'a, T> = fn(Wanted<'a>, &mut Buffer) -> Result<T, Error>;

/// The files of a list, in their order.
#[derive(Debug)]
pub(crate) struct Ahead<'a, T> {
    take: Take<'a, T>,
    /// Those that are to be read together.
    wanted: Vec<Wanted<'a>>,
    taken: VecDeque<Result<T, Error>>,
    buffer: Buffer,
    threads: usize,
}

impl<'a, T: Send> Ahead<'a, T> {
    pub(crate) fn new(
        wanted: impl IntoIterator<Item = Wanted<'a>>,
        reading: Reading,
        take: Take<'a, T>,
    ) -> Ahead<'a, T> {
        let wanted: Vec<_> = wanted.into_iter().collect();
        let threads = match (reading, wanted.len()) {
            // To start another one takes as long as to read a file.
            (Reading::Aside, _) | (Reading::Alone, 0 | 1) => 1,
            (Reading::Alone, _) => thread::available_parallelism().map_or(1, |number| number.get().min(MOST_THREADS)),
        };
        Ahead { take, wanted, taken: VecDeque::new(), buffer: Buffer::default(), threads }
    }

    /// What is made of the file that is `wanted`, which is the next in the list.
    pub(crate) fn next(&mut self, wanted: Wanted<'a>) -> Result<T, Error> {
        if self.threads > 1 {
            let all = std::mem::take(&mut self.wanted);
            self.taken.extend(together(&all, self.threads.min(all.len()), self.take));
            self.threads = 1;
        }
        self.taken.pop_front().unwrap_or_else(|| (self.take)(wanted, &mut self.buffer))
    }
}

/// What `take` makes of each, on as many `threads`; after a failure of those before it only.
fn together<'a, T: Send>(wanted: &[Wanted<'a>], threads: usize, take: Take<'a, T>) -> Vec<Result<T, Error>> {
    let next = AtomicUsize::new(0);
    let work = || {
        let (mut taken, mut buffer) = (Vec::new(), Buffer::default());
        loop {
            // Relaxed: only each number counts.
            let number = next.fetch_add(1, Ordering::Relaxed);
            let Some(&file) = wanted.get(number) else { return taken };
            let result = take(file, &mut buffer);
            if result.is_err() {
                // Nobody will ask for those behind it.
                next.fetch_max(wanted.len(), Ordering::Relaxed);
            }
            taken.push((number, result));
        }
    };
    let mut taken = thread::scope(|scope| {
        let start = |_| thread::Builder::new().name("hooks-load".to_owned()).spawn_scoped(scope, work);
        // If the system gives no more, those that there are do all.
        let others: Vec<_> = (1..threads).map_while(|number| start(number).ok()).collect();
        let mut taken = work();
        for thread in others {
            taken.extend(thread.join().unwrap_or_else(|panic| resume_unwind(panic)));
        }
        taken
    });
    taken.sort_unstable_by_key(|(number, _)| *number);
    taken.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use super::*;
    use crate::library::stage::Staging;
    use crate::library::{LibraryConfig, LibraryPolicy, Source, read};

    /// Files of which each has its own content, and one in their middle that is not there.
    fn list(folder: &Path, number: usize) -> Vec<PathBuf> {
        let path = |name: usize| {
            let path = folder.join(name.to_string());
            if name != number / 2 {
                std::fs::write(&path, name.to_string()).unwrap();
            }
            path
        };
        (0..number).map(path).collect()
    }

    fn content(wanted: Wanted<'_>, buffer: &mut Buffer) -> Result<Vec<u8>, Error> {
        read::into(buffer, wanted.path, wanted.policy)?;
        Ok(buffer.to_vec())
    }

    fn with_list(paths: &[PathBuf], test: impl FnOnce(&[Wanted<'_>])) {
        let policy = LibraryPolicy::new().check_permissions(false);
        let (config, staging) = (LibraryConfig::new(Source::File("x".into())), Staging::new(&policy));
        let (config, policy, staging) = (&config, &policy, &staging);
        let wanted = |path| Wanted { path, config, policy, staging, multi_threading: true };
        test(&paths.iter().map(|path| wanted(path)).collect::<Vec<_>>());
    }

    #[test]
    fn each_file_is_read_in_its_turn() {
        for (number, threads) in [(0, 1), (0, 2), (1, 1), (1, 2), (9, 1), (9, 2), (9, 4), (9, 30)] {
            let folder = tempfile::tempdir().unwrap();
            with_list(&list(folder.path(), number), |wanted| {
                let ahead = Ahead::new(wanted.iter().copied(), Reading::Aside, content);
                let mut ahead = Ahead { threads, ..ahead };
                for (position, wanted) in wanted.iter().enumerate() {
                    // Also those behind the one that is missing, if somebody asks for them.
                    let taken = ahead.next(*wanted);
                    let expected = (position != number / 2).then(|| position.to_string().into_bytes());
                    assert_eq!(taken.ok(), expected, "{number} {threads}");
                }
            });
        }
    }

    #[test]
    fn a_thread_that_panics_is_noticed() {
        fn panicking(_: Wanted<'_>, _: &mut Buffer) -> Result<(), Error> {
            resume_unwind(Box::new("broken"))
        }
        let paths = [PathBuf::from("/a"), PathBuf::from("/b")];
        with_list(&paths, |wanted| {
            let together = || together(wanted, 2, panicking);
            let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(together));
            assert_eq!(panicked.unwrap_err().downcast_ref(), Some(&"broken"));
        });
    }
}
