//! The clients: each knows what it was told and sends what a client in its state sends.

use std::{
    net::{Ipv4Addr, SocketAddrV4},
    ops::Range,
};

use dhcp4_api::{MacAddr, MessageType, Packet, code};
use fastrand::Rng;

use crate::world::{DENIED, NETS, Net, link, mac, reservations};

/// What a client was last told.
#[derive(Debug, Clone, Copy)]
enum State {
    /// Nothing that is still good; it may remember an address.
    Init(Option<Ipv4Addr>),
    Offered(Ipv4Addr),
    Bound(Ipv4Addr),
}

/// A client.
#[derive(Debug)]
struct Client {
    mac: MacAddr,
    id: Option<Vec<u8>>,
    /// Which of the subnets it is in.
    place: usize,
    state: State,
}

/// A packet of a client, and the subnet for which it is.
#[derive(Debug, Clone)]
pub(crate) struct Sent {
    pub(crate) client: usize,
    pub(crate) query: Packet,
    pub(crate) source: SocketAddrV4,
    pub(crate) subnet: u32,
}

/// How many clients have nothing special.
const ORDINARY: u8 = 140;
/// Where the clients with a reservation are among all.
const RESERVED: Range<usize> = ORDINARY as usize..ORDINARY as usize + 3;

/// All clients.
pub(crate) struct Population {
    clients: Vec<Client>,
    last: usize,
    xid: u32,
}

impl Population {
    /// Clients without an identifier, with one made of the hardware address, with one of their own, several with one
    /// hardware address, several with one identifier; some have a reservation, some are denied.
    pub(crate) fn new() -> Self {
        let special = reservations().map(|(number, _)| number).into_iter().chain(DENIED);
        let ordinary = (0..ORDINARY).chain(special).map(|number: u8| {
            let id = match number % 4 {
                0 => None,
                1 => Some([&[1], mac(number).octets()].concat()),
                2 => Some(format!("client {number}").into_bytes()),
                _ => Some(vec![0, number / 8]),
            };
            (mac(number), id)
        });
        let sharing = (0..8).map(|number| (mac(150 + number / 4), Some(vec![7, number]).filter(|_| number % 4 > 0)));
        let client = |(place, (mac, id))| Client { mac, id, place: place % NETS.len(), state: State::Init(None) };
        Self { clients: ordinary.chain(sharing).enumerate().map(client).collect(), last: 0, xid: 0 }
    }

    /// The next packet of some client.
    pub(crate) fn next(&mut self, rng: &mut Rng) -> Sent {
        // A client that has an offer mostly goes on at once.
        let goes_on = matches!(self.clients[self.last].state, State::Offered(_)) && rng.u8(..10) < 7;
        if !goes_on {
            // Those with a reservation are few, but they have rules of their own.
            let numbers = if rng.u8(..20) == 0 { RESERVED } else { 0..self.clients.len() };
            self.last = rng.usize(numbers);
        }
        self.xid += 1;
        let client = &mut self.clients[self.last];
        if rng.u8(..100) < 2 {
            client.place = rng.usize(..NETS.len());
        }
        let net = &NETS[client.place];
        let mut query = Packet { op: Packet::BOOTREQUEST, xid: self.xid, chaddr: client.mac, ..Packet::default() };
        if let Some(id) = &client.id {
            query.set_option(code::CLIENT_IDENTIFIER, id.clone());
        }
        if rng.bool() {
            query.set_option(code::PARAMETER_REQUEST_LIST, [1, 3, 6, 12, 15]);
            query.set_option(code::HOST_NAME, format!("host-{}", self.last));
        }
        if rng.bool() {
            query.flags = Packet::BROADCAST;
        }
        let by_relay = client.fill(&mut query, net, rng);
        let mut sent = Sent { client: self.last, source: SocketAddrV4::new(query.ciaddr, 68), subnet: net.id, query };
        match net.relay {
            Some(relay) if by_relay => {
                sent.query.giaddr = relay;
                sent.query.hops = 1;
                sent.source = SocketAddrV4::new(relay, 67);
                if rng.u8(..3) == 0 {
                    sent.query.set_option(code::RELAY_AGENT_INFORMATION, [1, 2, 7, 7]);
                }
            }
            // Sent to the server itself, from wherever the client is: its address tells the subnet.
            _ if !by_relay => {
                if let Some(own) = NETS.iter().find(|net| net.contains(sent.query.ciaddr)) {
                    sent.subnet = own.id;
                }
            }
            _ => {}
        }
        sent
    }

