//! The type of a message.

use std::fmt;

/// The type of a DHCPv4 message, option 53.
#[derive(hooks::HookType, Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MessageType {
    /// A client looks for servers.
    Discover,
    /// A server offers a lease.
    Offer,
    /// A client asks for a lease, or for more time on one.
    Request,
    /// A client has found its address in use.
    Decline,
    /// A server grants a lease.
    Ack,
    /// A server refuses a lease.
    Nak,
    /// A client gives its lease back.
    Release,
    /// A client that has an address asks for options.
    Inform,
}

impl MessageType {
    /// The type with this number on the wire, if it is one of the eight of DHCPv4.
    pub fn from_u8(number: u8) -> Option<Self> {
        Some(match number {
            1 => Self::Discover,
            2 => Self::Offer,
            3 => Self::Request,
            4 => Self::Decline,
            5 => Self::Ack,
            6 => Self::Nak,
            7 => Self::Release,
            8 => Self::Inform,
            _ => return None,
        })
    }

    /// The number of the type on the wire.
    pub fn as_u8(self) -> u8 {
        match self {
            Self::Discover => 1,
            Self::Offer => 2,
            Self::Request => 3,
            Self::Decline => 4,
            Self::Ack => 5,
            Self::Nak => 6,
            Self::Release => 7,
            Self::Inform => 8,
        }
    }

    /// The name of the type, such as `DHCPDISCOVER`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Discover => "DHCPDISCOVER",
            Self::Offer => "DHCPOFFER",
            Self::Request => "DHCPREQUEST",
            Self::Decline => "DHCPDECLINE",
            Self::Ack => "DHCPACK",
            Self::Nak => "DHCPNAK",
            Self::Release => "DHCPRELEASE",
            Self::Inform => "DHCPINFORM",
        }
    }
}

impl fmt::Display for MessageType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_go_both_ways() {
        let known: Vec<u8> = (0..=255).filter(|number| MessageType::from_u8(*number).is_some()).collect();
        assert_eq!(known, [1, 2, 3, 4, 5, 6, 7, 8]);
        for number in known {
            assert_eq!(MessageType::from_u8(number).unwrap().as_u8(), number);
        }
    }
}
