//! The configuration of the server.

mod comments;
mod error;
mod document;
mod json_path;
mod element;
mod paths;
mod libraries;
mod lifetimes;
mod option_data;
mod subnets;
mod check;
mod validate;

use std::{
    fs,
    net::Ipv4Addr,
    path::{Path, PathBuf},
    time::Duration,
};

use dhcp4_api::Subnet;
use serde::Deserialize;

pub use error::{ConfigError, ConfigProblem};
pub use libraries::Library;
pub(crate) use option_data::describe;
pub use paths::LibraryPaths;

use document::{Document, SyntaxError, without_comments};

/// A configuration that has been checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// The file that is named in errors and in whose directory relative paths start.
    pub file: PathBuf,
    /// Where the server listens.
    pub interfaces: Vec<Interface>,
    /// The port on which it listens; 0 takes a free one.
    pub port: u16,
    /// Where the server takes commands, if anywhere.
    pub control_socket: Option<ControlSocket>,
    /// For how many seconds an offered address is kept for the client.
    pub offer_lifetime: u32,
    /// For how many seconds nobody gets a declined address.
    pub decline_probation_period: u32,
    /// For how many seconds a reclaimed lease is kept.
    pub hold_reclaimed_time: u32,
    /// How many answers may be parked at a time; 0 is no limit.
    pub parked_packet_limit: usize,
    /// From how long on a callout that runs is named in the log, if at all.
    pub slow_callout_limit: Option<Duration>,
    /// Where the leases are kept.
    pub lease_database: LeaseDatabase,
    /// The subnets, by ascending id.
    pub subnets: Vec<Subnet>,
    /// The hook libraries, in the order in which they are loaded.
    pub libraries: Vec<Library>,
    /// Where the shared libraries among them may be.
    pub library_paths: LibraryPaths,
    /// The configuration as JSON, without comments.
    pub json: String,
}

/// The unix socket on which the server takes commands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ControlSocket {
    /// Its path, absolute.
    pub path: PathBuf,
}

/// An interface on which the server listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interface {
    /// The name of the interface; `*` stands for all that are up and no loopback.
    pub name: String,
    /// The address that identifies the server there, if it is not the first one of the interface.
    pub address: Option<Ipv4Addr>,
}

/// Where the leases are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeaseDatabase {
    /// The lease file, or nothing if leases live in memory only.
    pub file: Option<PathBuf>,
    /// When its records are made durable.
    pub fsync: Fsync,
}

/// When records of the lease file are made durable.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fsync {
    /// After each record, before the server goes on.
    Always,
    /// Once per burst of packets, before any of its answers leaves.
    #[default]
    Batch,
    /// Left to the operating system.
    Never,
}

impl Config {
    /// Reads and checks the file; shared libraries are where [`LibraryPaths::from_environment`] says.
    ///
    /// # Errors
    ///
    /// All problems of the configuration, each with its place.
    pub fn load(file: &Path) -> Result<Self, ConfigError> {
        Self::load_with(file, &LibraryPaths::from_environment())
    }

    /// Reads and checks the file, as [`Config::load`], with other rules for the paths of libraries.
    ///
    /// # Errors
    ///
    /// All problems of the configuration, each with its place.
    pub fn load_with(file: &Path, paths: &LibraryPaths) -> Result<Self, ConfigError> {
        let text = fs::read_to_string(file).map_err(|error| {
            ConfigError::one(file.to_owned(), None, format!("cannot read the configuration: {error}"))
        })?;
        Self::parse_with(&text, file, paths)
    }

    /// Reads and checks the text of a configuration; the file is named in errors, and relative paths start at its
    /// directory.
    ///
    /// # Errors
    ///
    /// All problems of the configuration, each with its place.
    pub fn parse(text: &str, file: &Path) -> Result<Self, ConfigError> {
        Self::parse_with(text, file, &LibraryPaths::from_environment())
    }

    /// Reads and checks the text, as [`Config::parse`], with other rules for the paths of libraries.
    ///
    /// # Errors
    ///
    /// All problems of the configuration, each with its place.
    pub fn parse_with(text: &str, file: &Path, paths: &LibraryPaths) -> Result<Self, ConfigError> {
        let syntax = |error: SyntaxError| ConfigError::one(file.to_owned(), Some(error.place), error.text);
        let json = without_comments(text).map_err(syntax)?;
        let document = Document::new(&json);
        let tree = document.parse().map_err(syntax)?;
        let checked = check::check(&document.root(&tree), file, paths, &json);
        drop(tree);
        // There is a configuration unless a problem has been noted.
        match (checked, document.into_problems()) {
            (Some(config), problems) if problems.is_empty() => Ok(config),
            (_, problems) => Err(ConfigError { file: file.to_owned(), problems }),
        }
    }

    /// Whether the text is, or was to be, a configuration.
    pub(crate) fn is_meant_by(text: &str) -> bool {
        let json = without_comments(text).ok().and_then(|json| serde_json::from_str::<serde_json::Value>(&json).ok());
        json.is_some_and(|json| json.get("Dhcp4").is_some())
    }

    /// The subnet with this id.
    pub fn subnet(&self, id: u32) -> Option<&Subnet> {
        self.subnets.iter().find(|subnet| subnet.id == id)
    }
}
