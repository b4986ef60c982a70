//! The prefix of a subnet.

use std::{error, fmt, net::Ipv4Addr, str::FromStr};

/// A prefix such as `192.0.2.0/24`.
#[derive(hooks::HookType, Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Prefix {
    address: Ipv4Addr,
    length: u8,
}

impl Prefix {
    /// The prefix of this length around the address; nothing if the length is above 32.
    pub fn new(address: Ipv4Addr, length: u8) -> Option<Self> {
        (length <= 32).then(|| Self { address: Ipv4Addr::from(u32::from(address) & mask(length)), length })
    }

    /// The first address of the prefix.
    pub fn first(&self) -> Ipv4Addr {
        self.address
    }

    /// The last address of the prefix.
    pub fn last(&self) -> Ipv4Addr {
        Ipv4Addr::from(u32::from(self.address) | !mask(self.length))
    }

    /// How many bits the prefix has.
    pub fn length(&self) -> u8 {
        self.length
    }

    /// The netmask.
    pub fn netmask(&self) -> Ipv4Addr {
        Ipv4Addr::from(mask(self.length))
    }

    /// Whether the address is in the prefix.
    pub fn contains(&self, address: Ipv4Addr) -> bool {
        u32::from(address) & mask(self.length) == u32::from(self.address)
    }
}

fn mask(length: u8) -> u32 {
    u32::MAX.checked_shl(32 - u32::from(length)).unwrap_or(0)
}

impl fmt::Display for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.length)
    }
}

/// A text that is no prefix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParsePrefixError {
    text: String,
}

impl fmt::Display for ParsePrefixError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "\"{}\" is no prefix: expected an address and a length from 0 to 32 such as \"192.0.2.0/24\"",
            self.text
        )
    }
}

impl error::Error for ParsePrefixError {}

impl FromStr for Prefix {
    type Err = ParsePrefixError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parse = || {
            let (address, length) = text.split_once('/')?;
            Self::new(address.trim().parse().ok()?, length.trim().parse().ok()?)
        };
        parse().ok_or_else(|| ParsePrefixError { text: text.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bounds_of_a_prefix_follow_from_its_length() {
        let prefix: Prefix = "192.0.2.77/24".parse().unwrap();
        assert_eq!(prefix.to_string(), "192.0.2.0/24");
        assert_eq!(prefix.last(), Ipv4Addr::new(192, 0, 2, 255));
        assert_eq!(prefix.netmask(), Ipv4Addr::new(255, 255, 255, 0));
        assert!(prefix.contains(Ipv4Addr::new(192, 0, 2, 255)) && !prefix.contains(Ipv4Addr::new(192, 0, 3, 0)));
        let all: Prefix = "0.0.0.0/0".parse().unwrap();
        assert!(all.contains(Ipv4Addr::BROADCAST) && all.netmask().is_unspecified());
        let one: Prefix = "192.0.2.1/32".parse().unwrap();
        assert_eq!((one.first(), one.last()), (Ipv4Addr::new(192, 0, 2, 1), Ipv4Addr::new(192, 0, 2, 1)));
    }

    #[test]
    fn wrong_texts_are_refused() {
        for text in ["192.0.2.0", "192.0.2/24", "192.0.2.0/33", "192.0.2.0/", "/24", "192.0.2.0/-1"] {
            assert!(text.parse::<Prefix>().is_err(), "{text}");
        }
    }
}
