//! One reservation.

use std::net::Ipv4Addr;

use dhcp4_api::{Lease, MacAddr};
use serde::Deserialize;

/// The octets of an Ethernet address; no common hardware has shorter ones.
const SHORTEST_ADDRESS: usize = 6;
/// The longest name that a lease keeps.
const LONGEST_NAME: usize = 255;

/// An address that is kept for a client. It is checked while it is read, so that an error names its place.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "RawReservation")]
pub(crate) struct Reservation {
    client: MacAddr,
    address: Ipv4Addr,
    hostname: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct RawReservation {
    hw_address: MacAddr,
    ip_address: Ipv4Addr,
    hostname: Option<String>,
}

impl Reservation {
    /// The hardware address of the client.
    pub(crate) fn client(&self) -> MacAddr {
        self.client
    }

    /// The address that is reserved.
    pub(crate) fn address(&self) -> Ipv4Addr {
        self.address
    }

    /// Gives the lease the name of the reservation, if it has one.
    pub(crate) fn name(&self, lease: &mut Lease) {
        if let Some(hostname) = &self.hostname {
            lease.hostname.clone_from(hostname);
        }
    }
}

impl TryFrom<RawReservation> for Reservation {
    type Error = String;

    fn try_from(RawReservation { hw_address, ip_address, hostname }: RawReservation) -> Result<Self, String> {
        if hw_address.len() < SHORTEST_ADDRESS {
            return Err(format!(
                "`hw-address`: \"{hw_address}\" has {} octets; expected the whole address, such as \"02:00:00:00:00:01\"",
                hw_address.len()
            ));
        }
        if ip_address.is_unspecified() || ip_address.is_broadcast() || ip_address.is_multicast() {
            return Err(format!(
                "`ip-address`: no client can have {ip_address}; expected an address of one of the subnets"
            ));
        }
        let is_name_octet = |octet: u8| octet.is_ascii_alphanumeric() || b"-_.".contains(&octet);
        match &hostname {
            Some(name) if name.is_empty() || name.len() > LONGEST_NAME || !name.bytes().all(is_name_octet) => {
                Err(format!(
                    "`hostname`: expected 1 to {LONGEST_NAME} letters, digits, hyphens, underscores and dots, found {name:?}"
                ))
            }
            _ => Ok(Self { client: hw_address, address: ip_address, hostname }),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn read(value: Value) -> Result<Reservation, String> {
        serde_json::from_value(value).map_err(|error| error.to_string())
    }

    #[test]
    fn a_reservation_is_read() {
        let read = read(json!({"hw-address": "02:00:00:00:00:0A", "ip-address": "192.0.2.1", "hostname": "pc-1.lan"}));
        let read = read.unwrap();
        assert_eq!(read.client().to_string(), "02:00:00:00:00:0a");
        assert_eq!(read.address(), Ipv4Addr::new(192, 0, 2, 1));
        assert_eq!(read.hostname.as_deref(), Some("pc-1.lan"));
    }

    #[test]
    fn what_cannot_be_reserved_is_refused() {
        let (client, address) = ("02:00:00:00:00:01", "192.0.2.1");
        let long = "a".repeat(256);
        let cases = [
            (json!({"ip-address": address}), "missing field `hw-address`"),
            (json!({"hw-address": client}), "missing field `ip-address`"),
            (json!({"hw-address": client, "ip-address": address, "client-id": "01"}), "unknown field `client-id`"),
            (json!({"hw-address": "", "ip-address": address}), "\"\" is no hardware address: expected"),
            (json!({"hw-address": "02:00", "ip-address": address}), "\"02:00\" has 2 octets"),
            (json!({"hw-address": "02-00", "ip-address": address}), "\"02-00\" is no hardware address"),
            (json!({"hw-address": client, "ip-address": "192.0.2"}), "IPv4"),
            (json!({"hw-address": client, "ip-address": "0.0.0.0"}), "no client can have 0.0.0.0"),
            (json!({"hw-address": client, "ip-address": "255.255.255.255"}), "no client can have"),
            (json!({"hw-address": client, "ip-address": "224.0.0.1"}), "no client can have"),
            (json!({"hw-address": client, "ip-address": address, "hostname": ""}), "`hostname`: expected 1 to 255"),
            (json!({"hw-address": client, "ip-address": address, "hostname": "a b"}), "found \"a b\""),
            (json!({"hw-address": client, "ip-address": address, "hostname": long}), "`hostname`"),
        ];
        for (value, expected) in cases {
            let error = read(value).unwrap_err();
            assert!(error.contains(expected), "{error}");
        }
    }
}
