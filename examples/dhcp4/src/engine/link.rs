//! Where packets come from and go to.

use std::net::{Ipv4Addr, SocketAddrV4};

use dhcp4_api::{MessageType, Packet};

/// The port of servers and relay agents.
const SERVER_PORT: u16 = 67;
/// The port of clients.
const CLIENT_PORT: u16 = 68;

/// An interface on which the server listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// The name of the interface.
    pub interface: String,
    /// The address that identifies the server to clients of the interface.
    pub address: Ipv4Addr,
    /// The port on which the server listens.
    pub port: u16,
}

/// A datagram that the server sends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// The datagram.
    pub datagram: Vec<u8>,
    /// Where it goes.
    pub destination: SocketAddrV4,
    /// The interface on which it leaves.
    pub interface: String,
    /// Whether it promises something that is in the lease file: it must not leave before that is durable.
    pub durable: bool,
}

impl Link {
    /// Where the answer to the query goes.
    ///
    /// A server on another port than 67 or on a loopback address answers to where the query came from, since no client
    /// or relay agent there listens on the ports of the protocol. Else the answer goes to the relay agent if there is
    /// one, to the client's address if it has one, and else to everybody on the interface: the server has no raw
    /// sockets, so it cannot reach a client that has no address yet in another way.
    pub(super) fn destination(&self, query: &Packet, answer: MessageType) -> SocketAddrV4 {
        if self.port != SERVER_PORT || self.address.is_loopback() {
            query.source
        } else if query.is_relayed() {
            SocketAddrV4::new(query.giaddr, SERVER_PORT)
        } else if answer == MessageType::Nak || query.ciaddr.is_unspecified() {
            SocketAddrV4::new(Ipv4Addr::BROADCAST, CLIENT_PORT)
        } else {
            SocketAddrV4::new(query.ciaddr, CLIENT_PORT)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answer_goes_where_the_client_can_hear_it() {
        let eth0 = Link { interface: "eth0".into(), address: Ipv4Addr::new(192, 0, 2, 1), port: 67 };
        let source = SocketAddrV4::new(Ipv4Addr::new(192, 0, 2, 9), 6868);
        let new = Packet { source, ..Packet::default() };
        let renewing = Packet { ciaddr: Ipv4Addr::new(192, 0, 2, 9), ..new.clone() };
        let relayed = Packet { giaddr: Ipv4Addr::new(198, 51, 100, 1), ..renewing.clone() };
        let to = |link: &Link, query, answer| link.destination(query, answer).to_string();
        assert_eq!(to(&eth0, &new, MessageType::Offer), "255.255.255.255:68");
        assert_eq!(to(&eth0, &renewing, MessageType::Ack), "192.0.2.9:68");
        assert_eq!(to(&eth0, &renewing, MessageType::Nak), "255.255.255.255:68");
        assert_eq!(to(&eth0, &relayed, MessageType::Nak), "198.51.100.1:67");
        let unprivileged = Link { port: 6767, ..eth0 };
        assert_eq!(to(&unprivileged, &relayed, MessageType::Ack), "192.0.2.9:6868");
        let loopback = Link { address: Ipv4Addr::LOCALHOST, port: 67, ..unprivileged };
        assert_eq!(to(&loopback, &new, MessageType::Offer), "192.0.2.9:6868");
    }
}
