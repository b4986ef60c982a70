//! From the datagram to a packet that the server works with.

use std::net::SocketAddrV4;

use dhcp4_api::{MessageType, Packet, buffer4_receive, pkt4_receive};
use hooks::CalloutHandle;

use super::{Engine, Link, Request, statistics::Counter};
use crate::{codec, leases::Client};

impl Engine {
    /// Parses the datagram and asks the callouts of `buffer4_receive` and `pkt4_receive`; nothing if it is dropped.
    pub(super) fn receive<'a>(
        &mut self,
        datagram: &[u8],
        link: &'a Link,
        source: SocketAddrV4,
        now: u64,
    ) -> Option<Request<'a>> {
        self.statistics.count(Counter::Received);
        let mut handle = self.hooks.handle();
        let mut query = Packet {
            raw: datagram.to_vec(),
            interface: link.interface.clone(),
            source,
            destination: SocketAddrV4::new(link.address, link.port),
            ..Packet::default()
        };
        match buffer4_receive::call(&mut handle, || buffer4_receive::Args { query4: &mut query }) {
            buffer4_receive::NextStep::Continue => {
                let raw = std::mem::take(&mut query.raw);
                let decoded = codec::decode(&raw, &mut query);
                query.raw = raw;
                if let Err(error) = decoded {
                    self.statistics.count(Counter::ParseFailed);
                    self.dropped(&query, &error.to_string());
                    return None;
                }
            }
            buffer4_receive::NextStep::Skip => {}
            buffer4_receive::NextStep::Drop => {
                self.dropped(&query, &dropped_by(&handle));
                return None;
            }
        }
        if query.op != Packet::BOOTREQUEST {
            self.dropped(&query, "it is not a packet of a client");
            return None;
        }
        match pkt4_receive::call(&mut handle, || pkt4_receive::Args { query4: &mut query }) {
            pkt4_receive::NextStep::Continue => {}
            pkt4_receive::NextStep::Skip | pkt4_receive::NextStep::Drop => {
                self.dropped(&query, &dropped_by(&handle));
                return None;
            }
        }
        let Some(kind) = query.message_type() else {
            self.dropped(&query, "it has no message type that the server knows");
            return None;
        };
        let Some(client) = Client::of(&query) else {
            self.dropped(&query, "it has neither a hardware address nor a client identifier");
            return None;
        };
        if !matches!(kind, MessageType::Discover | MessageType::Inform)
            && query.server_id().is_some_and(|server| server != link.address)
        {
            // The client has chosen another server: what was kept for it is free again.
            self.config.subnets.iter().for_each(|subnet| self.bindings.withdraw(subnet.id, &client));
            self.dropped(&query, "it is for another server");
            return None;
        }
        self.statistics.count(match kind {
            MessageType::Discover => Counter::DiscoverReceived,
            MessageType::Request => Counter::RequestReceived,
            MessageType::Release => Counter::ReleaseReceived,
            MessageType::Decline => Counter::DeclineReceived,
            MessageType::Inform => Counter::InformReceived,
            MessageType::Offer | MessageType::Ack | MessageType::Nak => Counter::UnknownReceived,
        });
        tracing::debug!(client = %query.mac(), xid = query.xid, "{kind} received");
        Some(Request { query, kind, client, link, now, handle, subnet: None })
    }

    /// Counts and tells that the query goes no further.
    pub(super) fn dropped(&mut self, query: &Packet, reason: &str) {
        self.statistics.count(Counter::ReceiveDrop);
        tracing::debug!(client = %query.mac(), xid = query.xid, source = %query.source, "packet dropped: {reason}");
    }
}

/// Which callout has dropped the packet at the hook point that the handle has just passed.
pub(super) fn dropped_by(handle: &CalloutHandle<'_>) -> String {
    match handle.decided_by() {
        Some(callout) => {
            format!("callout {}/{} of {} has dropped it", callout.library(), callout.callout(), callout.hook())
        }
        None => "a callout has dropped it".to_owned(),
    }
}
