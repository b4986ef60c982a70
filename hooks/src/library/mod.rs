//! A loaded library as the host sees it: a plugin's functions and state, and where its callouts are attached.

pub(crate) mod ahead;
pub(crate) mod binary;
mod buffer;
pub(crate) mod builtin;
mod bytes;
pub(crate) mod checked;
pub(crate) mod code;
pub(crate) mod config;
pub(crate) mod elf;
pub(crate) mod entry;
pub(crate) mod file;
mod find;
pub(crate) mod image;
pub(crate) mod images;
mod log;
mod needed;
mod policy;
pub(crate) mod read;
pub(crate) mod stage;
mod trust;

use std::ffi::c_void;
use std::mem::ManuallyDrop;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::abi::counted::Counted;
use crate::abi::guard::guard;
use crate::abi::{LibraryApi, Sink, Text};
use crate::error::{Error, Kind};
use crate::registrations::Registrations;

pub(crate) use code::{Attachment, Code, sort};
pub use config::{LibraryConfig, Source, parse_sha256};
pub use images::{ImageInfo, ImageState, images};
pub use policy::LibraryPolicy;

/// One loaded instance of a plugin.
#[derive(Debug)]
pub(crate) struct Library {
    pub(crate) code: Arc<Code>,
    pub(crate) config: LibraryConfig,
    registrations: Arc<Registrations>,
    state: State,
    unloaded: AtomicBool,
}

#[derive(Debug)]
struct State(*const c_void);

#[expect(unsafe_code, reason = "holds a plugin's state and calls its functions")]
mod boundary {
    use super::*;

    // SAFETY: the state is that of a `Plugin`, which is `Send + Sync`.
    unsafe impl Send for State {}
    // SAFETY: as for `Send`.
    unsafe impl Sync for State {}

    impl Library {
        /// Makes an instance whose library handle works through `api`: from what `predecessor` hands over, or else by `load`.
        pub(crate) fn load(
            code: Arc<Code>,
            config: LibraryConfig,
            api: &'static LibraryApi,
            predecessor: Option<&Library>,
        ) -> Result<Library, Error> {
            let failed = |error: &str| {
                let text = format!("library `{}` from {}: {error}", code.name, config.source);
                Error::new(Kind::Load, text)
            };
            let not_taken = |old: &Library, error: &str| {
                failed(&format!(
                    "version {} cannot take over from version {}, which was loaded from {}: {error}",
                    code.version, old.code.version, old.config.source
                ))
            };
            let handed = match predecessor {
                Some(old) => old.hand_over(&code).map_err(|error| not_taken(old, &error))?.map(|state| (old, state)),
                None => None,
            };
            let registrations = Registrations::of_library(&code, config.failure_policy.clone());
            let mut error = String::new();
            let parameters = config.parameters.to_string();
            let handle = ManuallyDrop::new(Counted::new(Arc::clone(&registrations)));
            let (parameters, sink) = (Text::new(&parameters), &mut Sink::new(&mut error));
            // SAFETY: the texts and the sink are lent for this call, the handle's count is given away; the code is mapped as long
            // as `code` is there.
            let state = unsafe {
                match (&handed, code.plugin.hand_over.take_over) {
                    (Some((_, state)), Some(take_over)) => {
                        take_over(Text::new(state), parameters, &raw const *handle, api, sink)
                    }
                    _ => (code.plugin.load)(parameters, &raw const *handle, api, sink),
                }
            };
            if state.is_null() {
                drop(registrations.close());
                return Err(match handed {
                    Some((old, _)) => not_taken(old, &error),
                    None => failed(&error),
                });
            }
            registrations.set_state(state);
            let library =
                Library { code, config, registrations, state: State(state), unloaded: AtomicBool::new(false) };
            library.log_loaded();
            Ok(library)
        }

        /// What the plugin hands over to a successor of this code, as JSON; nothing if one of the two takes no part in it.
        fn hand_over(&self, successor: &Code) -> Result<Option<String>, String> {
            let functions = (self.code.plugin.hand_over.hand_over, successor.plugin.hand_over.take_over);
            let library = &*self.code.name;
            let (Some(hand_over), Some(_)) = functions else {
                let _ = guard(|| {
                    let (old, new) = (functions.0.is_some(), functions.1.is_some());
                    tracing::debug!(library, old, new, "nothing is handed over, because old and new do not both do so");
                });
                return Ok(None);
            };
            let (mut state, mut error) = (String::new(), String::new());
            // SAFETY: the state is that of this plugin, and is dropped with `self`; the sinks are lent for this call.
            let well = unsafe { hand_over(self.state.0, &mut Sink::new(&mut state), &mut Sink::new(&mut error)) };
            if !well {
                return Err(error);
            }
            let _ = guard(|| tracing::debug!(library, bytes = state.len(), "the state is handed over"));
            Ok(Some(state))
        }

        /// Runs the plugin's `unload`, the first time only; a failure is logged. Then its open tickets are resolved.
        pub(crate) fn unload(&self) {
            // Relaxed: callers hold the writers' lock; the flag only makes it happen once.
            if self.unloaded.swap(true, Ordering::Relaxed) {
                return;
            }
            let mut error = String::new();
            // SAFETY: the state is that of this plugin, and is dropped with `self`.
            let well = unsafe { (self.code.plugin.unload)(self.state.0, &mut Sink::new(&mut error)) };
            let library = &*self.code.name;
            let _ = guard(|| match well {
                true => tracing::debug!(library, "unload has been called"),
                false => tracing::error!(library, "unload failed: {error}"),
            });
            self.registrations.holder().leave();
        }
    }

    impl Drop for Library {
        fn drop(&mut self) {
            self.unload();
            // Closures go before the state, which they may share parts with.
            self.registrations.close();
            let mut error = String::new();
            // SAFETY: the last generation with this library is gone, so nobody uses the state.
            let well = unsafe { (self.code.plugin.drop)(self.state.0, &mut Sink::new(&mut error)) };
            let library = &*self.code.name;
            let _ = guard(|| {
                if !well {
                    tracing::error!(library, "{error}");
                }
                tracing::info!(library, source = %self.config.source, "unloaded");
            });
        }
    }
}

impl Library {
    /// What it has registered.
    pub(crate) fn registrations(&self) -> &Arc<Registrations> {
        &self.registrations
    }

    /// Its `load` has succeeded: what came of it, for operators.
    fn log_loaded(&self) {
        let Code { name, version, callouts, .. } = &*self.code;
        let library = &**name;
        // A subscriber that panics must not leave a library half loaded.
        let _ = guard(|| {
            for Attachment { info, .. } in callouts.iter().filter(|callout| !callout.manual) {
                tracing::debug!(library, hook = info.hook(), callout = info.callout(), "callout attached");
            }
            tracing::info!(library, version = version.as_str(), source = %self.config.source, "loaded");
        });
    }
}
