//! Loading, replacing and unloading sets of libraries.

use std::sync::Arc;

use super::{Hooks, Retired, component, drop_in_reverse, retire};
use crate::chains::Renew;
use crate::error::{Error, Kind};
use crate::generation::Generation;
use crate::handle::CalloutHandle;
use crate::host;
use crate::library::image::{self, Wanted};
use crate::library::{Code, Library, LibraryConfig, LibraryPolicy, Source, builtin, file};
use crate::quiesce::PLACES;
use crate::registry;

impl Hooks {
    /// Loads `libraries` in this order in place of those that are loaded; all or nothing.
    ///
    /// As in the reference, the old set is unloaded first, and after a failure none is loaded. [`Hooks::reload`] keeps the old
    /// set when the new one fails.
    ///
    /// # Errors
    ///
    /// If requests still use the loaded libraries; if a library cannot be found, does not fit, or fails to load: the error
    /// names it and says why.
    pub fn load_libraries(&self, libraries: Vec<LibraryConfig>) -> Result<(), Error> {
        drop(self.shared.transaction.begin()?);
        if self.is_test_mode() {
            return Ok(());
        }
        if !self.unload_libraries() {
            return Err(Error::new(
                Kind::StillOpen,
                "requests still use the set that was loaded before, which is detached now, so that no library is loaded; drop their \
                 handles and try again, or use `reload`, which waits for nobody",
            ));
        }
        self.reload(libraries)
    }

