//! The text of a configuration as a tree whose elements know their place, and the problems that are found in it.

use std::{
    cell::{Cell, RefCell},
    fmt::Display,
};

use jsonc_parser::{CollectOptions, ParseOptions, ast::Value, common::Ranged, parse_to_ast};

use super::{comments, element::Element, error::ConfigProblem};

/// A mistake in the syntax, and the line and column at which it was found.
#[derive(Debug)]
pub(super) struct SyntaxError {
    pub(super) place: (usize, usize),
    pub(super) text: String,
}

/// How many problems are told at once: a configuration may be large, and wrong everywhere.
const MOST_PROBLEMS: usize = 100;

/// JSON, and the problems that were found in it so far.
#[derive(Debug)]
pub(super) struct Document<'a> {
    json: &'a str,
    problems: RefCell<Vec<(usize, ConfigProblem)>>,
    /// How many problems were found besides those.
    more: Cell<usize>,
}

/// The text without its comments, if what is left is JSON.
pub(super) fn without_comments(text: &str) -> Result<String, SyntaxError> {
    let json = comments::blank(text).map_err(|open| SyntaxError {
        place: (open.line, open.column),
        text: "expected `*/` after this comment".to_owned(),
    })?;
    // This parser decides what JSON is and how deep it may be nested; the other one only tells where its elements are.
    match serde_json::from_str::<serde_json::Value>(&json) {
        Ok(_) => Ok(json),
        Err(error) => {
            let place = (error.line(), error.column());
            let text = error.to_string();
            let text = text.split_once(" at line").map_or(text.as_str(), |(problem, _)| problem).to_owned();
            Err(SyntaxError { place, text })
        }
    }
}

impl<'a> Document<'a> {
    /// A document of this text, which is JSON without comments.
    pub(super) fn new(json: &'a str) -> Self {
        Self { json, problems: RefCell::default(), more: Cell::default() }
    }

    /// The tree of the text.
    pub(super) fn parse(&self) -> Result<Value<'a>, SyntaxError> {
        let options = ParseOptions {
            allow_comments: false,
            allow_loose_object_property_names: false,
            allow_trailing_commas: false,
            allow_missing_commas: false,
            allow_single_quoted_strings: false,
            allow_hexadecimal_numbers: false,
            allow_unary_plus_numbers: false,
            allow_bare_decimal_point_numbers: false,
            allow_non_finite_numbers: false,
            allow_extended_string_escapes: false,
        };
        let parsed = parse_to_ast(self.json, &CollectOptions::default(), &options)
            .map_err(|error| SyntaxError { place: self.place(error.range().start), text: error.kind().to_string() })?;
        parsed.value.ok_or(SyntaxError { place: (1, 1), text: "expected a map, found nothing".to_owned() })
    }

    /// The element in which all others are.
    pub(super) fn root<'d>(&'d self, tree: &'d Value<'a>) -> Element<'d> {
        Element::new(self, tree)
    }

    /// The text of an element.
    pub(super) fn text_of(&self, element: &Value<'_>) -> &'a str {
        self.json.get(element.start()..element.end()).unwrap_or_default()
    }

    /// Notes a problem of what begins at this offset; when there are too many, only that there is one more.
    pub(super) fn problem(&self, offset: usize, path: &impl Display, text: String) {
        if self.problems.borrow().len() >= MOST_PROBLEMS {
            self.more.set(self.more.get() + 1);
            return;
        }
        let problem = ConfigProblem { place: Some(self.place(offset)), path: path.to_string(), text };
        self.problems.borrow_mut().push((offset, problem));
    }

    /// The problems, in the order of the text.
    pub(super) fn into_problems(self) -> Vec<ConfigProblem> {
        let mut problems = self.problems.into_inner();
        problems.sort_by_key(|(offset, _)| *offset);
        let more = match self.more.get() {
            0 => None,
            more => Some(format!("problems that are not listed: {more}; mend these first")),
        };
        let more = more.map(|text| ConfigProblem { place: None, path: String::new(), text });
        problems.into_iter().map(|(_, problem)| problem).chain(more).collect()
    }

    /// The line and the column, in characters and from 1 on, of this offset.
    pub(super) fn place(&self, offset: usize) -> (usize, usize) {
        let before = self.json.get(..offset).unwrap_or(self.json);
        let line_begin = before.rfind('\n').map_or(0, |end| end + 1);
        let column = before.get(line_begin..).unwrap_or_default().chars().count() + 1;
        (before.matches('\n').count() + 1, column)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters() {
        let document = Document::new("{\n \"ä\": 1}");
        assert_eq!((document.place(0), document.place(3), document.place(8)), ((1, 1), (2, 2), (2, 6)));
        assert_eq!(document.place(1000), (2, 9));
    }

    #[test]
    fn of_very_many_problems_the_first_ones_are_listed() {
        let document = Document::new("{}");
        for _ in 0..MOST_PROBLEMS + 7 {
            document.problem(0, &"a", "wrong".to_owned());
        }
        let problems = document.into_problems();
        assert_eq!(problems.len(), MOST_PROBLEMS + 1);
        let last = problems.last().unwrap();
        assert_eq!((last.place, last.text.as_str()), (None, "problems that are not listed: 7; mend these first"));
    }

    #[test]
    fn what_is_json_for_one_parser_is_json_for_the_other() {
        let deep = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        let good = [r#"{"a": [1, -2.5e3, "\ud83d\ude00\u0000", null, true]}"#, "7", &deep(120)];
        for text in good {
            let json = without_comments(text).unwrap();
            let document = Document::new(&json);
            let tree = document.parse().unwrap();
            assert_eq!(document.text_of(&tree), text);
        }
        for text in ["", "{", "{'a': 1}", "{a: 1}", "[1,]", "[1 2]", "0x1", "+1", "\"\\ud800\"", &deep(200)] {
            assert!(without_comments(text).is_err(), "{text}");
        }
    }
}
