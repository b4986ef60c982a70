//! Compares what a library was built against with what the host offers, and says in words where they differ.

use super::info::{ArgumentInfo, CalloutRecordInfo, Layout, LayoutField, LayoutParts, LayoutVariant, PointInfo};
use super::record::Mode;
use crate::status::Statuses;

/// Whether `callout` of a library, which saw the hook point as `theirs`, can be attached to `ours`, that of `host`.
///
/// Only the arguments that the callout uses are compared, so an argument that was appended to the hook point since does no
/// harm. Each used one must have its name, its mode, its place and the layout of its type.
pub(crate) fn callout(
    callout: &CalloutRecordInfo,
    theirs: &PointInfo,
    ours: &PointInfo,
    host: &str,
) -> Result<(), String> {
    let way_out = || {
        let (name, file, line) = (&ours.name, &ours.file, ours.line);
        format!(
            "; rebuild the library with the version and the features of the interface crate that {host} has (it declares `{name}` \
             at {file}:{line})"
        )
    };
    let unknown = Statuses::from_bits(theirs.statuses & !ours.statuses);
    if !unknown.is_empty() {
        let way_out = way_out();
        return Err(format!("the library may answer {unknown}, which {host}'s hook point does not honour{way_out}"));
    }
    for name in &callout.arguments {
        let Some(theirs) = find(theirs, name) else {
            return Err(format!(
                "the callout uses `{name}`, which the library's own record of the hook point lacks; rebuild it, its file is damaged"
            ));
        };
        let Some(ours) = find(ours, name) else {
            let offered: Vec<_> = ours.arguments.iter().map(|argument| format!("`{}`", argument.name)).collect();
            let offered = if offered.is_empty() { "no arguments".to_owned() } else { offered.join(", ") };
            let way_out = way_out();
            return Err(format!(
                "argument `{name}`: {host}'s hook point has no such argument, it has {offered}{way_out}"
            ));
        };
        Sides { host }.argument(theirs, ours).map_err(|difference| match difference {
            Difference::Interface(text) => format!("argument `{name}`{text}{}", way_out()),
            Difference::Compiler(text) => format!("argument `{name}`{text}"),
        })?;
    }
    Ok(())
}

/// Whether two binaries see one hook point exactly alike, so that either may call it.
pub(crate) fn same_point(theirs: &PointInfo, ours: &PointInfo) -> bool {
    theirs.statuses == ours.statuses
        && theirs.arguments.len() == ours.arguments.len()
        && theirs
            .arguments
            .iter()
            .zip(&ours.arguments)
            .all(|(theirs, ours)| theirs.name == ours.name && Sides { host: "" }.argument(theirs, ours).is_ok())
}

fn find<'a>(point: &'a PointInfo, name: &str) -> Option<&'a ArgumentInfo> {
    point.arguments.iter().find(|argument| argument.name == name)
}

fn spell(argument: &ArgumentInfo) -> String {
    let name = &argument.layout.name;
    match argument.mode {
        Mode::Value => name.clone(),
        Mode::Ref => format!("&{name}"),
        Mode::Mut => format!("&mut {name}"),
    }
}

/// How an argument differs.
enum Difference {
    /// The interface crate has changed.
    Interface(String),
    /// The compilers differ, and the type's layout depends on them.
    Compiler(String),
}

/// How the two sides are called in texts.
struct Sides<'a> {
    host: &'a str,
}

