//! One option of a packet.

use std::net::Ipv4Addr;

use serde::{Deserialize, Serialize};

/// The codes of the options that the server itself reads or writes.
pub mod code {
    /// Fills the space between options.
    pub const PAD: u8 = 0;
    /// The netmask of the client's subnet.
    pub const SUBNET_MASK: u8 = 1;
    /// The routers of the subnet.
    pub const ROUTERS: u8 = 3;
    /// The name servers of the subnet.
    pub const DOMAIN_NAME_SERVERS: u8 = 6;
    /// The name of the client.
    pub const HOST_NAME: u8 = 12;
    /// The domain of the client.
    pub const DOMAIN_NAME: u8 = 15;
    /// The address that the client asks for.
    pub const REQUESTED_ADDRESS: u8 = 50;
    /// How many seconds the lease is valid.
    pub const LEASE_TIME: u8 = 51;
    /// Tells that the fields `file` and `sname` hold options.
    pub const OVERLOAD: u8 = 52;
    /// The type of the message.
    pub const MESSAGE_TYPE: u8 = 53;
    /// The address that identifies the server.
    pub const SERVER_IDENTIFIER: u8 = 54;
    /// The codes of the options that the client wants.
    pub const PARAMETER_REQUEST_LIST: u8 = 55;
    /// Why the server refused, or why the client declined.
    pub const MESSAGE: u8 = 56;
    /// When the client should start to renew.
    pub const RENEWAL_TIME: u8 = 58;
    /// When the client should start to rebind.
    pub const REBINDING_TIME: u8 = 59;
    /// What identifies the client instead of its hardware address.
    pub const CLIENT_IDENTIFIER: u8 = 61;
    /// What relay agents have added.
    pub const RELAY_AGENT_INFORMATION: u8 = 82;
    /// The subnet from which the client wants its address.
    pub const SUBNET_SELECTION: u8 = 118;
    /// Ends the options.
    pub const END: u8 = 255;
}

/// One option: its code and its data as on the wire, without the octet for the length.
///
/// The data may be longer than 255 octets: the server cuts it into several options when it packs it, and joins the
/// parts of a long option when it unpacks one.
#[derive(hooks::HookType, Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DhcpOption {
    /// The code of the option.
    pub code: u8,
    /// The data of the option.
    pub data: Vec<u8>,
}

impl DhcpOption {
    /// An option with this code and data.
    pub fn new(code: u8, data: impl Into<Vec<u8>>) -> Self {
        Self { code, data: data.into() }
    }

    /// The data as one address, if it is four octets long.
    pub fn address(&self) -> Option<Ipv4Addr> {
        <[u8; 4]>::try_from(self.data.as_slice()).ok().map(Ipv4Addr::from)
    }
}
