//! Reads what a shared library says of itself from its bytes, and decides whether it fits, before any of its code runs.

use object::{Object, ObjectSection};

use crate::abi::compare;
use crate::abi::decode;
use crate::abi::info::{CalloutRecordInfo, LibraryInfo, PluginInfo, PointInfo, Records};
use crate::abi::{FRAMEWORK_VERSION, PROTOCOL, RUSTC, TARGET};
use crate::command::is_command;
use crate::registry::{COMMAND_CALLOUT, Registry};

/// The records of a library that fits this host.
#[derive(Debug)]
pub(crate) struct Described {
    pub(crate) library: LibraryInfo,
    pub(crate) plugin: PluginInfo,
    pub(crate) records: Records,
}

impl Described {
    /// The hook point of `callout` as the library knows it.
    pub(crate) fn point_of(&self, callout: &CalloutRecordInfo) -> Option<&PointInfo> {
        let name = if is_command(&callout.hook) { COMMAND_CALLOUT } else { &callout.hook };
        self.records.points.iter().find(|point| point.name == name)
    }
}

/// The records in the bytes of a library.
pub(crate) fn read(bytes: &[u8]) -> Result<Described, String> {
    let file = object::File::parse(bytes)
        .map_err(|error| format!("is not a shared library ({error}); expected an ELF file for {TARGET}"))?;
    let section = file.section_by_name(".hooks").ok_or(
        "has no section `.hooks` and defines no symbol `version`, so it is no library for this host; expected a cdylib with the line \
         `hooks::library!();`, or a C library with the function `int version(void)` of its own (see `hooks.h`)",
    )?;
    let section = section.data().map_err(|error| format!("its section `.hooks` cannot be read: {error}"))?;
    let damaged = |error| format!("its section `.hooks` is damaged: {error}");
    for (protocol, version) in decode::protocols(section).map_err(damaged)? {
        if protocol != PROTOCOL {
            return Err(format!(
                "was built with hooks {version} (protocol {protocol}), this host with hooks {FRAMEWORK_VERSION} (protocol \
                 {PROTOCOL}); rebuild it with the host's version"
            ));
        }
    }
    let records = decode::records(section).map_err(damaged)?;
    let [library] = &records.libraries[..] else {
        return Err(match records.libraries.len() {
            0 => "has no line `hooks::library!`; write `hooks::library!();` into its lib.rs, or `hooks::library!(the_crate);` if the \
                  plugin is in another crate"
                .to_owned(),
            count => format!("has {count} lines `hooks::library!` linked into it; link plugins as packages without that line"),
        });
    };
    let crate_name = &library.crate_name;
    let plugins: Vec<_> = records.plugins.iter().filter(|plugin| plugin.crate_name == *crate_name).collect();
    let [plugin] = plugins[..] else {
        return Err(format!(
            "has {} `#[hooks::plugin]` in the crate `{crate_name}`, expected one; the library's line is \
             `hooks::library!(that_crate);` if the plugin is in another crate",
            plugins.len()
        ));
    };
    Ok(Described { library: library.clone(), plugin: plugin.clone(), records })
}

/// Why a plugin is refused that is for one thread only.
pub(crate) const SINGLE_THREADED: &str = "is not multi-threading compatible, as it says itself, and this host works on requests with \
    several threads; configure the host for one thread, or leave the library out";

/// Whether the library fits: target, panics, threads, and the layout of each argument that its callouts use.
pub(crate) fn check(described: &Described, registry: &Registry, multi_threading: bool) -> Result<(), String> {
    let Described { library, plugin, records } = described;
    let named = format!("plugin `{}` {}", plugin.name, plugin.version);
    if library.target != TARGET {
        return Err(format!("{named} was built for {}, this host for {TARGET}", library.target));
    }
    if !library.unwinds {
        return Err(format!(
            "{named} was built with `panic = \"abort\"`, so its panics would end the host; build it with unwinding"
        ));
    }
    if multi_threading && !plugin.multi_threading_compatible {
        return Err(format!("{named} {SINGLE_THREADED}"));
    }
    if records.callouts.is_empty() {
        return Err(format!("{named} has no callouts: no `#[callout]` is linked into it"));
    }
    for (i, point) in records.points.iter().enumerate() {
        // Two versions of an interface crate in one library: nothing would tell which one a callout means.
        let other = records.points[..i].iter().find(|other| other.name == point.name);
        if let Some(other) = other.filter(|other| !compare::same_point(point, other)) {
            return Err(format!(
                "{named} links two versions of the crate that declares the hook point `{}` (at {}:{} and at {}:{}); link one",
                point.name, other.file, other.line, point.file, point.line
            ));
        }
    }
    for callout in &records.callouts {
        let place = format!("{named}, callout `{}`, hook point `{}`", callout.name, callout.hook);
        let Some(theirs) = described.point_of(callout) else {
            // A callout that is attached by name uses no typed argument; its answer is checked when it runs.
            if callout.arguments.is_empty() {
                if registry.find(&callout.hook).is_none() {
                    return Err(format!("{place}: {}", registry.unknown(&callout.hook)));
                }
                continue;
            }
            return Err(format!("{place}: the library lacks its own record of the hook point"));
        };
        // A hook point that the host does not know is one of the library's own, or of a library that comes later.
        if let Some(ours) = registry.shape_for_callout(&callout.hook) {
            compare::callout(callout, theirs, ours).map_err(|difference| {
                if library.rustc == RUSTC {
                    format!("{place}: {difference}")
                } else {
                    format!("{place}: {difference} (library: rustc {}; host: rustc {RUSTC})", library.rustc)
                }
            })?;
        }
    }
    Ok(())
}
