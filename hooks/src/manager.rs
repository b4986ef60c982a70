//! `Hooks`: loads, replaces and unloads sets of libraries, and makes the handles of requests.

mod component;
mod points;
mod renew;

use std::mem::ManuallyDrop;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use crate::callout_info::CalloutInfo;
use crate::chains::Renew;
use crate::error::{Error, Kind};
use crate::generation::Generation;
use crate::handle::CalloutHandle;
use crate::host;
use crate::instance::{Instance, Replaced};
use crate::library::{Code, Library, LibraryConfig, Source, builtin, entry, file, image};
use crate::observe::Observer;
use crate::park::Parkings;
use crate::quiesce::{PLACES, place};
use crate::registry;
use crate::transaction::Transaction;

/// The hook points of this program with a set of loaded libraries; the reference's `HooksManager`.
///
/// Several may live in one process, each with libraries of its own. Cloning is cheap and gives the same set.
///
/// With `tracing` it logs which libraries are loaded and unloaded (INFO), which callouts are attached, registered and deregistered
/// (DEBUG), and which callouts fail (ERROR), by their names. Errors that are returned are not logged. What each call does is told
/// to an [`Observer`].
///
/// ```
/// hooks::declare_hooks! {
///     /// A request has been received.
///     pub hook request_received(length: &mut u32) -> [Continue, Drop];
/// }
///
/// # fn main() {
/// let hooks = hooks::Hooks::new();
/// let mut request = hooks.handle();
/// let mut length = 20;
/// let step = request_received::call(&mut request, || request_received::Args { length: &mut length });
/// assert!(step.is_continue());
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Hooks {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    /// Leaked if handles are alive when the last `Hooks` goes.
    instance: ManuallyDrop<Box<Instance>>,
    /// Held while a set is loaded or unloaded; code of libraries runs meanwhile.
    transaction: Transaction,
    /// Held for moments, never while code of a library runs.
    control: Mutex<Control>,
}

/// What only writers touch.
#[derive(Debug)]
struct Control {
    /// Replaced generations that requests may still use.
    retired: Vec<Retired>,
    /// Where the loaded libraries come from now: the same bytes may have been found at another path since they were loaded.
    sources: Vec<Source>,
    observed_points: u32,
    /// Whether requests are worked on by several threads at once.
    multi_threading: bool,
    /// Whether loading and unloading do nothing.
    test_mode: bool,
}

#[derive(Debug)]
struct Retired {
    generation: Replaced,
    number: usize,
    /// Whether the current generation is the same set under another number.
    is_renewed: bool,
}

/// A loaded library, for operators.
#[derive(Clone, Debug, PartialEq)]
pub struct LibraryInfo {
    /// The plugin's name; that of a plain C library is its file's, without `lib` and `.so`.
    pub name: String,
    /// The plugin's version; that of a plain C library is the number of the C interface.
    pub version: String,
    /// Where it comes from.
    pub source: Source,
    /// What it was loaded with.
    pub parameters: serde_json::Value,
    /// Whether its callouts may run on several threads at once, as it says of itself.
    pub multi_threading_compatible: bool,
}

impl Hooks {
    /// The hook points that are linked into this program, without libraries.
    ///
    /// # Panics
    ///
    /// If two hook points have one name; see [`Hooks::try_new`].
    #[expect(clippy::new_without_default, reason = "a default that can panic would surprise")]
    pub fn new() -> Hooks {
        match Hooks::try_new() {
            Ok(hooks) => hooks,
            Err(error) => panic!("{error}"),
        }
    }

    /// The hook points that are linked into this program, without libraries.
    ///
    /// # Errors
    ///
    /// If two hook points have one name (both places are named); if a `hooks::library!` is linked into this program; or in a
    /// library, which works with the handles that its host lends it.
    pub fn try_new() -> Result<Hooks, Error> {
        if entry::is_library() {
            let text = "a library has no `Hooks` of its own; it uses the handle that its callouts are lent";
            return Err(Error::new(Kind::HookPoint, text));
        }
        if let Some(plugin) = entry::misplaced_line() {
            let text = format!(
                "the line `hooks::library!` for the crate `{plugin}` is linked into this program; a plugin that is compiled in \
                 has that line in a cdylib package of its own: `hooks::library!({plugin});`"
            );
            return Err(Error::new(Kind::HookPoint, text));
        }
        registry::lock().check()?;
        let shared = Arc::new_cyclic(|shared: &Weak<Shared>| {
            let (pre, post) = (component::pre(Vec::new()), component::post(Vec::new()));
            let instance = Instance::new(Generation::new(Vec::new(), pre, post, shared.clone()));
            let control = Control {
                retired: Vec::new(),
                sources: Vec::new(),
                observed_points: 0,
                multi_threading: true,
                test_mode: false,
            };
            Shared {
                instance: ManuallyDrop::new(Box::new(instance)),
                transaction: Transaction::default(),
                control: Mutex::new(control),
            }
        });
        Ok(Hooks { shared })
    }

