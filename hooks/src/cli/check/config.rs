//! Finds the lists of hook libraries in a configuration, and every mistake in their form.

use std::collections::HashSet;

use jsonc_parser::ast::{Object, ObjectProp, Value};
use jsonc_parser::common::Ranged;
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};

use super::comments;
use super::report::Report;
use crate::failure::FailurePolicy;
use crate::json;
use crate::library::Source;
use crate::registry::nearest;

/// The key of a list of hook libraries.
const LIST: &str = "hooks-libraries";
/// The keys of an entry.
const KEYS: [&str; 4] = ["library", "parameters", "sha256", "on-failure"];

/// A line and a column, each from 1 on.
pub(super) type Place = (usize, usize);

/// An entry, as far as it is in order.
#[derive(Debug)]
pub(super) struct Entry {
    /// The JSON path of the entry.
    pub(super) path: String,
    /// Where the library is named, and how.
    pub(super) place: Place,
    pub(super) library: String,
    pub(super) source: Source,
    /// What the file's hash has to be, in small letters, and where that stands.
    pub(super) sha256: Option<(String, Place)>,
    pub(super) parameters: Option<serde_json::Value>,
    /// What is done when a callout fails, and where that stands.
    pub(super) failure_policy: Option<(FailurePolicy, Place)>,
}

/// The text with its comments blanked, and where its problems go.
struct Reader<'a> {
    json: &'a str,
    report: &'a mut Report,
}

/// The lists of hook libraries in `text`: at the top of it, or one level below.
pub(super) fn read(text: &str, report: &mut Report) -> Vec<Vec<Entry>> {
    let json = match comments::blank(text) {
        Ok(json) => json,
        Err(open) => {
            report.error(Some((open.line, open.column)), "", "expected `*/` after this comment".to_owned());
            return Vec::new();
        }
    };
    // This parser decides what JSON is and how deep it may be nested; the other one only tells where its elements are.
    if let Err(error) = serde_json::from_str::<serde_json::Value>(&json) {
        let text = error.to_string();
        let text = text.split_once(" at line").map_or(text.as_str(), |(problem, _)| problem).to_owned();
        report.error(Some((error.line().max(1), error.column().max(1))), "", text);
        return Vec::new();
    }
    let parsed = parse_to_ast(&json, &CollectOptions::default(), &ParseOptions::default());
    let tree = match parsed {
        Ok(parsed) => parsed.value,
        Err(error) => {
            report.error(Some(place(&json, error.range().start)), "", error.kind().to_string());
            return Vec::new();
        }
    };
    let mut reader = Reader { json: &json, report };
    let Some(Value::Object(top)) = tree else {
        reader.report.error(Some((1, 1)), "", format!("expected a map with \"{LIST}\", at its top or one level below"));
        return Vec::new();
    };
    reader.lists(&top)
}

/// The line and the column, in characters and from 1 on, of this offset.
pub(super) fn place(text: &str, offset: usize) -> Place {
    let before = text.get(..offset).unwrap_or(text);
    let line_begin = before.rfind('\n').map_or(0, |end| end + 1);
    (before.matches('\n').count() + 1, before.get(line_begin..).unwrap_or_default().chars().count() + 1)
}

impl<'a> Reader<'a> {
    fn place(&self, ranged: &impl Ranged) -> Place {
        place(self.json, ranged.start())
    }

    fn error(&mut self, ranged: &impl Ranged, path: &str, text: String) {
        let place = self.place(ranged);
        self.report.error(Some(place), path, text);
    }

    fn lists(&mut self, top: &Object<'_>) -> Vec<Vec<Entry>> {
        let mut lists = Vec::new();
        let mut found = false;
        let below = top.properties.iter().filter_map(|property| match &property.value {
            Value::Object(object) => Some((format!("{}.", property.name.as_str()), object)),
            _ => None,
        });
        let maps: Vec<_> = std::iter::once((String::new(), top)).chain(below).collect();
        for (prefix, map) in &maps {
            let mut lists_here = map.properties.iter().filter(|property| property.name.as_str() == LIST);
            if let Some(property) = lists_here.next() {
                found = true;
                lists.extend(self.list(&property.value, &format!("{prefix}{LIST}")));
            }
            for property in lists_here {
                self.error(&property.name, &format!("{prefix}{LIST}"), twice(LIST));
            }
        }
        if !found {
            let keys =
                maps.iter().flat_map(|(prefix, map)| map.properties.iter().map(move |property| (prefix, property)));
            let meant = keys.filter(|(_, property)| nearest(property.name.as_str(), [LIST].into_iter()).is_some());
            let meant: Vec<_> = meant.collect();
            for (prefix, property) in &meant {
                let key = property.name.as_str();
                self.error(
                    &property.name,
                    &format!("{prefix}{key}"),
                    format!("unknown key \"{key}\"; did you mean \"{LIST}\"?"),
                );
            }
            if meant.is_empty() {
                let text =
                    format!("there is no \"{LIST}\", at the top or one level below, so there is nothing to check");
                self.report.warning(None, "", text);
            }
        }
        lists
    }

