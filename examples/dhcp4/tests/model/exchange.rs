//! One packet and what it may and must lead to.

use std::net::Ipv4Addr;

use dhcp4::{Client, Outgoing};
use dhcp4_api::{Lease, LeaseState, MessageType, Packet, code};

use crate::{
    journal::Record,
    model::{Model, check, is_of, same},
    population::Sent,
    world::{DENIED, NAME_SERVERS, link, mac, net, reservations},
};

/// A query as the server reads it.
struct Query {
    packet: Packet,
    client: Client,
    kind: MessageType,
}

/// What came of a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Outcome {
    Offered,
    Acknowledged,
    Informed,
    Released,
    Declined,
    Refused,
    Nothing,
}

impl Model {
    /// Checks all that the server has done with the datagram.
    pub(crate) fn packet(
        &mut self,
        datagram: &[u8],
        sent: Option<&Sent>,
        outgoing: &[Outgoing],
        records: &[Record],
    ) -> Result<(Outcome, Option<Packet>), String> {
        let answer = answer(outgoing)?;
        let Some(query) = self.query(datagram, sent)? else {
            check(answer.is_none() && records.is_empty(), || {
                format!("an answer {answer:?} or {records:?} to nothing")
            })?;
            return Ok((Outcome::Nothing, None));
        };
        // What is due is found out before the records change what is known.
        let due = sent.and_then(|sent| self.due(&query, sent));
        if let Some(answer) = &answer {
            let (packet, outgoing) = (&query.packet, &outgoing[0]);
            check((answer.xid, answer.chaddr) == (packet.xid, packet.chaddr), || {
                format!("not its answer: {answer:?}")
            })?;
            let to_relay = *outgoing.destination.ip() == packet.giaddr && outgoing.destination.port() == 67;
            check(to_relay || !packet.is_relayed(), || format!("to {}, not to the relay", outgoing.destination))?;
            let name_server = answer.option(code::DOMAIN_NAME_SERVERS);
            let wrong = answer.message_type() != Some(MessageType::Nak)
                && name_server != Some(&NAME_SERVERS[usize::from(self.plugins)]);
            check(!wrong, || format!("wrong name server {name_server:?}"))?;
        }
        let outcome = match (query.kind, answer.as_ref().and_then(|answer| Some((answer.message_type()?, answer)))) {
            (MessageType::Discover, Some((MessageType::Offer, offer))) => {
                let subnet = subnet_of(offer.yiaddr)?;
                self.is_offered(&query.client, subnet, offer.yiaddr)?;
                Outcome::Offered
            }
            (MessageType::Request, Some((MessageType::Ack, ack))) => {
                return self.acknowledged(&query, ack.clone(), outgoing[0].durable, records, due);
            }
            (MessageType::Request, Some((MessageType::Nak, _))) => {
                self.forget_offers(&query.client, |_| true);
                Outcome::Refused
            }
            (MessageType::Inform, Some((MessageType::Ack, ack))) if ack.yiaddr.is_unspecified() => Outcome::Informed,
            (MessageType::Release, None) if !records.is_empty() => {
                return self.given_back(&query, query.packet.ciaddr, records, due);
            }
            (MessageType::Decline, None) if !records.is_empty() => {
                let address = query.packet.requested_address().ok_or("a DECLINE without an address has an effect")?;
                return self.given_back(&query, address, records, due);
            }
            (_, None) => Outcome::Nothing,
            (kind, Some(answer)) => return Err(format!("{kind} is answered by {answer:?}")),
        };
        check(records.is_empty(), || format!("{outcome:?}, but recorded {records:?}"))?;
        check(due.is_none_or(|due| due == outcome), || format!("{outcome:?}, but {due:?} is due"))?;
        Ok((outcome, answer))
    }

    /// The query, if it is one with which the server may do something.
    fn query(&mut self, datagram: &[u8], sent: Option<&Sent>) -> Result<Option<Query>, String> {
        let mut packet = Packet::default();
        let decoded = dhcp4::decode(datagram, &mut packet);
        check(sent.is_none_or(|sent| decoded.is_ok() && sent.query == packet), || "read as another packet".into())?;
        if decoded.is_err() || packet.op != Packet::BOOTREQUEST {
            return Ok(None);
        }
        let denied = self.plugins && DENIED.iter().any(|number| mac(*number) == packet.chaddr);
        let (Some(kind), Some(client)) = (packet.message_type(), Client::of(&packet)) else { return Ok(None) };
        if denied {
            return Ok(None);
        }
        let elsewhere = packet.server_id().is_some_and(|server| server != link().address);
        if elsewhere && !matches!(kind, MessageType::Discover | MessageType::Inform) {
            self.forget_offers(&client, |_| true);
            return Ok(None);
        }
        Ok(Some(Query { packet, client, kind }))
    }