    /// A callout handle for one request: it sees the libraries that are loaded now, and keeps them until it is dropped.
    pub fn handle(&self) -> CalloutHandle<'static> {
        let head = host::new_handle(&self.shared.instance);
        #[expect(unsafe_code, reason = "the handle takes the pointer over")]
        // SAFETY: it has just been made and nobody else has it.
        unsafe {
            CalloutHandle::from_head(head)
        }
    }

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
        if self.modes().1 {
            return Ok(());
        }
        if !self.unload_libraries() {
            return Err(Error::new(
                Kind::StillOpen,
                "some libraries are still used by requests; try again later or reload",
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
    /// unloaded. Requests that begin on other threads meanwhile see the new set.
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
        let (multi_threading, test_mode) = self.modes();
        if test_mode {
            return Ok(());
        }
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
            codes.push((open(&config.source, multi_threading)?, config));
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
        let accepted = accept.map_or(Ok(()), |accept| accept(&mut self.handle()));
        if accepted.is_err()
            && let Some(number) = self.free_number()
        {
            self.publish(number, before.clone(), old_sources);
            gone = set.extract_if(.., |new| !before.iter().any(|old| Arc::ptr_eq(old, new))).collect();
        }
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
        if self.modes().1 {
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
        if self.modes().1 {
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

    /// The loaded libraries, in order.
    pub fn libraries(&self) -> Vec<LibraryInfo> {
        let control = self.lock();
        let info = |(library, source): (&Arc<Library>, &Source)| LibraryInfo {
            name: library.code.name.to_string(),
            version: library.code.version.clone(),
            source: source.clone(),
            parameters: library.config.parameters.clone(),
            multi_threading_compatible: library.code.multi_threading_compatible,
        };
        self.shared.instance.current().libraries.iter().zip(&control.sources).map(info).collect()
    }

    /// The attached callouts, by hook point and in the order in which they are called.
    pub fn callouts(&self) -> Vec<CalloutInfo> {
        let _control = self.lock();
        self.shared.instance.current().chains.callouts()
    }

    /// The names of the loaded libraries, in order; the reference's `getLibraryNames`.
    pub fn library_names(&self) -> Vec<String> {
        self.libraries().into_iter().map(|library| library.name).collect()
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
        let (multi_threading, _) = self.modes();
        let validate = |config: &LibraryConfig| {
            let result = match &config.source {
                Source::File(path) => image::validate(path, multi_threading),
                Source::Builtin(name) => {
                    builtin::open(name).and_then(|code| check_mode(&code, &config.source, multi_threading))
                }
            };
            Some((config.source.clone(), result.err()?))
        };
        libraries.iter().filter_map(validate).collect()
    }

    /// Says whether requests are worked on by several threads at once, as the library check assumes unless told otherwise.
    ///
    /// While it is so, a library that is not `multi_threading_compatible` is refused when it is to be loaded or validated. What is
    /// loaded already stays.
    pub fn set_multi_threading(&self, enabled: bool) {
        self.lock().multi_threading = enabled;
    }

    /// In test mode loading and unloading do nothing and succeed, so that the component's own callouts stay; as in the reference.
    ///
    /// What has been loaded before stays as it is.
    pub fn set_test_mode(&self, enabled: bool) {
        self.lock().test_mode = enabled;
    }

    /// Whether there are several threads, and whether this is test mode.
    fn modes(&self) -> (bool, bool) {
        let control = self.lock();
        (control.multi_threading, control.test_mode)
    }

    /// Has `observer` told of every call from now on, or no one.
    pub fn set_observer(&self, observer: Option<Arc<dyn Observer>>) {
        let mut control = self.lock();
        let mut registry = registry::lock();
        // Every hook point looks attached while there is an observer, so that it is told of idle ones too.
        registry.detach(0..control.observed_points);
        control.observed_points = if observer.is_some() { registry.len() as u32 } else { 0 };
        registry.attach(0..control.observed_points);
        drop(registry);
        let old = self.shared.instance.set_observer(observer);
        drop(control);
        // An observer's own drop may use this `Hooks`.
        drop(old);
    }

    /// What is parked here, and how.
    pub(crate) fn parkings(&self) -> &Arc<Parkings> {
        self.shared.instance.parkings()
    }

    fn lock(&self) -> MutexGuard<'_, Control> {
        self.shared.lock()
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

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Control> {
        self.control.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next number whose place is free: a request that takes long holds one place, and not all that come after it.
    fn free_number(&self, control: &Control) -> Option<usize> {
        self.free_numbers(control).next()
    }

    fn free_numbers(&self, control: &Control) -> impl Iterator<Item = usize> {
        let number = self.instance.readers().number();
        let is_free = |next: &usize| control.retired.iter().all(|retired| place(retired.number) != place(*next));
        (number + 1..number + PLACES).filter(is_free)
    }
}

/// Frees a replaced generation, and with it the libraries that are in no other.
fn retire(replaced: Replaced) {
    #[expect(unsafe_code, reason = "a replaced generation is freed by hand")]
    // SAFETY: its number is free: all of its handles are gone, and what they did happened before.
    let generation = unsafe { replaced.reclaim() };
    let Generation { chains, libraries, pre, post } = *generation;
    drop((chains, pre, post));
    drop_in_reverse(libraries);
}

/// The library for `config`: one of `kept`, which it leaves, if code and parameters are the same; otherwise it is loaded.
fn keep_or_load(kept: &mut Vec<Arc<Library>>, code: Arc<Code>, config: LibraryConfig) -> Result<Arc<Library>, Error> {
    let same = |old: &Arc<Library>| is_same_code(&old.code, &code) && old.config.parameters == config.parameters;
    match kept.iter().position(same) {
        Some(place) => Ok(kept.remove(place)),
        None => Library::load(code, config, &host::api().library).map(Arc::new),
    }
}

/// Drops libraries in the order opposite to that of loading.
fn drop_in_reverse(mut libraries: Vec<Arc<Library>>) {
    while let Some(library) = libraries.pop() {
        drop(library);
    }
}

/// Why another set cannot be published: `needed` numbers must be free.
fn too_many_sets(needed: usize) -> String {
    format!("requests still use {} older sets of libraries; try again later", PLACES - needed)
}

/// The code of a library, which is not run yet.
fn open(source: &Source, multi_threading: bool) -> Result<Arc<Code>, Error> {
    let code = match source {
        Source::File(path) => image::open(path, multi_threading)?,
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

/// The same bytes are the same code; a built-in plugin cannot change.
fn is_same_code(one: &Arc<Code>, other: &Arc<Code>) -> bool {
    Arc::ptr_eq(one, other)
}

impl Drop for Shared {
    fn drop(&mut self) {
        let control = self.control.get_mut().unwrap_or_else(PoisonError::into_inner);
        registry::lock().detach(0..control.observed_points);
        let instance = &self.instance;
        // Whoever keeps a handle of the component's can register nothing any more, and a closure that has one goes.
        drop((instance.current().pre.close(), instance.current().post.close()));
        for library in instance.current().libraries.iter().rev() {
            library.unload();
        }
        instance.parkings().clear_lots();
        // Whoever kept a handle of the component's is told from now on that it has no effect.
        drop((instance.current().pre.close(), instance.current().post.close()));
        let mut in_use = false;
        for Retired { generation, number, .. } in control.retired.drain(..) {
            if instance.readers().is_free(number) {
                retire(generation);
            } else {
                // It is leaked.
                in_use = true;
            }
        }
        // Nobody can make a handle any more, so the current generation is like a replaced one.
        if in_use || !instance.readers().is_free(instance.readers().number()) {
            tracing::warn!("hooks were dropped while requests use them; their libraries stay in memory");
            return;
        }
        let libraries = instance.current().libraries.clone();
        #[expect(unsafe_code, reason = "the instance is dropped by hand, because it may have to be leaked")]
        // SAFETY: it is not used again; no handle is alive that could use it.
        unsafe {
            ManuallyDrop::drop(&mut self.instance);
        }
        drop_in_reverse(libraries);
    }
}
