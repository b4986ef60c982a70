//! Offers that wait until their address has been checked, on real sockets of the loopback interface.

use std::{
    fs,
    io::ErrorKind,
    net::{Ipv4Addr, SocketAddr, SocketAddrV4, UdpSocket},
    path::Path,
    thread,
    time::{Duration, Instant},
};

use dhcp4::{LibraryPaths, server::Server};
use dhcp4_api::{MacAddr, MessageType, Packet, code};
use hooks::Hooks;
use serde_json::{Value, json};

/// Only a test that fails waits this long.
const PATIENCE: Duration = Duration::from_secs(60);

fn write(file: &Path, libraries: &Value) {
    let config = json!({"Dhcp4": {
        "interfaces-config": {"interfaces": ["lo/127.0.0.1"], "port": 0},
        "lease-database": {"type": "memfile", "persist": false},
        "subnet4": [{
            "id": 1,
            "subnet": "127.1.0.0/16",
            "interface": "lo",
            "pools": [{"pool": "127.1.0.10 - 127.1.0.12"}]
        }],
        "hooks-libraries": libraries
    }});
    fs::write(file, config.to_string()).unwrap();
}

/// Machines at the addresses of the pool, which say nothing until they are told to.
fn machines() -> [UdpSocket; 3] {
    for _ in 0..1000 {
        let first = UdpSocket::bind("127.1.0.10:0").unwrap();
        let port = first.local_addr().unwrap().port();
        let bind = |last: u8| UdpSocket::bind((Ipv4Addr::new(127, 1, 0, last), port));
        // Another program may have the port at one of the other addresses.
        if let (Ok(second), Ok(third)) = (bind(11), bind(12)) {
            return [first, second, third];
        }
    }
    panic!("no port is free at all three addresses")
}

/// Waits until somebody asks for the machine.
fn asked(machine: &UdpSocket) -> SocketAddr {
    machine.set_read_timeout(Some(PATIENCE)).unwrap();
    machine.recv_from(&mut [0; 64]).unwrap().1
}

struct Client {
    socket: UdpSocket,
    number: u8,
}

impl Client {
    fn new(server: SocketAddrV4, number: u8) -> Self {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        socket.connect(server).unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        Self { socket, number }
    }

    fn send(&self, kind: MessageType, change: impl FnOnce(&mut Packet)) {
        let chaddr = MacAddr::from([2, 0, 0, 0, 0, self.number]);
        let mut query = Packet { op: Packet::BOOTREQUEST, chaddr, ..Packet::default() };
        query.set_option(code::MESSAGE_TYPE, [kind.as_u8()]);
        change(&mut query);
        self.socket.send(&dhcp4::encode(&query).unwrap()).unwrap();
    }

    fn answer(&self) -> Packet {
        let mut buffer = [0; 2000];
        let length = self.socket.recv(&mut buffer).unwrap();
        let mut answer = Packet::default();
        dhcp4::decode(&buffer[..length], &mut answer).unwrap();
        answer
    }

    fn discover(&self) {
        self.send(MessageType::Discover, |_| {});
    }

    fn offered(&self) -> Packet {
        let offer = self.answer();
        assert_eq!(offer.message_type(), Some(MessageType::Offer));
        offer
    }

    fn acknowledged(&self, address: Ipv4Addr) {
        let ack = self.answer();
        assert_eq!((ack.message_type(), ack.yiaddr), (Some(MessageType::Ack), address));
    }
}

#[test]
fn other_clients_are_served_while_one_waits_for_its_check() {
    let [first, second, third] = machines();
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("dhcp4.json");
    let port = first.local_addr().unwrap().port();
    let check = |timeout: u64| {
        let parameters = json!({"method": "udp", "port": port, "reply-timeout": timeout});
        json!([{"library": "libdhcp_ping_check.so", "parameters": parameters}])
    };
    write(&file, &check(300));
    let (paths, hooks) = (LibraryPaths::from_environment().without_permission_check(), Hooks::new());
    let server = Server::from_file(&file, &paths, hooks.clone()).unwrap();
    let (address, control) = (server.addresses()[0], server.control());
    let running = thread::spawn(move || server.run());

    // The first client gets its lease after nobody has answered for the address.
    let (one, begin) = (Client::new(address, 1), Instant::now());
    one.discover();
    let offer = one.offered();
    assert!(begin.elapsed() >= Duration::from_millis(300), "an offer without a check");
    asked(&first);
    let taken = Ipv4Addr::new(127, 1, 0, 10);
    assert_eq!(offer.yiaddr, taken);
    one.send(MessageType::Request, |query| {
        query.set_option(code::REQUESTED_ADDRESS, taken.octets());
        query.set_option(code::SERVER_IDENTIFIER, offer.server_id().unwrap().octets());
    });
    one.acknowledged(taken);

    // The second one waits for as long as the test likes.
    write(&file, &check(600_000));
    control.reload();
    // The server prepares it beside its loop.
    let begin = Instant::now();
    while hooks.libraries()[0].parameters["reply-timeout"] != 600_000 {
        assert!(begin.elapsed() < PATIENCE, "waited in vain for the new parameters");
        thread::sleep(Duration::from_millis(1));
    }
    let two = Client::new(address, 2);
    two.discover();
    let asking = asked(&second);
    for _ in 0..50 {
        one.send(MessageType::Request, |query| query.ciaddr = taken);
        one.acknowledged(taken);
    }
    // Its own address is offered to the first one again without a check.
    one.discover();
    assert_eq!(one.offered().yiaddr, taken);
    two.socket.set_nonblocking(true).unwrap();
    assert_eq!(two.socket.recv(&mut [0; 2000]).unwrap_err().kind(), ErrorKind::WouldBlock);
    two.socket.set_nonblocking(false).unwrap();

    // Its address is in use, and it is offered another one. It asks until the server has heard of the reply.
    second.send_to(b"here", asking).unwrap();
    thread::spawn(move || {
        while let Ok((_, from)) = second.recv_from(&mut [0; 64]) {
            let _ = second.send_to(b"here", from);
        }
    });
    third.set_read_timeout(Some(Duration::from_millis(100))).unwrap();
    let begin = Instant::now();
    while third.recv_from(&mut [0; 64]).is_err() {
        assert!(begin.elapsed() < PATIENCE, "waited in vain for a question to the third machine");
        two.discover();
    }

    // The library goes while the offer waits: it is sent as it would have been without the library.
    write(&file, &json!([]));
    control.reload();
    // One of its earlier questions may have waited for the other address until then.
    while two.offered().yiaddr != Ipv4Addr::new(127, 1, 0, 12) {}
    control.stop();
    running.join().unwrap().unwrap();
}
