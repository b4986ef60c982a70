//! Turns an element of `option-data` into an option as on the wire.

use std::{fmt::Display, net::Ipv4Addr, str::FromStr};

use dhcp4_api::{DhcpOption, code};

use super::schema::OptionData;

/// How the text of an option is written and how its data looks on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Address,
    Addresses,
    Text,
    Names,
    Boolean,
    Uint8,
    Uint16,
    Uint32,
    Int32,
    Hexadecimal,
}

/// The options that can be named, with the reference's names.
const OPTIONS: &[(&str, u8, Kind)] = &[
    ("time-offset", 2, Kind::Int32),
    ("routers", 3, Kind::Addresses),
    ("time-servers", 4, Kind::Addresses),
    ("name-servers", 5, Kind::Addresses),
    ("domain-name-servers", 6, Kind::Addresses),
    ("log-servers", 7, Kind::Addresses),
    ("cookie-servers", 8, Kind::Addresses),
    ("lpr-servers", 9, Kind::Addresses),
    ("host-name", 12, Kind::Text),
    ("boot-size", 13, Kind::Uint16),
    ("domain-name", 15, Kind::Text),
    ("root-path", 17, Kind::Text),
    ("ip-forwarding", 19, Kind::Boolean),
    ("default-ip-ttl", 23, Kind::Uint8),
    ("interface-mtu", 26, Kind::Uint16),
    ("broadcast-address", 28, Kind::Address),
    ("arp-cache-timeout", 35, Kind::Uint32),
    ("nis-domain", 40, Kind::Text),
    ("nis-servers", 41, Kind::Addresses),
    ("ntp-servers", 42, Kind::Addresses),
    ("vendor-encapsulated-options", 43, Kind::Hexadecimal),
    ("netbios-name-servers", 44, Kind::Addresses),
    ("netbios-node-type", 46, Kind::Uint8),
    ("tftp-server-name", 66, Kind::Text),
    ("boot-file-name", 67, Kind::Text),
    ("smtp-server", 69, Kind::Addresses),
    ("www-server", 72, Kind::Addresses),
    ("pcode", 100, Kind::Text),
    ("tcode", 101, Kind::Text),
    ("v6-only-preferred", 108, Kind::Uint32),
    ("v4-captive-portal", 114, Kind::Text),
    ("domain-search", 119, Kind::Names),
];

/// The options that the server sets itself.
const OWN: &[u8] = &[
    code::PAD,
    code::SUBNET_MASK,
    code::REQUESTED_ADDRESS,
    code::LEASE_TIME,
    code::OVERLOAD,
    code::MESSAGE_TYPE,
    code::SERVER_IDENTIFIER,
    code::PARAMETER_REQUEST_LIST,
    code::RENEWAL_TIME,
    code::REBINDING_TIME,
    code::CLIENT_IDENTIFIER,
    code::RELAY_AGENT_INFORMATION,
    code::END,
];

/// The option that an element describes, or what is wrong with it.
pub(super) fn read(element: &OptionData) -> Result<DhcpOption, String> {
    let (code, kind) = identify(element)?;
    if OWN.contains(&code) {
        return Err(format!("option {code} is set by the server itself; remove it from the configuration"));
    }
    let data = match (element.csv_format, kind) {
        (Some(false), _) | (None, None) => hexadecimal(&element.data)?,
        (_, Some(kind)) => parse(kind, &element.data)?,
        (Some(true), None) => {
            return Err(format!(
                "the server does not know how the text of option {code} is written; set \"csv-format\" to false and \
                 write the data in hexadecimal"
            ));
        }
    };
    Ok(DhcpOption { code, data })
}