    fn list(&mut self, value: &Value<'_>, path: &str) -> Option<Vec<Entry>> {
        let Value::Array(array) = value else {
            let text = format!("expected a list of maps with \"library\", found {}", kind(value));
            self.error(value, path, text);
            return None;
        };
        let elements = array.elements.iter().enumerate();
        Some(elements.filter_map(|(i, element)| self.entry(element, &format!("{path}[{i}]"))).collect())
    }

    fn entry(&mut self, value: &Value<'_>, path: &str) -> Option<Entry> {
        let Value::Object(object) = value else {
            self.error(value, path, format!("expected a map with \"library\", found {}", kind(value)));
            return None;
        };
        for property in &object.properties {
            let key = property.name.as_str();
            if !KEYS.contains(&key) {
                let known = KEYS.map(|key| format!("\"{key}\"")).join(", ");
                let meant = nearest(key, KEYS.into_iter());
                let meant = meant.map(|meant| format!("did you mean \"{meant}\"? ")).unwrap_or_default();
                let text = format!("unknown key \"{key}\"; {meant}Known here: {known}");
                self.error(&property.name, &format!("{path}.{key}"), text);
            }
        }
        self.distinct(value, path);
        let get = |key: &str| object.properties.iter().find(|property| property.name.as_str() == key);
        let sha256 = get("sha256").and_then(|property| self.sha256(property, path));
        let failure_policy = get("on-failure").and_then(|property| self.failure_policy(property, path));
        let parameters = get("parameters").map(|property| self.json(&property.value));
        let Some(property) = get("library") else {
            self.error(value, path, "the key \"library\" is missing".to_owned());
            return None;
        };
        let path_of_it = format!("{path}.library");
        let serde_json::Value::String(library) = self.json(&property.value) else {
            let text = format!("expected a string with the path of a library, found {}", kind(&property.value));
            self.error(&property.value, &path_of_it, text);
            return None;
        };
        match library.parse() {
            Ok(source) => {
                let place = self.place(&property.value);
                Some(Entry { path: path.to_owned(), place, library, source, sha256, parameters, failure_policy })
            }
            Err(error) => {
                self.error(&property.value, &path_of_it, error.to_string());
                None
            }
        }
    }

    fn sha256(&mut self, property: &ObjectProp<'_>, path: &str) -> Option<(String, Place)> {
        let found = match self.json(&property.value) {
            serde_json::Value::String(text)
                if text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit()) =>
            {
                return Some((text.to_ascii_lowercase(), self.place(&property.value)));
            }
            serde_json::Value::String(text) => format!("\"{text}\""),
            _ => kind(&property.value).to_owned(),
        };
        let text = format!("expected 64 hexadecimal digits, as `sha256sum FILE` prints them, found {found}");
        self.error(&property.value, &format!("{path}.sha256"), text);
        None
    }

    fn failure_policy(&mut self, property: &ObjectProp<'_>, path: &str) -> Option<(FailurePolicy, Place)> {
        let path = format!("{path}.on-failure");
        if !matches!(property.value, Value::Object(_)) {
            self.error(&property.value, &path, format!("expected a map, found {}", kind(&property.value)));
            return None;
        }
        match json::read(self.text(&property.value), &path) {
            Ok(policy) => Some((policy, self.place(&property.value))),
            Err((path, error)) => {
                let text = error.to_string();
                // The place in the text of this element alone would mislead.
                let text = text.split_once(" at line").map_or(text.as_str(), |(problem, _)| problem).to_owned();
                self.error(&property.value, &path, text);
                None
            }
        }
    }

    /// Notes keys that are there twice, however deep.
    fn distinct(&mut self, value: &Value<'_>, path: &str) {
        match value {
            Value::Object(object) => {
                let mut earlier = HashSet::new();
                for property in &object.properties {
                    let key = property.name.as_str();
                    let path = format!("{path}.{key}");
                    if !earlier.insert(key) {
                        self.error(&property.name, &path, twice(key));
                    }
                    self.distinct(&property.value, &path);
                }
            }
            Value::Array(array) => {
                for (i, element) in array.elements.iter().enumerate() {
                    self.distinct(element, &format!("{path}[{i}]"));
                }
            }
            _ => {}
        }
    }

    fn json(&self, value: &Value<'_>) -> serde_json::Value {
        // The whole text has been parsed before, and so is each part of it.
        serde_json::from_str(self.text(value)).unwrap_or_default()
    }

    fn text(&self, value: &Value<'_>) -> &'a str {
        self.json.get(value.start()..value.end()).unwrap_or_default()
    }
}

fn twice(key: &str) -> String {
    format!("the key \"{key}\" is there twice; keep one of them")
}

/// What an element is, in words.
fn kind(value: &Value<'_>) -> &'static str {
    match value {
        Value::StringLit(_) => "a string",
        Value::NumberLit(_) => "a number",
        Value::BooleanLit(_) => "a truth value",
        Value::Object(_) => "a map",
        Value::Array(_) => "a list",
        Value::NullKeyword(_) => "null",
    }
}
