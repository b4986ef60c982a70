//! Paths into the arguments of a call, as C libraries write them: `query4.options[2].data`.

use super::boundary::Failure;
use super::constants::HOOKS_ERROR_INVALID;

/// One step from a value to a part of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Step<'a> {
    /// A field by its name, or by its number in a struct without names.
    Field(&'a str),
    /// An element of a list or an array.
    Element(usize),
}

/// The argument's name and the steps from there.
pub(crate) fn parse(path: &str) -> Result<(&str, Vec<Step<'_>>), Failure> {
    let wrong = |what: &str| {
        let text = format!(
            "the path `{}` {what}; expected something like `lease4.hostname` or `leases4[0].address`",
            path.escape_debug()
        );
        Failure::new(HOOKS_ERROR_INVALID, text)
    };
    let end = |text: &str| text.find(['.', '[']).unwrap_or(text.len());
    let (name, mut rest) = path.split_at(end(path));
    if name.is_empty() {
        return Err(wrong("does not begin with the name of an argument"));
    }
    let mut steps = Vec::new();
    while !rest.is_empty() {
        if let Some(field) = rest.strip_prefix('.') {
            let (field, after) = field.split_at(end(field));
            if field.is_empty() {
                return Err(wrong("has no name after a `.`"));
            }
            steps.push(Step::Field(field));
            rest = after;
        } else {
            let inside = rest.strip_prefix('[').and_then(|rest| rest.split_once(']'));
            let number = inside.and_then(|(number, after)| Some((self::number(number)?, after)));
            let Some((number, after)) = number else {
                return Err(wrong("has no number in brackets where one begins"));
            };
            if !after.is_empty() && !after.starts_with(['.', '[']) {
                return Err(wrong("goes on after a `]` without `.` or `[`"));
            }
            steps.push(Step::Element(number));
            rest = after;
        }
    }
    Ok((name, steps))
}

/// A number of digits only; that of the standard library may begin with a sign.
fn number(digits: &str) -> Option<usize> {
    digits.bytes().all(|digit| digit.is_ascii_digit()).then(|| digits.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_fields_and_elements() {
        assert_eq!(parse("count"), Ok(("count", vec![])));
        let expected = vec![Step::Field("options"), Step::Element(2), Step::Element(0), Step::Field("0")];
        assert_eq!(parse("query4.options[2][0].0"), Ok(("query4", expected)));
    }

    #[test]
    fn what_is_no_path() {
        for path in [
            "",
            ".a",
            "[0]",
            "a.",
            "a..b",
            "a[",
            "a[]",
            "a[x]",
            "a[-1]",
            "a[+1]",
            "a[0",
            "a[0]b",
            "a[99999999999999999999]",
        ] {
            let failure = parse(path).unwrap_err();
            assert_eq!(failure.code, HOOKS_ERROR_INVALID, "{path}");
        }
    }
}
