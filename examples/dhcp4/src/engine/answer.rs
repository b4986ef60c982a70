//! An answer on its way out.

use dhcp4_api::{Lease, MessageType, Packet, Subnet, buffer4_send, leases4_committed, pkt4_send};
use hooks::CalloutHandle;

use super::{Engine, Outgoing, Request, receive::dropped_by, statistics::Counter};
use crate::{
    codec,
    leases::{Client, FileError},
};

/// An answer that waits to be sent, with all that the hook points on its way need.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) query: Packet,
    pub(super) client: Client,
    pub(super) now: u64,
    pub(super) response: Packet,
    pub(super) subnet: Option<Subnet>,
    pub(super) handle: CalloutHandle<'static>,
    pub(super) promise: Promise,
}

/// What an answer tells the client that it can rely on.
#[derive(Debug)]
pub(super) enum Promise {
    /// Nothing that the server must keep.
    Nothing,
    /// An address that is kept in memory.
    Offer(Lease),
    /// What the lease file says.
    Recorded,
}

impl Answer {
    pub(super) fn new(request: Request<'_>, response: Packet, promise: Promise) -> Box<Self> {
        let Request { query, client, now, handle, subnet, .. } = request;
        Box::new(Self { query, client, now, response, subnet, handle, promise })
    }
}

impl Engine {
    /// Asks the callouts of `leases4_committed` and gives back the answer that may be sent; a RELEASE and a DECLINE
    /// have none.
    pub(super) fn committed(
        &mut self,
        mut request: Request<'_>,
        response: Packet,
        leases: Vec<Lease>,
        deleted: Vec<Lease>,
    ) -> Option<Box<Answer>> {
        let step = leases4_committed::call(&mut request.handle, || leases4_committed::Args {
            query4: &request.query,
            response4: &response,
            leases4: &leases,
            deleted_leases4: &deleted,
        });
        let answer = Answer::new(request, response, Promise::Recorded);
        match step {
            leases4_committed::Step::Continue => Some(answer).filter(|answer| answer.has_response()),
            leases4_committed::Step::Drop => {
                self.dropped(&answer.query, &dropped_by(&answer.handle));
                None
            }
            leases4_committed::Step::Parked(parked) => {
                self.park(parked, answer);
                None
            }
        }
    }

    /// Packs the answer and asks the callouts of `pkt4_send` and `buffer4_send`.
    pub(super) fn send(&mut self, answer: Answer) -> Option<Outgoing> {
        let Answer { query, mut response, subnet, mut handle, promise, .. } = answer;
        match pkt4_send::call(&mut handle, || pkt4_send::Args {
            query4: &query,
            response4: &mut response,
            subnet4: &subnet,
        }) {
            pkt4_send::NextStep::Continue => match codec::encode(&response) {
                Ok(raw) => response.raw = raw,
                Err(error) => {
                    self.statistics.count(Counter::PackFailed);
                    tracing::error!(client = %query.mac(), xid = query.xid, "the answer is not sent: {error}");
                    return None;
                }
            },
            pkt4_send::NextStep::Skip => {}
            pkt4_send::NextStep::Drop => {
                self.unsent(&query, &dropped_by(&handle));
                return None;
            }
        }
        match buffer4_send::call(&mut handle, || buffer4_send::Args { response4: &mut response }) {
            buffer4_send::NextStep::Continue => {}
            buffer4_send::NextStep::Skip | buffer4_send::NextStep::Drop => {
                self.unsent(&query, &dropped_by(&handle));
                return None;
            }
        }
        self.statistics.count(Counter::Sent);
        self.statistics.count(match response.message_type() {
            Some(MessageType::Offer) => Counter::OfferSent,
            Some(MessageType::Ack) => Counter::AckSent,
            Some(MessageType::Nak) => Counter::NakSent,
            _ => Counter::UnknownSent,
        });
        Some(Outgoing {
            datagram: response.raw,
            destination: response.destination,
            interface: response.interface,
            durable: matches!(promise, Promise::Recorded),
        })
    }

    /// Tells that a change could not be recorded, so that the client gets no answer.
    pub(super) fn unrecorded(&mut self, request: &Request<'_>, error: &FileError) -> Option<Box<Answer>> {
        self.statistics.count(Counter::LeaseWriteFailed);
        tracing::error!(client = %request.query.mac(), xid = request.query.xid, "no answer: {error}");
        None
    }

    fn unsent(&mut self, query: &Packet, reason: &str) {
        self.statistics.count(Counter::SendDrop);
        tracing::debug!(client = %query.mac(), xid = query.xid, "answer not sent: {reason}");
    }
}

impl Answer {
    pub(super) fn has_response(&self) -> bool {
        self.response.op == Packet::BOOTREPLY
    }
}
