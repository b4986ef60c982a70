//! From the text of a value to the data of an option.

use dhcp4_api::option_data::{self, OptionKind};

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
pub(crate) fn read(
    code: u8,
    kind: Option<OptionKind>,
    text: &str,
    csv_format: Option<bool>,
) -> Result<Vec<u8>, String> {
    if kind == Some(OptionKind::Text) && csv_format != Some(false) {
        refuse_expression(text.trim())?;
    }
    let data = option_data::read(code, kind, text, csv_format)?;
    match data.len() {
        0 => {
            Err("the value is empty; expected at least one octet, or `\"remove\": true` to remove the option"
                .to_owned())
        }
        1..=MAX_DATA => Ok(data),
        length => Err(format!("the value has {length} octets, but an option holds at most {MAX_DATA}; shorten it")),
    }
}

/// Refuses a text that is meant as an expression.
fn refuse_expression(text: &str) -> Result<(), String> {
    if EXPRESSIONS.iter().any(|start| text.starts_with(start)) {
        return Err(format!(
            "\"{text}\" looks like an expression, but values are not evaluated: write a text as it is, without quotes; \
             set `csv-format` to false to write it in hexadecimal"
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hexadecimal_is_for_options_without_a_text_form_and_on_demand() {
        assert_eq!(read(224, None, "0x0A1b", None), Ok(vec![0x0a, 0x1b]));
        assert_eq!(read(67, Some(OptionKind::Text), "0a:1b ff", Some(false)), Ok(vec![0x0a, 0x1b, 0xff]));
        assert!(read(224, None, "0a", Some(true)).unwrap_err().contains("option 224"));
    }

    #[test]
    fn mistakes_are_told_with_the_expected_spelling() {
        let cases = [
            (OptionKind::Hexadecimal, "abc", "even number"),
            (OptionKind::Text, " ", "at least one octet"),
            (OptionKind::Text, "'boot'", "without quotes"),
            (OptionKind::Text, "ifelse(option[60].exists, 'a', 'b')", "not evaluated"),
            (OptionKind::Text, "0x0a", "`csv-format` to false"),
        ];
        for (kind, text, expected) in cases {
            let error = read(1, Some(kind), text, None).unwrap_err();
            assert!(error.contains(expected), "{error}");
        }
    }

    #[test]
    fn an_option_holds_255_octets() {
        assert_eq!(read(67, Some(OptionKind::Text), &"a".repeat(255), None).unwrap().len(), 255);
        assert!(read(67, Some(OptionKind::Text), &"a".repeat(256), None).unwrap_err().contains("256 octets"));
        assert!(read(224, None, "0x", None).unwrap_err().contains("empty"));
    }
}
