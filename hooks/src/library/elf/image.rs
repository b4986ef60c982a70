//! The segments of a file, which become its image in memory.

use object::elf::{self, ProgramType};
use object::pod::{self, Pod};
use object::read::elf::{FileHeader as _, ProgramHeader as _};

use super::NATIVE;
use super::native::{FileHeader, ProgramHeader, SectionHeader};
use super::sections;

/// As much data of its own as a library may have for each thread: it is allocated when a thread first uses it, and that it
/// cannot be ends the process.
const MAX_THREAD_DATA: u64 = 64 << 20;

/// The image that a file will have, by the addresses within it.
#[derive(Debug)]
pub(super) struct Image<'a> {
    bytes: &'a [u8],
    loads: Vec<Load>,
    pub(super) sections: &'a [SectionHeader<object::NativeEndian>],
    /// Where its dynamic section is, and how long.
    pub(super) dynamic: (u64, u64),
    /// How many bytes each thread has of its own.
    pub(super) thread_data: u64,
}

/// A part of the file that is mapped.
#[derive(Debug)]
struct Load {
    start: u64,
    /// The end of what comes from the file.
    file_end: u64,
    end: u64,
    offset: u64,
    readable: bool,
    writable: bool,
    executable: bool,
}

impl<'a> Image<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Result<Image<'a>, String> {
        let (header, _) = pod::from_bytes::<FileHeader<_>>(bytes).map_err(|()| "its header is cut off".to_owned())?;
        let count = header.e_phnum(NATIVE);
        if usize::from(header.e_phentsize(NATIVE)) != size_of::<ProgramHeader<object::NativeEndian>>() {
            return Err(format!("the entries of its table of segments have {} bytes", header.e_phentsize(NATIVE)));
        }
        let table_at: u64 = header.e_phoff(NATIVE).into();
        let table = table::<ProgramHeader<_>>(bytes, table_at, count.into());
        let table = table.ok_or_else(|| format!("its {count} segments at byte {table_at} are not in the file"))?;
        let sections = sections::table_of(header, bytes)?;
        let mut image = Image { bytes, loads: Vec::new(), sections, dynamic: (0, 0), thread_data: 0 };
        for (number, segment) in table.iter().enumerate().filter(|(_, segment)| segment.p_type(NATIVE) == elf::PT_LOAD)
        {
            image.add(segment).map_err(|what| format!("segment {number} {what}"))?;
        }
        for (number, segment) in table.iter().enumerate() {
            image.check(segment, table_at).map_err(|what| format!("segment {number} {what}"))?;
        }
        Ok(image)
    }

    fn add(&mut self, segment: &ProgramHeader<object::NativeEndian>) -> Result<(), String> {
        let page = rustix::param::page_size() as u64;
        let (start, offset): (u64, u64) = (segment.p_vaddr(NATIVE).into(), segment.p_offset(NATIVE).into());
        let (in_file, in_memory): (u64, u64) = (segment.p_filesz(NATIVE).into(), segment.p_memsz(NATIVE).into());
        let flags = segment.p_flags(NATIVE);
        if range(self.bytes, offset, in_file).is_none() {
            return Err(format!("is at the bytes {offset} + {in_file} of a file of {}", self.bytes.len()));
        }
        // Addresses of more than this are none; so sums of two of them do not overflow.
        let end = start.checked_add(in_memory).filter(|end| *end <= u64::MAX / 4);
        let end = end.ok_or_else(|| format!("is at the address {start:#x} + {in_memory:#x}"))?;
        if in_file > in_memory {
            return Err(format!("has {in_file} bytes in the file and {in_memory} in memory"));
        }
        if start % page != offset % page {
            return Err(format!("is at the address {start:#x} but at the byte {offset:#x} of the file"));
        }
        let before = self.loads.last().map_or(0, |before| before.end.next_multiple_of(page));
        if start - start % page < before {
            return Err(format!("at the address {start:#x} is not behind the one before, which ends at {before:#x}"));
        }
        let [readable, writable, executable] = [elf::PF_R, elf::PF_W, elf::PF_X].map(|flag| flags.0 & flag.0 != 0);
        self.loads.push(Load { start, file_end: start + in_file, end, offset, readable, writable, executable });
        Ok(())
    }

    /// Checks what lies within the mapped parts.
    fn check(&mut self, segment: &ProgramHeader<object::NativeEndian>, table_at: u64) -> Result<(), String> {
        let (start, in_file, in_memory): (u64, u64, u64) =
            (segment.p_vaddr(NATIVE).into(), segment.p_filesz(NATIVE).into(), segment.p_memsz(NATIVE).into());
        let unmapped = |what: &str| format!("({what}) at {start:#x} is not in a mapped part of the file");
        let is_mapped = |size| self.data(start, size).is_some();
        match segment.p_type(NATIVE) {
            elf::PT_DYNAMIC => {
                if self.dynamic != (0, 0) {
                    return Err("(DYNAMIC) is the second of its kind".to_owned());
                }
                if !is_mapped(in_file) || in_file == 0 {
                    return Err(unmapped("DYNAMIC"));
                }
                if segment.p_flags(NATIVE).0 & elf::PF_W.0 != 0 && !self.is_writable(start, in_file) {
                    return Err("(DYNAMIC) is to be written, but is not in a part that can be".to_owned());
                }
                self.dynamic = (start, in_file);
            }
            elf::PT_TLS => {
                let align: u64 = segment.p_align(NATIVE).into();
                if in_memory > MAX_THREAD_DATA {
                    return Err(format!(
                        "(TLS) has {in_memory} bytes for each thread; at most {MAX_THREAD_DATA} are accepted"
                    ));
                }
                if in_file > in_memory || align > MAX_THREAD_DATA || align > 1 && !align.is_power_of_two() {
                    return Err(format!("(TLS) has {in_file} bytes of {in_memory}, aligned to {align}"));
                }
                if in_file > 0 && !is_mapped(in_file) {
                    return Err(unmapped("TLS"));
                }
                self.thread_data = in_memory;
            }
            elf::PT_PHDR if self.file_offset(start) != Some(table_at) || !is_mapped(in_memory) => {
                return Err(unmapped("PHDR"));
            }
            elf::PT_GNU_RELRO if in_memory > 0 && !self.is_writable(start, in_memory) => {
                return Err(unmapped("GNU_RELRO"));
            }
            elf::PT_GNU_EH_FRAME if in_memory > 0 && !is_mapped(in_memory) => return Err(unmapped("GNU_EH_FRAME")),
            ProgramType(kind)
                if [elf::PT_NOTE.0, elf::PT_GNU_PROPERTY.0].contains(&kind)
                    && in_memory > 0
                    && !is_mapped(in_memory) =>
            {
                return Err(unmapped("NOTE"));
            }
            _ => {}
        }
        Ok(())
    }

    /// The bytes of the file that will be at `address`, where they can be read.
    pub(super) fn data(&self, address: u64, size: u64) -> Option<&'a [u8]> {
        let end = address.checked_add(size)?;
        let holds = |load: &&Load| load.readable && load.start <= address && end <= load.file_end;
        let load = self.loads.iter().find(holds)?;
        range(self.bytes, load.offset + (address - load.start), size)
    }

    /// What of the file will be at `address`.
    pub(super) fn at<T: Pod>(&self, address: u64) -> Option<&'a T> {
        pod::from_bytes(self.data(address, size_of::<T>() as u64)?).ok().map(|(value, _)| value)
    }

    /// As many of the file as fit into the `size` bytes that will be at `address`.
    pub(super) fn table<T: Pod>(&self, address: u64, size: u64) -> Option<&'a [T]> {
        let bytes = self.data(address, size)?;
        pod::slice_from_bytes(bytes, bytes.len() / size_of::<T>()).ok().map(|(values, _)| values)
    }

    /// Where in the file what will be at `address` is.
    pub(super) fn file_offset(&self, address: u64) -> Option<u64> {
        let load = self.loads.iter().find(|load| load.start <= address && address < load.file_end)?;
        Some(load.offset + (address - load.start))
    }

    /// Whether this memory is there; the last page of a part is so as a whole.
    pub(super) fn is_memory(&self, address: u64, size: u64) -> bool {
        self.has(address, size, |_| true)
    }

    /// Whether this memory can be written.
    pub(super) fn is_writable(&self, address: u64, size: u64) -> bool {
        self.has(address, size, |load| load.writable)
    }

    /// Whether a function can be at `address`.
    pub(super) fn is_code(&self, address: u64) -> bool {
        self.has(address, 1, |load| load.executable)
    }

    fn has(&self, address: u64, size: u64, condition: impl Fn(&Load) -> bool) -> bool {
        let page = rustix::param::page_size() as u64;
        let Some(end) = address.checked_add(size) else { return false };
        let holds = |load: &&Load| load.start <= address && end <= load.end.next_multiple_of(page);
        self.loads.iter().find(holds).is_some_and(condition)
    }

    /// The file.
    pub(super) fn file(&self) -> &'a [u8] {
        self.bytes
    }

    /// The end of the image.
    pub(super) fn end(&self) -> u64 {
        self.loads.last().map_or(0, |load| load.end)
    }

    /// How many things can be in the file at most: who counts more of them goes in a circle.
    pub(super) fn most(&self) -> usize {
        self.bytes.len()
    }
}

pub(super) fn range(bytes: &[u8], offset: u64, size: u64) -> Option<&[u8]> {
    bytes.get(usize::try_from(offset).ok()?..usize::try_from(offset.checked_add(size)?).ok()?)
}

pub(super) fn table<T: Pod>(bytes: &[u8], offset: u64, count: u64) -> Option<&[T]> {
    let bytes = range(bytes, offset, count.checked_mul(size_of::<T>() as u64)?)?;
    pod::slice_from_bytes(bytes, usize::try_from(count).ok()?).ok().map(|(values, _)| values)
}
