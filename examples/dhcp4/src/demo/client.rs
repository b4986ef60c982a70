//! A small DHCPv4 client.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr, SocketAddrV4, UdpSocket},
    time::{Duration, Instant},
};

use dhcp4_api::{MacAddr, MessageType, Packet, code};

use crate::codec;

/// After this time without an answer the demonstration has failed; it decides nothing else.
pub(super) const PATIENCE: Duration = Duration::from_secs(20);
/// How long a client listens before it asks whether the server has ended its work.
const LISTEN: Duration = Duration::from_millis(20);

/// A client with a socket of its own on the loopback interface.
#[derive(Debug)]
pub(super) struct Client {
    pub(super) mac: MacAddr,
    socket: UdpSocket,
    server: SocketAddrV4,
    xid: u32,
}

impl Client {
    /// The client with the hardware address that ends with this number.
    pub(super) fn new(number: u8, server: SocketAddrV4) -> io::Result<Self> {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
        socket.set_read_timeout(Some(LISTEN))?;
        Ok(Self { mac: MacAddr::from([2, 0, 0, 0, 0, number]), socket, server, xid: u32::from(number) << 8 })
    }

    /// A DISCOVER.
    pub(super) fn discover(&self) -> Packet {
        let mut packet = self.packet(MessageType::Discover);
        packet.set_option(code::PARAMETER_REQUEST_LIST, [code::SUBNET_MASK, code::ROUTERS, code::DOMAIN_NAME_SERVERS]);
        packet
    }

    /// A REQUEST for what the server has offered.
    pub(super) fn request(&self, offer: &Packet) -> Packet {
        let mut packet = self.discover();
        packet.set_option(code::MESSAGE_TYPE, [MessageType::Request.as_u8()]);
        packet.set_option(code::REQUESTED_ADDRESS, offer.yiaddr.octets());
        if let Some(server) = offer.server_id() {
            packet.set_option(code::SERVER_IDENTIFIER, server.octets());
        }
        packet
    }

    /// A REQUEST for more time on the lease of the address.
    pub(super) fn renew(&self, address: Ipv4Addr) -> Packet {
        Packet { ciaddr: address, ..self.packet(MessageType::Request) }
    }

    /// A RELEASE of the address.
    pub(super) fn release(&self, address: Ipv4Addr) -> Packet {
        let mut packet = Packet { ciaddr: address, ..self.packet(MessageType::Release) };
        packet.set_option(code::SERVER_IDENTIFIER, self.server.ip().octets());
        packet
    }

    /// Sends the packet.
    pub(super) fn send(&mut self, mut packet: Packet) -> Result<(), String> {
        self.xid += 1;
        packet.xid = self.xid;
        let datagram = codec::encode(&packet).map_err(|error| error.to_string())?;
        self.socket.send_to(&datagram, self.server).map_err(|error| format!("cannot send: {error}"))?;
        Ok(())
    }

    /// The answer of the server to the packet that was sent last, or none if `has_ended` says that the server has ended its
    /// work on it without one.
    pub(super) fn receive(&self, has_ended: impl Fn() -> bool) -> Result<Option<Packet>, String> {
        let mut buffer = [0; 2048];
        let begin = Instant::now();
        loop {
            let (length, source) = match self.socket.recv_from(&mut buffer) {
                Ok(received) => received,
                Err(error) if !matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => {
                    return Err(format!("cannot receive: {error}"));
                }
                Err(_) if has_ended() => return Ok(None),
                Err(_) if begin.elapsed() > PATIENCE => return Err("the server does not answer".to_owned()),
                Err(_) => continue,
            };
            let mut answer = Packet::default();
            let datagram = buffer.get(..length).unwrap_or_default();
            codec::decode(datagram, &mut answer).map_err(|error| format!("the answer cannot be read: {error}"))?;
            if source == SocketAddr::V4(self.server) && answer.xid == self.xid && answer.op == Packet::BOOTREPLY {
                return Ok(Some(answer));
            }
        }
    }

    /// Whether no datagram waits to be read.
    pub(super) fn has_received_nothing(&self) -> bool {
        let mut buffer = [0; 1];
        let waiting = self.socket.set_nonblocking(true).and_then(|()| self.socket.recv_from(&mut buffer));
        matches!(waiting, Err(error) if error.kind() == io::ErrorKind::WouldBlock)
    }

    fn packet(&self, kind: MessageType) -> Packet {
        let mut packet = Packet { op: Packet::BOOTREQUEST, chaddr: self.mac, ..Packet::default() };
        packet.set_option(code::MESSAGE_TYPE, [kind.as_u8()]);
        packet
    }
}
