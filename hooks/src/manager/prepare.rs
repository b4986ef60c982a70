//! Preparing sets of libraries: files are found, read, checked and opened, and the running set is not touched.

use std::path::Path;
use std::sync::{Arc, Weak};

use super::{Hooks, Shared};
use crate::error::{Error, Kind};
use crate::failure;
use crate::library::ahead::{Ahead, Reading};
use crate::library::checked::{self, Checked, Earlier, Looked, Taken, Wanted};
use crate::library::stage::Staging;
use crate::library::{Code, LibraryConfig, LibraryPolicy, Source, builtin, file, image, images};
use crate::registry::{self, Registry};

/// Libraries that are ready to be loaded, as [`Hooks::prepare`] makes them for [`Hooks::reload_prepared`].
///
/// Dropped instead, it leaves no trace in the `Hooks`. What was mapped for it stays mapped like each image (see
/// [`images`](crate::images)), and is used when the same bytes are wanted again; it is closed if
/// [`LibraryConfig::unmap_at_unload`] asks for it.
#[derive(Debug)]
#[must_use = "nothing is loaded before `Hooks::reload_prepared`"]
pub struct Prepared {
    /// The `Hooks` that has prepared them.
    owner: Weak<Shared>,
    /// What it allowed then.
    policy: LibraryPolicy,
    /// Nothing if they were prepared in test mode, in which nothing is read.
    entries: Option<Vec<Entry>>,
    /// Dropped last, when nothing here refers to an image any more.
    _sweep: Sweep,
}

/// A library whose code is there, and what it is to be loaded with.
pub(super) type Entry = (Arc<Code>, LibraryConfig);

/// An entry of a list that has been checked before anything of the list is opened.
enum Ready<'a> {
    Code(Arc<Code>),
    File(Wanted<'a>, Checked),
    /// A built-in plugin that may need hook points of a library before it.
    Builtin(&'a str),
}

impl Hooks {
    /// Does all of a [`Hooks::reload`] that takes long and has no effect on the loaded set, on whatever thread: `libraries` are
    /// found, read, checked and opened. [`Hooks::reload_prepared`] does the rest.
    ///
    /// All files are checked before any of them is opened. What runs of the libraries are their constructors, if they are
    /// not mapped yet, and the functions `version` and `multi_threading_compatible` of plain C libraries. The files may change or go
    /// afterwards; what is loaded is what was read.
    ///
    /// Several may be prepared at once, and loaded in any order, or not at all.
    ///
    /// # Errors
    ///
    /// If a library cannot be found or does not fit; [`Error::position`] says which.
    ///
    /// ```
    /// use hooks::{Hooks, LibraryConfig, Source};
    ///
    /// let hooks = Hooks::new();
    /// let missing = LibraryConfig::new(Source::File("/nowhere/libx.so".into()));
    /// assert!(hooks.prepare(vec![missing]).unwrap_err().is_not_found());
    /// let prepared = hooks.prepare(Vec::new())?;
    /// hooks.reload_prepared(prepared)?;
    /// # Ok::<(), hooks::Error>(())
    /// ```
    pub fn prepare(&self, libraries: Vec<LibraryConfig>) -> Result<Prepared, Error> {
        // Dropped last, when nothing here refers to an image any more.
        let _sweep = Sweep;
        let policy = self.library_policy();
        let entries =
            if self.is_test_mode() { None } else { Some(self.open_all(libraries, &policy, Reading::Aside)?) };
        Ok(Prepared { owner: Arc::downgrade(&self.shared), policy, entries, _sweep: Sweep })
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
        let mut earlier = Earlier::default();
        let staging = Staging::new(&policy);
        let list = List { policy: &policy, staging: &staging, multi_threading };
        let mut files = Ahead::new(list.files(libraries), Reading::Aside, checked::look);
        let mut validate = |config| validate(config, list, &mut files, &mut earlier);
        let validated: Vec<_> = libraries.iter().map(&mut validate).collect();
        // What a policy is for may be a hook point of a library that stands later.
        let problem = |(position, (config, result)): (usize, (&LibraryConfig, Result<(), Error>))| {
            let result = result.and_then(|()| check_policy(config, &earlier.brought));
            Some((config.source.clone(), result.err()?.at(position)))
        };
        libraries.iter().zip(validated).enumerate().filter_map(problem).collect()
    }

    /// The libraries with their code, none of which is loaded.
    pub(super) fn open_all(
        &self,
        libraries: Vec<LibraryConfig>,
        policy: &LibraryPolicy,
        reading: Reading,
    ) -> Result<Vec<Entry>, Error> {
        let (multi_threading, length) = (self.has_several_threads(), libraries.len());
        let mut earlier = Earlier::default();
        let staging = Staging::new(policy);
        let list = List { policy, staging: &staging, multi_threading };
        let take = if list.files(&libraries).nth(1).is_none() { checked::take_only } else { checked::take };
        let mut files = Ahead::new(list.files(&libraries), reading, take);
        let mut ready = Vec::with_capacity(length);
        // All files are found and checked before any code of a new library runs.
        for (position, config) in libraries.iter().enumerate() {
            let checked = check(config, list, &mut files, &mut earlier);
            ready.push(checked.map_err(|error| error.in_list(position, length))?);
        }
        // Hook points may come with a library that stands later.
        for (position, config) in libraries.iter().enumerate() {
            check_policy(config, &earlier.brought).map_err(|error| error.in_list(position, length))?;
        }
        let mut codes = Vec::with_capacity(length);
        for (position, (ready, config)) in ready.into_iter().zip(&libraries).enumerate() {
            let code = open(ready).and_then(|code| check_mode(&code, &config.source, multi_threading).map(|()| code));
            codes.push(code.map_err(|error| error.in_list(position, length))?);
        }
        Ok(codes.into_iter().zip(libraries).collect())
    }
}

impl Prepared {
    /// The libraries, if they may be loaded into `hooks` as it is now.
    pub(super) fn entries_for(&mut self, hooks: &Hooks) -> Result<Vec<Entry>, Error> {
        let again = |what: &str| Error::new(Kind::Refused, format!("{what}; prepare the libraries again"));
        if !std::ptr::eq(self.owner.as_ptr(), Arc::as_ptr(&hooks.shared)) {
            return Err(again("the libraries were prepared by another `Hooks`, which may allow other libraries"));
        }
        if self.policy != hooks.library_policy() {
            return Err(again("which libraries may be loaded has changed since they were prepared"));
        }
        let entries = self.entries.take().ok_or_else(|| again("the libraries were prepared in test mode"))?;
        let (multi_threading, length) = (hooks.has_several_threads(), entries.len());
        for (position, (code, config)) in entries.iter().enumerate() {
            let checked = check_mode(code, &config.source, multi_threading);
            checked.map_err(|error| error.in_list(position, length))?;
        }
        Ok(entries)
    }
}

/// What is the same for all libraries of a list.
#[derive(Clone, Copy)]
struct List<'a> {
    policy: &'a LibraryPolicy,
    staging: &'a Staging<'a>,
    multi_threading: bool,
}

