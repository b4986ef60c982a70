//! The configuration of the server.

mod comments;
mod error;
mod schema;
mod option_data;
mod check;

use std::{
    fs,
    net::Ipv4Addr,
    path::{Path, PathBuf},
};

use dhcp4_api::Subnet;

pub use error::ConfigError;
pub(crate) use option_data::describe;
pub use schema::Fsync;

/// A configuration that has been checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// Where the server listens.
    pub interfaces: Vec<Interface>,
    /// The port on which it listens; 0 takes a free one.
    pub port: u16,
    /// For how many seconds an offered address is kept for the client.
    pub offer_lifetime: u32,
    /// For how many seconds nobody gets a declined address.
    pub decline_probation_period: u32,
    /// For how many seconds a reclaimed lease is kept.
    pub hold_reclaimed_time: u32,
    /// How many answers may be parked at a time; 0 is no limit.
    pub parked_packet_limit: usize,
    /// Where the leases are kept.
    pub lease_database: LeaseDatabase,
    /// The subnets, by ascending id.
    pub subnets: Vec<Subnet>,
    /// The hook libraries, in the order in which they are loaded.
    pub libraries: Vec<Library>,
    /// The configuration as JSON, without comments.
    pub json: String,
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

/// A hook library and its parameters.
#[derive(Debug, Clone, PartialEq)]
pub struct Library {
    /// The path of a shared library, or `builtin:` and the name of a library that is compiled in.
    pub library: String,
    /// What the configuration hands to the library.
    pub parameters: serde_json::Value,
}

impl Config {
    /// Reads and checks the file.
    pub fn load(file: &Path) -> Result<Self, ConfigError> {
        let text = fs::read_to_string(file).map_err(|error| ConfigError {
            file: file.to_owned(),
            place: String::new(),
            problem: format!("cannot read the configuration: {error}"),
        })?;
        Self::parse(&text, file)
    }

    /// Reads and checks the text of a configuration; the file is named in errors, and relative paths start at its
    /// directory.
    pub fn parse(text: &str, file: &Path) -> Result<Self, ConfigError> {
        let fail = |place: String, problem: String| ConfigError { file: file.to_owned(), place, problem };
        let json = comments::blank(text).map_err(|open| {
            fail(format!("line {} column {}", open.line, open.column), "expected `*/` after this comment".into())
        })?;
        let mut deserializer = serde_json::Deserializer::from_str(&json);
        let parsed: schema::File = serde_path_to_error::deserialize(&mut deserializer)
            .map_err(|error| fail(error.path().to_string(), error.inner().to_string()))?;
        deserializer.end().map_err(|error| fail(String::new(), error.to_string()))?;
        let directory = file.parent().unwrap_or(Path::new(""));
        check::check(parsed.dhcp4, directory, json).map_err(|problem| fail(problem.path, problem.text))
    }

    /// The subnet with this id.
    pub fn subnet(&self, id: u32) -> Option<&Subnet> {
        self.subnets.iter().find(|subnet| subnet.id == id)
    }
}
