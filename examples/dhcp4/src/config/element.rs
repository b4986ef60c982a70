//! An element of a configuration: reading it notes what is wrong with it and goes on, so that all problems are found.

use std::collections::HashSet;

use jsonc_parser::{
    ast::{Object, Value},
    common::Ranged,
};
use serde::de::DeserializeOwned;

use super::{document::Document, json_path::JsonPath};

/// An element, its JSON path and its document.
#[derive(Debug, Clone)]
pub(super) struct Element<'a> {
    document: &'a Document<'a>,
    value: &'a Value<'a>,
    path: JsonPath<'a>,
}

/// An element that is a map, all of whose keys are known.
#[derive(Debug, Clone)]
pub(super) struct Map<'a> {
    element: Element<'a>,
    object: &'a Object<'a>,
}

impl<'a> Element<'a> {
    pub(super) fn new(document: &'a Document<'a>, value: &'a Value<'a>) -> Self {
        Self { document, value, path: JsonPath::default() }
    }

    /// Notes a problem of this element.
    pub(super) fn problem(&self, text: impl Into<String>) {
        self.document.problem(self.value.start(), &self.path, text.into());
    }

    /// The JSON path of the element.
    pub(super) fn path(&self) -> String {
        self.path.to_string()
    }

    /// The line and the column at which the element begins.
    pub(super) fn place(&self) -> (usize, usize) {
        self.document.place(self.value.start())
    }

    /// What the element is, in words.
    pub(super) fn kind(&self) -> &'static str {
        match self.value {
            Value::StringLit(_) => "a string",
            Value::NumberLit(_) => "a number",
            Value::BooleanLit(_) => "a truth value",
            Value::Object(_) => "a map",
            Value::Array(_) => "a list",
            Value::NullKeyword(_) => "null",
        }
    }

    /// The element as JSON.
    pub(super) fn json(&self) -> serde_json::Value {
        // The whole text has been parsed before, and so is each part of it.
        serde_json::from_str(self.document.text_of(self.value)).unwrap_or_default()
    }

    /// The element as a value of this type.
    pub(super) fn read<T: DeserializeOwned>(&self) -> Option<T> {
        serde_json::from_value(self.json()).map_err(|error| self.problem(error.to_string())).ok()
    }

    /// The element as a map in which no other keys than these may be.
    pub(super) fn map(&self, known: &[&str]) -> Option<Map<'a>> {
        let Value::Object(object) = self.value else {
            self.problem(format!("expected a map with {}, found {}", listed(known), self.kind()));
            return None;
        };
        let mut earlier = HashSet::new();
        for property in &object.properties {
            let key = property.name.as_str();
            let note = |text: String| self.document.problem(property.name.start(), &self.path.key(key), text);
            if !known.contains(&key) {
                note(format!("unknown key \"{key}\"; known here: {}", listed(known)));
            }
            if !earlier.insert(key) {
                note(twice(key));
            }
        }
        Some(Map { element: self.clone(), object })
    }

    /// Notes keys that are there twice in the element, however deep; for what only a library knows the keys of.
    pub(super) fn distinct(&self) {
        match self.value {
            Value::Object(object) => {
                let mut earlier = HashSet::new();
                for property in &object.properties {
                    let key = property.name.as_str();
                    let path = self.path.key(key);
                    if !earlier.insert(key) {
                        self.document.problem(property.name.start(), &path, twice(key));
                    }
                    Element { document: self.document, value: &property.value, path }.distinct();
                }
            }
            Value::Array(_) => self.list("").iter().for_each(Element::distinct),
            _ => {}
        }
    }

    /// The elements of the element, which is a list.
    pub(super) fn list(&self, of: &str) -> Vec<Element<'a>> {
        let Value::Array(array) = self.value else {
            self.problem(format!("expected a list of {of}, found {}", self.kind()));
            return Vec::new();
        };
        let element = |(index, value)| Element { document: self.document, value, path: self.path.index(index) };
        array.elements.iter().enumerate().map(element).collect()
    }
}

impl<'a> Map<'a> {
    /// Notes a problem of the map as a whole.
    pub(super) fn problem(&self, text: impl Into<String>) {
        self.element.problem(text);
    }

    /// The element with this key, if there is one.
    pub(super) fn get(&self, key: &str) -> Option<Element<'a>> {
        let property = self.object.properties.iter().find(|property| property.name.as_str() == key)?;
        Some(Element {
            document: self.element.document,
            value: &property.value,
            path: self.element.path.key(property.name.as_str()),
        })
    }

    /// The element with this key; a problem if there is none.
    pub(super) fn required(&self, key: &str) -> Option<Element<'a>> {
        let found = self.get(key);
        if found.is_none() {
            self.problem(format!("the key \"{key}\" is missing"));
        }
        found
    }

    /// The value with this key, if there is one.
    pub(super) fn optional<T: DeserializeOwned>(&self, key: &str) -> Option<T> {
        self.get(key)?.read()
    }

    /// The elements of the list with this key; none without the key.
    pub(super) fn list(&self, key: &str, of: &str) -> Vec<Element<'a>> {
        self.get(key).map_or_else(Vec::new, |element| element.list(of))
    }
}

fn twice(key: &str) -> String {
    format!("the key \"{key}\" is there twice; keep one of them")
}

fn listed(keys: &[&str]) -> String {
    keys.iter().map(|key| format!("\"{key}\"")).collect::<Vec<_>>().join(", ")
}
