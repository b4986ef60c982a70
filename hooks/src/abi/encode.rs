//! Writes descriptors as bytes in constants, so that they can be read from a file without loading it.
#![expect(unsafe_code, reason = "the compiler takes eight times as long to copy bytes from slice to slice")]

use std::ptr;

use super::decode::MAX_TEXT;
use super::layout::{Field, Parts, TypeLayout};

/// Collects as many bytes as there is room for and counts all of them, or hashes them. The compiler interprets what it does, slowly,
/// for each hook point and each callout of a crate: so texts are copied as a whole, and nothing is generic.
#[derive(Debug)]
pub(crate) struct Writer<'bytes> {
    bytes: &'bytes mut [u8],
    at: usize,
    hash: u128,
    hashes: bool,
}

/// FNV-1a with 128 bits: simple enough for a constant, wide enough that two layouts do not meet by accident.
const FNV_OFFSET: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
const FNV_PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;

impl Writer<'_> {
    /// Writes to `bytes`; what has no room there is only counted.
    pub(crate) const fn new(bytes: &mut [u8]) -> Writer<'_> {
        Writer { bytes, at: 0, hash: FNV_OFFSET, hashes: false }
    }

    /// Hashes what is written.
    pub(crate) const fn hashing() -> Writer<'static> {
        Writer { bytes: &mut [], at: 0, hash: FNV_OFFSET, hashes: true }
    }

    /// The number of bytes written, also of those that had no room.
    pub(crate) const fn written(&self) -> usize {
        self.at
    }

    /// The hash of all bytes written, if it hashes.
    pub(crate) const fn hash(&self) -> u128 {
        self.hash
    }

    /// One byte.
    pub(crate) const fn u8(&mut self, value: u8) {
        self.raw(&[value]);
    }

    /// Raw bytes, without their number.
    pub(crate) const fn raw(&mut self, value: &[u8]) {
        if self.hashes {
            let mut i = 0;
            while i < value.len() {
                self.hash = (self.hash ^ value[i] as u128).wrapping_mul(FNV_PRIME);
                i += 1;
            }
        } else if self.at + value.len() <= self.bytes.len() {
            // SAFETY: the bytes from `at` on have room for as many, and nobody else has them.
            unsafe { ptr::copy_nonoverlapping(value.as_ptr(), self.bytes.as_mut_ptr().add(self.at), value.len()) };
        }
        self.at += value.len();
    }

    /// The hash of a layout, and the layout itself.
    pub(crate) const fn argument_layout(&mut self, layout: &TypeLayout) {
        if layout.length <= layout.encoded.len() {
            self.raw(layout.encoded.split_at(layout.length).0);
        } else {
            self.raw(&layout.hash.to_le_bytes());
            self.layout(layout);
        }
    }

    /// Two bytes, little-endian; a count of things.
    pub(crate) const fn count(&mut self, value: usize) {
        self.raw(&count(value));
    }

    /// Four bytes, little-endian.
    pub(crate) const fn u32(&mut self, value: u32) {
        self.raw(&value.to_le_bytes());
    }

    /// Eight bytes, little-endian.
    pub(crate) const fn size(&mut self, value: usize) {
        self.raw(&(value as u64).to_le_bytes());
    }

    /// A text with its length before it.
    pub(crate) const fn text(&mut self, value: &str) {
        assert!(value.len() <= MAX_TEXT, "a name, a path or a description is too long");
        self.u32(value.len() as u32);
        self.raw(value.as_bytes());
    }

    /// A type with all its parts.
    pub(crate) const fn layout(&mut self, layout: &TypeLayout) {
        self.text(layout.name);
        self.size(layout.size);
        self.size(layout.align);
        match &layout.parts {
            Parts::Primitive => self.u8(tag::PRIMITIVE),
            Parts::Opaque(detail) => {
                self.u8(tag::OPAQUE);
                self.text(detail);
            }
            Parts::Struct { fixed, repr, fields } => {
                self.u8(tag::STRUCT);
                self.u8(*fixed as u8);
                self.text(repr);
                self.fields(fields);
            }
            Parts::Enum { fixed, repr, variants } => {
                self.u8(tag::ENUM);
                self.u8(*fixed as u8);
                self.text(repr);
                self.count(variants.len());
                let mut i = 0;
                while i < variants.len() {
                    self.text(variants[i].name);
                    self.raw(&variants[i].discriminant.to_le_bytes());
                    self.fields(variants[i].fields);
                    i += 1;
                }
            }
            Parts::Generic(parameters) => {
                self.u8(tag::GENERIC);
                self.count(parameters.len());
                let mut i = 0;
                while i < parameters.len() {
                    self.layout(parameters[i]);
                    i += 1;
                }
            }
            Parts::Array(element) => {
                self.u8(tag::ARRAY);
                self.layout(element);
            }
            Parts::Recursive => self.u8(tag::RECURSIVE),
        }
    }

    const fn fields(&mut self, fields: &[Field]) {
        self.count(fields.len());
        let mut i = 0;
        while i < fields.len() {
            self.text(fields[i].name);
            self.size(fields[i].offset);
            self.layout(fields[i].layout);
            i += 1;
        }
    }
}

/// A count of things, little-endian.
pub(crate) const fn count(value: usize) -> [u8; 2] {
    assert!(value <= u16::MAX as usize, "too many parts in one descriptor");
    (value as u16).to_le_bytes()
}

/// The byte that says which kind of type follows.
pub(crate) mod tag {
    pub(crate) const PRIMITIVE: u8 = 0;
    pub(crate) const OPAQUE: u8 = 1;
    pub(crate) const STRUCT: u8 = 2;
    pub(crate) const ENUM: u8 = 3;
    pub(crate) const GENERIC: u8 = 4;
    pub(crate) const ARRAY: u8 = 5;
    pub(crate) const RECURSIVE: u8 = 6;
}
