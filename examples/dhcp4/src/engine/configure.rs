//! How the server takes a configuration, at the start and later.

use dhcp4_api::dhcp4_srv_configured;
use hooks::{CalloutHandle, Hooks, Outcome, ParkingOptions, Prepared};
use thiserror::Error;

use super::Engine;
use crate::{
    config::Config,
    leases::{FileError, LeaseStore},
};

/// Why the server does not take a configuration.
#[derive(Debug, Error)]
pub enum ConfigureError {
    /// A hook library cannot be loaded.
    #[error("the hook libraries cannot be loaded: {0}")]
    Libraries(#[from] hooks::Error),
    /// A callout has refused the configuration.
    #[error("a hook library refuses the configuration: {0}")]
    Refused(String),
    /// The lease file cannot be used.
    #[error(transparent)]
    Leases(#[from] FileError),
    /// The new configuration has another lease file.
    #[error("`lease-database` cannot change while the server runs; restart it to use the new one")]
    LeaseDatabase,
}

impl Engine {
    /// Loads the hook libraries, asks the callouts of `dhcp4_srv_configured` and opens the lease file.
    pub fn start(config: Config, hooks: Hooks) -> Result<Self, ConfigureError> {
        // The engine works on one packet after the other, so libraries that need that are welcome.
        hooks.set_multi_threading(false);
        hooks.set_parking(parking());
        hooks.set_library_policy(config.library_paths.policy());
        hooks.set_watchdog(config.slow_callout_limit);
        hooks.load_libraries(config.to_load())?;
        let opened =
            configured(&mut hooks.handle(), &config).and_then(|()| Ok(LeaseStore::open(&config.lease_database)?));
        match opened {
            Ok(leases) => Ok(Self::new(config, hooks, leases)),
            Err(error) => {
                hooks.prepare_unload_libraries();
                hooks.unload_libraries();
                Err(error)
            }
        }
    }

    /// Takes another configuration; on an error the old one and its libraries stay in use.
    pub fn reconfigure(&mut self, config: Config) -> Result<(), ConfigureError> {
        let libraries = self.hooks.prepare(config.to_load())?;
        self.reconfigure_with(config, libraries)
    }

    /// Takes another configuration, as [`Engine::reconfigure`], whose libraries have been prepared: so it takes no longer than
    /// what the libraries do.
    pub fn reconfigure_with(&mut self, config: Config, libraries: Prepared) -> Result<(), ConfigureError> {
        if config.lease_database != self.config.lease_database {
            return Err(ConfigureError::LeaseDatabase);
        }
        // If a callout refuses, the libraries are as they were, with what they keep in memory.
        self.hooks.reload_prepared_if(libraries, |handle| configured(handle, &config))?;
        self.hooks.set_watchdog(config.slow_callout_limit);
        self.bindings.reconfigure(&config.subnets, config.hold_reclaimed_time);
        self.config = config;
        Ok(())
    }

    /// Unloads the hook libraries; false if a parked answer still uses one.
    pub fn stop(self) -> bool {
        let Self { hooks, bindings, resumed, .. } = self;
        hooks.prepare_unload_libraries();
        // Answers that nobody will send any more hold on to their libraries.
        while resumed.pop().is_some() {}
        drop(bindings);
        hooks.unload_libraries()
    }
}

/// The server counts parked answers itself, for its statistics. An answer is sent when the library for which it waits goes:
/// without that library it would have been.
fn parking() -> ParkingOptions {
    ParkingOptions::new().cap(0).at_unload(Outcome::Resumed)
}

fn configured(handle: &mut CalloutHandle<'_>, config: &Config) -> Result<(), ConfigureError> {
    let mut error = String::new();
    let step = dhcp4_srv_configured::call(handle, || dhcp4_srv_configured::Args {
        json_config: &config.json,
        error: &mut error,
    });
    match step {
        dhcp4_srv_configured::NextStep::Continue => Ok(()),
        dhcp4_srv_configured::NextStep::Drop if error.is_empty() => {
            Err(ConfigureError::Refused("unknown error".to_owned()))
        }
        dhcp4_srv_configured::NextStep::Drop => Err(ConfigureError::Refused(error)),
    }
}