impl<'a> List<'a> {
    fn file(self, path: &'a Path, config: &'a LibraryConfig) -> Wanted<'a> {
        let List { policy, staging, multi_threading } = self;
        Wanted { path, config, policy, staging, multi_threading }
    }

    /// Those of `libraries` that are files, in their order.
    fn files(self, libraries: &'a [LibraryConfig]) -> impl Iterator<Item = Wanted<'a>> {
        libraries.iter().filter_map(move |config| match &config.source {
            Source::File(path) => Some(self.file(path, config)),
            Source::Builtin(_) => None,
        })
    }
}

/// Whether the library could be opened, as far as its file tells, which is the next one of `files`.
fn validate<'a>(
    config: &'a LibraryConfig,
    list: List<'a>,
    files: &mut Ahead<'a, Looked>,
    earlier: &mut Earlier,
) -> Result<(), Error> {
    let code = match &config.source {
        Source::File(path) => {
            let wanted = list.file(path, config);
            checked::validate(wanted, files.next(wanted)?, earlier)?
        }
        Source::Builtin(name) => check_builtin(name, config, earlier)?,
    };
    code.map_or(Ok(()), |code| check_mode(&code, &config.source, list.multi_threading))
}

/// What of the library can be checked before anything of its list is opened.
fn check<'a>(
    config: &'a LibraryConfig,
    list: List<'a>,
    files: &mut Ahead<'a, Taken>,
    earlier: &mut Earlier,
) -> Result<Ready<'a>, Error> {
    let ready = match &config.source {
        Source::File(path) => {
            let wanted = list.file(path, config);
            Ready::File(wanted, checked::check(wanted, files.next(wanted)?, earlier)?)
        }
        Source::Builtin(name) => check_builtin(name, config, earlier)?.map_or(Ready::Builtin(name), Ready::Code),
    };
    if let Ready::File(_, Checked::Mapped { code, .. }) | Ready::Code(code) = &ready {
        check_mode(code, &config.source, list.multi_threading)?;
    }
    Ok(ready)
}

/// The code of a built-in plugin; nothing if it may be missing hook points that come with libraries before it.
fn check_builtin(name: &str, config: &LibraryConfig, earlier: &Earlier) -> Result<Option<Arc<Code>>, Error> {
    if config.sha256.is_some() {
        let text = format!("the built-in plugin `{name}` has no file; leave its SHA-256 out of the configuration");
        return Err(Error::new(Kind::Refused, text));
    }
    match builtin::open(name) {
        Ok(code) => Ok(Some(code)),
        Err(error) if error.is_not_found() || !earlier.any => Err(error),
        Err(_) => Ok(None),
    }
}

/// The code of a library that has been checked, which is not loaded yet.
fn open(ready: Ready<'_>) -> Result<Arc<Code>, Error> {
    match ready {
        Ready::Code(code) => Ok(code),
        Ready::File(wanted, checked) => image::open(wanted, checked),
        Ready::Builtin(name) => builtin::open(name),
    }
}

/// Refuses a failure policy that cannot be kept.
fn check_policy(config: &LibraryConfig, brought: &Registry) -> Result<(), Error> {
    failure::check(&config.failure_policy, &registry::lock(), brought).map_err(|text| {
        let text = match &config.source {
            Source::File(path) => format!("library `{}`: {text}", path.display()),
            Source::Builtin(name) => format!("built-in plugin `{name}`: {text}"),
        };
        Error::new(Kind::Refused, text)
    })
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

/// Closes images that nobody uses any more.
#[derive(Debug)]
pub(super) struct Sweep;

impl Drop for Sweep {
    fn drop(&mut self) {
        images::sweep();
    }
}
