//! The leases, the offers and the free addresses.

mod record;
mod file;
mod clients;
mod store;
mod offers;
mod intervals;
mod free;
mod bindings;

pub use bindings::{AddError, Bindings, Refusal};
pub use clients::Client;
pub use file::FileError;
pub use store::LeaseStore;