impl Sides<'_> {
    fn argument(&self, theirs: &ArgumentInfo, ours: &ArgumentInfo) -> Result<(), Difference> {
        let host = self.host;
        if theirs.mode != ours.mode {
            let (expected, found) = (spell(ours), spell(theirs));
            let text = format!(": {host} lends it as `{expected}`, the library was built for `{found}`");
            return Err(Difference::Interface(text));
        }
        if theirs.layout != ours.layout {
            return Err(Difference::Interface(self.layout(&theirs.layout, &ours.layout)));
        }
        if theirs.hash != ours.hash {
            let name = &ours.layout.name;
            return Err(Difference::Compiler(format!(
                ": its type `{name}` has a layout that depends on the compiler, and the compilers differ (make it `#[repr(C)]` \
             with parts that are numbers, arrays or such structs, or build both with the same compiler)"
            )));
        }
        if theirs.offset != ours.offset {
            let (expected, found) = (ours.offset, theirs.offset);
            let text = format!(": {host} has it at byte {expected} of the arguments, the library at byte {found}");
            return Err(Difference::Interface(text));
        }
        Ok(())
    }

    /// The first difference between two layouts that are known to differ, with the path to it.
    fn layout(&self, theirs: &Layout, ours: &Layout) -> String {
        let host = self.host;
        if theirs.name != ours.name {
            return format!(": {host}'s type is `{}`, the library's is `{}`", ours.name, theirs.name);
        }
        let repr = |parts: &LayoutParts| match parts {
            LayoutParts::Struct { repr, .. } | LayoutParts::Enum { repr, .. } => repr.clone(),
            _ => String::new(),
        };
        let (expected, found) = (repr(&ours.parts), repr(&theirs.parts));
        if expected != found {
            let name = &ours.name;
            return format!(", type `{name}`: {host}'s is `repr({expected})`, the library's is `repr({found})`");
        }
        let inner = match (&theirs.parts, &ours.parts) {
            (LayoutParts::Struct { fields: theirs, .. }, LayoutParts::Struct { fields: ours, .. }) => {
                self.fields(theirs, ours)
            }
            (LayoutParts::Enum { variants: theirs, .. }, LayoutParts::Enum { variants: ours, .. }) => {
                self.variants(theirs, ours)
            }
            (LayoutParts::Generic(theirs), LayoutParts::Generic(ours)) if theirs.len() == ours.len() => theirs
                .iter()
                .zip(ours)
                .find(|(theirs, ours)| theirs != ours)
                .map(|(theirs, ours)| self.layout(theirs, ours)),
            (LayoutParts::Array(theirs), LayoutParts::Array(ours)) if theirs != ours => Some(self.layout(theirs, ours)),
            (LayoutParts::Opaque(theirs), LayoutParts::Opaque(ours)) if theirs != ours => {
                Some(format!(": {host}'s comes from {ours}, the library's from {theirs}"))
            }
            _ => None,
        };
        let name = &ours.name;
        inner.map(|inner| format!(", type `{name}`{inner}")).unwrap_or_else(|| {
            let (expected, found) = ((ours.size, ours.align), (theirs.size, theirs.align));
            format!(
                ": {host}'s `{name}` has {} bytes aligned to {}, the library's has {} bytes aligned to {}",
                expected.0, expected.1, found.0, found.1
            )
        })
    }

    fn fields(&self, theirs: &[LayoutField], ours: &[LayoutField]) -> Option<String> {
        let host = self.host;
        for ours in ours {
            let Some(theirs) = theirs.iter().find(|theirs| theirs.name == ours.name) else {
                return Some(format!(
                    ": {host} has a field `{}: {}`, the library has none",
                    ours.name, ours.layout.name
                ));
            };
            if theirs.layout != ours.layout {
                return Some(format!(", field `{}`{}", ours.name, self.layout(&theirs.layout, &ours.layout)));
            }
        }
        if let Some(theirs) = theirs.iter().find(|theirs| ours.iter().all(|ours| ours.name != theirs.name)) {
            return Some(format!(
                ": the library has a field `{}: {}`, {host} has none",
                theirs.name, theirs.layout.name
            ));
        }
        let moved = ours.iter().find_map(|ours| {
            let theirs = theirs.iter().find(|theirs| theirs.name == ours.name)?;
            (theirs.offset != ours.offset).then_some((ours, theirs.offset))
        });
        if let Some((ours, found)) = moved {
            let (name, expected) = (&ours.name, ours.offset);
            return Some(format!(", field `{name}`: {host} has it at byte {expected}, the library at byte {found}"));
        }
        // The same fields at the same places: only the order of the declaration differs.
        Some(": the fields are declared in another order".to_owned())
    }

    fn variants(&self, theirs: &[LayoutVariant], ours: &[LayoutVariant]) -> Option<String> {
        let host = self.host;
        let lacks = |variants: &[LayoutVariant], name: &str| variants.iter().all(|variant| variant.name != name);
        if let Some(ours) = ours.iter().find(|ours| lacks(theirs, &ours.name)) {
            return Some(format!(": {host} has a variant `{}`, the library has none", ours.name));
        }
        if let Some(theirs) = theirs.iter().find(|theirs| lacks(ours, &theirs.name)) {
            return Some(format!(": the library has a variant `{}`, {host} has none", theirs.name));
        }
        let (theirs, ours) = theirs.iter().zip(ours).find(|(theirs, ours)| theirs != ours)?;
        let (name, expected, found) = (&ours.name, ours.discriminant, theirs.discriminant);
        Some(if theirs.name != ours.name {
            format!(": {host} has the variant `{name}` where the library has `{}`", theirs.name)
        } else if theirs.fields != ours.fields {
            format!(", variant `{name}`{}", self.fields(&theirs.fields, &ours.fields).unwrap_or_default())
        } else {
            format!(", variant `{name}`: {host} numbers it {expected}, the library {found}")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(name: &str, size: u64) -> Layout {
        Layout { name: name.to_owned(), size, align: size, parts: LayoutParts::Primitive }
    }

    fn structure(fields: &[(&str, u64, Layout)]) -> Layout {
        let field = |(name, offset, layout): &(&str, u64, Layout)| LayoutField {
            name: (*name).to_owned(),
            offset: *offset,
            layout: layout.clone(),
        };
        let fields = fields.iter().map(field).collect();
        Layout {
            name: "Packet".to_owned(),
            size: 16,
            align: 8,
            parts: LayoutParts::Struct { fixed: false, repr: String::new(), fields },
        }
    }

    fn taken(layout: Layout, offset: u64) -> ArgumentInfo {
        let hash = format!("{layout:?}").bytes().fold(0u128, |hash, byte| hash.wrapping_mul(31) + u128::from(byte));
        ArgumentInfo { name: "query4".to_owned(), mode: Mode::Mut, offset, layout, hash }
    }

    fn point(arguments: Vec<ArgumentInfo>) -> PointInfo {
        let (name, file) = ("pkt4_receive".to_owned(), "points.rs".to_owned());
        PointInfo { name, file, line: 1, statuses: 7, on_failure: 2, arguments }
    }

    fn difference(theirs: ArgumentInfo, ours: ArgumentInfo) -> String {
        let record = CalloutRecordInfo {
            hook: "pkt4_receive".to_owned(),
            name: "deny".to_owned(),
            crate_name: "deny_list".to_owned(),
            file: "lib.rs".to_owned(),
            line: 1,
            manual: false,
            arguments: vec!["query4".to_owned()],
        };
        match callout(&record, &point(vec![theirs]), &point(vec![ours]), "the host") {
            Ok(()) => "none".to_owned(),
            Err(difference) => difference,
        }
    }

    #[test]
    fn each_difference_is_named() {
        let base = || structure(&[("xid", 0, number("u32", 4)), ("hops", 4, number("u8", 1))]);
        assert_eq!(difference(taken(base(), 0), taken(base(), 0)), "none");
        let wide = structure(&[("xid", 0, number("u64", 8)), ("hops", 8, number("u8", 1))]);
        assert_eq!(
            difference(taken(wide, 0), taken(base(), 0)),
            "argument `query4`, type `Packet`, field `xid`: the host's type is `u32`, the library's is `u64`; rebuild the library \
             with the version and the features of the interface crate that the host has (it declares `pkt4_receive` at points.rs:1)"
        );
        let moved = structure(&[("xid", 4, number("u32", 4)), ("hops", 0, number("u8", 1))]);
        assert!(
            difference(taken(moved, 0), taken(base(), 0))
                .contains("field `xid`: the host has it at byte 0, the library at byte 4; rebuild")
        );
        let short = structure(&[("xid", 0, number("u32", 4))]);
        assert!(difference(taken(short, 0), taken(base(), 0)).contains("the host has a field `hops: u8`"));
        assert!(difference(taken(base(), 8), taken(base(), 0)).contains("at byte 0 of the arguments"));
    }

    #[test]
    fn an_argument_that_is_gone_is_named_with_those_that_are_there() {
        let mut ours = taken(number("u32", 4), 0);
        ours.name = "packet".to_owned();
        assert!(difference(taken(number("u32", 4), 0), ours).contains("it has `packet`"));
    }
    #[test]
    fn each_difference_of_an_enum_is_named() {
        let variant = |name: &str, discriminant, ty: &str| LayoutVariant {
            name: name.to_owned(),
            discriminant,
            fields: vec![LayoutField { name: "0".to_owned(), offset: 0, layout: number(ty, 4) }],
        };
        let kinds = |variants: Vec<LayoutVariant>| Layout {
            name: "Kind".to_owned(),
            size: 8,
            align: 4,
            parts: LayoutParts::Enum { fixed: false, repr: String::new(), variants },
        };
        let base = || kinds(vec![variant("A", 0, "u32"), variant("B", 1, "u32")]);
        for (theirs, expected) in [
            (vec![variant("A", 0, "u32")], ": the host has a variant `B`, the library has none"),
            (
                vec![variant("A", 0, "u32"), variant("B", 1, "u32"), variant("C", 2, "u32")],
                ": the library has a variant `C`, the host has none",
            ),
            (
                vec![variant("B", 0, "u32"), variant("A", 1, "u32")],
                ": the host has the variant `A` where the library has `B`",
            ),
            (
                vec![variant("A", 0, "u32"), variant("B", 2, "u32")],
                ", variant `B`: the host numbers it 1, the library 2",
            ),
            (
                vec![variant("A", 0, "i32"), variant("B", 1, "u32")],
                ", variant `A`, field `0`: the host's type is `u32`, the library's is `i32`",
            ),
        ] {
            let text = difference(taken(kinds(theirs), 0), taken(base(), 0));
            assert!(text.contains(&format!("type `Kind`{expected}; rebuild the library")), "{text}");
        }
    }
}
