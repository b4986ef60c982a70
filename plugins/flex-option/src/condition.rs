//! Which answers a rule is for.

use dhcp4_api::{MacAddr, MacPattern, Subnet};

/// Which answers a rule is for: all that are given are met.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Condition {
    client: Option<MacPattern>,
    subnet_id: Option<u32>,
}

impl Condition {
    /// The condition with these parts.
    pub(crate) fn new(client: Option<MacPattern>, subnet_id: Option<u32>) -> Self {
        Self { client, subnet_id }
    }

    /// Whether an answer to this client, which is in this subnet, meets the condition.
    pub(crate) fn is_met(&self, client: MacAddr, subnet: Option<&Subnet>) -> bool {
        self.client.is_none_or(|pattern| pattern.matches(client))
            && self.subnet_id.is_none_or(|id| subnet.is_some_and(|subnet| subnet.id == id))
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
}
