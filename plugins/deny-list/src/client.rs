//! An entry of the list: one client, or all whose addresses begin alike.

use std::{fmt, str::FromStr};

use dhcp4_api::MacAddr;
use serde::{Deserialize, Deserializer, de};

/// The octets of an Ethernet address; no common hardware has shorter ones.
const SHORTEST_ADDRESS: usize = 6;

/// An entry of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum DeniedClient {
    /// The client with this hardware address.
    Address(MacAddr),
    /// All clients whose hardware addresses begin with these octets, written `02:00:5e:*`.
    Prefix(MacAddr),
}

impl fmt::Display for DeniedClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(address) => write!(f, "{address}"),
            Self::Prefix(prefix) => write!(f, "{prefix}:*"),
        }
    }
}

impl FromStr for DeniedClient {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (octets, is_prefix) = match text.strip_suffix(":*") {
            Some(octets) => (octets, true),
            None => (text, false),
        };
        let octets: MacAddr = octets.parse().map_err(|_| {
            format!(
                "\"{text}\" is no hardware address: expected \"02:00:00:00:00:66\" for one client, or \"02:00:5e:*\" for \
                 all clients whose addresses begin so"
            )
        })?;
        // An octet that was left out by mistake must not deny 256 clients.
        if !is_prefix && octets.len() < SHORTEST_ADDRESS {
            return Err(format!(
                "\"{text}\" has fewer than {SHORTEST_ADDRESS} octets: write the whole address, or \"{text}:*\" for all \
                 clients whose addresses begin so"
            ));
        }
        if is_prefix && octets.len() == MacAddr::MAX_LEN {
            return Err(format!("\"{text}\" leaves no octet open: write the address without \":*\""));
        }
        Ok(if is_prefix { Self::Prefix(octets) } else { Self::Address(octets) })
    }
}

impl<'de> Deserialize<'de> for DeniedClient {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_kinds_are_read_and_written() {
        for text in ["02:00:00:00:00:66", "02:*", "02:00:5e:*", "00:11:22:33:44:55:66:77"] {
            assert_eq!(text.parse::<DeniedClient>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn mistakes_are_told_with_the_way_out() {
        let long = format!("{}:*", ["00"; 16].join(":"));
        let cases = [
            ("", "\"\" is no hardware address"),
            ("*", "\"*\" is no"),
            (":*", "is no"),
            ("02:00:5e*", "is no"),
            ("02:0:5e:00:00:01", "02:00:5e:*"),
            ("02:00:00:00:66", "\"02:00:00:00:66:*\" for all"),
            (&long, "without \":*\""),
        ];
        for (text, expected) in cases {
            let error = text.parse::<DeniedClient>().unwrap_err();
            assert!(error.contains(expected), "{text}: {error}");
        }
    }
}
