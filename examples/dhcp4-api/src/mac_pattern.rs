//! A pattern for hardware addresses: one address, or all that begin alike.

use std::{error, fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::MacAddr;

/// The octets of an Ethernet address; no common hardware has shorter ones.
const SHORTEST_ADDRESS: usize = 6;

/// One client, or all whose hardware addresses begin alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MacPattern {
    /// The client with this hardware address, written `02:00:00:00:00:01`.
    Address(MacAddr),
    /// All clients whose hardware addresses begin with these octets, written `02:00:5e:*`.
    Prefix(MacAddr),
}

impl MacPattern {
    /// Whether the client with this hardware address is meant.
    pub fn matches(&self, client: MacAddr) -> bool {
        match self {
            Self::Address(address) => client == *address,
            Self::Prefix(prefix) => client.octets().starts_with(prefix.octets()),
        }
    }
}

impl fmt::Display for MacPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(address) => write!(f, "{address}"),
            Self::Prefix(prefix) => write!(f, "{prefix}:*"),
        }
    }
}

/// A text that is no pattern for hardware addresses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParseMacPatternError {
    text: String,
    mistake: Mistake,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mistake {
    NoAddress,
    TooShort,
    NothingOpen,
}

impl fmt::Display for ParseMacPatternError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = &self.text;
        match self.mistake {
            Mistake::NoAddress => write!(
                f,
                "\"{text}\" is no hardware address: expected \"02:00:00:00:00:01\" for one client, or \"02:00:5e:*\" for \
                 all clients whose addresses begin so"
            ),
            Mistake::TooShort => write!(
                f,
                "\"{text}\" has fewer than {SHORTEST_ADDRESS} octets: write the whole address, or \"{text}:*\" for all \
                 clients whose addresses begin so"
            ),
            Mistake::NothingOpen => write!(f, "\"{text}\" leaves no octet open: write the address without \":*\""),
        }
    }
}

impl error::Error for ParseMacPatternError {}

impl FromStr for MacPattern {
    type Err = ParseMacPatternError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let error = |mistake| ParseMacPatternError { text: text.to_owned(), mistake };
        let parse = |octets: &str| octets.parse::<MacAddr>().map_err(|_| error(Mistake::NoAddress));
        match text.strip_suffix(":*").map(parse).transpose()? {
            Some(prefix) if prefix.len() == MacAddr::MAX_LEN => Err(error(Mistake::NothingOpen)),
            Some(prefix) => Ok(Self::Prefix(prefix)),
            None => match parse(text)? {
                // An octet that was left out by mistake must not stand for 256 clients.
                address if address.len() < SHORTEST_ADDRESS => Err(error(Mistake::TooShort)),
                address => Ok(Self::Address(address)),
            },
        }
    }
}

impl Serialize for MacPattern {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for MacPattern {
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
            let pattern: MacPattern = text.parse().unwrap();
            assert_eq!(pattern.to_string(), text);
            assert_eq!(serde_json::from_str::<MacPattern>(&format!("\"{text}\"")).unwrap(), pattern);
            assert_eq!(serde_json::to_string(&pattern).unwrap(), format!("\"{pattern}\""));
        }
    }

    #[test]
    fn an_address_matches_itself_and_a_prefix_what_begins_so() {
        let matches =
            |pattern: &str, client: &str| pattern.parse::<MacPattern>().unwrap().matches(client.parse().unwrap());
        assert!(matches("02:00:5E:00:00:01", "02:00:5e:00:00:01"));
        assert!(!matches("02:00:5e:00:00:01", "02:00:5e:00:00:01:00"));
        assert!(!matches("02:00:5e:00:00:02", "02:00:5e:00:00:01"));
        assert!(matches("02:00:5E:*", "02:00:5e:00:00:01"));
        assert!(matches("02:00:5e:*", "02:00:5e"));
        assert!(!matches("02:00:5f:*", "02:00:5e:00:00:01"));
        assert!(!matches("02:00:5e:*", "02:00"));
        assert!(!"02:*".parse::<MacPattern>().unwrap().matches(MacAddr::default()));
    }

    #[test]
    fn mistakes_are_told_with_the_way_out() {
        let long = format!("{}:*", ["00"; 16].join(":"));
        let cases = [
            ("", "\"\" is no hardware address"),
            ("*", "\"*\" is no hardware address"),
            (":*", "\":*\" is no hardware address"),
            ("all", "\"all\" is no hardware address"),
            ("02:00:5e*", "\"02:00:5e*\" is no hardware address"),
            ("02:00:00:00:00:0g", "\"02:00:00:00:00:0g\" is no hardware address"),
            ("02:0:5e:00:00:01", "or \"02:00:5e:*\" for all"),
            ("02:00:5e", "\"02:00:5e\" has fewer than 6 octets"),
            ("02:00:5e", "or \"02:00:5e:*\" for all"),
            ("02:00:00:00:66", "\"02:00:00:00:66:*\" for all"),
            (&long, "without \":*\""),
        ];
        for (text, expected) in cases {
            let error = text.parse::<MacPattern>().unwrap_err().to_string();
            assert!(error.contains(expected), "{text}: {error}");
            let read = serde_json::from_str::<MacPattern>(&format!("\"{text}\"")).unwrap_err().to_string();
            assert!(read.contains(expected), "{text}: {read}");
        }
    }

    #[test]
    fn a_pattern_is_an_address_or_a_marked_prefix() {
        for text in ["", "*", "02:00:5e", "02:00:5e*", "02:00:00:00:00:0g", "all"] {
            let error = text.parse::<MacPattern>().unwrap_err().to_string();
            assert!(error.starts_with(&format!("\"{text}\" ")) && error.contains("\"02:00:5e:*\""), "{error}");
        }
    }
}
