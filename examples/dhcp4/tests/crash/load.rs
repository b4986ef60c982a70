//! Many clients on one socket, each of which takes a lease in an exchange of four packets.

use std::{
    collections::{BTreeMap, HashMap},
    io::ErrorKind,
    net::{Ipv4Addr, SocketAddrV4, UdpSocket},
    thread,
    time::{Duration, Instant},
};

use dhcp4_api::{MacAddr, MessageType, Packet, code};

use crate::program::PATIENCE;

/// How many clients wait for an answer at a time.
const AT_A_TIME: usize = 50;
/// After this time a client sends its packet again.
const RETRY: Duration = Duration::from_millis(500);

/// What came from the socket.
#[derive(Debug, PartialEq, Eq)]
enum Taken {
    Answer,
    Refusal,
    Nothing,
}

/// The clients.
pub(crate) struct Load {
    socket: UdpSocket,
    /// The packet that each client wants to have answered.
    waiting: HashMap<u32, Packet>,
    next: u32,
    /// What the server has acknowledged: the address of each client.
    pub(crate) acknowledged: BTreeMap<u32, Ipv4Addr>,
}

impl Load {
    pub(crate) fn new() -> Self {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        Self { socket, waiting: HashMap::new(), next: 0, acknowledged: BTreeMap::new() }
    }

    /// New clients take leases from the server until the server is gone, which is told how many have one.
    pub(crate) fn run(&mut self, server: SocketAddrV4, is_over: impl Fn(usize) -> bool) {
        self.connect(server);
        let before = self.acknowledged.len();
        while !is_over(self.acknowledged.len() - before) {
            while self.waiting.len() < AT_A_TIME {
                self.next += 1;
                self.send(self.next, packet(MessageType::Discover, self.next));
            }
            self.receive(&is_over);
        }
        // What the server had sent before its end; clients that got no answer give up.
        self.socket.set_nonblocking(true).unwrap();
        while self.take() != Taken::Nothing {}
        self.socket.set_nonblocking(false).unwrap();
    }

    /// The clients start again, and each asks the server whether its address is still good; gives back what they hear.
    ///
    /// A server that does not know a client is silent or refuses, so that only a lease on record gets an answer.
    pub(crate) fn reboot(&mut self, server: SocketAddrV4, clients: &BTreeMap<u32, Ipv4Addr>) {
        self.connect(server);
        let mut left: Vec<(u32, Ipv4Addr)> = clients.iter().map(|(number, address)| (*number, *address)).collect();
        let before = std::mem::take(&mut self.acknowledged);
        while self.acknowledged.len() < clients.len() {
            while self.waiting.len() < AT_A_TIME
                && let Some((number, address)) = left.pop()
            {
                let mut request = packet(MessageType::Request, number);
                request.set_option(code::REQUESTED_ADDRESS, address.octets());
                self.send(number, request);
            }
            self.receive(&|_| false);
        }
        let heard = std::mem::replace(&mut self.acknowledged, before);
        assert_eq!(heard, *clients);
    }

    fn connect(&mut self, server: SocketAddrV4) {
        self.socket.connect(server).unwrap();
        self.waiting.clear();
    }

    fn send(&mut self, number: u32, query: Packet) {
        // The server may not be there; then the client sends again.
        let _ = self.socket.send(&dhcp4::encode(&query).unwrap());
        self.waiting.insert(number, query);
    }

    /// Waits for an answer; if none comes, all clients send again.
    fn receive(&mut self, is_over: &dyn Fn(usize) -> bool) {
        let begin = Instant::now();
        self.socket.set_read_timeout(Some(RETRY)).unwrap();
        loop {
            match self.take() {
                Taken::Answer => return,
                Taken::Refusal => thread::sleep(Duration::from_millis(1)),
                Taken::Nothing => {}
            }
            if is_over(0) {
                return;
            }
            assert!(begin.elapsed() < PATIENCE, "no answer to: {:?}", self.waiting);
            for query in self.waiting.values() {
                let _ = self.socket.send(&dhcp4::encode(query).unwrap());
            }
        }
    }

    /// Takes one datagram, if there is one.
    fn take(&mut self) -> Taken {
        let mut buffer = [0; 2000];
        let length = match self.socket.recv(&mut buffer) {
            Ok(length) => length,
            // The system tells that nobody listens; there may be answers behind that.
            Err(error) if error.kind() == ErrorKind::ConnectionRefused => return Taken::Refusal,
            Err(_) => return Taken::Nothing,
        };
        let mut answer = Packet::default();
        dhcp4::decode(&buffer[..length], &mut answer).unwrap();
        let number = answer.xid;
        match answer.message_type() {
            // What comes to a packet that was sent twice comes twice.
            Some(MessageType::Offer) if self.waiting.get(&number).is_some_and(|query| query.server_id().is_none()) => {
                let mut request = packet(MessageType::Request, number);
                request.set_option(code::REQUESTED_ADDRESS, answer.yiaddr.octets());
                request.set_option(code::SERVER_IDENTIFIER, answer.server_id().unwrap().octets());
                self.send(number, request);
            }
            Some(MessageType::Offer) => {}
            Some(MessageType::Ack) => {
                self.waiting.remove(&number);
                let before = self.acknowledged.insert(number, answer.yiaddr);
                assert!(before.is_none_or(|before| before == answer.yiaddr), "client {number} has two leases");
            }
            other => panic!("client {number} gets {other:?}: {answer:?}"),
        }
        Taken::Answer
    }
}

/// A packet of the client with this number, which is also that of the packet.
fn packet(kind: MessageType, number: u32) -> Packet {
    let mut packet = Packet { op: Packet::BOOTREQUEST, xid: number, chaddr: mac(number), ..Packet::default() };
    packet.set_option(code::MESSAGE_TYPE, [kind.as_u8()]);
    packet
}

/// The hardware address of the client with this number.
pub(crate) fn mac(number: u32) -> MacAddr {
    let [a, b, c, d] = number.to_be_bytes();
    MacAddr::from([2, 0, a, b, c, d])
}
