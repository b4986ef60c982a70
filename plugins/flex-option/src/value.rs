//! From the text of a value to the data of an option.

use std::{fmt::Display, net::Ipv4Addr, str::FromStr};

use crate::definition::Form;

/// The most octets that one option can have on the wire.
const MAX_DATA: usize = 255;

/// How expressions of the reference begin. They are not evaluated here, and nobody wants to send their text to clients.
const EXPRESSIONS: &[&str] = &[
    "'",
    "0x",
    "option[",
    "relay4[",
    "vendor[",
    "concat(",
    "ifelse(",
    "substring(",
    "split(",
    "hexstring(",
    "addrtotext(",
    "lcase(",
    "ucase(",
];

/// The data of the option whose value is written so.
pub(crate) fn read(code: u8, form: Option<Form>, text: &str, csv_format: Option<bool>) -> Result<Vec<u8>, String> {
    let data = match (csv_format, form) {
        (Some(false), _) | (None, None) => hexadecimal(text)?,
        (_, Some(form)) => parse(form, text.trim())?,
        (Some(true), None) => {
            return Err(format!(
                "how the text of option {code} is written is not known; set `csv-format` to false and write the value in \
                 hexadecimal"
            ));
        }
    };
    match data.len() {
        0 => {
            Err("the value is empty; expected at least one octet, or `\"remove\": true` to remove the option"
                .to_owned())
        }
        1..=MAX_DATA => Ok(data),
        length => Err(format!("the value has {length} octets, but an option holds at most {MAX_DATA}; shorten it")),
    }
}

fn parse(form: Form, text: &str) -> Result<Vec<u8>, String> {
    Ok(match form {
        Form::Address => number::<Ipv4Addr>(text, "an address")?.octets().to_vec(),
        Form::Addresses => {
            let mut data = Vec::new();
            for part in text.split(',') {
                data.extend(number::<Ipv4Addr>(part.trim(), "addresses with commas between them")?.octets());
            }
            data
        }
        Form::Text => plain(text)?.as_bytes().to_vec(),
        Form::Names => names(text)?,
        Form::Boolean => vec![u8::from(number::<bool>(text, "true or false")?)],
        Form::Uint8 => vec![number::<u8>(text, "a number from 0 to 255")?],
        Form::Uint16 => number::<u16>(text, "a number from 0 to 65535")?.to_be_bytes().to_vec(),
        Form::Uint32 => number::<u32>(text, "a number from 0 to 4294967295")?.to_be_bytes().to_vec(),
        Form::Int32 => number::<i32>(text, "a number from -2147483648 to 2147483647")?.to_be_bytes().to_vec(),
        Form::Hexadecimal => hexadecimal(text)?,
    })
}

fn number<T: FromStr<Err: Display>>(text: &str, expected: &str) -> Result<T, String> {
    text.parse().map_err(|error| format!("expected {expected}, found \"{text}\" ({error})"))
}

/// The text itself, unless it is meant as an expression.
fn plain(text: &str) -> Result<&str, String> {
    if EXPRESSIONS.iter().any(|start| text.starts_with(start)) {
        return Err(format!(
            "\"{text}\" looks like an expression, but values are not evaluated: write a text as it is, without quotes; \
             set `csv-format` to false to write it in hexadecimal"
        ));
    }
    Ok(text)
}

fn names(text: &str) -> Result<Vec<u8>, String> {
    let mut data = Vec::new();
    for name in text.split(',').map(str::trim) {
        for label in name.strip_suffix('.').unwrap_or(name).split('.') {
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
            "expected an even number of hexadecimal digits such as \"0x0a1b\" or \"0a:1b\", found \"{text}\"; the option \
             has no text form or `csv-format` is false"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_form_is_read() {
        let cases: &[(Form, &str, &[u8])] = &[
            (Form::Address, "192.0.2.1", &[192, 0, 2, 1]),
            (Form::Addresses, "192.0.2.1 ,192.0.2.2", &[192, 0, 2, 1, 192, 0, 2, 2]),
            (Form::Text, " pxe/boot file ", b"pxe/boot file"),
            (Form::Names, "a.bc., d", b"\x01a\x02bc\x00\x01d\x00"),
            (Form::Boolean, "true", &[1]),
            (Form::Uint8, "255", &[255]),
            (Form::Uint16, "1500", &[5, 220]),
            (Form::Uint32, "1", &[0, 0, 0, 1]),
            (Form::Int32, "-1", &[255; 4]),
            (Form::Hexadecimal, "01:02", &[1, 2]),
        ];
        for (form, text, data) in cases {
            assert_eq!(read(1, Some(*form), text, None).as_deref(), Ok(*data), "{form:?}");
            assert_eq!(read(1, Some(*form), text, Some(true)).as_deref(), Ok(*data), "{form:?}");
        }
    }

    #[test]
    fn hexadecimal_is_for_options_without_a_text_form_and_on_demand() {
        assert_eq!(read(224, None, "0x0A1b", None), Ok(vec![0x0a, 0x1b]));
        assert_eq!(read(67, Some(Form::Text), "0a:1b ff", Some(false)), Ok(vec![0x0a, 0x1b, 0xff]));
        assert!(read(224, None, "0a", Some(true)).unwrap_err().contains("option 224"));
    }

    #[test]
    fn mistakes_are_told_with_the_expected_spelling() {
        let cases = [
            (Form::Address, "192.0.2", "an address, found \"192.0.2\""),
            (Form::Addresses, "192.0.2.1,", "addresses with commas"),
            (Form::Boolean, "yes", "true or false"),
            (Form::Uint16, "65536", "0 to 65535"),
            (Form::Names, "a..b", "1 to 63"),
            (Form::Hexadecimal, "abc", "even number"),
            (Form::Hexadecimal, "ä0", "even number"),
            (Form::Text, " ", "at least one octet"),
            (Form::Text, "'boot'", "without quotes"),
            (Form::Text, "ifelse(option[60].exists, 'a', 'b')", "not evaluated"),
            (Form::Text, "0x0a", "`csv-format` to false"),
        ];
        for (form, text, expected) in cases {
            let error = read(1, Some(form), text, None).unwrap_err();
            assert!(error.contains(expected), "{error}");
        }
    }

    #[test]
    fn an_option_holds_255_octets() {
        assert_eq!(read(67, Some(Form::Text), &"a".repeat(255), None).unwrap().len(), 255);
        assert!(read(67, Some(Form::Text), &"a".repeat(256), None).unwrap_err().contains("256 octets"));
        assert!(read(224, None, "0x", None).unwrap_err().contains("empty"));
    }
}
