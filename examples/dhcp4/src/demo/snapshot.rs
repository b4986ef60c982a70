//! What the arguments of a hook point look like, and what has changed in them.

use dhcp4_api::{DhcpOption, Lease, Packet, Subnet, code};
use hooks::Arguments;

use crate::config::describe;

/// The arguments in words, one part after the other: its name and its value.
///
/// What differs from run to run, such as times and ports, is left out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Snapshot(Vec<(String, String)>);

impl Snapshot {
    /// The arguments as they are now.
    pub(super) fn of(arguments: &Arguments<'_>) -> Self {
        let mut parts = Vec::new();
        for name in ["query4", "response4"] {
            if let Ok(packet) = arguments.get::<Packet>(name) {
                packet_parts(name, packet, &mut parts);
            }
        }
        if let Ok(lease) = arguments.get::<Lease>("lease4") {
            lease_parts(lease, &mut parts);
        }
        if let Ok(subnet) = arguments.get::<Option<Subnet>>("subnet4") {
            let id = subnet.as_ref().map_or("none".to_owned(), |subnet| subnet.id.to_string());
            parts.push(("subnet4".to_owned(), id));
        }
        if let Ok(in_use) = arguments.get::<bool>("offer_address_in_use") {
            parts.push(("offer_address_in_use".to_owned(), in_use.to_string()));
        }
        Self(parts)
    }

    /// What has changed since `before`, one line for each part.
    pub(super) fn changes_since(&self, before: &Self) -> Vec<String> {
        let mut changes = Vec::new();
        for (name, old) in &before.0 {
            match self.value(name) {
                Some(new) if new == old => {}
                Some(new) => changes.push(format!("{name}: {old} -> {new}")),
                None => changes.push(format!("{name}: {old} -> removed")),
            }
        }
        for (name, new) in &self.0 {
            if before.value(name).is_none() {
                changes.push(format!("{name}: added {new}"));
            }
        }
        changes
    }

    fn value(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

fn packet_parts(name: &str, packet: &Packet, parts: &mut Vec<(String, String)>) {
    let fields =
        [("ciaddr", packet.ciaddr), ("yiaddr", packet.yiaddr), ("siaddr", packet.siaddr), ("giaddr", packet.giaddr)];
    parts.extend(fields.map(|(field, value)| (format!("{name}.{field}"), value.to_string())));
    parts.push((format!("{name}.chaddr"), packet.chaddr.to_string()));
    for (field, value) in [("sname", &packet.sname), ("file", &packet.file)] {
        parts.push((format!("{name}.{field}"), format!("\"{}\"", value.escape_ascii())));
    }
    for option in &packet.options {
        let (option_name, value) = split(option);
        parts.push((format!("{name} {option_name}"), value));
    }
}

fn lease_parts(lease: &Lease, parts: &mut Vec<(String, String)>) {
    let mut part = |field: &str, value: String| parts.push((format!("lease4.{field}"), value));
    part("address", lease.address.to_string());
    part("hwaddr", lease.hwaddr.to_string());
    part("valid_lifetime", lease.valid_lifetime.to_string());
    part("subnet_id", lease.subnet_id.to_string());
    part("state", format!("{:?}", lease.state));
    part("hostname", format!("\"{}\"", lease.hostname.escape_debug()));
}

fn split(option: &DhcpOption) -> (String, String) {
    let described = describe(option);
    match described.split_once(": ") {
        Some((name, value)) => (name.to_owned(), value.to_owned()),
        None => (described, String::new()),
    }
}

/// The answer of the server: a line with its type and its address, and one for each option.
pub(super) fn in_words(answer: &Packet) -> Vec<String> {
    let kind = answer.message_type().map_or("a message of unknown type", |kind| kind.name());
    let shown = |option: &&DhcpOption| ![code::MESSAGE_TYPE, code::SERVER_IDENTIFIER].contains(&option.code);
    let options = answer.options.iter().filter(shown).map(|option| format!("  {}", describe(option)));
    std::iter::once(format!("server: {kind} of {}", answer.yiaddr)).chain(options).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn snapshot(packet: &Packet) -> Snapshot {
        let mut parts = Vec::new();
        packet_parts("response4", packet, &mut parts);
        Snapshot(parts)
    }

    #[test]
    fn changed_added_and_removed_parts_are_told() {
        let mut packet = Packet::default();
        packet.set_option(3, [192, 0, 2, 1]);
        packet.set_option(15, *b"example.org");
        let before = snapshot(&packet);
        assert_eq!(snapshot(&packet).changes_since(&before), [""; 0]);
        packet.yiaddr = [192, 0, 2, 7].into();
        packet.set_option(3, [192, 0, 2, 2]);
        packet.remove_option(15);
        packet.set_option(6, [192, 0, 2, 53]);
        assert_eq!(
            snapshot(&packet).changes_since(&before),
            [
                "response4.yiaddr: 0.0.0.0 -> 192.0.2.7",
                "response4 routers (3): 192.0.2.1 -> 192.0.2.2",
                "response4 domain-name (15): example.org -> removed",
                "response4 domain-name-servers (6): added 192.0.2.53",
            ]
        );
    }
}
