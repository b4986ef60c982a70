//! A pool of addresses.

use std::{error, fmt, net::Ipv4Addr, str::FromStr};

use crate::Prefix;

/// The addresses from which the server takes one for a client, both ends included.
#[derive(hooks::HookType, Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Pool {
    /// The first address of the pool.
    pub first: Ipv4Addr,
    /// The last address of the pool.
    pub last: Ipv4Addr,
}

impl Pool {
    /// Whether the address is in the pool.
    pub fn contains(&self, address: Ipv4Addr) -> bool {
        self.first <= address && address <= self.last
    }

    /// Whether the two pools have an address in common.
    pub fn overlaps(&self, other: &Pool) -> bool {
        self.first <= other.last && other.first <= self.last
    }
}

impl fmt::Display for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} - {}", self.first, self.last)
    }
}

/// A text that is no pool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParsePoolError {
    text: String,
}

impl fmt::Display for ParsePoolError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "\"{}\" is no pool: expected a first and a last address such as \"192.0.2.10 - 192.0.2.99\", or a prefix \
             such as \"192.0.2.64/26\"",
            self.text
        )
    }
}

impl error::Error for ParsePoolError {}

impl FromStr for Pool {
    type Err = ParsePoolError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parse = || match text.split_once('-') {
            Some((first, last)) => Some(Self { first: first.trim().parse().ok()?, last: last.trim().parse().ok()? }),
            None => {
                let prefix: Prefix = text.parse().ok()?;
                Some(Self { first: prefix.first(), last: prefix.last() })
            }
        };
        parse().filter(|pool: &Self| pool.first <= pool.last).ok_or_else(|| ParsePoolError { text: text.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_spellings_are_read() {
        let range: Pool = "192.0.2.64 - 192.0.2.127".parse().unwrap();
        let prefix: Pool = "192.0.2.64/26".parse().unwrap();
        assert_eq!(range, prefix);
        assert_eq!(range.to_string(), "192.0.2.64 - 192.0.2.127");
        assert!(range.overlaps(&"192.0.2.127-192.0.2.130".parse().unwrap()));
        assert!(!range.overlaps(&"192.0.2.128-192.0.2.130".parse().unwrap()));
    }

    #[test]
    fn a_pool_that_ends_before_it_begins_is_refused() {
        assert!("192.0.2.9 - 192.0.2.1".parse::<Pool>().is_err());
        assert!("192.0.2.9".parse::<Pool>().is_err());
    }
}
