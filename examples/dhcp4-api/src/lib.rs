//! The hook points of the DHCPv4 server and the types of their arguments.
//!
//! The server and every hook library depend on this crate and on nothing of each other. `points.rs` lists the hook
//! points in the order in which a packet passes them; the other modules hold one type each,
//! and `option_data` how options are written in a configuration.

#![forbid(unsafe_code)]

mod mac;
mod mac_pattern;
mod option;
pub mod option_data;
mod message_type;
mod packet;
mod prefix;
mod pool;
mod subnet;
mod lease;
mod points;

pub use lease::{Lease, LeaseState};
pub use mac::{MacAddr, ParseMacAddrError};
pub use mac_pattern::{MacPattern, ParseMacPatternError};
pub use message_type::MessageType;
pub use option::{DhcpOption, code};
pub use packet::Packet;
pub use points::*;
pub use pool::{ParsePoolError, Pool};
pub use prefix::{ParsePrefixError, Prefix};
pub use subnet::Subnet;
