//! Removes the comments of a configuration.

/// A comment that does not end.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unterminated {
    /// The line on which the comment begins.
    pub(super) line: usize,
    /// The column at which it begins.
    pub(super) column: usize,
}

/// The text with spaces in place of its comments, so that lines and columns stay as they are.
///
/// A comment is `/* … */`, or what follows `//` or `#` up to the end of the line, each outside of a string.
pub(super) fn blank(text: &str) -> Result<String, Unterminated> {
    let mut blanked = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        let length = match next {
            '"' => string_length(rest),
            '#' => line_length(rest),
            '/' if rest.starts_with("//") => line_length(rest),
            '/' if rest.starts_with("/*") => match rest.get(2..).and_then(|inner| inner.find("*/")) {
                Some(end) => end + 4,
                None => return Err(position(&blanked)),
            },
            _ => next.len_utf8(),
        };
        let (piece, after) = rest.split_at(length);
        if matches!(next, '#' | '/') && (next == '#' || length > 1) {
            blanked.extend(piece.bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' }));
        } else {
            blanked.push_str(piece);
        }
        rest = after;
    }
    Ok(blanked)
}

fn line_length(text: &str) -> usize {
    text.find('\n').unwrap_or(text.len())
}

/// The length of the string with which the text begins; a string that does not end takes the rest of the text, and the
/// JSON parser finds the error.
fn string_length(text: &str) -> usize {
    let mut escaped = false;
    for (position, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return position + 1,
            _ => {}
        }
    }
    text.len()
}

fn position(before: &str) -> Unterminated {
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().map_or(0, str::len) + 1;
    Unterminated { line, column }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_become_spaces_and_lines_stay() {
        let text = "{ // one\n \"a\": 1, # two\n /* thr\nee */ \"b\": 2 }";
        let blanked = blank(text).unwrap();
        assert_eq!(blanked.len(), text.len());
        assert_eq!(blanked.split_whitespace().collect::<String>(), "{\"a\":1,\"b\":2}");
        assert_eq!(blanked.lines().count(), text.lines().count());
    }

    #[test]
    fn strings_are_left_alone() {
        let text = r##"{"a": "no // comment # here /* \" */", "b": "\\"} // gone"##;
        assert_eq!(blank(text).unwrap().trim_end(), r##"{"a": "no // comment # here /* \" */", "b": "\\"}"##);
        assert_eq!(blank("\"open // string").unwrap(), "\"open // string");
        assert_eq!(blank("1 / 2").unwrap(), "1 / 2");
    }

    #[test]
    fn a_comment_that_does_not_end_is_located() {
        assert_eq!(blank("{\n  /* …").unwrap_err(), Unterminated { line: 2, column: 3 });
        assert_eq!(blank("/*/").unwrap_err(), Unterminated { line: 1, column: 1 });
    }
}
