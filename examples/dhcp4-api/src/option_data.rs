//! The options that can be named, and how their data is written in a configuration.
//!
//! The server reads `option-data` with it; plugins whose parameters hold options do the same, so that an option is
//! written in the same way everywhere.

use std::{fmt::Display, net::Ipv4Addr, str::FromStr};

/// How the data of an option is written, and how it looks on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OptionKind {
    /// One address.
    Address,
    /// Addresses with commas between them.
    Addresses,
    /// A text, without quotes.
    Text,
    /// Domain names with commas between them, uncompressed on the wire.
    Names,
    /// `true` or `false`, one octet.
    Boolean,
    /// A number of one octet.
    Uint8,
    /// A number of two octets.
    Uint16,
    /// A number of four octets.
    Uint32,
    /// A number of four octets with a sign.
    Int32,
    /// Octets in hexadecimal.
    Hexadecimal,
}

/// An option that can be named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OptionDefinition {
    /// The reference's name.
    pub name: &'static str,
    /// The code.
    pub code: u8,
    /// How the data is written.
    pub kind: OptionKind,
}

impl OptionDefinition {
    /// The option with this name and code, whose data is written so.
    pub const fn new(name: &'static str, code: u8, kind: OptionKind) -> Self {
        Self { name, code, kind }
    }
}

/// The options that can be named wherever options are configured.
pub const DEFINITIONS: &[OptionDefinition] = &[
    OptionDefinition::new("time-offset", 2, OptionKind::Int32),
    OptionDefinition::new("routers", 3, OptionKind::Addresses),
    OptionDefinition::new("time-servers", 4, OptionKind::Addresses),
    OptionDefinition::new("name-servers", 5, OptionKind::Addresses),
    OptionDefinition::new("domain-name-servers", 6, OptionKind::Addresses),
    OptionDefinition::new("log-servers", 7, OptionKind::Addresses),
    OptionDefinition::new("cookie-servers", 8, OptionKind::Addresses),
    OptionDefinition::new("lpr-servers", 9, OptionKind::Addresses),
    OptionDefinition::new("host-name", 12, OptionKind::Text),
    OptionDefinition::new("boot-size", 13, OptionKind::Uint16),
    OptionDefinition::new("domain-name", 15, OptionKind::Text),
    OptionDefinition::new("root-path", 17, OptionKind::Text),
    OptionDefinition::new("ip-forwarding", 19, OptionKind::Boolean),
    OptionDefinition::new("default-ip-ttl", 23, OptionKind::Uint8),
    OptionDefinition::new("interface-mtu", 26, OptionKind::Uint16),
    OptionDefinition::new("broadcast-address", 28, OptionKind::Address),
    OptionDefinition::new("arp-cache-timeout", 35, OptionKind::Uint32),
    OptionDefinition::new("nis-domain", 40, OptionKind::Text),
    OptionDefinition::new("nis-servers", 41, OptionKind::Addresses),
    OptionDefinition::new("ntp-servers", 42, OptionKind::Addresses),
    OptionDefinition::new("vendor-encapsulated-options", 43, OptionKind::Hexadecimal),
    OptionDefinition::new("netbios-name-servers", 44, OptionKind::Addresses),
    OptionDefinition::new("netbios-node-type", 46, OptionKind::Uint8),
    OptionDefinition::new("tftp-server-name", 66, OptionKind::Text),
    OptionDefinition::new("boot-file-name", 67, OptionKind::Text),
    OptionDefinition::new("smtp-server", 69, OptionKind::Addresses),
    OptionDefinition::new("www-server", 72, OptionKind::Addresses),
    OptionDefinition::new("pcode", 100, OptionKind::Text),
    OptionDefinition::new("tcode", 101, OptionKind::Text),
    OptionDefinition::new("v6-only-preferred", 108, OptionKind::Uint32),
    OptionDefinition::new("v4-captive-portal", 114, OptionKind::Text),
    OptionDefinition::new("domain-search", 119, OptionKind::Names),
];

