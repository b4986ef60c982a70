//! A client on a socket of its own.

use std::{
    net::{Ipv4Addr, SocketAddrV4, UdpSocket},
    time::Duration,
};

use dhcp4_api::{MacAddr, MessageType, Packet, code};

/// Only a test that fails waits this long.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) struct Client {
    socket: UdpSocket,
    mac: MacAddr,
}

impl Client {
    pub(crate) fn new(server: SocketAddrV4, number: u16) -> Self {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        socket.connect(server).unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        let [high, low] = number.to_be_bytes();
        Self { socket, mac: MacAddr::from([2, 0, 0, 0, high, low]) }
    }

    fn send(&self, kind: MessageType, requested: Option<Ipv4Addr>, server: Option<Ipv4Addr>) {
        let mut query = Packet { op: Packet::BOOTREQUEST, xid: 7, chaddr: self.mac, ..Packet::default() };
        query.set_option(code::MESSAGE_TYPE, [kind.as_u8()]);
        for (code, address) in [(code::REQUESTED_ADDRESS, requested), (code::SERVER_IDENTIFIER, server)] {
            if let Some(address) = address {
                query.set_option(code, address.octets());
            }
        }
        self.socket.send(&dhcp4::encode(&query).unwrap()).unwrap();
    }

    fn receive(&self) -> Option<Packet> {
        let mut buffer = [0; 2000];
        let length = self.socket.recv(&mut buffer).ok()?;
        let mut answer = Packet::default();
        dhcp4::decode(&buffer[..length], &mut answer).unwrap();
        Some(answer)
    }

    /// The lease that the client gets.
    pub(crate) fn lease(&self) -> Ipv4Addr {
        self.send(MessageType::Discover, None, None);
        let offer = self.receive().expect("an offer");
        self.send(MessageType::Request, Some(offer.yiaddr), offer.server_id());
        let ack = self.receive().expect("an answer");
        assert_eq!((ack.message_type(), ack.yiaddr), (Some(MessageType::Ack), offer.yiaddr));
        ack.yiaddr
    }

    /// Asks for an address without waiting for the answer.
    pub(crate) fn discover(&self) {
        self.send(MessageType::Discover, None, None);
    }

    /// Whether no answer has come.
    pub(crate) fn has_nothing(&self) -> bool {
        self.socket.set_nonblocking(true).unwrap();
        let nothing = self.receive().is_none();
        self.socket.set_nonblocking(false).unwrap();
        nothing
    }
}
