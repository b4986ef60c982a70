//! The options that can be named, and how their values are written.

/// How the value of an option is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Address,
    Addresses,
    Text,
    /// Domain names with commas between them, uncompressed on the wire.
    Names,
    Boolean,
    Uint8,
    Uint16,
    Uint32,
    Int32,
    Hexadecimal,
}

/// The options that can be named, with the reference's names.
const DEFINITIONS: &[(&str, u8, Form)] = &[
    ("subnet-mask", 1, Form::Address),
    ("time-offset", 2, Form::Int32),
    ("routers", 3, Form::Addresses),
    ("time-servers", 4, Form::Addresses),
    ("name-servers", 5, Form::Addresses),
    ("domain-name-servers", 6, Form::Addresses),
    ("log-servers", 7, Form::Addresses),
    ("cookie-servers", 8, Form::Addresses),
    ("lpr-servers", 9, Form::Addresses),
    ("host-name", 12, Form::Text),
    ("boot-size", 13, Form::Uint16),
    ("domain-name", 15, Form::Text),
    ("root-path", 17, Form::Text),
    ("ip-forwarding", 19, Form::Boolean),
    ("default-ip-ttl", 23, Form::Uint8),
    ("interface-mtu", 26, Form::Uint16),
    ("broadcast-address", 28, Form::Address),
    ("arp-cache-timeout", 35, Form::Uint32),
    ("nis-domain", 40, Form::Text),
    ("nis-servers", 41, Form::Addresses),
    ("ntp-servers", 42, Form::Addresses),
    ("vendor-encapsulated-options", 43, Form::Hexadecimal),
    ("netbios-name-servers", 44, Form::Addresses),
    ("netbios-node-type", 46, Form::Uint8),
    ("vendor-class-identifier", 60, Form::Text),
    ("tftp-server-name", 66, Form::Text),
    ("boot-file-name", 67, Form::Text),
    ("smtp-server", 69, Form::Addresses),
    ("www-server", 72, Form::Addresses),
    ("pcode", 100, Form::Text),
    ("tcode", 101, Form::Text),
    ("v6-only-preferred", 108, Form::Uint32),
    ("v4-captive-portal", 114, Form::Text),
    ("domain-search", 119, Form::Names),
];

/// The code of an option that is given by its name, its code or both, and how its value is written if that is known.
pub(crate) fn find(name: Option<&str>, code: Option<u8>) -> Result<(u8, Option<Form>), String> {
    let by_code = |code: u8| DEFINITIONS.iter().find(|known| known.1 == code).map(|known| known.2);
    let Some(name) = name else {
        let code = code.ok_or("expected `code` or `name`")?;
        return Ok((code, by_code(code)));
    };
    match (DEFINITIONS.iter().find(|known| known.0 == name), code) {
        (Some((_, known, _)), Some(code)) if *known != code => {
            Err(format!("option \"{name}\" has code {known}, not {code}; remove one of the two"))
        }
        (Some((_, known, form)), _) => Ok((*known, Some(*form))),
        (None, Some(code)) => Err(format!("no option is named \"{name}\"; leave `name` out, `code` {code} is enough")),
        (None, None) => Err(format!("no option is named \"{name}\"; give its `code` instead")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_and_code_lead_to_the_same_option() {
        assert_eq!(find(Some("boot-file-name"), None), Ok((67, Some(Form::Text))));
        assert_eq!(find(None, Some(67)), Ok((67, Some(Form::Text))));
        assert_eq!(find(Some("boot-file-name"), Some(67)), Ok((67, Some(Form::Text))));
        assert_eq!(find(None, Some(224)), Ok((224, None)));
    }

    #[test]
    fn mistakes_are_told_with_the_way_out() {
        let error = |name, code| find(name, code).unwrap_err();
        assert!(error(Some("boot-file-name"), Some(66)).contains("has code 67, not 66"));
        assert!(error(Some("boot-file"), None).contains("give its `code`"));
        assert!(error(Some("boot-file"), Some(67)).contains("`code` 67 is enough"));
        assert!(error(None, None).contains("`code` or `name`"));
    }

    #[test]
    fn no_name_and_no_code_is_there_twice() {
        for (position, one) in DEFINITIONS.iter().enumerate() {
            let later = &DEFINITIONS[position + 1..];
            assert!(later.iter().all(|other| other.0 != one.0 && other.1 > one.1), "{}", one.0);
        }
    }
}
