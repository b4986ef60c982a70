//! A lease.

use std::net::Ipv4Addr;

use serde::{Deserialize, Deserializer, Serialize, de};

use crate::MacAddr;

/// The state of a lease, in the words of the reference.
#[derive(hooks::HookType, Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LeaseState {
    /// A client has the address, until the lease expires.
    Default,
    /// A client has found the address in use by somebody else: nobody gets it during the probation.
    Declined,
    /// The lease has expired and the address is free; kept so that the client can get the same address again.
    ExpiredReclaimed,
}

/// An address and the client that has it.
#[derive(hooks::HookType, Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lease {
    /// The address that is leased.
    pub address: Ipv4Addr,
    /// The hardware address of the client; empty in a declined lease.
    #[serde(deserialize_with = "hwaddr_or_empty")]
    pub hwaddr: MacAddr,
    /// The identifier of the client, if it has sent one.
    pub client_id: Option<Vec<u8>>,
    /// How many seconds the lease is valid, from `cltt` on.
    pub valid_lifetime: u32,
    /// The time of the client's last transaction, in seconds since 1970.
    pub cltt: u64,
    /// The subnet to which the address belongs.
    pub subnet_id: u32,
    /// The state of the lease.
    pub state: LeaseState,
    /// The name of the client, or an empty text.
    pub hostname: String,
}

impl Lease {
    /// When the lease expires, in seconds since 1970.
    pub fn expires(&self) -> u64 {
        self.cltt.saturating_add(u64::from(self.valid_lifetime))
    }

    /// Whether the lease belongs to the client with this hardware address and identifier.
    ///
    /// The identifier decides if both have one, the hardware address if one of them has none.
    pub fn belongs_to(&self, hwaddr: MacAddr, client_id: Option<&[u8]>) -> bool {
        match (self.client_id.as_deref(), client_id) {
            (Some(ours), Some(theirs)) => ours == theirs,
            _ => !hwaddr.is_empty() && self.hwaddr == hwaddr,
        }
    }
}

/// The hardware address of a lease: a declined lease belongs to nobody, and its address is written as an empty text.
fn hwaddr_or_empty<'de, D: Deserializer<'de>>(deserializer: D) -> Result<MacAddr, D::Error> {
    let text = String::deserialize(deserializer)?;
    if text.is_empty() { Ok(MacAddr::default()) } else { text.parse().map_err(de::Error::custom) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lease(client_id: Option<&[u8]>) -> Lease {
        Lease {
            address: Ipv4Addr::new(192, 0, 2, 1),
            hwaddr: MacAddr::from([2, 0, 0, 0, 0, 1]),
            client_id: client_id.map(<[u8]>::to_vec),
            valid_lifetime: 100,
            cltt: 1000,
            subnet_id: 1,
            state: LeaseState::Default,
            hostname: String::new(),
        }
    }

    #[test]
    fn the_identifier_decides_before_the_hardware_address() {
        let (ours, other) = (MacAddr::from([2, 0, 0, 0, 0, 1]), MacAddr::from([2, 0, 0, 0, 0, 2]));
        assert!(lease(Some(b"id")).belongs_to(other, Some(b"id")));
        assert!(!lease(Some(b"id")).belongs_to(ours, Some(b"di")));
        assert!(lease(Some(b"id")).belongs_to(ours, None));
        assert!(lease(None).belongs_to(ours, Some(b"id")));
        assert!(!lease(None).belongs_to(other, Some(b"id")));
        let nobody = Lease { hwaddr: MacAddr::default(), ..lease(None) };
        assert!(!nobody.belongs_to(MacAddr::default(), None));
    }

    #[test]
    fn only_the_lease_may_have_an_empty_hardware_address() {
        let declined = Lease { hwaddr: MacAddr::default(), state: LeaseState::Declined, ..lease(None) };
        for lease in [lease(Some(b"id")), declined.clone()] {
            let json = serde_json::to_string(&lease).unwrap();
            assert_eq!(serde_json::from_str::<Lease>(&json).unwrap(), lease);
        }
        let json = serde_json::to_string(&declined).unwrap();
        let read = |hwaddr: &str| serde_json::from_str::<Lease>(&json.replace("\"hwaddr\":\"\",", hwaddr));
        assert!(read("\"hwaddr\":\"02:0\",").unwrap_err().to_string().contains("\"02:0\" is no hardware address"));
        assert!(read("").unwrap_err().to_string().contains("missing field `hwaddr`"));
    }

    #[test]
    fn the_end_of_time_does_not_overflow() {
        assert_eq!(Lease { cltt: u64::MAX, ..lease(None) }.expires(), u64::MAX);
        assert_eq!(lease(None).expires(), 1100);
    }
}
