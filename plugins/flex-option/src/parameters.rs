//! The parameters as they are spelled in the configuration.

use dhcp4_api::MacPattern;
use serde::Deserialize;

use crate::{
    condition::Condition,
    definition, reserved,
    rule::{Action, Rule},
    value,
};

/// What the configuration gives.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameters {
    options: Vec<Entry>,
}

impl Parameters {
    /// The rules in the order of the configuration, or the two that contradict each other.
    pub(crate) fn into_rules(self) -> Result<Vec<Rule>, String> {
        let mut rules: Vec<Rule> = Vec::new();
        for Entry(rule) in self.options {
            if let Some(first) = rules.iter().position(|other| other.excludes(&rule)) {
                return Err(format!(
                    "`options[{first}]` and `options[{}]` both act on option {} of the same clients; remove one of them",
                    rules.len(),
                    rule.code()
                ));
            }
            rules.push(rule);
        }
        Ok(rules)
    }
}

/// One element of `options`, checked while it is read, so that an error names its place.
#[derive(Debug, Deserialize)]
#[serde(try_from = "RawEntry")]
struct Entry(Rule);

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct RawEntry {
    code: Option<u8>,
    name: Option<String>,
    add: Option<String>,
    supersede: Option<String>,
    remove: Option<bool>,
    csv_format: Option<bool>,
    client: Option<MacPattern>,
    subnet_id: Option<u32>,
    /// For the reader of the configuration.
    #[serde(rename = "comment")]
    _comment: Option<String>,
}

impl TryFrom<RawEntry> for Entry {
    type Error = String;

    fn try_from(raw: RawEntry) -> Result<Self, String> {
        reserved::check(raw.name.as_deref(), raw.code)?;
        let (code, kind) = definition::find(raw.name.as_deref(), raw.code)?;
        let data = |text: &str| value::read(code, kind, text, raw.csv_format);
        let action = match (&raw.add, &raw.supersede, raw.remove) {
            (Some(text), None, None) => Action::Add(data(text)?),
            (None, Some(text), None) => Action::Supersede(data(text)?),
            (None, None, Some(true)) if raw.csv_format.is_some() => {
                return Err("`csv-format` says how a value is written, but `remove` has none; leave it out".to_owned());
            }
            (None, None, Some(true)) => Action::Remove,
            (None, None, Some(false)) => {
                return Err(
                    "`remove` is false, so that the element does nothing; set it to true or remove the element"
                        .to_owned(),
                );
            }
            _ => return Err("expected exactly one of `add`, `supersede` and `remove`".to_owned()),
        };
        Ok(Self(Rule::new(code, action, Condition::new(raw.client, raw.subnet_id))))
    }
}
