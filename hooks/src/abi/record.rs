//! The records that a binary carries in its section `.hooks`: pointer-free bytes, written in constants.
//!
//! A record is the magic word, its length, its kind and its fields; records follow each other in any order, with or without
//! zero bytes between them. `decode` reads them back.

use super::encode::Writer;
use super::layout::TypeLayout;
use super::{FRAMEWORK_VERSION, PROTOCOL, RUSTC, TARGET};

/// The first bytes of each record.
pub(crate) const MAGIC: [u8; 8] = *b"HooksRec";
/// The bytes before a record's fields: magic word, length, kind.
pub(crate) const HEADER: usize = 13;

/// The byte that says which kind of record it is.
pub(crate) mod kind {
    pub(crate) const LIBRARY: u8 = 1;
    pub(crate) const PLUGIN: u8 = 2;
    pub(crate) const POINT: u8 = 3;
    pub(crate) const CALLOUT: u8 = 4;
    pub(crate) const BUILD: u8 = 5;
}

/// How a hook point lends an argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Mode {
    /// By value: a number, `bool` or `char`.
    Value = 0,
    /// `&T`.
    Ref = 1,
    /// `&mut T`.
    Mut = 2,
}

/// What a binary says of itself; one per shared library.
#[derive(Debug)]
pub struct LibraryRecord {
    /// The crate that holds the plugin root.
    pub crate_name: &'static str,
    /// Whether a panic can be caught in this binary.
    pub unwinds: bool,
}

/// How a binary was built; one per copy of this crate, in programs as well as in libraries.
#[derive(Debug)]
pub(crate) struct BuildRecord {
    /// Whether a panic can be caught in this binary.
    pub(crate) unwinds: bool,
}

/// What a plugin root says of itself.
#[derive(Debug)]
pub struct PluginRecord {
    /// The name of the package.
    pub name: &'static str,
    /// The version of the package.
    pub version: &'static str,
    /// The crate in which the root is.
    pub crate_name: &'static str,
    /// Whether its callouts may run on several threads at once.
    pub multi_threading_compatible: bool,
}

/// A hook point as this binary's compiler saw it.
#[derive(Debug)]
pub struct PointRecord {
    /// The name.
    pub name: &'static str,
    /// Where it is declared.
    pub file: &'static str,
    /// The line of it.
    pub line: u32,
    /// The honoured statuses, a bit each.
    pub statuses: u8,
    /// What a failing callout means.
    pub on_failure: u8,
    /// The arguments in the order of the declaration.
    pub arguments: &'static [ArgumentRecord],
}

/// What a binary alone knows of a hook point: it crosses no boundary and is never compared.
#[derive(Debug)]
pub struct PointDetails {
    /// The record, with the layouts as this binary has them in memory.
    pub record: &'static PointRecord,
    /// The lines of the documentation.
    pub documentation: &'static str,
}

/// One argument of a hook point.
#[derive(Debug)]
pub struct ArgumentRecord {
    /// The name.
    pub name: &'static str,
    /// How it is lent.
    pub mode: Mode,
    /// Where its word lies in the argument struct, in bytes.
    pub offset: usize,
    /// The type, without the reference.
    pub layout: &'static TypeLayout,
}

/// A callout and the arguments that it uses.
#[derive(Debug)]
pub struct CalloutRecord {
    /// The hook point's name.
    pub hook: &'static str,
    /// The function's name.
    pub name: &'static str,
    /// The crate in which the callout is.
    pub crate_name: &'static str,
    /// Where it is.
    pub file: &'static str,
    /// The line of it.
    pub line: u32,
    /// Whether it is attached only when the plugin registers it.
    pub manual: bool,
    /// The names of the arguments that it takes.
    pub arguments: &'static [&'static str],
}

macro_rules! record {
    ($visibility:vis $record:ident, $kind:expr, |$self:ident, $writer:ident| $body:block) => {
        impl $record {
            const fn write<const N: usize>(&self, length: usize) -> Writer<N> {
                let mut writer = Writer::<N>::new();
                writer.raw(&MAGIC);
                writer.u32(length as u32);
                writer.u8($kind);
                let ($self, $writer) = (self, &mut writer);
                $body
                writer
            }

            /// The number of bytes that [`Self::bytes`] needs.
            $visibility const fn length(&self) -> usize {
                self.write::<0>(0).written()
            }

            /// The record; `N` is what [`Self::length`] says.
            $visibility const fn bytes<const N: usize>(&self) -> [u8; N] {
                self.write::<N>(N).finish()
            }
        }
    };
}

record!(pub LibraryRecord, kind::LIBRARY, |record, writer| {
    writer.u32(PROTOCOL);
    writer.text(FRAMEWORK_VERSION);
    writer.text(RUSTC);
    writer.text(TARGET);
    writer.u8(record.unwinds as u8);
    writer.text(record.crate_name);
});

record!(pub(crate) BuildRecord, kind::BUILD, |record, writer| {
    writer.u32(PROTOCOL);
    writer.text(FRAMEWORK_VERSION);
    writer.text(RUSTC);
    writer.text(TARGET);
    writer.u8(record.unwinds as u8);
});

record!(pub PluginRecord, kind::PLUGIN, |record, writer| {
    writer.text(record.name);
    writer.text(record.version);
    writer.text(record.crate_name);
    writer.u8(record.multi_threading_compatible as u8);
});

record!(pub PointRecord, kind::POINT, |record, writer| {
    writer.text(record.name);
    writer.text(record.file);
    writer.u32(record.line);
    writer.u8(record.statuses);
    writer.u8(record.on_failure);
    writer.count(record.arguments.len());
    let mut i = 0;
    while i < record.arguments.len() {
        let argument = &record.arguments[i];
        writer.text(argument.name);
        writer.u8(argument.mode as u8);
        writer.size(argument.offset);
        writer.hash_of(argument.layout);
        writer.layout(argument.layout);
        i += 1;
    }
});

record!(pub CalloutRecord, kind::CALLOUT, |record, writer| {
    writer.text(record.hook);
    writer.text(record.name);
    writer.text(record.crate_name);
    writer.text(record.file);
    writer.u32(record.line);
    writer.u8(record.manual as u8);
    writer.count(record.arguments.len());
    let mut i = 0;
    while i < record.arguments.len() {
        writer.text(record.arguments[i]);
        i += 1;
    }
});
