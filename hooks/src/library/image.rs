//! Opens shared libraries. The only file that names libloading.
#![expect(unsafe_code, reason = "opens a library and follows the table that it returns")]

use std::mem::ManuallyDrop;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use libloading::os::unix::{Library as Opened, RTLD_LOCAL, RTLD_NOW};

use super::checked::{self, Checked, Contents, New, Wanted};
#[cfg(feature = "cli")]
use super::elf;
use super::file::Described;
use super::images::{self, Image};
use super::{Attachment, Code, needed, sort};
use crate::abi::decode;
use crate::abi::point::HookPoint;
use crate::abi::{ENTRY, Entry, LibraryTable, PROTOCOL};
use crate::error::Error;
use crate::registry;
use crate::{abi, c, host};

/// The code of a library that has been checked: opened if its bytes are not mapped yet.
///
/// If its configuration asks for it, it is closed again when nothing of it is in use any more, unless it is also loaded without that.
pub(crate) fn open(wanted: Wanted<'_>, checked: Checked) -> Result<Arc<Code>, Error> {
    let (path, unmap) = (wanted.path, wanted.config.unmap);
    let code = match checked {
        Checked::Mapped { bytes, code } => {
            images::keep(&bytes, unmap);
            code
        }
        Checked::New(new) => {
            let bytes = Arc::clone(&new.staged.bytes);
            let code = images::get_or_map(&bytes, unmap, |number| map(wanted, *new, number))?;
            code.map_err(checked::refused(path))?
        }
    };
    checked::check_mapped(wanted, &code)?;
    // A C library has the name of the file, and the same bytes may be in several.
    Ok(match &code.c {
        Some(image) if code.name != c::name(path) => Arc::new(c::code(Arc::clone(image), path)),
        _ => code,
    })
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

/// Maps the private copy, beside `number` other images, and collects what it offers.
fn map(wanted: Wanted<'_>, new: New, number: usize) -> Result<Image, Error> {
    // Others may have been mapped since it was checked.
    checked::check_room(wanted, number)?;
    let New { contents, needed, size, staged } = new;
    let mapped = Mapped::open(&staged.path, &needed).map_err(checked::refused(wanted.path))?;
    let (original, unmap) = (wanted.path.to_owned(), wanted.config.unmap);
    let mut points = Vec::new();
    let code = match contents {
        Contents::C(symbols) => c::open(mapped.clone(), symbols, wanted.path),
        Contents::Plugin(described) => bind(&mapped, &described, &mut points),
    };
    let bytes = Arc::clone(&staged.bytes);
    Ok(Image { bytes, code: code.map(Arc::new), points, mapped, original, size, unmap })
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

/// What the dynamic linker said: libloading keeps it as the source of its own error.
fn said(error: &libloading::Error) -> String {
    std::error::Error::source(error).map_or_else(|| error.to_string(), ToString::to_string)
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
