//! Which option an element is for.

use dhcp4_api::option_data::{self, OptionDefinition, OptionKind};

/// The options that can be named here but not in the server's `option-data`: an answer may have them nevertheless.
const MORE: &[OptionDefinition] = &[
    OptionDefinition::new("subnet-mask", 1, OptionKind::Address),
    OptionDefinition::new("vendor-class-identifier", 60, OptionKind::Text),
];

/// The code of an option that is given by its name, its code or both, and how its value is written if that is known.
pub(crate) fn find(name: Option<&str>, code: Option<u8>) -> Result<(u8, Option<OptionKind>), String> {
    let Some(name) = name else {
        let code = code.ok_or("expected `code` or `name`")?;
        return Ok((code, option_data::find_code(MORE, code).map(|known| known.kind)));
    };
    match (option_data::find_name(MORE, name, code)?, code) {
        (Some(known), _) => Ok((known.code, Some(known.kind))),
        (None, Some(code)) => Err(format!("no option is named \"{name}\"; leave `name` out, `code` {code} is enough")),
        (None, None) => Err(format!("no option is named \"{name}\"; give its `code` instead")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_and_code_lead_to_the_same_option() {
        assert_eq!(find(Some("boot-file-name"), None), Ok((67, Some(OptionKind::Text))));
        assert_eq!(find(None, Some(67)), Ok((67, Some(OptionKind::Text))));
        assert_eq!(find(Some("boot-file-name"), Some(67)), Ok((67, Some(OptionKind::Text))));
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
        for (position, one) in MORE.iter().enumerate() {
            assert_eq!(find(Some(one.name), Some(one.code)), Ok((one.code, Some(one.kind))));
            assert_eq!(find(None, Some(one.code)), Ok((one.code, Some(one.kind))));
            let mut others = option_data::DEFINITIONS.iter().chain(&MORE[position + 1..]);
            assert!(others.all(|other| other.name != one.name && other.code != one.code), "{}", one.name);
        }
    }
}
