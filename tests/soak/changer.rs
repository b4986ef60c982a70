//! The thread that changes the set of libraries all the time, and knows which set must be there.

use std::collections::{HashSet, VecDeque};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use fixture_api::stamps::{Stamp, left};
use hooks::{BoxError, Hooks, LibraryConfig, Source};
use hooks_tests::shared;
use serde_json::{Value, json};

use crate::builds::{Builds, LIBRARIES};
use crate::figures::Figures;
use crate::memory;
use crate::operations::{Because, By, Operation};
use crate::request::Request;
use crate::tally::Tally;

/// So many requests last, one for each of the last changes that found one gone.
const LASTING: usize = 16;

/// When to end: after both, at the end of a round.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub(crate) time: Duration,
    pub(crate) reloads: u64,
}

/// What the thread has done.
pub(crate) struct Changes {
    pub(crate) tally: Tally,
    /// All sets that have been published.
    pub(crate) sets: HashSet<Vec<Stamp>>,
    pub(crate) figures: Figures,
}

/// One library of a set.
#[derive(Clone, Debug)]
struct Entry {
    stamp: Stamp,
    path: PathBuf,
}

pub(crate) struct Changer<'a> {
    hooks: &'a Hooks,
    builds: &'a Builds,
    journal: PathBuf,
    random: fastrand::Rng,
    /// What is loaded.
    set: Vec<Entry>,
    next_instance: u64,
    lasting: VecDeque<Request>,
    closure: Arc<AtomicU64>,
    changes: Changes,
}

fn stamps(set: &[Entry]) -> Vec<Stamp> {
    set.iter().map(|entry| entry.stamp).collect()
}

