//! The numbers of the sets of libraries: the current one, those that requests still use, those that are gone.

use std::time::{Duration, Instant};

use super::{Control, Hooks, Shared};
use crate::abi::guard::guard;
use crate::generation::Generation;
use crate::library::images::{self, Numbers};

/// The sets of libraries of one [`Hooks`]; see [`Hooks::generations`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Generations {
    /// The set that new handles see.
    pub live: GenerationInfo,
    /// Sets that have been replaced, the oldest first: requests still use them, or nobody has asked for their end yet, see
    /// [`Hooks::collect`].
    pub draining: Vec<GenerationInfo>,
    /// How many sets are gone, with the libraries that were in no other.
    pub retired: u64,
}

/// One set of libraries.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct GenerationInfo {
    /// Its number: the first set, which is empty, has 0, and each that is published the next one.
    pub number: u64,
    /// The names of its libraries, in order.
    pub libraries: Vec<String>,
    /// How many handles use it. Handles that come and go meanwhile may be counted or not.
    pub handles: usize,
    /// For how long it has been the current one, or for how long it has been replaced.
    pub since: Duration,
}

impl Hooks {
    /// The sets of libraries: the current one, those that requests still use, and how many are gone.
    ///
    /// ```
    /// let hooks = hooks::Hooks::new();
    /// let request = hooks.handle();
    /// hooks.reload(Vec::new())?;
    /// let generations = hooks.generations();
    /// assert_eq!((generations.live.number, generations.live.handles), (1, 0));
    /// assert_eq!((generations.draining[0].number, generations.draining[0].handles), (0, 1));
    /// drop(request);
    /// hooks.collect();
    /// assert_eq!((hooks.generations().draining.len(), hooks.generations().retired), (0, 1));
    /// # Ok::<(), hooks::Error>(())
    /// ```
    pub fn generations(&self) -> Generations {
        self.shared.generations(&self.lock())
    }

    /// A line with the numbers, for operators.
    pub(super) fn log_numbers(&self, event: &str) {
        let Generations { live, draining, retired } = self.generations();
        let Numbers { images, unused, bytes } = images::numbers();
        let (number, libraries, draining) = (live.number, live.libraries.len(), draining.len());
        // A subscriber that panics must not leave a change half made.
        let _ = guard(|| {
            tracing::info!(number, libraries, draining, retired, images, unused, bytes, "{event}");
        });
    }
}

impl Shared {
    fn generations(&self, control: &Control) -> Generations {
        let readers = self.instance.readers();
        let info = |number: u64, generation: &Generation, place: usize, since: Instant| GenerationInfo {
            number,
            libraries: generation.libraries.iter().map(|library| library.code.name.to_string()).collect(),
            handles: readers.handles(place),
            since: since.elapsed(),
        };
        let mut live = info(control.set, self.instance.current(), readers.number(), control.since);
        let mut draining: Vec<GenerationInfo> = Vec::new();
        for retired in &control.retired {
            // One set may have had several numbers.
            let same = draining.iter_mut().find(|info| info.number == retired.set);
            match same.or_else(|| (retired.set == control.set).then_some(&mut live)) {
                Some(info) => info.handles += readers.handles(retired.number),
                None => draining.push(info(retired.set, retired.generation.get(), retired.number, retired.since)),
            }
        }
        Generations { live, draining, retired: control.retired_sets }
    }
}
