//! A socket and the thread that reads from it.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr, SocketAddrV4, UdpSocket},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::SyncSender,
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use socket2::{Domain, Protocol, Socket, Type};

use super::{ServerError, control::Event, interfaces::Found};
use crate::engine::Link;

/// How long a reader waits for a datagram before it looks whether it should end.
const PATIENCE: Duration = Duration::from_millis(200);

/// The room for datagrams that wait to be read.
const RECEIVE_BUFFER: usize = 1 << 20;

/// A socket on one interface.
#[derive(Debug)]
pub(super) struct Listener {
    pub(super) link: Arc<Link>,
    socket: UdpSocket,
    stop: Arc<AtomicBool>,
    reader: Option<JoinHandle<()>>,
}

impl Listener {
    /// Opens a socket on the interface.
    ///
    /// On a loopback interface, whose address reaches the server alone, it is bound to the address. On any other it is
    /// bound to the interface and to all addresses, since clients without an address send to everybody.
    pub(super) fn open(found: &Found, port: u16) -> Result<Self, ServerError> {
        let fail =
            |action, hint| move |cause| ServerError::Socket { interface: found.name.clone(), action, cause, hint };
        let socket = Socket::new(Domain::IPV4, Type::DGRAM, Some(Protocol::UDP)).map_err(fail("open a socket", ""))?;
        socket.set_reuse_address(true).map_err(fail("set SO_REUSEADDR", ""))?;
        socket.set_broadcast(true).map_err(fail("set SO_BROADCAST", ""))?;
        // The system may allow less; then fewer datagrams can wait.
        let _ = socket.set_recv_buffer_size(RECEIVE_BUFFER);
        let mut address = found.address;
        if !address.is_loopback() {
            match socket.bind_device(Some(found.name.as_bytes())) {
                Ok(()) => address = Ipv4Addr::UNSPECIFIED,
                Err(error) => {
                    tracing::warn!(
                        interface = found.name,
                        %address,
                        "cannot bind to the interface ({error}): bound to its address, so that only relayed and renewing \
                         clients are heard; run the server with CAP_NET_RAW"
                    );
                }
            }
        }
        let hint = "; ports below 1024 need root or CAP_NET_BIND_SERVICE";
        socket.bind(&SocketAddrV4::new(address, port).into()).map_err(fail("bind to its port", hint))?;
        socket.set_read_timeout(Some(PATIENCE)).map_err(fail("set a timeout", ""))?;
        let socket = UdpSocket::from(socket);
        let port = socket.local_addr().map_err(fail("read the port of the socket", ""))?.port();
        let link = Arc::new(Link { interface: found.name.clone(), address: found.address, port });
        Ok(Self { link, socket, stop: Arc::default(), reader: None })
    }

    /// Starts the thread that reads from the socket.
    pub(super) fn start(&mut self, events: SyncSender<Event>) -> Result<(), ServerError> {
        let socket = self.socket.try_clone().map_err(ServerError::Thread)?;
        let (link, stop) = (Arc::clone(&self.link), Arc::clone(&self.stop));
        let name = format!("dhcp4 {}", link.interface);
        let reader = thread::Builder::new().name(name).spawn(move || read(&socket, &link, &stop, &events));
        self.reader = Some(reader.map_err(ServerError::Thread)?);
        Ok(())
    }

    /// Sends the datagram.
    pub(super) fn send(&self, datagram: &[u8], destination: SocketAddrV4) -> io::Result<()> {
        self.socket.send_to(datagram, destination).map(|_| ())
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(reader) = self.reader.take()
            && reader.join().is_err()
        {
            tracing::error!(interface = self.link.interface, "the thread of the interface has panicked");
        }
    }
}

fn read(socket: &UdpSocket, link: &Arc<Link>, stop: &AtomicBool, events: &SyncSender<Event>) {
    let mut buffer = vec![0; 1 << 16];
    while !stop.load(Ordering::Relaxed) {
        let (length, source) = match socket.recv_from(&mut buffer) {
            Ok((length, SocketAddr::V4(source))) => (length, source),
            Ok((_, SocketAddr::V6(_))) => continue,
            Err(error) => {
                let expected = matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut);
                // A refused answer to an earlier client comes back as an error of this socket; neither ends the server.
                if !expected && error.kind() != io::ErrorKind::Interrupted {
                    tracing::debug!(interface = link.interface, "cannot receive: {error}");
                    if error.kind() != io::ErrorKind::ConnectionRefused {
                        thread::sleep(PATIENCE);
                    }
                }
                continue;
            }
        };
        let Some(datagram) = buffer.get(..length) else { continue };
        let mut event = Event::Datagram { link: Arc::clone(link), datagram: datagram.to_vec(), source };
        // The queue is bounded: when the server cannot keep up, the system drops what does not fit into its buffer. A
        // reader that waits for room still ends when it is told to.
        loop {
            match events.try_send(event) {
                Ok(()) => break,
                Err(std::sync::mpsc::TrySendError::Disconnected(_)) => return,
                Err(std::sync::mpsc::TrySendError::Full(_)) if stop.load(Ordering::Relaxed) => return,
                Err(std::sync::mpsc::TrySendError::Full(back)) => {
                    event = back;
                    thread::sleep(Duration::from_millis(1));
                }
            }
        }
    }
}
