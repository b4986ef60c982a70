//! One set of libraries in place of another: what is kept, what hands over to what, what goes.

use std::sync::Arc;
use std::time::Instant;

use super::prepare::{Entry, Sweep};
use super::unload::Leaving;
use super::{Hooks, Prepared, Retired, component, drop_in_reverse, too_many_sets};
use crate::error::{Error, Kind};
use crate::generation::Generation;
use crate::handle::CalloutHandle;
use crate::host;
use crate::library::ahead::Reading;
use crate::library::{Code, Library, LibraryConfig, Source};
use crate::registry;
use crate::transaction::TransactionGuard;

/// Where an entry of the new list comes from.
enum Fate {
    /// It is loaded already.
    Kept(Arc<Library>),
    /// It is to be loaded, perhaps in the place of one of the same name that goes.
    New { predecessor: Option<Arc<Library>> },
}

impl Hooks {
    pub(super) fn replace<E: From<Error>>(
        &self,
        libraries: Vec<LibraryConfig>,
        accept: Option<impl FnOnce(&mut CalloutHandle<'_>) -> Result<(), E>>,
    ) -> Result<(), E> {
        // Dropped last, when nothing here refers to an image any more.
        let _sweep = Sweep;
        let transaction = self.shared.transaction.begin()?;
        if self.is_test_mode() {
            return Ok(());
        }
        let entries = self.open_all(libraries, &self.library_policy(), Reading::Aside)?;
        self.commit(transaction, entries, accept)
    }

    pub(super) fn replace_prepared<E: From<Error>>(
        &self,
        mut prepared: Prepared,
        accept: Option<impl FnOnce(&mut CalloutHandle<'_>) -> Result<(), E>>,
    ) -> Result<(), E> {
        let transaction = self.shared.transaction.begin()?;
        if self.is_test_mode() {
            return Ok(());
        }
        let entries = prepared.entries_for(self)?;
        self.commit(transaction, entries, accept)
    }

    /// Puts a set in place of the one that is loaded now.
    pub(super) fn commit<E: From<Error>>(
        &self,
        transaction: TransactionGuard<'_>,
        codes: Vec<Entry>,
        accept: Option<impl FnOnce(&mut CalloutHandle<'_>) -> Result<(), E>>,
    ) -> Result<(), E> {
        self.collect_sets();
        // The way back takes one more.
        let needed = if accept.is_some() { 2 } else { 1 };
        let Some(number) = self.free_number().filter(|_| self.shared.free_numbers(&self.lock()).count() >= needed)
        else {
            return Err(Error::new(Kind::StillOpen, too_many_sets(needed)).into());
        };
        let length = codes.len();
        let policies: Vec<_> = codes.iter().map(|(_, config)| config.failure_policy.clone()).collect();
        let (before, old_sources) = (self.current_libraries(), self.lock().sources.clone());
        let sources = codes.iter().map(|(_, config)| config.source.clone()).collect();
        let (fates, mut gone) = fates(&before, &codes);
        let mut set = Vec::with_capacity(length);
        for (position, ((code, config), fate)) in codes.into_iter().zip(fates).enumerate() {
            let library = match fate {
                Fate::Kept(library) => Ok(library),
                Fate::New { predecessor } => {
                    Library::load(code, config, &host::api().library, predecessor.as_deref()).map(Arc::new)
                }
            };
            match library {
                Ok(library) => set.push(library),
                Err(error) => {
                    // Those that were loaded just now go again; of the others only this count of them.
                    drop_in_reverse(set);
                    return Err(error.in_list(position, length).into());
                }
            }
        }
        self.publish(number, set.clone(), sources);
        let mut way_back = WayBack { hooks: self, set: Some((before.clone(), old_sources)) };
        let accepted = accept.map_or(Ok(()), |accept| accept(&mut self.handle()));
        let mut changed = Vec::new();
        if accepted.is_ok() {
            way_back.set = None;
            let now = Instant::now();
            let kept =
                set.iter().zip(policies).filter(|(library, _)| before.iter().any(|old| Arc::ptr_eq(old, library)));
            changed.extend(kept.map(|(library, policy)| library.registrations().renew_policy(policy, now)));
        } else {
            gone = set.extract_if(.., |new| !before.iter().any(|old| Arc::ptr_eq(old, new))).collect();
        }
        drop(way_back);
        let leaving = (!gone.is_empty()).then(|| Leaving::begin(&self.shared));
        // Within the transaction: after it these may be the last counts.
        drop((set, before));
        drop(transaction);
        drop(changed);
        for library in gone.iter().rev() {
            library.unload();
        }
        // Nobody knows which of the references were those of the libraries that go.
        if !gone.is_empty() {
            self.parkings().clear_lots();
        }
        drop_in_reverse(gone);
        drop(leaving);
        self.collect_sets();
        self.log_numbers(if accepted.is_ok() {
            "the set of libraries is in place"
        } else {
            "the set of libraries is back"
        });
        accepted
    }

    pub(super) fn current_libraries(&self) -> Vec<Arc<Library>> {
        let _control = self.lock();
        self.shared.instance.current().libraries.clone()
    }

    pub(super) fn free_number(&self) -> Option<usize> {
        self.shared.free_number(&self.lock())
    }

    /// Makes `libraries` the current generation and retires the one before. The caller has begun a transaction, in the course
    /// of which `next` was found to be free.
    pub(super) fn publish(&self, next: usize, libraries: Vec<Arc<Library>>, sources: Vec<Source>) {
        let mut control = self.lock();
        let instance = &self.shared.instance;
        let current = instance.current();
        // The component's callouts last until now, but for those that are to outlive the set.
        let (pre, post) = (component::pre(current.pre.close()), component::post(current.post.close()));
        // Its hook points are attached before the publication: whoever sees it must not find them idle.
        let renew = Arc::downgrade(&self.shared);
        let generation = Generation::new(libraries, pre, post, renew);
        // An observer is also told of the idle hook points that libraries have brought along since it was set.
        if instance.is_observed() {
            let mut registry = registry::lock();
            let points = registry.len() as u32;
            registry.attach(control.observed_points..points);
            control.observed_points = points;
        }
        let (generation, number) = instance.publish(generation, next);
        for retired in &mut control.retired {
            retired.is_renewed = false;
        }
        let now = Instant::now();
        let set = control.set;
        control.retired.push(Retired { generation, number, is_renewed: false, set, since: now });
        (control.set, control.since, control.sources) = (set + 1, now, sources);
    }
}

/// Publishes the set that was loaded before, unless the component has accepted the new one; also if it panics.
struct WayBack<'a> {
    hooks: &'a Hooks,
    set: Option<(Vec<Arc<Library>>, Vec<Source>)>,
}

impl Drop for WayBack<'_> {
    fn drop(&mut self) {
        if let Some((libraries, sources)) = self.set.take()
            && let Some(number) = self.hooks.free_number()
        {
            self.hooks.publish(number, libraries, sources);
        }
    }
}

/// What becomes of each entry of `codes`, and which libraries of `before` go.
fn fates(before: &[Arc<Library>], codes: &[Entry]) -> (Vec<Fate>, Vec<Arc<Library>>) {
    let mut gone = before.to_vec();
    // First all that are kept: a library that goes is one that no entry wants as it is.
    let mut keep = |(code, config): &Entry| {
        let same = |old: &Arc<Library>| is_same_code(&old.code, code) && old.config.parameters == config.parameters;
        gone.iter().position(same).map(|place| gone.remove(place))
    };
    let kept: Vec<_> = codes.iter().map(&mut keep).collect();
    let mut waiting = gone.clone();
    let fate = |(kept, (code, _)): (Option<Arc<Library>>, &Entry)| match kept {
        Some(library) => Fate::Kept(library),
        None => {
            let place = waiting.iter().position(|old| old.code.name == code.name);
            Fate::New { predecessor: place.map(|place| waiting.remove(place)) }
        }
    };
    (kept.into_iter().zip(codes).map(fate).collect(), gone)
}

/// The same bytes are the same code, for C with the same name; a built-in plugin cannot change.
fn is_same_code(one: &Arc<Code>, other: &Arc<Code>) -> bool {
    let same_image = one.c.as_ref().zip(other.c.as_ref()).is_some_and(|(one, other)| Arc::ptr_eq(one, other));
    Arc::ptr_eq(one, other) || same_image && one.name == other.name
}
