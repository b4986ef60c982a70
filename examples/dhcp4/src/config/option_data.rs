//! Turns an element of `option-data` into an option as on the wire.

use std::net::Ipv4Addr;

use dhcp4_api::{
    DhcpOption, code,
    option_data::{self, OptionDefinition, OptionKind},
};

use super::element::Element;

/// The keys of an element of `option-data`.
const KEYS: &[&str] = &["name", "code", "data", "csv-format", "always-send"];

/// An element of `option-data` as it is spelled.
#[derive(Debug)]
struct OptionData {
    name: Option<String>,
    code: Option<u8>,
    data: String,
    csv_format: Option<bool>,
}

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

/// The names of options that packets have but the configuration cannot name; only for their description.
const NAMED: &[OptionDefinition] = &[
    OptionDefinition::new("subnet-mask", code::SUBNET_MASK, OptionKind::Address),
    OptionDefinition::new("dhcp-requested-address", code::REQUESTED_ADDRESS, OptionKind::Address),
    OptionDefinition::new("dhcp-lease-time", code::LEASE_TIME, OptionKind::Uint32),
    OptionDefinition::new("dhcp-server-identifier", code::SERVER_IDENTIFIER, OptionKind::Address),
    OptionDefinition::new("dhcp-message", code::MESSAGE, OptionKind::Text),
    OptionDefinition::new("dhcp-renewal-time", code::RENEWAL_TIME, OptionKind::Uint32),
    OptionDefinition::new("dhcp-rebinding-time", code::REBINDING_TIME, OptionKind::Uint32),
];

/// An option and whether it is sent to clients that do not ask for it.
#[derive(Debug, Clone)]
pub(super) struct Chosen {
    pub(super) option: DhcpOption,
    pub(super) always: bool,
}

/// The options that the elements describe.
pub(super) fn read(elements: &[Element<'_>]) -> Vec<Chosen> {
    let mut chosen: Vec<Chosen> = Vec::new();
    for element in elements {
        let Some(option) = read_one(element) else { continue };
        if chosen.iter().any(|other| other.option.code == option.option.code) {
            element.problem(format!("option {} is given twice here; keep one of them", option.option.code));
        } else {
            chosen.push(option);
        }
    }
    chosen
}

fn read_one(element: &Element<'_>) -> Option<Chosen> {
    let map = element.map(KEYS)?;
    let data = map.required("data").and_then(|data| data.read());
    let (name, code) = (map.get("name"), map.get("code"));
    let (has_name, has_code) = (name.is_some(), code.is_some());
    let (name, code) = (name.and_then(|name| name.read()), code.and_then(|code| code.read()));
    let csv_format = map.optional("csv-format");
    let always = map.optional("always-send").unwrap_or(false);
    // A key that cannot be read is a problem of its own, and not that of a key that is missing.
    if has_name != name.is_some() || has_code != code.is_some() {
        return None;
    }
    let described = option(&OptionData { name, code, data: data?, csv_format });
    described.map_err(|problem| map.problem(problem)).ok().map(|option| Chosen { option, always })
}

/// The option that an element describes, or what is wrong with it.
fn option(element: &OptionData) -> Result<DhcpOption, String> {
    let (code, kind) = identify(element)?;
    if OWN.contains(&code) {
        return Err(format!("option {code} is set by the server itself; remove it from the configuration"));
    }
    let data = option_data::read(code, kind, &element.data, element.csv_format)?;
    // In hexadecimal an option without data can be meant, as a flag; in a text form the data has been forgotten.
    if data.is_empty() && kind.is_some() && element.csv_format != Some(false) {
        return Err("the data is empty; expected at least one octet".into());
    }
    Ok(DhcpOption { code, data })
}

/// The option in words, such as `routers (3): 192.0.2.1`.
pub(crate) fn describe(option: &DhcpOption) -> String {
    let data = &option.data;
    let known = option_data::find_code(NAMED, option.code);
    let hexadecimal = || data.iter().map(|octet| format!("{octet:02x}")).collect::<Vec<_>>().join(":");
    let number = || data.iter().try_fold(0_u64, |number, octet| Some(number.checked_mul(256)? + u64::from(*octet)));
    let text = match known.map(|known| known.kind) {
        Some(OptionKind::Address | OptionKind::Addresses) if data.len().is_multiple_of(4) => {
            let addresses = data.chunks_exact(4).filter_map(|chunk| <[u8; 4]>::try_from(chunk).ok());
            addresses.map(|octets| Ipv4Addr::from(octets).to_string()).collect::<Vec<_>>().join(", ")
        }
        Some(OptionKind::Text) => String::from_utf8_lossy(data).escape_debug().to_string(),
        Some(OptionKind::Uint8 | OptionKind::Uint16 | OptionKind::Uint32) => {
            number().map_or_else(hexadecimal, |number| number.to_string())
        }
        _ => hexadecimal(),
    };
    match known {
        Some(known) => format!("{} ({}): {text}", known.name, known.code),
        None => format!("option {}: {text}", option.code),
    }
}

fn identify(element: &OptionData) -> Result<(u8, Option<OptionKind>), String> {
    match (&element.name, element.code) {
        (Some(name), given) => match (option_data::find_name(&[], name, given)?, given) {
            (Some(known), _) => Ok((known.code, Some(known.kind))),
            (None, Some(given)) => Ok((given, None)),
            (None, None) => Err(format!("no option is named \"{name}\"; give its \"code\" instead")),
        },
        (None, Some(code)) => Ok((code, option_data::find_code(&[], code).map(|known| known.kind))),
        (None, None) => Err("expected \"name\" or \"code\"".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn element(name: Option<&str>, code: Option<u8>, data: &str, csv_format: Option<bool>) -> OptionData {
        OptionData { name: name.map(str::to_owned), code, data: data.into(), csv_format }
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
            assert_eq!(option(element), Ok(DhcpOption::new(*code, *data)), "{element:?}");
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
            let error = option(&element).unwrap_err();
            assert!(error.contains(expected), "{error}");
        }
    }
}