/// The option in words, such as `routers (3): 192.0.2.1`.
pub(crate) fn describe(option: &DhcpOption) -> String {
    let data = &option.data;
    let set_by_server = [
        ("subnet-mask", code::SUBNET_MASK, Kind::Address),
        ("dhcp-requested-address", code::REQUESTED_ADDRESS, Kind::Address),
        ("dhcp-lease-time", code::LEASE_TIME, Kind::Uint32),
        ("dhcp-server-identifier", code::SERVER_IDENTIFIER, Kind::Address),
        ("dhcp-message", code::MESSAGE, Kind::Text),
        ("dhcp-renewal-time", code::RENEWAL_TIME, Kind::Uint32),
        ("dhcp-rebinding-time", code::REBINDING_TIME, Kind::Uint32),
    ];
    let known = OPTIONS.iter().chain(&set_by_server).find(|known| known.1 == option.code);
    let hexadecimal = || data.iter().map(|octet| format!("{octet:02x}")).collect::<Vec<_>>().join(":");
    let number = || data.iter().try_fold(0_u64, |number, octet| Some(number.checked_mul(256)? + u64::from(*octet)));
    let text = match known.map(|known| known.2) {
        Some(Kind::Address | Kind::Addresses) if data.len().is_multiple_of(4) => {
            let addresses = data.chunks_exact(4).filter_map(|chunk| <[u8; 4]>::try_from(chunk).ok());
            addresses.map(|octets| Ipv4Addr::from(octets).to_string()).collect::<Vec<_>>().join(", ")
        }
        Some(Kind::Text) => String::from_utf8_lossy(data).escape_debug().to_string(),
        Some(Kind::Uint8 | Kind::Uint16 | Kind::Uint32) => {
            number().map_or_else(hexadecimal, |number| number.to_string())
        }
        _ => hexadecimal(),
    };
    match known {
        Some((name, code, _)) => format!("{name} ({code}): {text}"),
        None => format!("option {}: {text}", option.code),
    }
}

fn identify(element: &OptionData) -> Result<(u8, Option<Kind>), String> {
    let by_name = |name: &str| OPTIONS.iter().find(|(known, _, _)| *known == name);
    match (&element.name, element.code) {
        (Some(name), given) => match (by_name(name), given) {
            (Some((_, code, _)), Some(given)) if *code != given => {
                Err(format!("option \"{name}\" has code {code}, not {given}; remove one of the two"))
            }
            (Some((_, code, kind)), _) => Ok((*code, Some(*kind))),
            (None, Some(given)) => Ok((given, None)),
            (None, None) => Err(format!("no option is named \"{name}\"; give its \"code\" instead")),
        },
        (None, Some(code)) => Ok((code, OPTIONS.iter().find(|option| option.1 == code).map(|option| option.2))),
        (None, None) => Err("expected \"name\" or \"code\"".into()),
    }
}