    /// The client takes the answer to its packet.
    pub(crate) fn take(&mut self, sent: &Sent, answer: Option<&Packet>) {
        let Some(client) = self.clients.get_mut(sent.client) else { return };
        let Some(answer) = answer else { return };
        client.state = match answer.message_type() {
            Some(MessageType::Offer) => State::Offered(answer.yiaddr),
            Some(MessageType::Ack) if !answer.yiaddr.is_unspecified() => State::Bound(answer.yiaddr),
            Some(MessageType::Nak) => State::Init(None),
            _ => client.state,
        };
    }
}

impl Client {
    /// Fills in a message that suits the state, and says whether it passes the relay agent.
    fn fill(&mut self, query: &mut Packet, net: &Net, rng: &mut Rng) -> bool {
        let message = |query: &mut Packet, kind: MessageType| query.set_option(code::MESSAGE_TYPE, [kind.as_u8()]);
        let server = link().address.octets();
        let some_address = |rng: &mut Rng| NETS[rng.usize(..NETS.len())].address(rng.u8(..));
        match (self.state, rng.u8(..100)) {
            (State::Offered(address), 0..80) => {
                message(query, MessageType::Request);
                query.set_option(code::REQUESTED_ADDRESS, address.octets());
                query.set_option(code::SERVER_IDENTIFIER, server);
            }
            (State::Offered(address), 80..85) => {
                // It has chosen another server.
                message(query, MessageType::Request);
                query.set_option(code::REQUESTED_ADDRESS, address.octets());
                query.set_option(code::SERVER_IDENTIFIER, [192, 0, 2, 2]);
                self.state = State::Init(None);
            }
            (State::Offered(_), 85..90) => {
                message(query, MessageType::Request);
                query.set_option(code::REQUESTED_ADDRESS, some_address(rng).octets());
                query.set_option(code::SERVER_IDENTIFIER, server);
            }
            (State::Bound(address), 0..30) => {
                // Renewing: to the server itself, not through the relay agent.
                message(query, MessageType::Request);
                query.ciaddr = address;
                return false;
            }
            (State::Bound(address), 30..45) => {
                // Rebinding: to everybody.
                message(query, MessageType::Request);
                query.ciaddr = address;
            }
            (State::Bound(address) | State::Init(Some(address)), 45..60) => {
                // It has started again.
                message(query, MessageType::Request);
                query.set_option(code::REQUESTED_ADDRESS, address.octets());
            }
            (State::Bound(address), 60..68) => {
                message(query, MessageType::Release);
                query.ciaddr = address;
                query.set_option(code::SERVER_IDENTIFIER, server);
                self.state = State::Init(Some(address));
                return false;
            }
            (State::Bound(address), 68..72) => {
                message(query, MessageType::Decline);
                query.set_option(code::REQUESTED_ADDRESS, address.octets());
                query.set_option(code::SERVER_IDENTIFIER, server);
                self.state = State::Init(None);
            }
            (State::Bound(address), 72..80) => {
                message(query, MessageType::Inform);
                query.ciaddr = address;
                return false;
            }
            (state, chance) => {
                message(query, MessageType::Discover);
                match state {
                    State::Init(Some(address)) => query.set_option(code::REQUESTED_ADDRESS, address.octets()),
                    _ if chance >= 97 => query.set_option(code::REQUESTED_ADDRESS, some_address(rng).octets()),
                    _ if chance >= 90 => query.set_option(code::REQUESTED_ADDRESS, net.address(chance).octets()),
                    _ => {}
                }
            }
        }
        true
    }
}
