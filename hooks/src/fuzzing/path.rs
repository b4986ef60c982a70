//! The paths of C libraries.

use super::is_in_words;
use crate::c::path::{Step, parse};

/// The bytes as a path to a part of an argument; what is read is written again as the same path.
pub fn path(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else { return };
    let (name, steps) = match parse(text) {
        Ok(parsed) => parsed,
        Err(failure) => return is_in_words(&failure.text),
    };
    let written = steps.iter().fold(name.to_owned(), |written, step| match step {
        Step::Field(field) => format!("{written}.{field}"),
        Step::Element(number) => format!("{written}[{number}]"),
    });
    assert_eq!(parse(&written), Ok((name, steps)));
    let without_zeros = |text: &str| text.replace('0', "");
    assert_eq!(without_zeros(&written), without_zeros(text), "{text} is read as {written}");
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_inputs_that_are_kept() {
        super::super::replay("path", super::path);
    }
}
