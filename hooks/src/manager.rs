//! `Hooks`: loads, replaces and unloads sets of libraries, and makes the handles of requests.

mod component;
mod failures;
mod generations;
mod leavings;
mod load;
mod points;
mod prepare;
mod renew;
mod replace;
mod unload;

pub use generations::{GenerationInfo, Generations};
use leavings::Leavings;
pub use prepare::Prepared;

use std::mem::ManuallyDrop;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Instant;

use crate::abi::guard::guard;
use crate::callout_info::CalloutInfo;
use crate::error::{Error, Kind};
use crate::failure::watchdog;
use crate::generation::Generation;
use crate::handle::CalloutHandle;
use crate::host;
use crate::instance::{Instance, Replaced};
use crate::library::{Library, LibraryPolicy, Source, entry, images};
use crate::membarrier;
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
    /// How many calls are dropping libraries that have left the current set.
    leavings: Leavings,
}

/// What only writers touch.
#[derive(Debug)]
struct Control {
    /// Replaced generations that requests may still use.
    retired: Vec<Retired>,
    /// Where the loaded libraries come from now: the same bytes may have been found at another path since they were loaded.
    sources: Vec<Source>,
    /// How many sets there were before the current one.
    set: u64,
    /// When the current set was published.
    since: Instant,
    /// How many of them are gone.
    retired_sets: u64,
    observed_points: u32,
    /// Whether requests are worked on by several threads at once.
    multi_threading: bool,
    /// Whether loading and unloading do nothing.
    test_mode: bool,
    /// Which libraries may be loaded.
    policy: LibraryPolicy,
}

#[derive(Debug)]
struct Retired {
    generation: Replaced,
    number: usize,
    /// Whether the current generation is the same set under another number.
    is_renewed: bool,
    /// Which set it is; several numbers may have one.
    set: u64,
    /// When it was replaced.
    since: Instant,
}

impl Control {
    /// Whether neither the current generation nor a retired one is the set `set`.
    fn is_gone(&self, set: u64) -> bool {
        set != self.set && self.retired.iter().all(|retired| retired.set != set)
    }
}

/// A loaded library, for operators.
#[derive(Clone, Debug, PartialEq)]
pub struct LibraryInfo {
    /// The plugin's name; that of a plain C library is its file's, without `lib` and what begins with `.so`.
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
                set: 0,
                since: Instant::now(),
                retired_sets: 0,
                observed_points: 0,
                multi_threading: true,
                test_mode: false,
                policy: LibraryPolicy::new(),
            };
            Shared {
                instance: ManuallyDrop::new(Box::new(instance)),
                transaction: Transaction::default(),
                control: Mutex::new(control),
                leavings: Leavings::new(),
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

    /// The attached callouts, by hook point and in the order in which they are called; those that are disabled are not among them.
    pub fn callouts(&self) -> Vec<CalloutInfo> {
        let _control = self.lock();
        self.shared.instance.current().chains.callouts()
    }

    /// The names of the loaded libraries, in order; the reference's `getLibraryNames`.
    pub fn library_names(&self) -> Vec<String> {
        self.libraries().into_iter().map(|library| library.name).collect()
    }

    /// Says whether requests are worked on by several threads at once, as the library check assumes unless told otherwise.
    ///
    /// While it is so, a library that is not `multi_threading_compatible` is refused when it is to be loaded or validated. What is
    /// loaded already stays.
    pub fn set_multi_threading(&self, enabled: bool) {
        self.lock().multi_threading = enabled;
    }

    /// Says which shared libraries may be loaded from now on; what is loaded already stays.
    ///
    /// ```
    /// use hooks::{Hooks, LibraryConfig, LibraryPolicy, Source};
    ///
    /// let hooks = Hooks::new();
    /// hooks.set_library_policy(LibraryPolicy::new().directories(["/usr/lib/server/hooks"]));
    /// let elsewhere = LibraryConfig::new(Source::File("/etc/hostname".into()));
    /// let error = hooks.load_libraries(vec![elsewhere]).unwrap_err();
    /// assert!(error.to_string().contains("may be loaded from `/usr/lib/server/hooks` only"), "{error}");
    /// ```
    pub fn set_library_policy(&self, policy: LibraryPolicy) {
        self.lock().policy = policy;
    }

    /// Which shared libraries may be loaded, as [`Hooks::set_library_policy`] has said.
    pub fn library_policy(&self) -> LibraryPolicy {
        self.lock().policy.clone()
    }

    /// In test mode loading and unloading do nothing and succeed, so that the component's own callouts stay; as in the reference.
    ///
    /// What has been loaded before stays as it is.
    pub fn set_test_mode(&self, enabled: bool) {
        self.lock().test_mode = enabled;
    }

    fn has_several_threads(&self) -> bool {
        self.lock().multi_threading
    }

    fn is_test_mode(&self) -> bool {
        self.lock().test_mode
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

/// Why another set cannot be published: `needed` numbers must be free.
fn too_many_sets(needed: usize) -> String {
    let count = PLACES - needed;
    if membarrier::is_refused() {
        return format!(
            "{count} older sets of libraries are kept, since nobody can tell whether requests still use them: the system call \
             `membarrier`, which was there when this process began, is refused now; allow it in the process's seccomp filter"
        );
    }
    format!("requests still use {count} older sets of libraries; try again later")
}

/// Drops libraries in the order opposite to that of loading.
fn drop_in_reverse(mut libraries: Vec<Arc<Library>>) {
    while let Some(library) = libraries.pop() {
        drop(library);
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        let control = self.control.get_mut().unwrap_or_else(PoisonError::into_inner);
        registry::lock().detach(0..control.observed_points);
        let instance = &self.instance;
        watchdog::set(instance, None);
        // Whoever keeps a handle of the component's can register nothing any more, and a closure that has one goes.
        drop((instance.current().pre.close(), instance.current().post.close()));
        for library in instance.current().libraries.iter().rev() {
            library.unload();
        }
        instance.parkings().clear_lots();
        // Whoever kept a handle of the component's is told from now on that it has no effect.
        drop((instance.current().pre.close(), instance.current().post.close()));
        // Also if it is leaked: while a `Hooks` is observed, the calls of all of them ask the host. The observer's drop may panic.
        let observer = instance.set_observer(None);
        let _ = guard(|| drop(observer));
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
        images::sweep();
    }
}
