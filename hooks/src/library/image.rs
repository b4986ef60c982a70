//! Opens shared libraries. The only file that names libloading.
#![expect(unsafe_code, reason = "opens a library and follows the table that it returns")]

use std::mem::ManuallyDrop;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use libloading::os::unix::{Library as Opened, RTLD_LOCAL, RTLD_NOW};

use super::file::{self, Described};
use super::images::{self, Image};
use super::policy::LibraryPolicy;
use super::read::{self, Content};
use super::{Attachment, Code, LibraryConfig, elf, needed, sort};
use crate::abi::decode;
use crate::abi::point::HookPoint;
use crate::abi::{ENTRY, Entry, LibraryTable, PROTOCOL};
use crate::error::{Error, Kind};
use crate::registry;
use crate::{abi, c, host};

/// What is said about a library that is to be opened.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wanted<'a> {
    pub(crate) path: &'a Path,
    pub(crate) config: &'a LibraryConfig,
    pub(crate) policy: &'a LibraryPolicy,
    pub(crate) multi_threading: bool,
}

/// The code of the library: checked, copied and opened if its bytes are not mapped yet.
///
/// If its configuration asks for it, it is closed again when nothing of it is in use any more, unless it is also loaded without that.
pub(crate) fn open(wanted: Wanted<'_>) -> Result<Arc<Code>, Error> {
    let refuse = refused(wanted.path);
    let content = read::read(wanted.path, wanted.config, wanted.policy)?;
    let mut images = images::lock();
    let images = images.get_or_insert_default();
    let number = images.len();
    let image = images.get_or_map(content.hash, wanted.config.unmap, || map(wanted, &content, number))?;
    let code = Arc::clone(image.code.as_ref().map_err(|error| refuse(error.clone()))?);
    let Some(image) = &code.c else { return Ok(code) };
    // What a C library says of itself only its functions know, so it is mapped already.
    image.check(&registry::lock(), wanted.multi_threading).map_err(&refuse)?;
    // It has the name of the file, and the same bytes may be in several.
    Ok(if code.name == c::name(wanted.path) { code } else { Arc::new(c::code(Arc::clone(image), wanted.path)) })
}

/// What was read from the bytes of a library that fits.
enum Contents {
    Plugin(Box<Described>),
    C(c::file::Symbols),
}

/// Checks the bytes as far as that is possible before they are mapped; the libraries that they depend on.
fn check(wanted: Wanted<'_>, content: &Content<'_>) -> Result<(Contents, Vec<String>), String> {
    let dynamic = elf::check(&content.bytes)?;
    let contents = if let Some(symbols) = c::file::read(&content.bytes) {
        symbols.validate(&registry::lock(), wanted.multi_threading)?;
        Contents::C(symbols)
    } else {
        let described = file::read(&content.bytes)?;
        file::check(&described, &registry::lock(), wanted.multi_threading)?;
        Contents::Plugin(Box::new(described))
    };
    needed::check(wanted.path, &dynamic)?;
    Ok((contents, dynamic.needed.iter().map(|name| String::from_utf8_lossy(name).into_owned()).collect()))
}

/// Whether the system could open the file at `path` with these bytes, as far as they tell.
#[cfg(feature = "cli")]
pub(crate) fn can_be_opened(path: &Path, bytes: &[u8]) -> Result<(), String> {
    // Of one for another machine its records say that it does not fit.
    if !elf::is_native(bytes) {
        return Ok(());
    }
    elf::check(bytes).and_then(|dynamic| needed::check(path, &dynamic))
}

/// Maps a private copy of the bytes, beside `number` other images, and collects what it offers.
fn map(wanted: Wanted<'_>, content: &Content<'_>, number: usize) -> Result<Image, Error> {
    let refuse = refused(wanted.path);
    let (contents, needed) = check(wanted, content).map_err(&refuse)?;
    if number >= wanted.policy.max_images {
        return Err(refuse(format!(
            "this process has mapped {number} different libraries, which stay mapped, and `LibraryPolicy::max_images` allows {}; \
             restart the process, or allow more",
            wanted.policy.max_images
        )));
    }
    let mapped = Mapped::open(&content.stage(wanted.policy)?.path, &needed).map_err(&refuse)?;
    let (original, size, unmap) = (wanted.path.to_owned(), images::mapped_size(&content.bytes), wanted.config.unmap);
    let mut points = Vec::new();
    let code = match contents {
        Contents::C(symbols) => c::open(mapped.clone(), symbols, wanted.path),
        Contents::Plugin(described) => bind(&mapped, &described, &mut points),
    };
    Ok(Image { code: code.map(Arc::new), points, mapped, original, size, unmap })
}

/// A mapped library. It stays mapped unless it is closed: in neither Rust nor C can it be told who still uses its code and its data.
#[derive(Clone, Debug)]
pub(crate) struct Mapped {
    library: Arc<ManuallyDrop<Opened>>,
    /// The staged copy, which may be gone by now.
    copy: PathBuf,
}

