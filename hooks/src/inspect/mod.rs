//! What the file of a library, or of a program, says of itself, read without loading it: no code of it runs.
//!
//! The same functions decide at a load whether a library fits; here they tell what they read. The command `hooks inspect` prints it.
//!
//! ```no_run
//! let bytes = std::fs::read("/usr/lib/server/libdeny_list.so")?;
//! let library = hooks::inspect(&bytes)?;
//! if let Some(plugin) = &library.plugin {
//!     println!("{} {}", plugin.name, plugin.version);
//! }
//! for callout in &library.callouts {
//!     println!("{} is attached to {}", callout.name, callout.hook);
//! }
//! # Ok::<(), hooks::BoxError>(())
//! ```

mod records;

pub use records::{
    ArgumentRecord, BuildRecord, CalloutArgument, CalloutRecord, FileKind, Heap, HookPointRecord, LibraryFile,
    PanicStrategy, PluginRecord,
};

use std::collections::HashMap;

use sha2::{Digest, Sha256};

use crate::abi::info::{PointInfo, Records};
use crate::c;
use crate::command::hook_to_command_name;
use crate::error::{Error, Kind};
use crate::library::binary::Binary;
use crate::library::config::hex;
use crate::library::file;

/// Reads what the file with these bytes says of itself. Nothing of it is trusted: whatever the bytes are, this ends, with
/// memory and time in proportion to their number.
///
/// # Errors
///
/// If the bytes are no ELF file, or if its tables or its records are damaged. That the file is no library, or one of another version
/// of this crate, is no error: then [`LibraryFile::problem`] says why it cannot be loaded.
///
/// ```
/// let error = hooks::inspect(b"#!/bin/sh\n").unwrap_err();
/// assert!(error.is_refused() && error.to_string().starts_with("is not a shared library"));
/// ```
pub fn inspect(bytes: &[u8]) -> Result<LibraryFile, Error> {
    read(bytes, &Sha256::digest(bytes).into()).map(|(library, _)| library)
}

/// What the file with this SHA-256 says, and its records as they are compared.
pub(crate) fn read(bytes: &[u8], hash: &[u8; 32]) -> Result<(LibraryFile, Records), Error> {
    let refuse = |text| Error::new(Kind::Refused, text);
    let binary = Binary::parse(bytes).map_err(refuse)?;
    let mut library = LibraryFile {
        kind: FileKind::Other,
        problem: None,
        plugin: None,
        build: None,
        heap: None,
        callouts: Vec::new(),
        hook_points: Vec::new(),
        built_in: Vec::new(),
        size: bytes.len() as u64,
        sha256: hex(hash),
        needed: binary.needed().map_err(refuse)?.into_iter().map(str::to_owned).collect(),
        exported: binary.symbols().map_err(refuse)?.into_iter().map(|symbol| symbol.name.to_owned()).collect(),
    };
    library.exported.sort_unstable();
    library.exported.dedup();
    let Some(section) = binary.records().map_err(refuse)? else {
        if c::file::of(&binary).is_some() {
            library.kind = FileKind::CLibrary;
            library.heap = Some(Heap::Own);
        } else {
            library.problem = Some(file::NO_RECORDS.to_owned());
        }
        return Ok((library, Records::default()));
    };
    let records = match file::records(section, "this reader") {
        Ok(records) => records,
        Err(file::Unreadable::Damaged(text)) => return Err(refuse(text)),
        Err(file::Unreadable::Protocol { text, protocol }) => {
            library.kind = if protocol.is_library { FileKind::Plugin } else { FileKind::Program };
            library.problem = Some(text);
            library.build = Some(BuildRecord::of_protocol(protocol));
            return Ok((library, Records::default()));
        }
    };
    fill(&mut library, &records);
    Ok((library, records))
}

fn fill(library: &mut LibraryFile, records: &Records) {
    let build = records.libraries.first().map(|library| &library.build).or(records.builds.first());
    library.build = build.map(BuildRecord::new);
    library.kind = if records.libraries.is_empty() { FileKind::Program } else { FileKind::Plugin };
    library.heap = (library.kind == FileKind::Plugin).then_some(Heap::Host);
    match file::roots(records) {
        Ok((_, plugin)) => library.plugin = Some(PluginRecord::new(plugin)),
        Err(problem) => library.problem = Some(problem),
    }
    let root = library.plugin.as_ref().map(|plugin| plugin.crate_name.as_str());
    let others = records.plugins.iter().filter(|plugin| Some(plugin.crate_name.as_str()) != root);
    library.built_in = others.map(PluginRecord::new).collect();
    library.hook_points = records.points.iter().map(HookPointRecord::new).collect();
    let points: HashMap<_, _> = records.points.iter().map(|point| (point.name.as_str(), point)).collect();
    library.callouts = records
        .callouts
        .iter()
        .map(|callout| {
            let point = points.get(file::shape(&callout.hook)).copied();
            let command = hook_to_command_name(&callout.hook);
            CalloutRecord {
                hook: callout.hook.clone(),
                command: (!command.is_empty()).then_some(command),
                name: callout.name.clone(),
                crate_name: callout.crate_name.clone(),
                file: callout.file.clone(),
                line: callout.line,
                manual: callout.manual,
                arguments: callout.arguments.iter().map(|name| argument(name, point)).collect(),
            }
        })
        .collect();
}

/// What `point`, as the library knows it, says of the argument `name`.
fn argument(name: &str, point: Option<&PointInfo>) -> CalloutArgument {
    let info = point.and_then(|point| point.arguments.iter().find(|argument| argument.name == name));
    CalloutArgument {
        name: name.to_owned(),
        mode: info.map(|info| info.mode.into()),
        type_name: info.map(|info| info.layout.spell()),
    }
}
