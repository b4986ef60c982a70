//! A query on its way through the server.

use dhcp4_api::{Lease, LeaseState, MessageType, Packet, Subnet};
use hooks::CalloutHandle;

use super::Link;
use crate::leases::Client;

/// The longest name of a client that a lease keeps.
const MAX_HOSTNAME: usize = 255;

/// A query and what the server knows about it so far.
#[derive(Debug)]
pub(super) struct Request<'a> {
    pub(super) query: Packet,
    pub(super) kind: MessageType,
    pub(super) client: Client,
    pub(super) link: &'a Link,
    pub(super) now: u64,
    /// Shared by all callouts of the packet.
    pub(super) handle: CalloutHandle<'static>,
    pub(super) subnet: Option<Subnet>,
}

impl Request<'_> {
    /// A lease that begins now and has no address yet.
    pub(super) fn lease(&self, subnet: &Subnet) -> Lease {
        Lease {
            address: std::net::Ipv4Addr::UNSPECIFIED,
            hwaddr: self.client.hwaddr,
            client_id: self.client.client_id.clone(),
            valid_lifetime: subnet.valid_lifetime,
            cltt: self.now,
            subnet_id: subnet.id,
            state: LeaseState::Default,
            hostname: self.hostname(),
        }
    }

    /// The name that the client has sent, or an empty text.
    pub(super) fn hostname(&self) -> String {
        self.query.hostname().filter(|name| name.len() <= MAX_HOSTNAME).unwrap_or_default().to_owned()
    }
}
