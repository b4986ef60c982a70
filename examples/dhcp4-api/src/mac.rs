//! The hardware address of a client.

use std::{error, fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

const DIGITS: [u8; 16] = *b"0123456789abcdef";

/// A hardware address of up to 16 octets, written `02:00:00:00:00:01`.
///
/// Ethernet addresses have six octets; the header of a DHCPv4 packet has room for sixteen. The octets after the length
/// are always zero, so that two equal addresses are equal octet by octet.
#[derive(hooks::HookType, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MacAddr {
    length: u8,
    octets: [u8; 16],
}

impl MacAddr {
    /// The greatest number of octets that an address can have.
    pub const MAX_LEN: usize = 16;

    /// The address with these octets; octets after the sixteenth are left out.
    pub fn new(octets: &[u8]) -> Self {
        let mut address = Self::default();
        for (to, from) in address.octets.iter_mut().zip(octets) {
            *to = *from;
            address.length += 1;
        }
        address
    }

    /// The octets of the address.
    pub fn octets(&self) -> &[u8] {
        self.octets.get(..usize::from(self.length)).unwrap_or(&self.octets)
    }

    /// How many octets the address has.
    pub fn len(&self) -> usize {
        self.octets().len()
    }

    /// Whether the address has no octets, as that of a declined lease.
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }
}

impl From<[u8; 6]> for MacAddr {
    fn from(octets: [u8; 6]) -> Self {
        Self::new(&octets)
    }
}

impl fmt::Display for MacAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Written at once: each lease on record has an address.
        let mut text = [b':'; 3 * Self::MAX_LEN];
        for (place, octet) in text.as_chunks_mut().0.iter_mut().zip(self.octets()) {
            *place = [DIGITS[usize::from(octet >> 4)], DIGITS[usize::from(octet & 15)], b':'];
        }
        let length = (3 * self.len()).saturating_sub(1);
        f.write_str(text.get(..length).and_then(|text| str::from_utf8(text).ok()).unwrap_or_default())
    }
}

impl fmt::Debug for MacAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MacAddr({self})")
    }
}

/// A text that is no hardware address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParseMacAddrError {
    text: String,
}

impl fmt::Display for ParseMacAddrError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "\"{}\" is no hardware address: expected 1 to 16 octets of two hexadecimal digits with colons between them, \
             such as \"02:00:00:00:00:01\"",
            self.text
        )
    }
}

impl error::Error for ParseMacAddrError {}

impl FromStr for MacAddr {
    type Err = ParseMacAddrError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let error = || ParseMacAddrError { text: text.to_owned() };
        let mut octets = Vec::new();
        for part in text.split(':') {
            if part.len() != 2 || !part.bytes().all(|byte| byte.is_ascii_hexdigit()) || octets.len() == Self::MAX_LEN {
                return Err(error());
            }
            octets.push(u8::from_str_radix(part, 16).map_err(|_| error())?);
        }
        Ok(Self::new(&octets))
    }
}

impl Serialize for MacAddr {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for MacAddr {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_octets_are_two_spellings_of_one_address() {
        let address: MacAddr = "0A:1b:00:00:00:ff".parse().unwrap();
        assert_eq!(address, MacAddr::from([0x0a, 0x1b, 0, 0, 0, 0xff]));
        assert_eq!(address.to_string(), "0a:1b:00:00:00:ff");
        assert_eq!(address.len(), 6);
        assert_eq!(serde_json::to_string(&address).unwrap(), "\"0a:1b:00:00:00:ff\"");
        assert_eq!(serde_json::from_str::<MacAddr>("\"0a:1b:00:00:00:ff\"").unwrap(), address);
    }

    #[test]
    fn wrong_texts_are_refused_with_the_expected_spelling() {
        for text in ["", "0a:", "0a:1", "0a:1g", "0a-1b", "+a:1b", &"00:".repeat(17)] {
            let error = text.parse::<MacAddr>().unwrap_err().to_string();
            assert!(error.contains("02:00:00:00:00:01"), "{error}");
            let read = serde_json::from_str::<MacAddr>(&format!("\"{text}\"")).unwrap_err().to_string();
            assert!(read.starts_with(&error), "{read}");
        }
    }

    #[test]
    fn more_than_sixteen_octets_are_cut() {
        assert_eq!(MacAddr::new(&[7; 20]), MacAddr::new(&[7; 16]));
    }
}
