//! Parses a datagram.

use dhcp4_api::{DhcpOption, MacAddr, Packet, code};
use dhcproto::v4::{
    MAGIC,
    borrowed::{DhcpOptionIterator, Message},
};
use thiserror::Error;

/// Why a datagram is no DHCPv4 packet.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum DecodeError {
    /// The datagram ends inside the header.
    #[error("the datagram has {found} octets, but the header of a DHCPv4 packet has 240")]
    TooShort {
        /// How many octets the datagram has.
        found: usize,
    },
    /// The options do not begin with the magic cookie.
    #[error("the options begin with {found:02x?} instead of the magic cookie [63, 82, 53, 63]: a BOOTP packet?")]
    NoMagicCookie {
        /// What is in the place of the cookie.
        found: [u8; 4],
    },
    /// The hardware address is longer than its field.
    #[error("the hardware address claims {found} octets, but its field has 16")]
    HardwareAddress {
        /// The length that the packet claims.
        found: u8,
    },
    /// An option is longer than what is left of the packet.
    #[error("option {code} in the field `{field}` claims {claimed} octets, but {left} are left")]
    Truncated {
        /// The code of the option.
        code: u8,
        /// The field in which the option is.
        field: &'static str,
        /// The length that the option claims.
        claimed: usize,
        /// How many octets are left.
        left: usize,
    },
}

/// Parses the datagram into the header fields and options of the packet; its addresses and `raw` stay as they are.
///
/// The parts of an option that is spread over several places are joined, as RFC 3396 tells; `file` and `sname` are read
/// as options where option 52 says that they hold some.
pub fn decode(datagram: &[u8], packet: &mut Packet) -> Result<(), DecodeError> {
    let too_short = DecodeError::TooShort { found: datagram.len() };
    let (Some(file), Some(sname), Some(options)) = (datagram.get(108..236), datagram.get(44..108), datagram.get(240..))
    else {
        return Err(too_short);
    };
    let message = Message::new(datagram).map_err(|_| too_short)?;
    if message.hlen() > 16 {
        return Err(DecodeError::HardwareAddress { found: message.hlen() });
    }
    match datagram.get(236..240) {
        Some(cookie) if cookie == MAGIC => {}
        other => {
            let found = other.and_then(|cookie| cookie.try_into().ok()).unwrap_or_default();
            return Err(DecodeError::NoMagicCookie { found });
        }
    }
    let mut collected = Collected::default();
    collected.read("options", options)?;
    let overload = match collected.options.iter().find(|option| option.code == code::OVERLOAD).map(|o| &o.data[..]) {
        Some([value @ 1..=3]) => *value,
        _ => 0,
    };
    if overload & 1 != 0 {
        collected.read("file", file)?;
    }
    if overload & 2 != 0 {
        collected.read("sname", sname)?;
    }
    packet.op = message.opcode().into();
    packet.htype = message.htype().into();
    packet.hops = message.hops();
    packet.xid = message.xid();
    packet.secs = message.secs();
    packet.flags = message.flags().into();
    packet.ciaddr = message.ciaddr();
    packet.yiaddr = message.yiaddr();
    packet.siaddr = message.siaddr();
    packet.giaddr = message.giaddr();
    packet.chaddr = MacAddr::new(message.chaddr());
    packet.file = if overload & 1 != 0 { Vec::new() } else { message.fname().to_vec() };
    packet.sname = if overload & 2 != 0 { Vec::new() } else { message.sname().to_vec() };
    packet.options = collected.options;
    if overload != 0 {
        // The names hold no options any more once they have been read.
        packet.remove_option(code::OVERLOAD);
    }
    Ok(())
}

/// Room for as many options as clients usually send.
const USUAL: usize = 8;

/// The options read so far.
struct Collected {
    options: Vec<DhcpOption>,
    /// Where each code is among them, counted from 1; there are fewer codes than that can count.
    place: [u8; 256],
}

impl Default for Collected {
    fn default() -> Self {
        Self { options: Vec::with_capacity(USUAL), place: [0; 256] }
    }
}

