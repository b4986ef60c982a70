//! A subnet of the configuration.

use std::net::Ipv4Addr;

use crate::{DhcpOption, Pool, Prefix};

/// A subnet of the configuration, with what it inherits from above it.
#[derive(hooks::HookType, Debug, Clone, PartialEq, Eq)]
pub struct Subnet {
    /// The number that the configuration gives to the subnet.
    pub id: u32,
    /// The addresses that belong to the subnet.
    pub prefix: Prefix,
    /// The addresses that the server may give to any client.
    pub pools: Vec<Pool>,
    /// The options that clients of the subnet get if they ask for them.
    pub options: Vec<DhcpOption>,
    /// The codes of the options that clients get even if they do not ask for them.
    pub always_send: Vec<u8>,
    /// How many seconds a lease is valid.
    pub valid_lifetime: u32,
    /// After how many seconds a client starts to renew, if the server tells it.
    pub renew_timer: Option<u32>,
    /// After how many seconds a client starts to rebind, if the server tells it.
    pub rebind_timer: Option<u32>,
    /// The relay agents whose clients belong to the subnet, besides those inside its prefix.
    pub relays: Vec<Ipv4Addr>,
    /// The interface whose direct clients belong to the subnet.
    pub interface: Option<String>,
}

impl Subnet {
    /// Whether the address belongs to the subnet.
    pub fn contains(&self, address: Ipv4Addr) -> bool {
        self.prefix.contains(address)
    }

    /// Whether the address is in one of the pools.
    pub fn in_pool(&self, address: Ipv4Addr) -> bool {
        self.pools.iter().any(|pool| pool.contains(address))
    }
}