/// The option with this name, if one of [`DEFINITIONS`] or of `more` has it; an error if it has another code than the
/// given one.
pub fn find_name(
    more: &'static [OptionDefinition],
    name: &str,
    code: Option<u8>,
) -> Result<Option<&'static OptionDefinition>, String> {
    match (DEFINITIONS.iter().chain(more).find(|known| known.name == name), code) {
        (Some(known), Some(code)) if known.code != code => {
            Err(format!("option \"{name}\" has code {}, not {code}; remove one of the two", known.code))
        }
        (found, _) => Ok(found),
    }
}

/// The option with this code, if one of [`DEFINITIONS`] or of `more` has it.
pub fn find_code(more: &'static [OptionDefinition], code: u8) -> Option<&'static OptionDefinition> {
    DEFINITIONS.iter().chain(more).find(|known| known.code == code)
}

/// The data of an option whose text this is, which may be empty, or what is wrong with the text.
///
/// The text is hexadecimal if `csv_format` is `false`, or if nothing is known of how the data is written.
pub fn read(code: u8, kind: Option<OptionKind>, text: &str, csv_format: Option<bool>) -> Result<Vec<u8>, String> {
    match (csv_format, kind) {
        (Some(false), _) | (None, None) => hexadecimal(text),
        (_, Some(kind)) => parse(kind, text.trim()),
        (Some(true), None) => Err(format!(
            "how the text of option {code} is written is not known; set `csv-format` to false and write the data in \
             hexadecimal"
        )),
    }
}

fn parse(kind: OptionKind, text: &str) -> Result<Vec<u8>, String> {
    Ok(match kind {
        OptionKind::Address => number::<Ipv4Addr>(text, "an address")?.octets().to_vec(),
        OptionKind::Addresses => {
            let mut data = Vec::new();
            for part in text.split(',') {
                data.extend(number::<Ipv4Addr>(part.trim(), "addresses with commas between them")?.octets());
            }
            data
        }
        OptionKind::Text => text.as_bytes().to_vec(),
        OptionKind::Names => names(text)?,
        OptionKind::Boolean => vec![u8::from(number::<bool>(text, "true or false")?)],
        OptionKind::Uint8 => vec![number::<u8>(text, "a number from 0 to 255")?],
        OptionKind::Uint16 => number::<u16>(text, "a number from 0 to 65535")?.to_be_bytes().to_vec(),
        OptionKind::Uint32 => number::<u32>(text, "a number from 0 to 4294967295")?.to_be_bytes().to_vec(),
        OptionKind::Int32 => number::<i32>(text, "a number from -2147483648 to 2147483647")?.to_be_bytes().to_vec(),
        OptionKind::Hexadecimal => hexadecimal(text)?,
    })
}

fn number<T: FromStr<Err: Display>>(text: &str, expected: &str) -> Result<T, String> {
    text.parse().map_err(|error| format!("expected {expected}, found \"{text}\" ({error})"))
}

fn names(text: &str) -> Result<Vec<u8>, String> {
    let mut data = Vec::new();
    for name in text.split(',').map(str::trim) {
        for label in name.trim_end_matches('.').split('.') {
            let length = u8::try_from(label.len()).ok().filter(|length| (1..=63).contains(length));
            data.push(length.ok_or_else(|| {
                format!("expected domain names with labels of 1 to 63 octets and commas between them, found \"{name}\"")
            })?);
            data.extend(label.bytes());
        }
        data.push(0);
    }
    Ok(data)
}

/// Reads `0a1b`, `0x0a1b` and `0a:1b`.
fn hexadecimal(text: &str) -> Result<Vec<u8>, String> {
    let digits: Vec<char> = text.strip_prefix("0x").unwrap_or(text).chars().filter(|c| !" :".contains(*c)).collect();
    let octet = |pair: &[char]| match pair {
        [high, low] => u8::try_from(high.to_digit(16)? * 16 + low.to_digit(16)?).ok(),
        _ => None,
    };
    digits.chunks(2).map(octet).collect::<Option<Vec<u8>>>().ok_or_else(|| {
        format!(
            "expected an even number of hexadecimal digits such as \"0x0a1b\" or \"0a:1b\", found \"{text}\"; an option \
             is written so if it has no text form or `csv-format` is false"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_and_code_lead_to_the_same_option() {
        let file = OptionDefinition::new("boot-file-name", 67, OptionKind::Text);
        assert_eq!(find_name(&[], "boot-file-name", None), Ok(Some(&file)));
        assert_eq!(find_name(&[], "boot-file-name", Some(67)), Ok(Some(&file)));
        assert_eq!(find_code(&[], 67), Some(&file));
        assert_eq!((find_name(&[], "boot-file", Some(67)), find_code(&[], 224)), (Ok(None), None));
        let error = find_name(&[], "boot-file-name", Some(66)).unwrap_err();
        assert!(error.contains("\"boot-file-name\" has code 67, not 66; remove one"), "{error}");
    }

    #[test]
    fn more_options_are_found_too() {
        const MORE: &[OptionDefinition] = &[OptionDefinition::new("mine", 224, OptionKind::Uint8)];
        assert_eq!(find_name(MORE, "mine", None), Ok(MORE.first()));
        assert_eq!(find_code(MORE, 224), MORE.first());
        assert_eq!(find_code(MORE, 3).map(|known| known.name), Some("routers"));
        assert!(find_name(MORE, "mine", Some(225)).unwrap_err().contains("has code 224, not 225"));
    }

    #[test]
    fn no_name_and_no_code_is_there_twice() {
        for (position, one) in DEFINITIONS.iter().enumerate() {
            let later = &DEFINITIONS[position + 1..];
            assert!(later.iter().all(|other| other.name != one.name && other.code > one.code), "{}", one.name);
        }
    }

    #[test]
    fn each_kind_is_read() {
        let cases: &[(OptionKind, &str, &[u8])] = &[
            (OptionKind::Address, "192.0.2.1", &[192, 0, 2, 1]),
            (OptionKind::Addresses, "192.0.2.1 ,192.0.2.2", &[192, 0, 2, 1, 192, 0, 2, 2]),
            (OptionKind::Text, " pxe/boot file ", b"pxe/boot file"),
            (OptionKind::Text, " ", b""),
            (OptionKind::Names, "a.bc., d", b"\x01a\x02bc\x00\x01d\x00"),
            (OptionKind::Boolean, "true", &[1]),
            (OptionKind::Uint8, "255", &[255]),
            (OptionKind::Uint16, "1500", &[5, 220]),
            (OptionKind::Uint32, "1", &[0, 0, 0, 1]),
            (OptionKind::Int32, "-1", &[255; 4]),
            (OptionKind::Hexadecimal, "01:02", &[1, 2]),
        ];
        for (kind, text, data) in cases {
            assert_eq!(read(1, Some(*kind), text, None).as_deref(), Ok(*data), "{kind:?}");
            assert_eq!(read(1, Some(*kind), text, Some(true)).as_deref(), Ok(*data), "{kind:?}");
        }
    }

    #[test]
    fn hexadecimal_is_for_options_without_a_text_form_and_on_demand() {
        assert_eq!(read(224, None, "0x0A1b", None), Ok(vec![0x0a, 0x1b]));
        assert_eq!(read(67, Some(OptionKind::Text), "0a:1b ff", Some(false)), Ok(vec![0x0a, 0x1b, 0xff]));
        let error = read(224, None, "0a", Some(true)).unwrap_err();
        assert!(error.contains("option 224") && error.contains("`csv-format` to false"), "{error}");
        let error = read(224, None, "x", None).unwrap_err();
        assert!(error.contains("found \"x\"") && error.contains("`csv-format` is false"), "{error}");
    }

    #[test]
    fn mistakes_are_told_with_the_expected_spelling() {
        let cases = [
            (OptionKind::Address, "192.0.2", "an address, found \"192.0.2\""),
            (OptionKind::Addresses, "192.0.2.1,", "addresses with commas"),
            (OptionKind::Boolean, "yes", "true or false"),
            (OptionKind::Uint16, "65536", "0 to 65535"),
            (OptionKind::Names, "a..b", "1 to 63"),
            (OptionKind::Hexadecimal, "abc", "even number"),
            (OptionKind::Hexadecimal, "ä0", "even number"),
        ];
        for (kind, text, expected) in cases {
            let error = read(1, Some(kind), text, None).unwrap_err();
            assert!(error.contains(expected), "{error}");
        }
    }
}
