//! Reads records back, trusting nothing: every length and count is checked against what is there.

use super::encode::tag;
use super::info::{
    ArgumentInfo, BuildInfo, CalloutRecordInfo, Layout, LayoutField, LayoutParts, LayoutVariant, LibraryInfo,
    PluginInfo, PointInfo, Records,
};
use super::record::{HEADER, MAGIC, Mode, kind};

/// Why bytes could not be read as records.
pub(crate) type Malformed = String;

/// A section of records has this many bytes at most; those of a server with a hundred hook points have some hundred thousand.
const MAX_SECTION: usize = 16 << 20;

/// A hook point has this many arguments at most, and a callout takes this many.
const MAX_ARGUMENTS: usize = 256;

/// A text has this many bytes at most. It is told again with everything that is wrong with it, so that long ones would add up.
pub(super) const MAX_TEXT: usize = 1024;

/// Types nest this deep at most; a hostile file cannot overflow the stack.
const MAX_DEPTH: usize = 64;

/// Which protocol wrote a record.
pub(crate) struct Protocol {
    pub(crate) number: u32,
    pub(crate) framework_version: String,
    /// Whether it is the record of a `hooks::library!`, not that of a copy of this crate.
    pub(crate) is_library: bool,
}

/// The protocol of each `hooks::library!` in a section, and of each copy of this crate. Number and version stand first in their
/// records under every protocol, so that the records of another one can be refused by its number.
pub(crate) fn protocols(section: &[u8]) -> Result<Vec<Protocol>, Malformed> {
    let mut protocols = Vec::new();
    for record in split(section) {
        let record = record?;
        let kind = record[HEADER - 1];
        if matches!(kind, kind::LIBRARY | kind::BUILD) {
            let mut reader = Reader { rest: &record[HEADER..] };
            let (number, framework_version) = (reader.u32()?, reader.text()?);
            protocols.push(Protocol { number, framework_version, is_library: kind == kind::LIBRARY });
        }
    }
    Ok(protocols)
}

/// Reads all records of a section.
pub(crate) fn records(section: &[u8]) -> Result<Records, Malformed> {
    if section.len() > MAX_SECTION {
        return Err(format!("it has {} bytes; expected at most {MAX_SECTION}", section.len()));
    }
    let mut records = Records::default();
    for record in split(section) {
        one(record?, &mut records)?;
    }
    Ok(records)
}

/// The hook point of a record in this process's memory.
pub(crate) fn point(record: &[u8]) -> Result<PointInfo, Malformed> {
    let mut records = records(record)?;
    match records.points.pop() {
        Some(point) if records.points.is_empty() => Ok(point),
        _ => Err("expected the record of one hook point".to_owned()),
    }
}

/// The records of a section, each with its header; after an error there are no more.
fn split(section: &[u8]) -> impl Iterator<Item = Result<&[u8], Malformed>> {
    let mut rest = section;
    std::iter::from_fn(move || {
        // A linker may pad between records; no record begins with a zero byte.
        let padding = rest.iter().take_while(|&&byte| byte == 0).count();
        let bytes = std::mem::take(&mut rest).get(padding..).filter(|bytes| !bytes.is_empty())?;
        let first = first(bytes);
        if let Ok((_, following)) = first {
            rest = following;
        }
        Some(first.map(|(record, _)| record))
    })
}

fn first(bytes: &[u8]) -> Result<(&[u8], &[u8]), Malformed> {
    let Some(header) = bytes.get(..HEADER) else {
        return Err(format!("{} stray bytes at the end of the records", bytes.len()));
    };
    if header[..8] != MAGIC {
        return Err("a record does not begin with the magic word".to_owned());
    }
    let length = u32::from_le_bytes([header[8], header[9], header[10], header[11]]) as usize;
    if length < HEADER || length > bytes.len() {
        return Err(format!("a record claims {length} bytes where {} are left", bytes.len()));
    }
    Ok(bytes.split_at(length))
}

fn one(record: &[u8], records: &mut Records) -> Result<(), Malformed> {
    let mut reader = Reader { rest: &record[HEADER..] };
    match record[HEADER - 1] {
        kind::LIBRARY => records.libraries.push(reader.library()?),
        kind::PLUGIN => records.plugins.push(reader.plugin()?),
        kind::POINT => records.points.push(reader.point()?),
        kind::CALLOUT => records.callouts.push(reader.callout()?),
        kind::BUILD => records.builds.push(reader.build()?),
        other => return Err(format!("unknown kind of record {other}")),
    }
    if !reader.rest.is_empty() {
        return Err(format!("{} bytes too many in a record", reader.rest.len()));
    }
    Ok(())
}

struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], Malformed> {
        match self.rest.split_at_checked(count) {
            Some((taken, rest)) => {
                self.rest = rest;
                Ok(taken)
            }
            None => Err(format!("a record ends {} bytes too early", count - self.rest.len())),
        }
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        let mut array = [0; N];
        array.copy_from_slice(self.take(N)?);
        Ok(array)
    }

    fn u8(&mut self) -> Result<u8, Malformed> {
        Ok(self.array::<1>()?[0])
    }

    fn flag(&mut self) -> Result<bool, Malformed> {
        match self.u8()? {
            0 => Ok(false),
            1 => Ok(true),
            other => Err(format!("expected 0 or 1, found {other}")),
        }
    }

    fn u32(&mut self) -> Result<u32, Malformed> {
        Ok(u32::from_le_bytes(self.array()?))
    }

    fn size(&mut self) -> Result<u64, Malformed> {
        Ok(u64::from_le_bytes(self.array()?))
    }

    fn text(&mut self) -> Result<String, Malformed> {
        let length = self.u32()? as usize;
        if length > MAX_TEXT {
            return Err(format!("a text has {length} bytes; expected at most {MAX_TEXT}"));
        }
        let bytes = self.take(length)?;
        match str::from_utf8(bytes) {
            // It is shown in errors and in the log, where it is to look like nothing but a text.
            Ok(text) if text.contains(char::is_control) => Err("a text has a control character".to_owned()),
            Ok(text) => Ok(text.to_owned()),
            Err(_) => Err("a text is not UTF-8".to_owned()),
        }
    }

    fn many<T>(&mut self, mut each: impl FnMut(&mut Self) -> Result<T, Malformed>) -> Result<Vec<T>, Malformed> {
        let count = u16::from_le_bytes(self.array()?);
        // No capacity is reserved from a number that nothing has confirmed yet.
        (0..count).map(|_| each(self)).collect()
    }

    fn few<T>(&mut self, each: impl FnMut(&mut Self) -> Result<T, Malformed>) -> Result<Vec<T>, Malformed> {
        let many = self.many(each)?;
        // What is compared by name must not be so much that it takes for ever.
        if many.len() > MAX_ARGUMENTS {
            return Err(format!("{} arguments; expected at most {MAX_ARGUMENTS}", many.len()));
        }
        Ok(many)
    }

    fn build(&mut self) -> Result<BuildInfo, Malformed> {
        Ok(BuildInfo {
            protocol: self.u32()?,
            framework_version: self.text()?,
            rustc: self.text()?,
            target: self.text()?,
            unwinds: self.flag()?,
        })
    }

    fn library(&mut self) -> Result<LibraryInfo, Malformed> {
        Ok(LibraryInfo { build: self.build()?, crate_name: self.text()? })
    }

    fn plugin(&mut self) -> Result<PluginInfo, Malformed> {
        Ok(PluginInfo {
            name: self.text()?,
            version: self.text()?,
            crate_name: self.text()?,
            multi_threading_compatible: self.flag()?,
        })
    }

    fn point(&mut self) -> Result<PointInfo, Malformed> {
        Ok(PointInfo {
            name: self.text()?,
            file: self.text()?,
            line: self.u32()?,
            statuses: self.u8()?,
            on_failure: self.u8()?,
            arguments: self.few(Self::argument)?,
        })
    }

    fn argument(&mut self) -> Result<ArgumentInfo, Malformed> {
        let name = self.text()?;
        let mode = match self.u8()? {
            0 => Mode::Value,
            1 => Mode::Ref,
            2 => Mode::Mut,
            other => return Err(format!("unknown mode {other} of the argument `{name}`")),
        };
        let offset = self.size()?;
        let hash = u128::from_le_bytes(self.array()?);
        Ok(ArgumentInfo { name, mode, offset, hash, layout: self.layout(0)? })
    }

    fn callout(&mut self) -> Result<CalloutRecordInfo, Malformed> {
        Ok(CalloutRecordInfo {
            hook: self.text()?,
            name: self.text()?,
            crate_name: self.text()?,
            file: self.text()?,
            line: self.u32()?,
            manual: self.flag()?,
            arguments: self.few(Self::text)?,
        })
    }

    fn layout(&mut self, depth: usize) -> Result<Layout, Malformed> {
        if depth > MAX_DEPTH {
            return Err(format!("types nest deeper than {MAX_DEPTH}"));
        }
        let (name, size, align) = (self.text()?, self.size()?, self.size()?);
        let parts = match self.u8()? {
            tag::PRIMITIVE => LayoutParts::Primitive,
            tag::OPAQUE => LayoutParts::Opaque(self.text()?),
            tag::STRUCT => LayoutParts::Struct { fixed: self.flag()?, repr: self.text()?, fields: self.fields(depth)? },
            tag::ENUM => {
                let (fixed, repr) = (self.flag()?, self.text()?);
                let variants = self.many(|reader| {
                    Ok(LayoutVariant {
                        name: reader.text()?,
                        discriminant: i128::from_le_bytes(reader.array()?),
                        fields: reader.fields(depth)?,
                    })
                })?;
                LayoutParts::Enum { fixed, repr, variants }
            }
            tag::GENERIC => LayoutParts::Generic(self.many(|reader| reader.layout(depth + 1))?),
            tag::ARRAY => LayoutParts::Array(Box::new(self.layout(depth + 1)?)),
            tag::RECURSIVE => LayoutParts::Recursive,
            other => return Err(format!("unknown kind {other} of the type `{name}`")),
        };
        Ok(Layout { name, size, align, parts })
    }

    fn fields(&mut self, depth: usize) -> Result<Vec<LayoutField>, Malformed> {
        self.many(|reader| {
            Ok(LayoutField { name: reader.text()?, offset: reader.size()?, layout: reader.layout(depth + 1)? })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::layout::{HookType, TypeLayout};
    use super::super::record::{ArgumentRecord, CalloutRecord, PointRecord};
    use super::*;

    const POINT: PointRecord = PointRecord {
        name: "pkt4_receive",
        file: "points.rs",
        line: 7,
        statuses: 7,
        on_failure: 2,
        arguments: &[ArgumentRecord { name: "query4", mode: Mode::Mut, offset: 0, layout: <Vec<u8>>::LAYOUT }],
        documentation: "",
    };
    const CALLOUT: CalloutRecord = CalloutRecord {
        hook: "pkt4_receive",
        name: "deny",
        crate_name: "deny_list",
        file: "lib.rs",
        line: 3,
        manual: false,
        arguments: &["query4"],
    };

    fn section() -> Vec<u8> {
        const POINT_BYTES: [u8; POINT.length()] = POINT.bytes();
        const CALLOUT_BYTES: [u8; CALLOUT.length()] = CALLOUT.bytes();
        [&POINT_BYTES[..], &[0; 5], &CALLOUT_BYTES[..], &[0; 3]].concat()
    }

    #[test]
    fn what_is_written_is_read_back() {
        let records = records(&section()).unwrap();
        assert_eq!(records.points[0].name, "pkt4_receive");
        assert_eq!(records.points[0].arguments[0].hash, <Vec<u8>>::LAYOUT.hash());
        assert_eq!(records.points[0].arguments[0].layout.name, "Vec");
        assert_eq!(records.callouts[0].arguments, ["query4"]);
    }

    #[test]
    fn a_type_that_takes_many_bytes_is_read_back() {
        type Four<T> = (T, T, T, T);
        const WIDE: &TypeLayout = <Four<Four<String>>>::LAYOUT;
        const LARGE: PointRecord = PointRecord {
            arguments: &[
                ArgumentRecord { name: "wide", mode: Mode::Ref, offset: 0, layout: WIDE },
                ArgumentRecord { name: "narrow", mode: Mode::Ref, offset: 8, layout: String::LAYOUT },
            ],
            ..POINT
        };
        const BYTES: [u8; LARGE.length()] = LARGE.bytes();
        assert!(WIDE.length > WIDE.encoded.len() && String::LAYOUT.length <= WIDE.encoded.len());
        let records = records(&BYTES).unwrap();
        let [wide, narrow] = &*records.points[0].arguments else { panic!("{records:?}") };
        assert_eq!((wide.hash, wide.layout.name.as_str(), wide.layout.size), (WIDE.hash(), "tuple", WIDE.size as u64));
        assert_eq!((narrow.hash, narrow.layout.name.as_str(), narrow.offset), (String::LAYOUT.hash(), "String", 8));
    }

    #[test]
    fn every_truncation_and_every_changed_byte_is_survived() {
        let section = section();
        let whole = records(&section);
        for end in 0..section.len() - 3 {
            assert_ne!(records(&section[..end]), whole, "cut at {end}");
        }
        for at in 0..section.len() {
            for value in [0, 1, 0x7f, 0x80, 0xff] {
                let mut changed = section.clone();
                changed[at] = value;
                let _ = records(&changed);
            }
        }
    }

    #[test]
    fn a_text_that_could_pass_for_another_line_is_refused() {
        let mut section = section();
        let at = section.windows(4).position(|bytes| bytes == b"deny").unwrap();
        section[at] = b'\n';
        assert!(records(&section).unwrap_err().contains("control character"));
    }

    #[test]
    fn a_text_that_is_longer_than_any_name_is_refused() {
        let bytes = [&[1, 4, 0, 0][..], &[b'x'; 1025]].concat();
        assert!(Reader { rest: &bytes }.text().unwrap_err().contains("1025 bytes; expected at most 1024"));
    }

    #[test]
    fn a_type_nested_too_deep_is_refused() {
        let mut bytes = [0; 20_000];
        let mut writer = super::super::encode::Writer::new(&mut bytes);
        for _ in 0..200 {
            writer.text("Box");
            writer.size(8);
            writer.size(8);
            writer.u8(tag::GENERIC);
            writer.count(1);
        }
        let length = writer.written();
        let error = Reader { rest: &bytes[..length] }.layout(0).unwrap_err();
        assert!(error.contains("deeper"), "{error}");
    }
}
