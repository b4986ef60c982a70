//! Loading sets of libraries: how their files are checked is in `prepare.rs`, how one set is put in place of another in `replace.rs`.

use std::time::Duration;

use super::prepare::Sweep;
use super::{Hooks, Prepared};
use crate::error::{Error, Kind};
use crate::handle::CalloutHandle;
use crate::library::LibraryConfig;
use crate::library::ahead::Reading;

/// What nobody is asked.
type Accept = fn(&mut CalloutHandle<'_>) -> Result<(), Error>;

impl Hooks {
    /// Loads `libraries` in this order in place of those that are loaded; all or nothing.
    ///
    /// As in the reference, the old set is unloaded first, and after a failure none is loaded. [`Hooks::reload`] keeps the old
    /// set when the new one fails.
    ///
    /// While it lasts the files are read, checked and copied on as many threads as there are processors, four at most;
    /// [`Hooks::reload`] and [`Hooks::prepare`] leave the other processors to the requests.
    ///
    /// # Errors
    ///
    /// If requests still use the loaded libraries; if a library cannot be found, does not fit, or fails to load: the error
    /// names it and says why.
    pub fn load_libraries(&self, libraries: Vec<LibraryConfig>) -> Result<(), Error> {
        // Dropped last, when nothing here refers to an image any more.
        let _sweep = Sweep;
        drop(self.shared.transaction.begin()?);
        loop {
            if self.is_test_mode() {
                return Ok(());
            }
            if !self.unload_libraries() {
                return Err(Error::new(
                    Kind::StillOpen,
                    "requests still use the set that was loaded before, which is detached now, so that no library is loaded; drop \
                     their handles and try again, or use `reload`, which waits for nobody",
                ));
            }
            let transaction = self.shared.transaction.begin()?;
            // Otherwise another thread has loaded some in between, which are not to be kept.
            if self.current_libraries().is_empty() {
                let entries = self.open_all(libraries, &self.library_policy(), Reading::Alone)?;
                return self.commit(transaction, entries, None::<Accept>);
            }
        }
    }

    /// Replaces the loaded set by `libraries` as a transaction, while requests go on.
    ///
    /// It is [`Hooks::prepare`] and [`Hooks::reload_prepared`] in one call, and no other change of the set comes in between.
    ///
    /// Requests that have a handle finish with the set that they began with; handles made afterwards see the new one. A library
    /// whose content and parameters did not change is kept with its state. What of it is [disabled](crate::Disable) is tried again.
    ///
    /// # Errors
    ///
    /// If a library cannot be found, does not fit, or fails to load: then nothing has changed.
    pub fn reload(&self, libraries: Vec<LibraryConfig>) -> Result<(), Error> {
        self.replace(libraries, None::<Accept>)
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

    /// Replaces the loaded set by libraries that [`Hooks::prepare`] has read, checked and opened; otherwise as [`Hooks::reload`].
    ///
    /// What is left to do takes no longer than what the libraries do in their `load`, `hand_over` and `unload`. Which of them are
    /// kept is decided now, so there may have been other changes of the set since they were prepared.
    ///
    /// # Errors
    ///
    /// If a library fails to load; if the libraries were prepared by another [`Hooks`], or under another
    /// [library policy](Hooks::set_library_policy); if this `Hooks` works with several threads meanwhile and one of them is for one
    /// thread only: then nothing has changed, and they have to be prepared again.
    ///
    /// ```
    /// let hooks = hooks::Hooks::new();
    /// let libraries = Vec::new();
    /// let prepared = std::thread::scope(|scope| scope.spawn(|| hooks.prepare(libraries)).join()).expect("no panic")?;
    /// // The loop of a server, which has gone on meanwhile:
    /// hooks.reload_prepared(prepared)?;
    /// # Ok::<(), hooks::Error>(())
    /// ```
    pub fn reload_prepared(&self, prepared: Prepared) -> Result<(), Error> {
        self.replace_prepared(prepared, None::<Accept>)
    }

    /// Replaces the loaded set as [`Hooks::reload_prepared`] does if `accept` agrees, as in [`Hooks::reload_if`].
    ///
    /// # Errors
    ///
    /// As [`Hooks::reload_prepared`], or what `accept` has returned: then the old set is loaded.
    pub fn reload_prepared_if<E: From<Error>>(
        &self,
        prepared: Prepared,
        accept: impl FnOnce(&mut CalloutHandle<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        self.replace_prepared(prepared, Some(accept))
    }

    /// How long a load, reload or unload waits for another thread that changes the set; a minute unless something else is set.
    ///
    /// Afterwards it gives up, and nothing has changed. So a change ends that waits for a thread which waits for it, such as a
    /// library's `load` that joins a thread which reloads.
    pub fn set_change_timeout(&self, timeout: Duration) {
        self.shared.transaction.set_timeout(timeout);
    }
}
