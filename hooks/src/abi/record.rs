//! The records that a binary carries in its section `.hooks`: pointer-free bytes, written in constants.
//!
//! A record is the magic word, its length, its kind and its fields; records follow each other in any order, with or without
//! zero bytes between them. `decode` reads them back.

use super::encode::{Writer, count};
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
    /// The lines of the documentation: it crosses no boundary and is never compared.
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
    ($visibility:vis $record:ident, $kind:expr) => {
        impl $record {
            /// The number of bytes that [`Self::bytes`] needs.
            $visibility const fn length(&self) -> usize {
                HEADER + self.length_of_fields()
            }

            /// The record; `N` is what [`Self::length`] says.
            $visibility const fn bytes<const N: usize>(&self) -> [u8; N] {
                let mut bytes = [0; N];
                let mut writer = Writer::new(&mut bytes);
                let [m0, m1, m2, m3, m4, m5, m6, m7] = MAGIC;
                let [l0, l1, l2, l3] = (N as u32).to_le_bytes();
                // The compiler takes long for each write, so what has a fixed length is written at once; here and below.
                writer.raw(&[m0, m1, m2, m3, m4, m5, m6, m7, l0, l1, l2, l3, $kind]);
                self.write_fields(&mut writer);
                assert!(writer.written() == N, "a record has another length than was written");
                bytes
            }
        }
    };
}

record!(pub LibraryRecord, kind::LIBRARY);
record!(pub(crate) BuildRecord, kind::BUILD);
record!(pub PluginRecord, kind::PLUGIN);
record!(pub PointRecord, kind::POINT);
record!(pub CalloutRecord, kind::CALLOUT);

/// The number of bytes of a text with its length before it.
const fn length_of(text: &str) -> usize {
    size_of::<u32>() + text.len()
}

impl BuildRecord {
    const fn length_of_fields(&self) -> usize {
        size_of::<u32>() + length_of(FRAMEWORK_VERSION) + length_of(RUSTC) + length_of(TARGET) + size_of::<bool>()
    }

    const fn write_fields(&self, writer: &mut Writer<'_>) {
        writer.u32(PROTOCOL);
        writer.text(FRAMEWORK_VERSION);
        writer.text(RUSTC);
        writer.text(TARGET);
        writer.u8(self.unwinds as u8);
    }
}

impl LibraryRecord {
    const fn build(&self) -> BuildRecord {
        BuildRecord { unwinds: self.unwinds }
    }

    const fn length_of_fields(&self) -> usize {
        self.build().length_of_fields() + length_of(self.crate_name)
    }

    const fn write_fields(&self, writer: &mut Writer<'_>) {
        self.build().write_fields(writer);
        writer.text(self.crate_name);
    }
}

impl PluginRecord {
    const fn length_of_fields(&self) -> usize {
        length_of(self.name) + length_of(self.version) + length_of(self.crate_name) + size_of::<bool>()
    }

    const fn write_fields(&self, writer: &mut Writer<'_>) {
        writer.text(self.name);
        writer.text(self.version);
        writer.text(self.crate_name);
        writer.u8(self.multi_threading_compatible as u8);
    }
}

impl PointRecord {
    const fn length_of_fields(&self) -> usize {
        let mut length = length_of(self.name) + length_of(self.file) + 8;
        let mut i = 0;
        while i < self.arguments.len() {
            let argument = &self.arguments[i];
            length += length_of(argument.name) + 9 + argument.layout.length;
            i += 1;
        }
        length
    }

    const fn write_fields(&self, writer: &mut Writer<'_>) {
        writer.text(self.name);
        writer.text(self.file);
        let [l0, l1, l2, l3] = self.line.to_le_bytes();
        let [c0, c1] = count(self.arguments.len());
        writer.raw(&[l0, l1, l2, l3, self.statuses, self.on_failure, c0, c1]);
        let mut i = 0;
        while i < self.arguments.len() {
            let argument = &self.arguments[i];
            writer.text(argument.name);
            let [o0, o1, o2, o3, o4, o5, o6, o7] = (argument.offset as u64).to_le_bytes();
            writer.raw(&[argument.mode as u8, o0, o1, o2, o3, o4, o5, o6, o7]);
            writer.argument_layout(argument.layout);
            i += 1;
        }
    }
}

impl CalloutRecord {
    const fn length_of_fields(&self) -> usize {
        let texts = length_of(self.hook) + length_of(self.name) + length_of(self.crate_name) + length_of(self.file);
        let mut length = texts + 7;
        let mut i = 0;
        while i < self.arguments.len() {
            length += length_of(self.arguments[i]);
            i += 1;
        }
        length
    }

    const fn write_fields(&self, writer: &mut Writer<'_>) {
        writer.text(self.hook);
        writer.text(self.name);
        writer.text(self.crate_name);
        writer.text(self.file);
        let [l0, l1, l2, l3] = self.line.to_le_bytes();
        let [c0, c1] = count(self.arguments.len());
        writer.raw(&[l0, l1, l2, l3, self.manual as u8, c0, c1]);
        let mut i = 0;
        while i < self.arguments.len() {
            writer.text(self.arguments[i]);
            i += 1;
        }
    }
}
