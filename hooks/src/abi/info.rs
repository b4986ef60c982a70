//! What a binary says of itself, read back from its records.

use super::record::Mode;

/// All records of one binary.
#[derive(Debug, Default, Clone, PartialEq)]
pub(crate) struct Records {
    pub(crate) libraries: Vec<LibraryInfo>,
    pub(crate) plugins: Vec<PluginInfo>,
    pub(crate) points: Vec<PointInfo>,
    pub(crate) callouts: Vec<CalloutRecordInfo>,
}

/// What a shared library says of how it was built.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct LibraryInfo {
    pub(crate) protocol: u32,
    pub(crate) framework_version: String,
    pub(crate) rustc: String,
    pub(crate) target: String,
    pub(crate) unwinds: bool,
    pub(crate) crate_name: String,
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
