//! Packs a packet into a datagram.

use dhcp4_api::{Packet, code};
use dhcproto::v4::{MAGIC, MIN_PACKET_SIZE};
use thiserror::Error;

/// The greatest number of octets that a UDP datagram can have.
const MAX_DATAGRAM: usize = 65_507;

/// Why a packet cannot be packed.
#[derive(Debug, Error)]
pub enum EncodeError {
    /// A name is longer than its field.
    #[error("`{field}` has {found} octets, but its field has {limit}")]
    Name {
        /// The name of the field.
        field: &'static str,
        /// How many octets the name has.
        found: usize,
        /// How many octets the field has.
        limit: usize,
    },
    /// A code that marks a place between options was given as that of an option.
    #[error("option {code} cannot have data: the code stands for padding or for the end of the options")]
    NoOption {
        /// The code.
        code: u8,
    },
    /// The packet does not fit into a datagram.
    #[error("the packet has {found} octets, but a datagram has at most 65507; send fewer or shorter options")]
    TooLong {
        /// How many octets the packet has.
        found: usize,
    },
}

/// Packs the packet; options that are longer than 255 octets are cut as RFC 3396 tells, and the relay agent's comes last.
pub fn encode(packet: &Packet) -> Result<Vec<u8>, EncodeError> {
    for (field, name, limit) in [("sname", &packet.sname, 64), ("file", &packet.file, 128)] {
        if name.len() > limit {
            return Err(EncodeError::Name { field, found: name.len(), limit });
        }
    }
    let mut datagram = Vec::with_capacity(MIN_PACKET_SIZE);
    header(packet, &mut datagram);
    let relayed = |code: u8| code == code::RELAY_AGENT_INFORMATION;
    let first = packet.options.iter().filter(|option| !relayed(option.code));
    for option in first.chain(packet.options.iter().filter(|option| relayed(option.code))) {
        match option.code {
            code @ (code::PAD | code::END) => return Err(EncodeError::NoOption { code }),
            code if option.data.is_empty() => datagram.extend([code, 0]),
            code => {
                for part in option.data.chunks(usize::from(u8::MAX)) {
                    datagram.extend([code, part.len() as u8]);
                    datagram.extend_from_slice(part);
                }
            }
        }
    }
    datagram.push(code::END);
    if datagram.len() < MIN_PACKET_SIZE {
        datagram.resize(MIN_PACKET_SIZE, code::PAD);
    }
    if datagram.len() > MAX_DATAGRAM {
        return Err(EncodeError::TooLong { found: datagram.len() });
    }
    Ok(datagram)
}

/// Writes the fields before the options. Not by dhcproto, which writes the rest of the names, 192 octets that are mostly
/// zero, octet by octet: that was more than half of the work of the whole packet.
fn header(packet: &Packet, datagram: &mut Vec<u8>) {
    let hardware = packet.chaddr.octets();
    datagram.extend([packet.op, packet.htype, hardware.len() as u8, packet.hops]);
    datagram.extend(packet.xid.to_be_bytes());
    datagram.extend(packet.secs.to_be_bytes());
    datagram.extend(packet.flags.to_be_bytes());
    for address in [packet.ciaddr, packet.yiaddr, packet.siaddr, packet.giaddr] {
        datagram.extend(address.octets());
    }
    for (field, length) in [(hardware, 16), (&packet.sname, 64), (&packet.file, 128)] {
        let end = datagram.len() + length;
        datagram.extend_from_slice(field);
        datagram.resize(end, 0);
    }
    datagram.extend(MAGIC);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_relay_agents_option_is_the_last_one() {
        let mut packet = Packet::default();
        packet.set_option(82, [1, 1, 7]);
        packet.set_option(53, [2]);
        let datagram = encode(&packet).unwrap();
        assert_eq!(&datagram[240..249], [53, 1, 2, 82, 3, 1, 1, 7, 255]);
        assert_eq!(datagram.len(), 300);
    }

    #[test]
    fn long_and_empty_options_are_written() {
        let mut packet = Packet::default();
        packet.set_option(80, []);
        packet.set_option(43, [7; 256]);
        let datagram = encode(&packet).unwrap();
        assert_eq!(&datagram[240..244], [80, 0, 43, 255]);
        assert_eq!(&datagram[499..], [43, 1, 7, 255]);
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let error = |change: fn(&mut Packet)| {
            let mut packet = Packet::default();
            change(&mut packet);
            encode(&packet).unwrap_err().to_string()
        };
        assert!(error(|packet| packet.sname = vec![1; 65]).contains("`sname` has 65"));
        assert!(error(|packet| packet.file = vec![1; 129]).contains("`file` has 129"));
        assert!(error(|packet| packet.set_option(0, [1])).contains("option 0"));
        assert!(error(|packet| packet.set_option(43, vec![1; 70_000])).contains("at most 65507"));
    }
}
