//! Which lease a command means: that of an address, or that of a client in a subnet.

use std::net::Ipv4Addr;

use dhcp4_api::{Lease, MacAddr};
use serde::Deserialize;

use crate::{
    channel::{Answer, Command},
    leases::{Client, LeaseStore},
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Arguments {
    ip_address: Option<Ipv4Addr>,
    identifier_type: Option<IdentifierType>,
    identifier: Option<String>,
    subnet_id: Option<u32>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum IdentifierType {
    HwAddress,
    ClientId,
}

/// The address of a lease, or a client and a subnet.
#[derive(Debug)]
pub(super) enum Selector {
    Address(Ipv4Addr),
    Client(Client, u32),
}

impl Selector {
    pub(super) fn read(command: &Command) -> Result<Self, Answer> {
        let found = match command.read()? {
            Arguments { ip_address: Some(address), identifier_type: None, identifier: None, .. } => {
                Ok(Self::Address(address))
            }
            Arguments {
                ip_address: None,
                identifier_type: Some(kind),
                identifier: Some(identifier),
                subnet_id: Some(subnet),
            } => client(kind, &identifier).map(|client| Self::Client(client, subnet)),
            _ => Err("`arguments`: expected either \"ip-address\", or \"identifier-type\" (\"hw-address\" or \"client-id\"), \
                      \"identifier\" and \"subnet-id\""
                .to_owned()),
        };
        found.map_err(|problem| Answer::error(format!("{}: {problem}", command.name)))
    }

    pub(super) fn find<'a>(&self, leases: &'a LeaseStore) -> Option<&'a Lease> {
        match self {
            Self::Address(address) => leases.get(*address),
            Self::Client(client, subnet) => leases.find(*subnet, client),
        }
    }
}

fn client(kind: IdentifierType, identifier: &str) -> Result<Client, String> {
    match kind {
        IdentifierType::HwAddress => {
            let hwaddr = identifier.parse().map_err(|error| format!("`arguments.identifier`: {error}"))?;
            Ok(Client { hwaddr, client_id: None })
        }
        IdentifierType::ClientId => {
            let client_id = octets(identifier).map_err(|error| format!("`arguments.identifier`: {error}"))?;
            Ok(Client { hwaddr: MacAddr::default(), client_id: Some(client_id) })
        }
    }
}

/// The octets of a client identifier, which is written like `01:02:00:00:00:00:01`.
pub(super) fn octets(text: &str) -> Result<Vec<u8>, String> {
    let octet = |part: &str| {
        let is_octet = part.len() == 2 && part.bytes().all(|digit| digit.is_ascii_hexdigit());
        is_octet.then(|| u8::from_str_radix(part, 16).ok()).flatten()
    };
    let octets: Option<Vec<u8>> = text.split(':').map(octet).collect();
    octets.filter(|octets| octets.len() <= 255).ok_or_else(|| {
        format!(
            "\"{text}\" is no client identifier: expected 1 to 255 octets of two hexadecimal digits with colons between them"
        )
    })
}

/// The octets as they are written.
pub(super) fn written(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect::<Vec<_>>().join(":")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(arguments: &str) -> Result<Selector, String> {
        let command = format!(r#"{{"command": "lease4-get", "arguments": {arguments}}}"#);
        Selector::read(&serde_json::from_str(&command).unwrap()).map_err(|answer| answer.text)
    }

    #[test]
    fn a_lease_is_meant_by_address_or_by_client() {
        assert!(matches!(read(r#"{"ip-address": "192.0.2.1"}"#), Ok(Selector::Address(_))));
        let client = read(r#"{"identifier-type": "client-id", "identifier": "01:FF", "subnet-id": 7}"#).unwrap();
        let Selector::Client(client, 7) = client else { panic!("{client:?}") };
        assert_eq!(client.client_id, Some(vec![1, 255]));
        assert_eq!(written(&[1, 255]), "01:ff");
        let cases = [
            ("{}", "expected either \"ip-address\""),
            (r#"{"ip-address": "192.0.2"}"#, "`arguments.ip-address`: "),
            (r#"{"ip-address": "192.0.2.1", "identifier": "01"}"#, "expected either"),
            (r#"{"identifier-type": "hw-address", "identifier": "02:00:00:00:00:01"}"#, "\"subnet-id\""),
            (
                r#"{"identifier-type": "hw-address", "identifier": "02-00", "subnet-id": 1}"#,
                "`arguments.identifier`: \"02-00\"",
            ),
            (r#"{"identifier-type": "client-id", "identifier": "1", "subnet-id": 1}"#, "no client identifier"),
            (
                r#"{"identifier-type": "duid", "identifier": "01", "subnet-id": 1}"#,
                "`arguments.identifier-type`: unknown variant",
            ),
        ];
        for (arguments, expected) in cases {
            let error = read(arguments).unwrap_err();
            assert!(error.starts_with("lease4-get: ") && error.contains(expected), "{error}");
        }
    }
}