    /// What a packet that nothing has happened to must lead to, where that is sure.
    fn due(&self, query: &Query, sent: &Sent) -> Option<Outcome> {
        let client = &query.client;
        let own = |address: Ipv4Addr| {
            self.leases.get(&address).filter(|lease| lease.state == LeaseState::Default && is_of(client, lease))
        };
        match query.kind {
            MessageType::Inform => Some(Outcome::Informed),
            MessageType::Release => own(query.packet.ciaddr).map(|_| Outcome::Released),
            MessageType::Decline => own(query.packet.requested_address()?).map(|_| Outcome::Declined),
            MessageType::Request => {
                let wanted = query.packet.requested_address().unwrap_or(query.packet.ciaddr);
                let here = own(wanted).is_some_and(|lease| lease.subnet_id == sent.subnet);
                let offered = self.offers.get(&wanted).is_some_and(|offer| {
                    offer.client == *client && offer.subnet == sent.subnet && query.packet.server_id().is_some()
                });
                // Where two clients are taken for one, a third one can be taken for one of them.
                let taken = self
                    .leases
                    .get(&wanted)
                    .is_some_and(|lease| lease.state == LeaseState::Default && !same(client, lease));
                let other = self.other_lease(client, sent.subnet, wanted);
                (here || offered && !taken && other.is_none()).then_some(Outcome::Acknowledged)
            }
            MessageType::Discover => {
                let reserved = reservations().iter().any(|(number, _)| self.plugins && mac(*number) == client.hwaddr);
                // Where two clients are taken for one, an offer to the one can keep the other from its lease.
                let other = self.other_lease(client, sent.subnet, Ipv4Addr::UNSPECIFIED);
                (!reserved && other.is_none() && self.free_address(sent.subnet).is_some()).then_some(Outcome::Offered)
            }
            _ => None,
        }
    }

    /// An ACK goes out if and only if the lease file has the lease.
    fn acknowledged(
        &mut self,
        query: &Query,
        ack: Packet,
        durable: bool,
        records: &[Record],
        due: Option<Outcome>,
    ) -> Result<(Outcome, Option<Packet>), String> {
        let (client, address) = (&query.client, ack.yiaddr);
        let subnet = subnet_of(address)?;
        self.may_have(client, subnet, address)?;
        let had = self.leases.get(&address).is_some_and(|old| old.state == LeaseState::Default && same(client, old));
        let promised = self.offers.get(&address).filter(|offer| !had && offer.client != *client);
        check(promised.is_none(), || format!("{address} was offered to {promised:?}, but {client:?} gets it"))?;
        check(durable, || "the ACK does not wait for its record to be durable".into())?;
        for record in records {
            let explained = match record {
                Record::Put(lease) => lease.address == address && is_of(client, lease) && lease.cltt == self.now,
                // A client has one address in a subnet.
                Record::Remove(other) => self
                    .leases
                    .get(other)
                    .is_some_and(|old| *other != address && old.subnet_id == subnet && same(client, old)),
            };
            check(explained, || format!("the ACK of {address} does not explain {record:?}"))?;
            self.apply(record);
        }
        let lifetime = ack.option(code::LEASE_TIME).and_then(|time| time.try_into().ok()).map(u32::from_be_bytes);
        let until = self.now + u64::from(lifetime.ok_or("an ACK without a lease time")?);
        let recorded = self.leases.get(&address).cloned();
        let agrees = |lease: &Lease| {
            lease.state == LeaseState::Default
                && same(client, lease)
                && lease.subnet_id == subnet
                && lease.expires() == until
                && until > self.now
        };
        let Some(recorded) = recorded.as_ref().filter(|lease| agrees(lease)) else {
            return Err(format!("the ACK of {address} until {until} to {client:?} is recorded as {recorded:?}"));
        };
        let is_double = |lease: &Lease| lease.address != address && is_of(client, lease);
        let double = self.other_lease(client, subnet, address).filter(|lease| is_double(lease));
        check(double.is_none(), || format!("the client of {address} has two leases: {double:?}"))?;
        self.is_told(client, recorded)?;
        self.offers.remove(&address);
        self.forget_offers(client, |offer| offer.subnet == subnet);
        check(due.is_none_or(|due| due == Outcome::Acknowledged), || format!("an ACK, but {due:?} is due"))?;
        Ok((Outcome::Acknowledged, Some(ack)))
    }

    /// A RELEASE or DECLINE has had an effect.
    fn given_back(
        &mut self,
        query: &Query,
        address: Ipv4Addr,
        records: &[Record],
        due: Option<Outcome>,
    ) -> Result<(Outcome, Option<Packet>), String> {
        let old = self.leases.get(&address).filter(|old| old.state == LeaseState::Default && same(&query.client, old));
        check(old.is_some(), || format!("{:?} has no lease of {address}, but {records:?}", query.client))?;
        let outcome = match records {
            [Record::Remove(removed)] if *removed == address && query.kind == MessageType::Release => Outcome::Released,
            [Record::Put(lease)]
                if lease.address == address
                    && lease.state == LeaseState::Declined
                    && lease.expires() == self.now + u64::from(crate::world::PROBATION)
                    && query.kind == MessageType::Decline =>
            {
                Outcome::Declined
            }
            _ => return Err(format!("{} of {address} does not explain {records:?}", query.kind)),
        };
        records.iter().for_each(|record| self.apply(record));
        check(due.is_none_or(|due| due == outcome), || format!("{outcome:?}, but {due:?} is due"))?;
        Ok((outcome, None))
    }
}

fn answer(outgoing: &[Outgoing]) -> Result<Option<Packet>, String> {
    let one = match outgoing {
        [] => return Ok(None),
        [one] => one,
        more => return Err(format!("{} answers to one packet", more.len())),
    };
    let mut answer = Packet::default();
    dhcp4::decode(&one.datagram, &mut answer).map_err(|error| format!("the answer cannot be read: {error}"))?;
    check(answer.op == Packet::BOOTREPLY, || format!("the answer is no reply: {answer:?}"))?;
    Ok(Some(answer))
}

fn subnet_of(address: Ipv4Addr) -> Result<u32, String> {
    let subnet = (1..=3).find(|id| net(*id).is_some_and(|net| net.contains(address)));
    subnet.ok_or_else(|| format!("{address} is in no subnet"))
}
