//! The configuration of the demonstration: one subnet and four plugins.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::config::{Config, ConfigError, LibraryPaths};

/// How the plugins get into the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Plugins {
    /// They are loaded as shared libraries.
    Shared,
    /// They are compiled into the program.
    Builtin,
}

/// A library that is loaded after the four.
#[derive(Debug, Clone)]
pub struct OwnLibrary {
    /// Where it is.
    pub library: PathBuf,
    /// Its parameters.
    pub parameters: Option<Value>,
}

impl OwnLibrary {
    fn entry(&self) -> Value {
        // Relative to the folder where the program was started, not to that of the configuration.
        let path = std::path::absolute(&self.library).unwrap_or_else(|_| self.library.clone());
        match &self.parameters {
            Some(parameters) => json!({"library": path, "parameters": parameters}),
            None => json!({"library": path}),
        }
    }
}

impl Plugins {
    /// How they get in, in words.
    pub(super) fn in_words(self) -> &'static str {
        match self {
            Self::Shared => "loaded as shared libraries",
            Self::Builtin => "compiled into the program",
        }
    }

    fn library(self, name: &str) -> String {
        match self {
            Self::Shared => format!("libdhcp_{}.so", name.replace('-', "_")),
            Self::Builtin => format!("builtin:{name}"),
        }
    }

    /// The configuration, with all files in the directory.
    pub(super) fn config(self, own: Option<&OwnLibrary>, directory: &Path) -> Result<Config, ConfigError> {
        let log = lease_log(directory);
        let plugins: [(&str, Value); 4] = [
            ("deny-list", json!({"deny": ["02:00:00:00:00:66"]})),
            (
                "static-lease",
                json!({"reservations": [{"hw-address": "02:00:00:00:00:02", "ip-address": "192.0.2.200"}]}),
            ),
            ("flex-option", json!({"options": [{"code": 6, "supersede": "192.0.2.254"}]})),
            ("lease-log", json!({"path": log})),
        ];
        let libraries: Vec<Value> = plugins
            .into_iter()
            .map(|(name, parameters)| json!({"library": self.library(name), "parameters": parameters}))
            .chain(own.map(OwnLibrary::entry))
            .collect();
        let config = json!({"Dhcp4": {
            "interfaces-config": {"interfaces": ["lo/127.0.0.1"], "port": 0},
            "valid-lifetime": 600,
            "lease-database": {"type": "memfile", "name": "leases"},
            "subnet4": [{
                "id": 1,
                "subnet": "192.0.2.0/24",
                "interface": "lo",
                "pools": [{"pool": "192.0.2.10 - 192.0.2.99"}],
                "option-data": [
                    {"name": "routers", "data": "192.0.2.1"},
                    {"name": "domain-name-servers", "data": "192.0.2.53"}
                ]
            }],
            "hooks-libraries": libraries
        }});
        // The person at the keyboard names the library, so it may be anywhere, and has just built the others, in a folder that
        // its group may write where the umask is 002.
        let paths = LibraryPaths::from_environment().without_permission_check();
        let paths = if own.is_some() { paths.without_check() } else { paths };
        Config::parse_with(&config.to_string(), &directory.join("dhcp4.json"), &paths)
    }
}

/// Where the lease-log plugin writes.
pub(super) fn lease_log(directory: &Path) -> PathBuf {
    directory.join("lease-log")
}
