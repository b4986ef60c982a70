//! The leases, the offers and the free addresses.

mod record;
mod file;
mod clients;
mod store;
mod offers;
mod intervals;
mod free;
mod bindings;

/// What is kept for each address. The server chooses which addresses there are, so nobody can choose them such that they
/// collide; clients are kept in maps that withstand that.
type ByAddress<T> = std::collections::HashMap<std::net::Ipv4Addr, T, foldhash::fast::RandomState>;

pub use bindings::{AddError, Bindings, Refusal};
pub use clients::Client;
pub use file::FileError;
pub use store::LeaseStore;
