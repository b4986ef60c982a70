//! What a binary says of itself, read back from its records.

use super::record::Mode;

/// All records of one binary.
#[derive(Debug, Default, Clone, PartialEq)]
pub(crate) struct Records {
    pub(crate) libraries: Vec<LibraryInfo>,
    pub(crate) plugins: Vec<PluginInfo>,
    pub(crate) points: Vec<PointInfo>,
    pub(crate) callouts: Vec<CalloutRecordInfo>,
    pub(crate) builds: Vec<BuildInfo>,
}

/// What a shared library says of how it was built.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct LibraryInfo {
    pub(crate) build: BuildInfo,
    pub(crate) crate_name: String,
}

/// How a binary was built.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct BuildInfo {
    pub(crate) protocol: u32,
    pub(crate) framework_version: String,
    pub(crate) rustc: String,
    pub(crate) target: String,
    pub(crate) unwinds: bool,
}

/// Name and version of a plugin.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct PluginInfo {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) crate_name: String,
    pub(crate) multi_threading_compatible: bool,
}

/// A hook point as a binary's compiler saw it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct PointInfo {
    pub(crate) name: String,
    pub(crate) file: String,
    pub(crate) line: u32,
    pub(crate) statuses: u8,
    pub(crate) on_failure: u8,
    pub(crate) arguments: Vec<ArgumentInfo>,
}

/// One argument of a hook point.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ArgumentInfo {
    pub(crate) name: String,
    pub(crate) mode: Mode,
    pub(crate) offset: u64,
    /// `TypeLayout::hash`, as the binary's own compiler computed it.
    pub(crate) hash: u128,
    pub(crate) layout: Layout,
}

/// A callout and the names of the arguments that it uses.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct CalloutRecordInfo {
    pub(crate) hook: String,
    pub(crate) name: String,
    pub(crate) crate_name: String,
    pub(crate) file: String,
    pub(crate) line: u32,
    pub(crate) manual: bool,
    pub(crate) arguments: Vec<String>,
}

/// A type's layout, read back.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Layout {
    pub(crate) name: String,
    pub(crate) size: u64,
    pub(crate) align: u64,
    pub(crate) parts: LayoutParts,
}

/// What a type is made of, read back.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum LayoutParts {
    Primitive,
    Opaque(String),
    Struct { fixed: bool, repr: String, fields: Vec<LayoutField> },
    Enum { fixed: bool, repr: String, variants: Vec<LayoutVariant> },
    Generic(Vec<Layout>),
    Array(Box<Layout>),
    Recursive,
}

/// A field, read back.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct LayoutField {
    pub(crate) name: String,
    pub(crate) offset: u64,
    pub(crate) layout: Layout,
}

/// A variant, read back.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct LayoutVariant {
    pub(crate) name: String,
    pub(crate) discriminant: i128,
    pub(crate) fields: Vec<LayoutField>,
}

impl Layout {
    /// The type as Rust spells it, without the paths of its modules; cut off where it is very long.
    pub(crate) fn spell(&self) -> String {
        let mut text = String::new();
        self.spell_into(&mut text);
        if text.len() > LONGEST {
            text.truncate(text.floor_char_boundary(LONGEST));
            text.push('…');
        }
        text
    }

    fn spell_into(&self, text: &mut String) {
        // A file may say anything, also thousands of parameters.
        if text.len() > LONGEST {
            return;
        }
        let name = self.name.rsplit("::").next().unwrap_or(&self.name);
        match &self.parts {
            LayoutParts::Generic(parts) => {
                let (open, close) = if name == "tuple" { ('(', ')') } else { ('<', '>') };
                text.push_str(if name == "tuple" { "" } else { name });
                text.push(open);
                for (i, part) in parts.iter().enumerate() {
                    text.push_str(if i > 0 { ", " } else { "" });
                    part.spell_into(text);
                }
                text.push(close);
            }
            LayoutParts::Array(element) => {
                text.push('[');
                element.spell_into(text);
                let count = self.size.checked_div(element.size).unwrap_or_default();
                text.push_str(&format!("; {count}]"));
            }
            _ => text.push_str(name),
        }
    }
}

/// The longest spelling of a type, in bytes.
const LONGEST: usize = 300;

#[cfg(test)]
mod tests {
    use super::*;

    fn layout(name: &str, size: u64, parts: LayoutParts) -> Layout {
        Layout { name: name.to_owned(), size, align: 1, parts }
    }

    #[test]
    fn types_are_spelled_as_in_rust() {
        let byte = || layout("u8", 1, LayoutParts::Primitive);
        let lease = || layout("dhcp4_api::lease::Lease", 9, LayoutParts::Recursive);
        let bytes = layout("array", 6, LayoutParts::Array(Box::new(byte())));
        let pair = layout("tuple", 15, LayoutParts::Generic(vec![bytes, lease()]));
        let map = layout("HashMap", 48, LayoutParts::Generic(vec![layout("String", 24, LayoutParts::Primitive), pair]));
        assert_eq!(map.spell(), "HashMap<String, ([u8; 6], Lease)>");
    }

    #[test]
    fn very_long_types_are_cut_off() {
        let many = (0..10_000).map(|_| layout("ä", 1, LayoutParts::Primitive)).collect();
        let text = layout("Many", 1, LayoutParts::Generic(many)).spell();
        assert!(text.len() < LONGEST + 10 && text.ends_with('…'), "{text}");
    }
}
