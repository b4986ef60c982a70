//! Writes what was read from records, so that it can be read again and compared.

use crate::abi::encode::tag;
use crate::abi::info::{BuildInfo, Layout, LayoutField, LayoutParts, PointInfo, Records};
use crate::abi::record::{HEADER, MAGIC, kind};

/// The records, kind after kind.
pub(super) fn records(records: &Records) -> Vec<u8> {
    let mut section = Vec::new();
    for library in &records.libraries {
        record(&mut section, kind::LIBRARY, |out| {
            build(out, &library.build);
            text(out, &library.crate_name);
        });
    }
    for build in &records.builds {
        record(&mut section, kind::BUILD, |out| self::build(out, build));
    }
    for plugin in &records.plugins {
        record(&mut section, kind::PLUGIN, |out| {
            [&plugin.name, &plugin.version, &plugin.crate_name].iter().for_each(|value| text(out, value));
            out.push(plugin.multi_threading_compatible.into());
        });
    }
    for point in &records.points {
        section.extend(self::point(point));
    }
    for callout in &records.callouts {
        record(&mut section, kind::CALLOUT, |out| {
            [&callout.hook, &callout.name, &callout.crate_name, &callout.file]
                .iter()
                .for_each(|value| text(out, value));
            out.extend(callout.line.to_le_bytes());
            out.push(callout.manual.into());
            many(out, &callout.arguments, |out, argument| text(out, argument));
        });
    }
    section
}

/// The record of one hook point.
pub(super) fn point(point: &PointInfo) -> Vec<u8> {
    let mut section = Vec::new();
    record(&mut section, kind::POINT, |out| {
        text(out, &point.name);
        text(out, &point.file);
        out.extend(point.line.to_le_bytes());
        out.extend([point.statuses, point.on_failure]);
        many(out, &point.arguments, |out, argument| {
            text(out, &argument.name);
            out.push(argument.mode as u8);
            out.extend(argument.offset.to_le_bytes());
            out.extend(argument.hash.to_le_bytes());
            layout(out, &argument.layout);
        });
    });
    section
}

fn record(section: &mut Vec<u8>, kind: u8, fields: impl FnOnce(&mut Vec<u8>)) {
    let mut out = Vec::new();
    fields(&mut out);
    section.extend(MAGIC);
    section.extend(u32::try_from(HEADER + out.len()).unwrap().to_le_bytes());
    section.push(kind);
    section.extend(out);
}

fn build(out: &mut Vec<u8>, build: &BuildInfo) {
    out.extend(build.protocol.to_le_bytes());
    [&build.framework_version, &build.rustc, &build.target].iter().for_each(|value| text(out, value));
    out.push(build.unwinds.into());
}

fn text(out: &mut Vec<u8>, value: &str) {
    out.extend(u32::try_from(value.len()).unwrap().to_le_bytes());
    out.extend(value.as_bytes());
}

fn many<T>(out: &mut Vec<u8>, values: &[T], mut each: impl FnMut(&mut Vec<u8>, &T)) {
    out.extend(u16::try_from(values.len()).unwrap().to_le_bytes());
    values.iter().for_each(|value| each(out, value));
}

fn layout(out: &mut Vec<u8>, Layout { name, size, align, parts }: &Layout) {
    text(out, name);
    out.extend(size.to_le_bytes());
    out.extend(align.to_le_bytes());
    match parts {
        LayoutParts::Primitive => out.push(tag::PRIMITIVE),
        LayoutParts::Opaque(detail) => {
            out.push(tag::OPAQUE);
            text(out, detail);
        }
        LayoutParts::Struct { fixed, repr, fields: parts } => {
            out.extend([tag::STRUCT, (*fixed).into()]);
            text(out, repr);
            fields(out, parts);
        }
        LayoutParts::Enum { fixed, repr, variants } => {
            out.extend([tag::ENUM, (*fixed).into()]);
            text(out, repr);
            many(out, variants, |out, variant| {
                text(out, &variant.name);
                out.extend(variant.discriminant.to_le_bytes());
                fields(out, &variant.fields);
            });
        }
        LayoutParts::Generic(parameters) => {
            out.push(tag::GENERIC);
            many(out, parameters, layout);
        }
        LayoutParts::Array(element) => {
            out.push(tag::ARRAY);
            layout(out, element);
        }
        LayoutParts::Recursive => out.push(tag::RECURSIVE),
    }
}

fn fields(out: &mut Vec<u8>, fields: &[LayoutField]) {
    many(out, fields, |out, field| {
        text(out, &field.name);
        out.extend(field.offset.to_le_bytes());
        layout(out, &field.layout);
    });
}