impl Collected {
    fn read(&mut self, field: &'static str, area: &[u8]) -> Result<(), DecodeError> {
        whole(field, area)?;
        for part in DhcpOptionIterator::new(area) {
            let code = u8::from(part.code());
            let Some(place) = self.place.get_mut(usize::from(code)) else { continue };
            match usize::from(*place).checked_sub(1).and_then(|place| self.options.get_mut(place)) {
                Some(option) => option.data.extend_from_slice(part.data()),
                None => {
                    self.options.push(DhcpOption::new(code, part.data()));
                    *place = self.options.len() as u8;
                }
            }
        }
        Ok(())
    }
}

/// Checks that no option is longer than its area; the iterator of dhcproto would end there without a word.
fn whole(field: &'static str, mut area: &[u8]) -> Result<(), DecodeError> {
    loop {
        area = match area {
            [] | [code::END, ..] => return Ok(()),
            [code::PAD, rest @ ..] => rest,
            [code] => return Err(DecodeError::Truncated { code: *code, field, claimed: 1, left: 0 }),
            [code, length, rest @ ..] => match rest.get(usize::from(*length)..) {
                Some(rest) => rest,
                None => {
                    let claimed = usize::from(*length);
                    return Err(DecodeError::Truncated { code: *code, field, claimed, left: rest.len() });
                }
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn datagram(options: &[u8]) -> Vec<u8> {
        let mut datagram = vec![0; 240];
        datagram[..3].copy_from_slice(&[1, 1, 6]);
        datagram[28..34].copy_from_slice(&[2, 0, 0, 0, 0, 1]);
        datagram[236..240].copy_from_slice(&MAGIC);
        datagram.extend(options);
        datagram
    }

    fn decoded(datagram: &[u8]) -> Result<Packet, DecodeError> {
        let mut packet = Packet::default();
        decode(datagram, &mut packet).map(|()| packet)
    }

    #[test]
    fn parts_of_a_long_option_are_joined_wherever_they_are() {
        let mut bytes = datagram(&[52, 1, 3, 43, 2, 1, 2, 12, 1, b'a', 0, 43, 1, 3, 255, 99]);
        bytes[108..113].copy_from_slice(&[43, 1, 4, 255, 7]);
        bytes[44..48].copy_from_slice(&[43, 1, 5, 255]);
        let packet = decoded(&bytes).unwrap();
        assert_eq!(packet.options, [DhcpOption::new(43, [1, 2, 3, 4, 5]), DhcpOption::new(12, *b"a")]);
        assert!(packet.file.is_empty() && packet.sname.is_empty());
    }

    #[test]
    fn names_without_overload_end_at_the_first_zero() {
        let mut bytes = datagram(&[255]);
        bytes[108..112].copy_from_slice(b"boot");
        bytes[44..108].copy_from_slice(&[b's'; 64]);
        let packet = decoded(&bytes).unwrap();
        assert_eq!((packet.file.as_slice(), packet.sname.len()), (&b"boot"[..], 64));
    }

    #[test]
    fn what_cannot_be_parsed_is_told() {
        assert_eq!(decoded(&[1; 239]), Err(DecodeError::TooShort { found: 239 }));
        let mut long_address = datagram(&[]);
        long_address[2] = 255;
        assert_eq!(decoded(&long_address), Err(DecodeError::HardwareAddress { found: 255 }));
        let mut bootp = datagram(&[]);
        bootp[236] = 0;
        assert!(matches!(decoded(&bootp), Err(DecodeError::NoMagicCookie { .. })));
        let error = decoded(&datagram(&[53, 1, 1, 12, 5, b'a'])).unwrap_err();
        assert_eq!(error, DecodeError::Truncated { code: 12, field: "options", claimed: 5, left: 1 });
        assert!(matches!(decoded(&datagram(&[53])), Err(DecodeError::Truncated { code: 53, .. })));
        let mut overloaded = datagram(&[52, 1, 1, 255]);
        overloaded[234] = 1;
        overloaded[235] = 1;
        assert!(matches!(decoded(&overloaded), Err(DecodeError::Truncated { field: "file", .. })));
    }
}
