//! Asks an address whether somebody uses it.

use std::{
    io::{self, ErrorKind, Read},
    net::{Ipv4Addr, SocketAddrV4, UdpSocket},
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use socket2::{Domain, Protocol, SockAddr, Socket, Type};

use crate::{
    echo,
    parameters::{Method, Settings},
};

/// What has been found out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// Somebody uses the address.
    InUse,
    /// Nobody has replied.
    Free,
    /// The plugin ends before it is known.
    Stopped,
}

/// For so long a thread does not look whether the plugin ends.
const SLICE: Duration = Duration::from_millis(50);

impl Method {
    /// Whether this machine allows it.
    pub(crate) fn allowed(self) -> Result<(), String> {
        match self {
            Method::Udp(_) => Ok(()),
            Method::Icmp => icmp_socket().map(drop).map_err(|error| {
                format!(
                    "`method`: ICMP is not allowed to this process ({error}); allow it with the system's setting \
                     net.ipv4.ping_group_range or the capability CAP_NET_RAW, or set `\"method\": \"udp\"`"
                )
            }),
        }
    }
}

/// An ICMP socket: one that needs no privileges, where the system has them, or a raw one.
fn icmp_socket() -> io::Result<Socket> {
    let open = |kind| Socket::new(Domain::IPV4, kind, Some(Protocol::ICMPV4));
    open(Type::DGRAM).or_else(|_| open(Type::RAW))
}

/// Asks `address` as `settings` say, until somebody replies or it is clear that nobody does.
///
/// # Errors
///
/// If the address cannot be asked.
pub(crate) fn ask(address: Ipv4Addr, settings: &Settings, stopped: impl Fn() -> bool) -> io::Result<Found> {
    let (socket, port) = match settings.method {
        Method::Icmp => (icmp_socket()?, 0),
        Method::Udp(port) => (UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0))?.into(), port),
    };
    // The kernel leaves out what comes from elsewhere, and reports what routers and the address itself say of the datagrams.
    match socket.connect(&SockAddr::from(SocketAddrV4::new(address, port))) {
        Err(error) => no_answer(error),
        Ok(()) => (1..=settings.requests).try_fold(Found::Free, |found, sequence| match found {
            Found::Free => one(&socket, settings, sequence as u16, &stopped),
            found => Ok(found),
        }),
    }
}

/// Sends one request and waits for its reply.
fn one(socket: &Socket, settings: &Settings, sequence: u16, stopped: impl Fn() -> bool) -> io::Result<Found> {
    let token = token();
    let sent = match settings.method {
        Method::Icmp => socket.send(&echo::request(token as u16, sequence, token)),
        Method::Udp(_) => socket.send(b"ping-check"),
    };
    if let Err(error) = sent {
        return no_answer(error);
    }
    let begin = Instant::now();
    loop {
        if stopped() {
            return Ok(Found::Stopped);
        }
        let left = settings.reply_timeout.saturating_sub(begin.elapsed());
        if left.is_zero() {
            return Ok(Found::Free);
        }
        socket.set_read_timeout(Some(left.min(SLICE)))?;
        let mut buffer = [0; 256];
        let mut reader = socket;
        match reader.read(&mut buffer) {
            Ok(length) => {
                let reply = buffer.get(..length).unwrap_or_default();
                // Whoever answers a UDP datagram is there.
                if matches!(settings.method, Method::Udp(_)) || echo::is_reply(reply, token) {
                    return Ok(Found::InUse);
                }
            }
            Err(error)
                if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted) => {}
            Err(error) => return no_answer(error),
        }
    }
}

/// What an error says about the address.
fn no_answer(error: io::Error) -> io::Result<Found> {
    match error.kind() {
        // The port is unreachable: that is what a machine says whose address it is.
        ErrorKind::ConnectionRefused => Ok(Found::InUse),
        // Nobody has answered to ARP, or a router knows of nobody.
        ErrorKind::HostUnreachable => Ok(Found::Free),
        _ => Err(error),
    }
}

/// A number that no other request of this machine has, as far as can be told.
fn token() -> u64 {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let time = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos() as u64);
    // Relaxed: only that each value is given once matters.
    time.wrapping_add(COUNT.fetch_add(1, Ordering::Relaxed)) ^ u64::from(std::process::id()) << 40
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(method: Method, timeout: u64, requests: u32) -> Settings {
        Settings { method, reply_timeout: Duration::from_millis(timeout), requests, threads: 1 }
    }

    #[test]
    fn a_port_where_nobody_listens_is_refused_by_whoever_has_the_address() {
        let found = ask(Ipv4Addr::LOCALHOST, &settings(Method::Udp(1), 600_000, 1), || false);
        assert_eq!(found.unwrap(), Found::InUse);
    }

    #[test]
    fn silence_is_waited_for_and_counted() {
        let silent = UdpSocket::bind("127.0.0.1:0").unwrap();
        let method = Method::Udp(silent.local_addr().unwrap().port());
        let begin = Instant::now();
        assert_eq!(ask(Ipv4Addr::LOCALHOST, &settings(method, 20, 3), || false).unwrap(), Found::Free);
        assert!(begin.elapsed() >= Duration::from_millis(60), "three times the time for a reply");
        silent.set_nonblocking(true).unwrap();
        let mut buffer = [0; 64];
        let requests = std::iter::from_fn(|| silent.recv(&mut buffer).ok()).count();
        assert_eq!(requests, 3);
        assert_eq!(ask(Ipv4Addr::LOCALHOST, &settings(method, 600_000, 1), || true).unwrap(), Found::Stopped);
    }

    #[test]
    fn any_reply_is_one() {
        let listener = UdpSocket::bind("127.0.0.1:0").unwrap();
        let method = Method::Udp(listener.local_addr().unwrap().port());
        let asking = std::thread::spawn(move || ask(Ipv4Addr::LOCALHOST, &settings(method, 600_000, 1), || false));
        let mut buffer = [0; 64];
        let (_, from) = listener.recv_from(&mut buffer).unwrap();
        listener.send_to(b"?", from).unwrap();
        assert_eq!(asking.join().unwrap().unwrap(), Found::InUse);
    }

    /// Where the system allows it, this machine replies to itself; where it does not, that is told when the plugin is loaded.
    #[test]
    fn icmp_works_or_is_refused_in_words() {
        match (Method::Icmp.allowed(), ask(Ipv4Addr::LOCALHOST, &settings(Method::Icmp, 600_000, 1), || false)) {
            (Ok(()), found) => assert_eq!(found.unwrap(), Found::InUse),
            (Err(text), found) => {
                assert!(text.contains("net.ipv4.ping_group_range") && text.contains("\"udp\""), "{text}");
                assert_eq!(found.unwrap_err().kind(), ErrorKind::PermissionDenied);
            }
        }
    }
}
