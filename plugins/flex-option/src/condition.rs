//! Which answers a rule is for.

use std::str::FromStr;

use dhcp4_api::{MacAddr, Subnet};
use serde::{Deserialize, Deserializer, de};

/// The octets of an Ethernet address; no common hardware has shorter ones.
const SHORTEST_ADDRESS: usize = 6;

/// Which answers a rule is for: all that are given are met.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Condition {
    client: Option<ClientPattern>,
    subnet_id: Option<u32>,
}

impl Condition {
    /// The condition with these parts.
    pub(crate) fn new(client: Option<ClientPattern>, subnet_id: Option<u32>) -> Self {
        Self { client, subnet_id }
    }

    /// Whether an answer to this client, which is in this subnet, meets the condition.
    pub(crate) fn is_met(&self, client: MacAddr, subnet: Option<&Subnet>) -> bool {
        self.client.is_none_or(|pattern| pattern.matches(client))
            && self.subnet_id.is_none_or(|id| subnet.is_some_and(|subnet| subnet.id == id))
    }
}

/// One client, or all whose hardware addresses begin alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ClientPattern {
    octets: MacAddr,
    is_prefix: bool,
}

impl ClientPattern {
    fn matches(&self, client: MacAddr) -> bool {
        if self.is_prefix { client.octets().starts_with(self.octets.octets()) } else { client == self.octets }
    }
}

impl FromStr for ClientPattern {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (octets, is_prefix) = match text.strip_suffix(":*") {
            Some(octets) => (octets, true),
            None => (text, false),
        };
        let parsed = octets.parse().ok().filter(|octets: &MacAddr| is_prefix || octets.len() >= SHORTEST_ADDRESS);
        parsed.map(|octets| Self { octets, is_prefix }).ok_or_else(|| {
            format!(
                "\"{text}\" is no client: expected a hardware address such as \"02:00:00:00:00:01\", or \"02:00:5e:*\" for \
                 all clients whose addresses begin so"
            )
        })
    }
}

impl<'de> Deserialize<'de> for ClientPattern {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subnet(id: u32) -> Subnet {
        Subnet {
            id,
            prefix: "192.0.2.0/24".parse().unwrap(),
            pools: Vec::new(),
            options: Vec::new(),
            always_send: Vec::new(),
            valid_lifetime: 600,
            renew_timer: None,
            rebind_timer: None,
            relays: Vec::new(),
            interface: None,
        }
    }

    fn met(client: Option<&str>, subnet_id: Option<u32>, address: &str, in_subnet: Option<u32>) -> bool {
        let condition = Condition::new(client.map(|client| client.parse().unwrap()), subnet_id);
        condition.is_met(address.parse().unwrap(), in_subnet.map(subnet).as_ref())
    }

    #[test]
    fn all_parts_must_be_met() {
        let address = "02:00:5e:00:00:01";
        assert!(met(None, None, address, None));
        assert!(met(Some("02:00:5E:*"), Some(1), address, Some(1)));
        assert!(met(Some(address), None, address, Some(2)));
        assert!(!met(Some("02:00:5e:*"), Some(1), address, Some(2)));
        assert!(!met(Some("02:00:5f:*"), Some(1), address, Some(1)));
        assert!(!met(Some("02:00:5e:00:00:02"), None, address, Some(1)));
        assert!(!met(None, Some(1), address, None));
        assert!(!met(Some("02:00:5e:*"), None, "02:00", None));
    }

    #[test]
    fn a_client_is_an_address_or_a_marked_prefix() {
        for text in ["", "*", "02:00:5e", "02:00:5e*", "02:00:00:00:00:0g", "all"] {
            let error = text.parse::<ClientPattern>().unwrap_err();
            assert!(error.contains(&format!("\"{text}\" is no client")) && error.contains("02:00:5e:*"), "{error}");
        }
    }
}