fn parse(kind: Kind, text: &str) -> Result<Vec<u8>, String> {
    let text = text.trim();
    let data = match kind {
        Kind::Address => number::<Ipv4Addr>(text, "an address")?.octets().to_vec(),
        Kind::Addresses => {
            let mut data = Vec::new();
            for part in text.split(',') {
                data.extend(number::<Ipv4Addr>(part.trim(), "addresses with commas between them")?.octets());
            }
            data
        }
        Kind::Text => text.as_bytes().to_vec(),
        Kind::Names => names(text)?,
        Kind::Boolean => vec![u8::from(number::<bool>(text, "true or false")?)],
        Kind::Uint8 => vec![number::<u8>(text, "a number from 0 to 255")?],
        Kind::Uint16 => number::<u16>(text, "a number from 0 to 65535")?.to_be_bytes().to_vec(),
        Kind::Uint32 => number::<u32>(text, "a number from 0 to 4294967295")?.to_be_bytes().to_vec(),
        Kind::Int32 => number::<i32>(text, "a number from -2147483648 to 2147483647")?.to_be_bytes().to_vec(),
        Kind::Hexadecimal => hexadecimal(text)?,
    };
    if data.is_empty() { Err("the data is empty; expected at least one octet".into()) } else { Ok(data) }
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

fn hexadecimal(text: &str) -> Result<Vec<u8>, String> {
    let digits: Vec<char> = text.strip_prefix("0x").unwrap_or(text).chars().filter(|c| !" :".contains(*c)).collect();
    let octet = |pair: &[char]| match pair {
        [high, low] => Some((high.to_digit(16)? * 16 + low.to_digit(16)?) as u8),
        _ => None,
    };
    digits.chunks(2).map(octet).collect::<Option<Vec<u8>>>().ok_or_else(|| {
        format!("expected an even number of hexadecimal digits such as \"0a:1b\" or \"0A1B\", found \"{text}\"")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn element(name: Option<&str>, code: Option<u8>, data: &str, csv_format: Option<bool>) -> OptionData {
        OptionData { name: name.map(str::to_owned), code, data: data.into(), csv_format, always_send: false }
    }

    #[test]
    fn texts_become_data() {
        let cases: &[(OptionData, u8, &[u8])] = &[
            (element(Some("routers"), None, "192.0.2.1, 192.0.2.2", None), 3, &[192, 0, 2, 1, 192, 0, 2, 2]),
            (element(None, Some(26), "1500", None), 26, &[5, 220]),
            (element(Some("domain-search"), None, "a.bc., d", None), 119, b"\x01a\x02bc\x00\x01d\x00"),
            (element(Some("domain-name"), Some(15), "example.org", None), 15, b"example.org"),
            (element(None, Some(224), "0a:1B ff", None), 224, &[0x0a, 0x1b, 0xff]),
            (element(Some("routers"), None, "C0000201", Some(false)), 3, &[192, 0, 2, 1]),
            (element(Some("mine"), Some(225), "", None), 225, &[]),
            (element(Some("time-offset"), None, "-1", None), 2, &[255; 4]),
            (element(Some("ip-forwarding"), None, "true", None), 19, &[1]),
        ];
        for (element, code, data) in cases {
            assert_eq!(read(element), Ok(DhcpOption::new(*code, *data)), "{element:?}");
        }
    }

    #[test]
    fn options_are_described_as_they_are_written() {
        let cases: &[(DhcpOption, &str)] = &[
            (DhcpOption::new(3, [192, 0, 2, 1, 192, 0, 2, 2]), "routers (3): 192.0.2.1, 192.0.2.2"),
            (DhcpOption::new(3, [192, 0, 2]), "routers (3): c0:00:02"),
            (DhcpOption::new(15, *b"example.org"), "domain-name (15): example.org"),
            (DhcpOption::new(51, [0, 0, 2, 88]), "dhcp-lease-time (51): 600"),
            (DhcpOption::new(51, [255; 9]), "dhcp-lease-time (51): ff:ff:ff:ff:ff:ff:ff:ff:ff"),
            (DhcpOption::new(224, [10]), "option 224: 0a"),
        ];
        for (option, text) in cases {
            assert_eq!(describe(option), *text);
        }
    }

    #[test]
    fn errors_tell_the_expected_text() {
        let cases = [
            (element(Some("routers"), None, "192.0.2", None), "addresses with commas"),
            (element(Some("router"), None, "192.0.2.1", None), "no option is named"),
            (element(None, None, "", None), "\"name\" or \"code\""),
            (element(Some("routers"), Some(4), "192.0.2.1", None), "has code 3"),
            (element(None, Some(224), "abc", None), "even number"),
            (element(None, Some(224), "ä", None), "even number"),
            (element(None, Some(224), "abcd", Some(true)), "csv-format"),
            (element(None, Some(53), "01", None), "by the server itself"),
            (element(Some("interface-mtu"), None, "65536", None), "0 to 65535"),
            (element(Some("domain-search"), None, "a..b", None), "1 to 63"),
            (element(Some("domain-name"), None, " ", None), "at least one"),
        ];
        for (element, expected) in cases {
            let error = read(&element).unwrap_err();
            assert!(error.contains(expected), "{error}");
        }
    }
}
