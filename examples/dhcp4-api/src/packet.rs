//! A DHCPv4 packet.

use std::net::{Ipv4Addr, SocketAddrV4};

use crate::{DhcpOption, MacAddr, MessageType, code};

/// A DHCPv4 packet, received or about to be sent.
///
/// At `buffer4_receive` only `raw`, `interface`, `source` and `destination` are set. At `buffer4_send` `raw` is the
/// datagram that will be sent to `destination`.
#[derive(hooks::HookType, Debug, Clone, PartialEq, Eq)]
pub struct Packet {
    /// 1 in a packet of a client, 2 in one of a server.
    pub op: u8,
    /// The type of the hardware address; 1 is Ethernet.
    pub htype: u8,
    /// How many relay agents the packet has passed.
    pub hops: u8,
    /// The number by which the client knows the answer to its query.
    pub xid: u32,
    /// How many seconds the client has been trying.
    pub secs: u16,
    /// The flags; only [`Packet::BROADCAST`] has a meaning.
    pub flags: u16,
    /// The address that the client has and answers on.
    pub ciaddr: Ipv4Addr,
    /// The address that the server gives to the client.
    pub yiaddr: Ipv4Addr,
    /// The server from which the client boots.
    pub siaddr: Ipv4Addr,
    /// The relay agent, or 0.0.0.0.
    pub giaddr: Ipv4Addr,
    /// The hardware address of the client.
    pub chaddr: MacAddr,
    /// The name of the server, without the zeros after it; empty if the field holds options.
    pub sname: Vec<u8>,
    /// The name of the boot file, without the zeros after it; empty if the field holds options.
    pub file: Vec<u8>,
    /// The options in the order of the packet, each code once.
    pub options: Vec<DhcpOption>,
    /// The datagram as received, or as it will be sent.
    pub raw: Vec<u8>,
    /// The name of the interface on which the packet was received or leaves.
    pub interface: String,
    /// From where the packet was sent.
    pub source: SocketAddrV4,
    /// To where the packet was or will be sent.
    pub destination: SocketAddrV4,
}

impl Default for Packet {
    fn default() -> Self {
        let nowhere = SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, 0);
        Self {
            op: 0,
            htype: 1,
            hops: 0,
            xid: 0,
            secs: 0,
            flags: 0,
            ciaddr: Ipv4Addr::UNSPECIFIED,
            yiaddr: Ipv4Addr::UNSPECIFIED,
            siaddr: Ipv4Addr::UNSPECIFIED,
            giaddr: Ipv4Addr::UNSPECIFIED,
            chaddr: MacAddr::default(),
            sname: Vec::new(),
            file: Vec::new(),
            options: Vec::new(),
            raw: Vec::new(),
            interface: String::new(),
            source: nowhere,
            destination: nowhere,
        }
    }
}

impl Packet {
    /// The flag by which a client asks for an answer by broadcast.
    pub const BROADCAST: u16 = 0x8000;
    /// The `op` of a packet of a client.
    pub const BOOTREQUEST: u8 = 1;
    /// The `op` of a packet of a server.
    pub const BOOTREPLY: u8 = 2;

    /// The hardware address of the client.
    pub fn mac(&self) -> MacAddr {
        self.chaddr
    }

    /// The type of the message, if the packet has a known one.
    pub fn message_type(&self) -> Option<MessageType> {
        match self.option(code::MESSAGE_TYPE) {
            Some([number]) => MessageType::from_u8(*number),
            _ => None,
        }
    }

    /// The data of the option with this code.
    pub fn option(&self, code: u8) -> Option<&[u8]> {
        self.options.iter().find(|option| option.code == code).map(|option| option.data.as_slice())
    }

    /// Sets the option with this code, in its place if the packet has it, else as the last one.
    pub fn set_option(&mut self, code: u8, data: impl Into<Vec<u8>>) {
        match self.options.iter_mut().find(|option| option.code == code) {
            Some(option) => option.data = data.into(),
            None => self.options.push(DhcpOption::new(code, data)),
        }
    }

    /// Removes the option with this code and gives its data back.
    pub fn remove_option(&mut self, code: u8) -> Option<Vec<u8>> {
        let position = self.options.iter().position(|option| option.code == code)?;
        Some(self.options.remove(position).data)
    }

    /// The data of the option with this code as one address.
    pub fn option_address(&self, code: u8) -> Option<Ipv4Addr> {
        <[u8; 4]>::try_from(self.option(code)?).ok().map(Ipv4Addr::from)
    }

    /// The address that the client asks for, option 50.
    pub fn requested_address(&self) -> Option<Ipv4Addr> {
        self.option_address(code::REQUESTED_ADDRESS)
    }

    /// The address of the server that the client has chosen, option 54.
    pub fn server_id(&self) -> Option<Ipv4Addr> {
        self.option_address(code::SERVER_IDENTIFIER)
    }

    /// What identifies the client instead of its hardware address, option 61, if it is not empty.
    pub fn client_id(&self) -> Option<&[u8]> {
        self.option(code::CLIENT_IDENTIFIER).filter(|id| !id.is_empty())
    }

    /// The name of the client, option 12, if it is UTF-8.
    pub fn hostname(&self) -> Option<&str> {
        str::from_utf8(self.option(code::HOST_NAME)?).ok().map(|name| name.trim_end_matches('\0'))
    }

    /// Whether a relay agent has passed the packet on.
    pub fn is_relayed(&self) -> bool {
        !self.giaddr.is_unspecified()
    }

    /// Whether the client asks for an answer by broadcast.
    pub fn wants_broadcast(&self) -> bool {
        self.flags & Self::BROADCAST != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_keep_their_places() {
        let mut packet = Packet::default();
        packet.set_option(code::MESSAGE_TYPE, [1]);
        packet.set_option(code::HOST_NAME, "host\0");
        packet.set_option(code::REQUESTED_ADDRESS, [192, 0, 2, 1]);
        packet.set_option(code::MESSAGE_TYPE, [3]);
        assert_eq!(packet.message_type(), Some(MessageType::Request));
        assert_eq!(packet.options.iter().map(|option| option.code).collect::<Vec<_>>(), [53, 12, 50]);
        assert_eq!(packet.hostname(), Some("host"));
        assert_eq!(packet.requested_address(), Some(Ipv4Addr::new(192, 0, 2, 1)));
        assert_eq!(packet.remove_option(code::HOST_NAME).as_deref(), Some(&b"host\0"[..]));
        assert_eq!(packet.remove_option(code::HOST_NAME), None);
    }

    #[test]
    fn an_option_of_the_wrong_length_is_no_address() {
        let mut packet = Packet::default();
        packet.set_option(code::SERVER_IDENTIFIER, [192, 0, 2]);
        packet.set_option(code::MESSAGE_TYPE, [1, 1]);
        packet.set_option(code::CLIENT_IDENTIFIER, []);
        assert_eq!((packet.server_id(), packet.message_type(), packet.client_id()), (None, None, None));
    }
}
