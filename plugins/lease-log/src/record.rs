//! One record, and how it looks as a line.

use std::{
    fmt,
    net::Ipv4Addr,
    time::{SystemTime, UNIX_EPOCH},
};

use dhcp4_api::{Lease, LeaseState, MacAddr, Packet, code};

/// What has happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Event {
    /// The server has recorded a lease.
    Assigned,
    /// The server has extended a lease that its client uses.
    Renewed,
    /// The server has removed a lease.
    Removed,
    /// The server has taken the address out of use.
    Declined,
    /// A client gives its address back.
    ClientRelease,
    /// A client has found its address in use.
    ClientDecline,
    /// The time of a lease has ended.
    Expired,
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Assigned => "assigned",
            Self::Renewed => "renewed",
            Self::Removed => "removed",
            Self::Declined => "declined",
            Self::ClientRelease => "client-release",
            Self::ClientDecline => "client-decline",
            Self::Expired => "expired",
        })
    }
}

/// One record. It is put into words by the writer, not by the server.
#[derive(Debug, Clone)]
pub(crate) struct Record {
    time: SystemTime,
    event: Event,
    address: Ipv4Addr,
    hwaddr: MacAddr,
    client_id: Option<Vec<u8>>,
    hostname: String,
    lifetime: u32,
    subnet_id: u32,
    relay: Option<Ipv4Addr>,
    relay_info: Option<Vec<u8>>,
}

impl Record {
    /// The record of what happens now to the lease, because of the query if there is one.
    pub(crate) fn new(event: Event, lease: &Lease, query: Option<&Packet>) -> Self {
        let mut record = Self {
            time: SystemTime::now(),
            event,
            address: lease.address,
            hwaddr: lease.hwaddr,
            client_id: lease.client_id.clone(),
            hostname: lease.hostname.clone(),
            lifetime: lease.valid_lifetime,
            subnet_id: lease.subnet_id,
            relay: None,
            relay_info: None,
        };
        if let Some(query) = query {
            record.relay = query.is_relayed().then_some(query.giaddr);
            record.relay_info = query.option(code::RELAY_AGENT_INFORMATION).map(<[u8]>::to_vec);
            // A declined lease belongs to nobody; the query tells who has declined it.
            if lease.state == LeaseState::Declined {
                record.hwaddr = query.mac();
                record.client_id = query.client_id().map(<[u8]>::to_vec);
                record.hostname = query.hostname().unwrap_or_default().to_owned();
            }
        }
        record
    }

    /// When it happened.
    pub(crate) fn time(&self) -> SystemTime {
        self.time
    }
}

impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hwaddr = (!self.hwaddr.is_empty()).then_some(self.hwaddr);
        write!(f, "{} event={} address={}", Utc(self.time), self.event, self.address)?;
        write!(f, " hwaddr={} client-id={}", OrNone(hwaddr), OrNone(self.client_id.as_deref().map(Octets)))?;
        // Clients choose their names: quotes, line ends and anything but printable ASCII are escaped.
        write!(f, " hostname=\"{}\"", self.hostname.escape_default())?;
        write!(f, " lifetime={} subnet={}", self.lifetime, self.subnet_id)?;
        write!(f, " relay={} relay-info={}", OrNone(self.relay), OrNone(self.relay_info.as_deref().map(Octets)))
    }
}

/// Records that were not written because too many waited for the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Lost {
    /// How many.
    pub(crate) records: u64,
    /// When the first of them was made.
    pub(crate) first: SystemTime,
    /// When the last of them was made.
    pub(crate) last: SystemTime,
}

/// One line of the log, or its end.
#[derive(Debug, Clone)]
pub(crate) enum Line {
    /// What has happened to a lease.
    Record(Record),
    /// What is missing here.
    Lost(Lost),
    /// Nothing stands here: what follows goes to a new file.
    Rotation,
}

impl Line {
    /// How many records are missing if this line is not written.
    pub(crate) fn records(&self) -> u64 {
        match self {
            Self::Record(_) => 1,
            Self::Lost(lost) => lost.records,
            Self::Rotation => 0,
        }
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rotation => Ok(()),
            Self::Record(record) => writeln!(f, "{record}"),
            Self::Lost(Lost { records, first, last }) => {
                writeln!(f, "{} event=lost records={records} first={} last={}", Utc(*last), Utc(*first), Utc(*last))
            }
        }
    }
}

/// A time of RFC 3339.
struct Utc(SystemTime);

impl fmt::Display for Utc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A clock before 1970 has no such form.
        write!(f, "{}", humantime::format_rfc3339_millis(self.0.max(UNIX_EPOCH)))
    }
}

/// Octets as `01:0a`.
struct Octets<'a>(&'a [u8]);

