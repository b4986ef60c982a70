//! Loading sets of libraries; how one is put in place of another is in `replace.rs`.

use std::sync::Arc;
use std::time::Duration;

use super::Hooks;
use crate::error::{Error, Kind};
use crate::failure;
use crate::handle::CalloutHandle;
use crate::library::image::{self, Wanted};
use crate::library::{Code, LibraryConfig, LibraryPolicy, Source, builtin, file};
use crate::registry::{self, Registry};

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
    /// whose content and parameters did not change is kept with its state. What of it is [disabled](crate::Disable) is tried again.
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

    /// How long a load, reload or unload waits for another thread that changes the set; a minute unless something else is set.
    ///
    /// Afterwards it gives up, and nothing has changed. So a change ends that waits for a thread which waits for it, such as a
    /// library's `load` that joins a thread which reloads.
    pub fn set_change_timeout(&self, timeout: Duration) {
        self.shared.transaction.set_timeout(timeout);
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
        let mut brought = Registry::default();
        let mut validate = |config: &LibraryConfig| match &config.source {
            Source::File(path) => image::validate(Wanted { path, config, policy: &policy, multi_threading })
                .map(|points| brought.learn(points)),
            Source::Builtin(_) => open(config, &policy, multi_threading).map(|_| ()),
        };
        let validated: Vec<_> = libraries.iter().map(&mut validate).collect();
        // What a policy is for may be a hook point of a library that stands later.
        let problem = |(position, (config, result)): (usize, (&LibraryConfig, Result<(), Error>))| {
            let result = result.and_then(|()| check_policy(config, &brought));
            Some((config.source.clone(), result.err()?.at(position)))
        };
        libraries.iter().zip(validated).enumerate().filter_map(problem).collect()
    }
}

/// The code of a library, which is not run yet.
pub(super) fn open(config: &LibraryConfig, policy: &LibraryPolicy, multi_threading: bool) -> Result<Arc<Code>, Error> {
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

/// Refuses a failure policy that cannot be kept.
pub(super) fn check_policy(config: &LibraryConfig, brought: &Registry) -> Result<(), Error> {
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