    /// Replaces the loaded set by `libraries` as a transaction, while requests go on.
    ///
    /// Requests that have a handle finish with the set that they began with; handles made afterwards see the new one. A library
    /// whose content and parameters did not change is kept with its state.
    ///
    /// # Errors
    ///
    /// If a library cannot be found, does not fit, or fails to load: then nothing has changed.
    pub fn reload(&self, libraries: Vec<LibraryConfig>) -> Result<(), Error> {
        self.replace(libraries, None::<fn(&mut CalloutHandle<'_>) -> Result<(), Error>>)
    }

    /// Replaces the loaded set as [`Hooks::reload`] does if `accept`, which is lent a handle of the new set, agrees.
    ///
    /// So a component asks the callouts of the new set something before it is bound to them, such as whether they accept a
    /// configuration. If it refuses, the libraries that were loaded before are back with their state, without having been
    /// unloaded; so they are if it panics. Requests that begin on other threads meanwhile see the new set. Callouts of the
    /// component that do not outlive a load end in any case.
    ///
    /// # Errors
    ///
    /// As [`Hooks::reload`], or what `accept` has returned: then the old set is loaded.
    ///
    /// ```
    /// let hooks = hooks::Hooks::new();
    /// let refused = hooks.reload_if(Vec::new(), |_| Err::<(), hooks::BoxError>("not today".into()));
    /// assert_eq!(refused.unwrap_err().to_string(), "not today");
    /// hooks.reload_if(Vec::new(), |_| Ok::<(), hooks::BoxError>(()))?;
    /// # Ok::<(), hooks::BoxError>(())
    /// ```
    pub fn reload_if<E: From<Error>>(
        &self,
        libraries: Vec<LibraryConfig>,
        accept: impl FnOnce(&mut CalloutHandle<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        self.replace(libraries, Some(accept))
    }

    fn replace<E: From<Error>>(
        &self,
        libraries: Vec<LibraryConfig>,
        accept: Option<impl FnOnce(&mut CalloutHandle<'_>) -> Result<(), E>>,
    ) -> Result<(), E> {
        let transaction = self.shared.transaction.begin()?;
        if self.is_test_mode() {
            return Ok(());
        }
        let (multi_threading, policy) = (self.has_several_threads(), self.library_policy());
        self.collect_sets();
        // The way back takes one more.
        let needed = if accept.is_some() { 2 } else { 1 };
        let Some(number) = self.free_number().filter(|_| self.shared.free_numbers(&self.lock()).count() >= needed)
        else {
            return Err(Error::new(Kind::StillOpen, too_many_sets(needed)).into());
        };
        // All files are found and checked before any code of a new library runs.
        let mut codes = Vec::with_capacity(libraries.len());
        for config in libraries {
            codes.push((open(&config, &policy, multi_threading)?, config));
        }
        let (before, old_sources) = (self.current_libraries(), self.lock().sources.clone());
        let mut gone = before.clone();
        let sources = codes.iter().map(|(_, config)| config.source.clone()).collect();
        let mut set = Vec::with_capacity(codes.len());
        for (code, config) in codes {
            match keep_or_load(&mut gone, code, config) {
                Ok(library) => set.push(library),
                Err(error) => {
                    // Those that were loaded just now go again; of the others only this count of them.
                    drop_in_reverse(set);
                    return Err(error.into());
                }
            }
        }
        self.publish(number, set.clone(), sources);
        let mut way_back = WayBack { hooks: self, set: Some((before.clone(), old_sources)) };
        let accepted = accept.map_or(Ok(()), |accept| accept(&mut self.handle()));
        if accepted.is_ok() {
            way_back.set = None;
        } else {
            gone = set.extract_if(.., |new| !before.iter().any(|old| Arc::ptr_eq(old, new))).collect();
        }
        drop(way_back);
        drop(transaction);
        drop((set, before));
        for library in gone.iter().rev() {
            library.unload();
        }
        // Nobody knows which of the references were those of the libraries that go.
        if !gone.is_empty() {
            self.parkings().clear_lots();
        }
        drop_in_reverse(gone);
        self.collect_sets();
        accepted
    }

    /// Detaches all callouts and calls each library's `unload` once, in reverse order; the first phase of unloading.
    ///
    /// Tickets that a library keeps after its `unload` get [`ParkingOptions::at_unload`](crate::ParkingOptions::at_unload), and
    /// parking lots are cleared: what the component does with those requests then runs on this thread.
    ///
    /// Calls in flight, and requests that already have a handle, still reach the libraries until
    /// [`Hooks::unload_libraries`] has returned true. From within a library's own `load` it does nothing.
    pub fn prepare_unload_libraries(&self) {
        let Ok(transaction) = self.shared.transaction.begin() else { return };
        if self.is_test_mode() {
            return;
        }
        let libraries = self.current_libraries();
        self.collect_sets();
        if libraries.is_empty() && !self.has_passing_callouts() {
            drop(transaction);
            self.parkings().clear_lots();
            return;
        }
        let Some(number) = self.free_number() else {
            drop(transaction);
            tracing::error!("libraries cannot be unloaded: {}", too_many_sets(1));
            return;
        };
        self.publish(number, Vec::new(), Vec::new());
        drop(transaction);
        for library in libraries.iter().rev() {
            library.unload();
        }
        self.parkings().clear_lots();
        drop_in_reverse(libraries);
    }

    /// Drops all libraries if no request uses them any more; otherwise false, and a retry later succeeds.
    pub fn unload_libraries(&self) -> bool {
        if self.is_test_mode() {
            return true;
        }
        self.prepare_unload_libraries();
        self.collect_sets() == 0 && self.current_libraries().is_empty()
    }

    /// Drops the libraries of replaced sets that no request uses any more, and returns how many such sets are still in use.
    ///
    /// Loading and unloading do it by themselves; a server that reloads may call it from time to time. It also drops closures
    /// that have been deregistered, and that no request can call any more; of these some are kept otherwise.
    pub fn collect(&self) -> usize {
        let chains = {
            let _control = self.lock();
            Arc::clone(&self.shared.instance.current().chains)
        };
        if chains.has_replaced() {
            self.shared.renew(&chains);
        }
        // Perhaps the last count of them, with which closures go.
        drop(chains);
        self.collect_sets()
    }

    /// As [`Hooks::collect`], without the closures.
    fn collect_sets(&self) -> usize {
        let (free, left) = {
            let mut control = self.lock();
            let readers = self.shared.instance.readers();
            let free: Vec<_> = control.retired.extract_if(.., |retired| readers.is_free(retired.number)).collect();
            // A set that has only got another number has not been replaced.
            (free, control.retired.iter().filter(|retired| !retired.is_renewed).count())
        };
        for retired in free {
            retire(retired.generation);
        }
        left
    }

    /// Which of `libraries` could not be loaded, in their order, and why; all if the result is empty they fit.
    ///
    /// Nothing is opened and no code of a library runs: what is read is their files. So this cannot tell whether their `load`
    /// would succeed, nor what the functions `version` and `multi_threading_compatible` of a plain C library return.
    ///
    /// ```
    /// use hooks::{Hooks, LibraryConfig, Source};
    ///
    /// let libraries = [LibraryConfig::new(Source::Builtin("missing".to_owned()))];
    /// let failing = Hooks::new().validate_libraries(&libraries);
    /// assert_eq!(failing[0].0, Source::Builtin("missing".to_owned()));
    /// ```
    pub fn validate_libraries(&self, libraries: &[LibraryConfig]) -> Vec<(Source, Error)> {
        let (multi_threading, policy) = (self.has_several_threads(), self.library_policy());
        let validate = |config: &LibraryConfig| {
            let result = match &config.source {
                Source::File(path) => image::validate(Wanted { path, config, policy: &policy, multi_threading }),
                Source::Builtin(_) => open(config, &policy, multi_threading).map(|_| ()),
            };
            Some((config.source.clone(), result.err()?))
        };
        libraries.iter().filter_map(validate).collect()
    }

    fn current_libraries(&self) -> Vec<Arc<Library>> {
        let _control = self.lock();
        self.shared.instance.current().libraries.clone()
    }

    fn free_number(&self) -> Option<usize> {
        self.shared.free_number(&self.lock())
    }

    /// Makes `libraries` the current generation and retires the one before. The caller has begun a transaction, in the course
    /// of which `next` was found to be free.
    fn publish(&self, next: usize, libraries: Vec<Arc<Library>>, sources: Vec<Source>) {
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
        control.retired.push(Retired { generation, number, is_renewed: false });
        control.sources = sources;
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

/// The library for `config`: one of `kept`, which it leaves, if code and parameters are the same; otherwise it is loaded.
fn keep_or_load(kept: &mut Vec<Arc<Library>>, code: Arc<Code>, config: LibraryConfig) -> Result<Arc<Library>, Error> {
    let same = |old: &Arc<Library>| is_same_code(&old.code, &code) && old.config.parameters == config.parameters;
    match kept.iter().position(same) {
        Some(place) => Ok(kept.remove(place)),
        None => Library::load(code, config, &host::api().library).map(Arc::new),
    }
}

/// Why another set cannot be published: `needed` numbers must be free.
fn too_many_sets(needed: usize) -> String {
    format!("requests still use {} older sets of libraries; try again later", PLACES - needed)
}

/// The code of a library, which is not run yet.
fn open(config: &LibraryConfig, policy: &LibraryPolicy, multi_threading: bool) -> Result<Arc<Code>, Error> {
    let source = &config.source;
    let code = match source {
        Source::File(path) => image::open(Wanted { path, config, policy, multi_threading })?,
        Source::Builtin(name) if config.sha256.is_some() => {
            let text = format!("the built-in plugin `{name}` has no file; leave its SHA-256 out of the configuration");
            return Err(Error::new(Kind::Refused, text));
        }
        Source::Builtin(name) => builtin::open(name)?,
    };
    check_mode(&code, source, multi_threading)?;
    Ok(code)
}

/// Refuses a plugin that says it is for one thread only, where there are several.
fn check_mode(code: &Code, source: &Source, multi_threading: bool) -> Result<(), Error> {
    if code.multi_threading_compatible || !multi_threading {
        return Ok(());
    }
    let plugin = format!("plugin `{}` {} {}", code.name, code.version, file::SINGLE_THREADED);
    let text = match source {
        Source::File(path) => format!("library `{}`: {plugin}", path.display()),
        Source::Builtin(_) => format!("built-in {plugin}"),
    };
    Err(Error::new(Kind::Refused, text))
}

/// The same bytes are the same code, for C with the same name; a built-in plugin cannot change.
fn is_same_code(one: &Arc<Code>, other: &Arc<Code>) -> bool {
    let same_image = one.c.as_ref().zip(other.c.as_ref()).is_some_and(|(one, other)| Arc::ptr_eq(one, other));
    Arc::ptr_eq(one, other) || same_image && one.name == other.name
}