impl Mapped {
    /// Maps the staged copy.
    fn open(copy: &Path, needed: &[String]) -> Result<Mapped, String> {
        // SAFETY: the initialisers of a library are code like its callouts: whoever configures the library trusts it. What can be
        // checked beforehand has been: what the dynamic linker follows in the file is sound, and it has this framework's records, or
        // is a C library by its symbols.
        let library = unsafe { Opened::open(Some(copy), RTLD_NOW | RTLD_LOCAL) };
        let library = library.map_err(|error| needed::in_words(&said(&error), copy, needed))?;
        // A Rust library cannot be unmapped soundly: its thread-local destructors and its `'static` data may still be used.
        Ok(Mapped { library: Arc::new(ManuallyDrop::new(library)), copy: copy.to_owned() })
    }

    /// The path under which it was opened.
    pub(super) fn copy(&self) -> &Path {
        &self.copy
    }

    /// Closes it, so that the system unmaps it if it can.
    ///
    /// # Safety
    ///
    /// Nothing of the library may be used any more, by anybody.
    pub(super) unsafe fn close(self) -> Result<(), String> {
        let library = Arc::into_inner(self.library).ok_or("it is still in use")?;
        ManuallyDrop::into_inner(library).close().map_err(|error| said(&error))
    }

    /// The address of the symbol `name` as a `T`.
    ///
    /// # Safety
    ///
    /// The library must define a function of this name and of the type `T`.
    pub(crate) unsafe fn symbol<T: Copy>(&self, name: &str) -> Result<T, String> {
        // SAFETY: the caller's promise.
        let symbol = unsafe { self.library.get::<T>(name) };
        symbol.map(|symbol| *symbol).map_err(|error| format!("has no symbol `{name}`: {}", said(&error)))
    }
}

/// Whether the library could be opened, as far as its bytes tell.
pub(crate) fn validate(wanted: Wanted<'_>) -> Result<(), Error> {
    let content = read::read(wanted.path, wanted.config, wanted.policy)?;
    check(wanted, &content).map(|_| ()).map_err(refused(wanted.path))
}

/// What the dynamic linker said: libloading keeps it as the source of its own error.
fn said(error: &libloading::Error) -> String {
    std::error::Error::source(error).map_or_else(|| error.to_string(), ToString::to_string)
}

fn refused(path: &Path) -> impl Fn(String) -> Error {
    move |text| Error::new(Kind::Refused, format!("library `{}`: {text}", path.display()))
}

/// Binds a mapped library to this host and collects what it offers; `given` are the hook points that the registry has been given.
fn bind(library: &Mapped, described: &Described, given: &mut Vec<&'static HookPoint>) -> Result<Code, String> {
    // SAFETY: the records say that the library was built with `hooks::library!` of this protocol, which exports this function.
    let entry: Entry = unsafe { library.symbol(ENTRY) }?;
    // SAFETY: the function has the type that this protocol gives it, and the table lives as long as the mapping.
    let table = unsafe { &*entry(host::api()) };
    if table.size != size_of::<LibraryTable>() || table.protocol != PROTOCOL {
        return Err(format!(
            "its table is of protocol {} and has {} bytes, this host's is of protocol {PROTOCOL} and has {} bytes; rebuild it with the \
             host's version of hooks",
            table.protocol,
            table.size,
            size_of::<LibraryTable>()
        ));
    }
    // SAFETY: the table's texts are constants of the mapped library.
    let error = unsafe { table.error.get() };
    if !error.is_empty() {
        return Err(error.into_owned());
    }
    collect(table, described, given)
}

fn collect(table: &LibraryTable, described: &Described, given: &mut Vec<&'static HookPoint>) -> Result<Code, String> {
    // SAFETY: pointer and number belong to one slice of the mapped library.
    let points = unsafe { std::slice::from_raw_parts(table.points, table.point_count) };
    // SAFETY: as above.
    let callouts = unsafe { std::slice::from_raw_parts(table.callouts, table.callout_count) };
    let name: Arc<str> = described.plugin.name.as_str().into();
    let mut registry = registry::lock();
    for point in points {
        given.push(point);
        registry.add_copy(point)?;
    }
    let mut attachments = Vec::with_capacity(callouts.len());
    for callout in callouts {
        let records = decode::records(callout.record())?;
        let Some(record) = records.callouts.first().filter(|record| described.records.callouts.contains(record)) else {
            return Err("a callout in memory is not among the records of the file".to_owned());
        };
        let Some((index, point)) = registry.find_for_callout(&record.hook) else {
            let unknown = registry.unknown(&record.hook);
            return Err(format!("callout `{}`, hook point `{}`: {unknown}", record.name, record.hook));
        };
        // What was checked in the file may have been a hook point that only came with this library: compare again.
        match described.point_of(record) {
            Some(theirs) => abi::compare::callout(record, theirs, &point, "the host")?,
            None if record.arguments.is_empty() => {}
            None => return Err(format!("the record of the hook point `{}` is missing", record.hook)),
        }
        attachments.push(Attachment::new(index, &point, callout, &name, record));
    }
    sort(&mut attachments);
    Ok(Code {
        name,
        version: described.plugin.version.clone(),
        plugin: table.plugin,
        multi_threading_compatible: described.plugin.multi_threading_compatible,
        callouts: attachments,
        c: None,
    })
}