impl<'a> Changer<'a> {
    /// Nothing is loaded yet.
    pub(crate) fn new(hooks: &'a Hooks, builds: &'a Builds, journal: PathBuf) -> Changer<'a> {
        let changes =
            Changes { tally: Tally::default(), sets: HashSet::from([Vec::new()]), figures: Figures::default() };
        Changer {
            hooks,
            builds,
            journal,
            random: fastrand::Rng::with_seed(7),
            set: Vec::new(),
            next_instance: 0,
            lasting: VecDeque::new(),
            closure: Arc::default(),
            changes,
        }
    }

    /// Changes the set until the limits are reached.
    pub(crate) fn run(mut self, limits: Limits) -> Changes {
        let begin = Instant::now();
        // Every build is there once.
        for first in (0..self.builds.count()).step_by(LIBRARIES) {
            let set = (first..first + LIBRARIES).map(|build| self.instance(build, self.builds.path(build))).collect();
            self.reload(set);
        }
        // And has panicked once: to report its first panic takes some bytes for good.
        for build in 0..self.builds.count() {
            let entry = self.instance(build, self.builds.path(build));
            let config = self.config(&entry, "panic".into());
            self.timed(|hooks, _| hooks.reload(vec![config])).unwrap_err();
            self.changes.figures.failures += 1;
        }
        let component = self.hooks.pre_callouts_library_handle().across_loads();
        let counter = Arc::clone(&self.closure);
        let counting = left::callout(move |_, _| {
            counter.fetch_add(1, Ordering::Relaxed);
        });
        component.register_callout(&counting).unwrap();
        loop {
            let mut round = Operation::ROUND;
            self.random.shuffle(&mut round);
            for operation in round {
                self.change(operation);
                self.look();
                self.register_a_closure();
            }
            let is_late = begin.elapsed() >= limits.time;
            if is_late && self.changes.figures.reloads >= limits.reloads {
                break;
            }
        }
        assert!(self.closure.load(Ordering::Relaxed) > 0, "the component's own callout outlives the sets");
        let Changer { changes: Changes { tally, sets, figures }, closure, lasting, .. } = self;
        drop((lasting, closure));
        Changes { tally, sets, figures: Figures { time: begin.elapsed(), ..figures } }
    }

    fn change(&mut self, operation: Operation) {
        let mut set = self.set.clone();
        let place = self.random.usize(0..set.len());
        let build = set[place].stamp.build as usize;
        match operation {
            Operation::Replace(by) => set[place] = self.another(build, by),
            Operation::ReplaceAll => {
                set = set.iter().map(|entry| self.another(entry.stamp.build as usize, By::Path)).collect()
            }
            Operation::Parameters => set[place] = self.instance(build, set[place].path.clone()),
            Operation::RemoveOrAdd => self.remove_or_add(&mut set, place),
            Operation::Move => self.random.shuffle(&mut set),
            Operation::Keep => {}
            Operation::Refuse => return self.refuse(),
            Operation::Unload => {
                self.timed(|hooks, _| hooks.prepare_unload_libraries());
                set = set.iter().map(|entry| self.instance(entry.stamp.build as usize, entry.path.clone())).collect();
            }
            Operation::Fail(because) => return self.fail(because),
        }
        self.reload(set);
    }

    fn remove_or_add(&mut self, set: &mut Vec<Entry>, place: usize) {
        let missing = (0..LIBRARIES).find(|library| set.iter().all(|entry| entry.stamp.library as usize != *library));
        match missing {
            Some(library) => {
                let entry = self.another(library, By::Path);
                set.insert(place, entry);
            }
            None => drop(set.remove(place)),
        }
    }

    /// Another build of the library of `build`.
    fn another(&mut self, build: usize, by: By) -> Entry {
        let build = self.builds.other(build, &mut self.random);
        let path = match by {
            By::Path => self.builds.path(build),
            By::Rename => self.builds.renamed(build),
            By::Overwrite => self.builds.overwritten(build),
        };
        self.instance(build, path)
    }

    fn instance(&mut self, build: usize, path: PathBuf) -> Entry {
        self.next_instance += 1;
        let stamp = Stamp { library: (build % LIBRARIES) as u32, build: build as u32, instance: self.next_instance };
        Entry { stamp, path }
    }

    fn config(&self, entry: &Entry, end: Value) -> LibraryConfig {
        let Stamp { library, instance, .. } = entry.stamp;
        let parameters = json!({"library": library, "instance": instance, "journal": self.journal, "end": end});
        LibraryConfig::new(Source::File(entry.path.clone())).parameters(parameters)
    }

    fn configs(&self, set: &[Entry]) -> Vec<LibraryConfig> {
        set.iter().map(|entry| self.config(entry, "well".into())).collect()
    }

    /// Puts `set` in place.
    fn reload(&mut self, set: Vec<Entry>) {
        let configs = self.configs(&set);
        self.timed(|hooks, _| hooks.reload(configs)).unwrap();
        self.changes.figures.reloads += 1;
        let new = set.iter().filter(|entry| self.set.iter().all(|old| old.stamp != entry.stamp));
        self.changes.figures.instances += new.count() as u64;
        self.changes.sets.insert(stamps(&set));
        self.set = set;
    }

    /// Tries a set that the component refuses after a request has met it.
    fn refuse(&mut self) {
        let place = self.random.usize(0..self.set.len());
        let mut set = self.set.clone();
        set[place] = self.another(set[place].stamp.build as usize, By::Path);
        let (configs, expected) = (self.configs(&set), stamps(&set));
        let refused = self.timed(|hooks, tally| {
            hooks.reload_if(configs, |_| {
                let mut request = Request::new(hooks.handle());
                assert!(request.arrive(false).is_none());
                assert_eq!(request.set(), expected);
                request.finish(false, tally);
                Err::<(), BoxError>("as it was told".into())
            })
        });
        assert_eq!(refused.unwrap_err().to_string(), "as it was told");
        self.changes.figures.failures += 1;
        self.changes.sets.insert(stamps(&set));
    }

    /// Tries a set that cannot be loaded.
    fn fail(&mut self, because: Because) {
        let mut set: Vec<_> = self.set.clone();
        for entry in &mut set {
            *entry = self.another(entry.stamp.build as usize, By::Path);
        }
        let mut configs = self.configs(&set);
        let file = |path: PathBuf| LibraryConfig::new(Source::File(path));
        let last = |end: &str| self.config(set.last().expect("a set is never empty"), end.into());
        let bad = match because {
            Because::Load => last("error"),
            Because::Panic => last("panic"),
            Because::Layout => LibraryConfig::new(shared("outdated-removed")),
            Because::Hash => last("well").sha256([7; 32]),
            Because::Truncated => file(self.builds.truncated()),
            Because::Text => file(self.builds.text()),
            Because::Missing => file(self.builds.missing()),
        };
        configs.pop();
        configs.push(bad);
        let error = self.timed(|hooks, _| hooks.reload(configs)).unwrap_err();
        let is_expected = match because {
            Because::Load | Because::Panic => error.to_string().contains("as it was told"),
            Because::Missing => error.is_not_found(),
            _ => error.is_refused(),
        };
        assert!(is_expected, "{because:?}: {error}");
        self.changes.figures.failures += 1;
    }

    fn timed<R>(&mut self, change: impl FnOnce(&Hooks, &mut Tally) -> R) -> R {
        let (begin, ran) = (Instant::now(), memory::processor_time());
        let result = change(self.hooks, &mut self.changes.tally);
        let time = begin.elapsed();
        self.changes.figures.spent += time;
        self.changes.figures.ran += memory::processor_time() - ran;
        self.changes.figures.longest = self.changes.figures.longest.max(time);
        result
    }

    /// A new request meets what must be there now; one that lasts meets what it has met before.
    fn look(&mut self) {
        let mut request = Request::new(self.hooks.handle());
        assert!(request.arrive(false).is_none());
        assert_eq!(request.set(), stamps(&self.set));
        let tally = &mut self.changes.tally;
        if self.lasting.len() < LASTING {
            tally.count(request.set(), 1, &[]);
            self.lasting.push_back(request);
        } else {
            request.finish(false, tally);
        }
        let which = self.random.usize(0..self.lasting.len());
        self.lasting[which].again(tally);
        self.changes.figures.again += 1;
        if self.random.u8(..) < 64 {
            self.lasting.remove(which);
        }
    }

    /// The component registers a closure, sees it called once, and deregisters it.
    fn register_a_closure(&mut self) {
        let component = self.hooks.post_callouts_library_handle();
        let called = Arc::new(AtomicU64::new(0));
        let counter = Arc::clone(&called);
        let closure = left::callout(move |_, _| {
            counter.fetch_add(1, Ordering::Relaxed);
        });
        component.register_callout(&closure).unwrap();
        let mut request = Request::new(self.hooks.handle());
        assert!(request.arrive(false).is_none());
        request.finish(false, &mut self.changes.tally);
        assert!(component.deregister_callout(&closure));
        assert!(called.load(Ordering::Relaxed) >= 1);
        self.changes.figures.closures += 1;
    }
}