impl fmt::Display for Octets<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, octet) in self.0.iter().enumerate() {
            write!(f, "{}{octet:02x}", if position > 0 { ":" } else { "" })?;
        }
        Ok(())
    }
}

/// The value, or a dash.
struct OrNone<T>(Option<T>);

impl<T: fmt::Display> fmt::Display for OrNone<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Some(value) => write!(f, "{value}"),
            None => f.write_str("-"),
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::time::Duration;

    use super::*;

    /// A lease of the address 192.0.2.x.
    pub(crate) fn lease(last: u8) -> Lease {
        Lease {
            address: Ipv4Addr::new(192, 0, 2, last),
            hwaddr: MacAddr::from([2, 0, 0, 0, 0, last]),
            client_id: None,
            valid_lifetime: 600,
            cltt: 1000,
            subnet_id: 1,
            state: LeaseState::Default,
            hostname: "pc".to_owned(),
        }
    }

    fn at(seconds: u64, record: Record) -> String {
        Record { time: UNIX_EPOCH + Duration::from_millis(seconds * 1000 + 42), ..record }.to_string()
    }

    #[test]
    fn a_record_is_one_line_with_all_fields() {
        let mut query = Packet { giaddr: Ipv4Addr::new(203, 0, 113, 1), ..Packet::default() };
        query.set_option(code::RELAY_AGENT_INFORMATION, [1, 2, 0xab, 0xcd]);
        let lease = Lease { client_id: Some(vec![1, 0xff]), ..lease(9) };
        assert_eq!(
            at(951_782_400, Record::new(Event::Assigned, &lease, Some(&query))),
            "2000-02-29T00:00:00.042Z event=assigned address=192.0.2.9 hwaddr=02:00:00:00:00:09 client-id=01:ff \
             hostname=\"pc\" lifetime=600 subnet=1 relay=203.0.113.1 relay-info=01:02:ab:cd"
        );
    }

    #[test]
    fn what_is_not_known_is_a_dash() {
        let lease = Lease { hwaddr: MacAddr::default(), hostname: String::new(), ..lease(9) };
        assert_eq!(
            at(0, Record::new(Event::Expired, &lease, None)),
            "1970-01-01T00:00:00.042Z event=expired address=192.0.2.9 hwaddr=- client-id=- hostname=\"\" lifetime=600 \
             subnet=1 relay=- relay-info=-"
        );
    }

    #[test]
    fn a_hostile_name_cannot_forge_a_record() {
        let hostname = "a\" relay=x\n2000-01-01T00:00:00Z event=assigned\r\u{1b}[2J\u{202e}\\".to_owned();
        let line = at(0, Record::new(Event::Assigned, &Lease { hostname, ..lease(9) }, None));
        assert!(line.is_ascii() && !line.contains(|c: char| c.is_ascii_control()));
        let expected = r#"hostname="a\" relay=x\n2000-01-01T00:00:00Z event=assigned\r\u{1b}[2J\u{202e}\\" lifetime="#;
        assert!(line.contains(expected), "{line}");
    }

    #[test]
    fn a_declined_lease_is_that_of_the_client_that_has_declined() {
        let mut query = Packet { chaddr: MacAddr::from([2, 0, 0, 0, 0, 9]), ..Packet::default() };
        query.set_option(code::CLIENT_IDENTIFIER, [1, 2]);
        let lease =
            Lease { hwaddr: MacAddr::default(), hostname: String::new(), state: LeaseState::Declined, ..lease(9) };
        let line = at(0, Record::new(Event::Declined, &lease, Some(&query)));
        assert!(line.contains("hwaddr=02:00:00:00:00:09 client-id=01:02"), "{line}");
    }

    #[test]
    fn a_clock_before_1970_is_no_panic() {
        let early =
            Record { time: UNIX_EPOCH - Duration::from_secs(1), ..Record::new(Event::Expired, &lease(1), None) };
        assert!(early.to_string().starts_with("1970-01-01T00:00:00.000Z "));
    }

    #[test]
    fn the_longest_record_fits_into_the_smallest_file() {
        let mut query = Packet { giaddr: Ipv4Addr::BROADCAST, ..Packet::default() };
        query.set_option(code::RELAY_AGENT_INFORMATION, [255; 255]);
        let lease = Lease {
            address: Ipv4Addr::BROADCAST,
            hwaddr: MacAddr::new(&[255; 16]),
            client_id: Some(vec![255; 255]),
            hostname: "\u{7f}".repeat(255),
            valid_lifetime: u32::MAX,
            subnet_id: u32::MAX,
            ..lease(9)
        };
        assert!(Record::new(Event::ClientRelease, &lease, Some(&query)).to_string().len() < 4096);
    }
}
