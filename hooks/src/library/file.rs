//! Reads what a shared library says of itself from its bytes, and decides whether it fits, before any of its code runs.

use std::collections::HashMap;

use super::binary::Binary;
use crate::abi::compare;
use crate::abi::decode::{self, Protocol};
use crate::abi::info::{BuildInfo, CalloutRecordInfo, LibraryInfo, PluginInfo, PointInfo, Records};
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
        let name = shape(&callout.hook);
        self.records.points.iter().find(|point| point.name == name)
    }
}

/// The records in the file of a library.
pub(crate) fn of(binary: &Binary<'_>) -> Result<Described, String> {
    let section = binary.records()?.ok_or(NO_RECORDS)?;
    described(records(section, "this host").map_err(Unreadable::into_text)?)
}

/// Why a file is refused that has nothing to do with hooks.
pub(crate) const NO_RECORDS: &str = "has no section `.hooks` and defines no symbol `version`, so it is no hook library; expected \
    a cdylib with the line `hooks::library!();`, or a C library with the function `int version(void)` of its own (see `hooks.h`)";

/// Why records could not be read.
pub(crate) enum Unreadable {
    /// They are not as any version writes them.
    Damaged(String),
    /// They are of another protocol.
    Protocol { text: String, protocol: Protocol },
}

impl Unreadable {
    pub(crate) fn into_text(self) -> String {
        match self {
            Unreadable::Damaged(text) | Unreadable::Protocol { text, .. } => text,
        }
    }
}

/// The records in a section, if they were written by this protocol, which `reader` understands.
pub(crate) fn records(section: &[u8], reader: &str) -> Result<Records, Unreadable> {
    let damaged = |error| Unreadable::Damaged(format!("its section `.hooks` is damaged: {error}"));
    // That of a library first: it says more than that it has a copy of this crate.
    let mut protocols = decode::protocols(section).map_err(damaged)?;
    protocols.sort_by_key(|protocol| !protocol.is_library);
    if let Some(protocol) = protocols.into_iter().find(|protocol| protocol.number != PROTOCOL) {
        let text = format!(
            "was built with hooks {} (protocol {}), {reader} with hooks {FRAMEWORK_VERSION} (protocol {PROTOCOL}); rebuild it with \
             the host's version",
            protocol.framework_version, protocol.number
        );
        return Err(Unreadable::Protocol { text, protocol });
    }
    decode::records(section).map_err(damaged)
}

/// The records as those of a library with one plugin.
pub(crate) fn described(records: Records) -> Result<Described, String> {
    let (library, plugin) = roots(&records)?;
    Ok(Described { library: library.clone(), plugin: plugin.clone(), records })
}

/// The one line of a library in the records, and the one plugin that belongs to it.
pub(crate) fn roots(records: &Records) -> Result<(&LibraryInfo, &PluginInfo), String> {
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
    Ok((library, plugin))
}

/// Why a plugin is refused that is for one thread only.
pub(crate) const SINGLE_THREADED: &str = "is not multi-threading compatible, as it says itself, and this host works on requests with \
    several threads; configure the host for one thread, or leave the library out";

/// What libraries have to fit.
#[derive(Debug, Clone)]
pub(crate) struct Host<'a> {
    /// How it is called in texts, as in "the host's type is".
    pub(crate) name: &'a str,
    pub(crate) build: Option<BuildInfo>,
    /// Whether it works on requests with several threads.
    pub(crate) multi_threading: bool,
    /// Whether there are no other hook points than those that are known of it.
    pub(crate) is_complete: bool,
}

impl Host<'_> {
    /// This process.
    pub(crate) fn this(multi_threading: bool) -> Host<'static> {
        let build = BuildInfo {
            protocol: PROTOCOL,
            framework_version: FRAMEWORK_VERSION.to_owned(),
            rustc: RUSTC.to_owned(),
            target: TARGET.to_owned(),
            unwinds: cfg!(panic = "unwind"),
        };
        Host { name: "the host", build: Some(build), multi_threading, is_complete: true }
    }
}

/// Something for which a library does not fit.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Misfit {
    /// Which plugin, which callout, what was expected and found, and the way out.
    pub(crate) text: String,
    /// The file and the line of the callout.
    pub(crate) callout: Option<(String, u32)>,
}

/// Whether the library fits this process: target, panics, threads, and the layout of each argument that its callouts use.
/// `brought` are hook points that come with libraries before it.
pub(crate) fn check(
    described: &Described,
    registry: &Registry,
    brought: &Registry,
    multi_threading: bool,
) -> Result<(), String> {
    let mut misfits = misfits_among(described, &Host::this(multi_threading), registry, brought).into_iter();
    let Some(first) = misfits.next() else { return Ok(()) };
    Err(match misfits.count() {
        0 => first.text,
        more => format!("{}; and {more} more, which `hooks check` lists", first.text),
    })
}

/// This many misfits are told at most; a file can have very many, which all have its names in them.
const MOST_MISFITS: usize = 100;

/// For what the library does not fit `host`, whose hook points are in `registry`.
#[cfg(feature = "cli")]
pub(crate) fn misfits(described: &Described, host: &Host<'_>, registry: &Registry) -> Vec<Misfit> {
    misfits_among(described, host, registry, &Registry::default())
}

/// The same where libraries before it have brought other hook points along.
fn misfits_among(described: &Described, host: &Host<'_>, registry: &Registry, brought: &Registry) -> Vec<Misfit> {
    let Described { library, plugin, records } = described;
    let named = format!("plugin `{}` {}", plugin.name, plugin.version);
    let mut misfits = Vec::new();
    let mut whole = |text: String| misfits.push(Misfit { text: format!("{named} {text}"), callout: None });
    let (theirs, ours) = (&library.build, &host.build);
    if let Some(ours) = ours.as_ref().filter(|ours| ours.target != theirs.target) {
        whole(format!(
            "was built for {}, {} for {}; build it with `--target {}`",
            theirs.target, host.name, ours.target, ours.target
        ));
    }
    if !theirs.unwinds {
        let text = "was built with `panic = \"abort\"`, so its panics would end the host; build it with unwinding";
        whole(text.to_owned());
    }
    if host.multi_threading && !plugin.multi_threading_compatible {
        whole(SINGLE_THREADED.to_owned());
    }
    if records.callouts.is_empty() {
        whole("has no callouts: no `#[callout]` is linked into it".to_owned());
    }
    let mut points: HashMap<&str, &PointInfo> = HashMap::new();
    for point in &records.points {
        points.entry(&point.name).or_insert(point);
    }
    // Two versions of an interface crate in one library: nothing would tell which one a callout means.
    let first = |point: &PointInfo| points.get(point.name.as_str()).copied();
    let unlike =
        |(point, other): &(&PointInfo, &PointInfo)| !std::ptr::eq(*other, *point) && !compare::same_point(point, other);
    let pairs = records.points.iter().filter_map(|point| Some((point, first(point)?)));
    for (point, other) in pairs.filter(unlike).take(MOST_MISFITS) {
        whole(format!(
            "links two versions of the crate that declares the hook point `{}` (at {}:{} and at {}:{}); link one",
            point.name, other.file, other.line, point.file, point.line
        ));
    }
    for callout in &records.callouts {
        if misfits.len() >= MOST_MISFITS {
            break;
        }
        let theirs = points.get(shape(&callout.hook)).copied();
        if let Err(text) = one(callout, theirs, host, registry, brought) {
            let compilers = match &host.build {
                Some(ours) if ours.rustc != library.build.rustc => {
                    format!(
                        " (library: rustc {}; {}: rustc {}; build both with one compiler)",
                        library.build.rustc,
                        host.name.trim_start_matches("the "),
                        ours.rustc
                    )
                }
                _ => String::new(),
            };
            let text = format!("{named}, callout `{}`, hook point `{}`: {text}{compilers}", callout.name, callout.hook);
            misfits.push(Misfit { text, callout: Some((callout.file.clone(), callout.line)) });
        }
    }
    misfits
}

/// Whether `callout` of a library, which knows its hook point as `theirs`, fits.
fn one(
    callout: &CalloutRecordInfo,
    theirs: Option<&PointInfo>,
    host: &Host<'_>,
    registry: &Registry,
    brought: &Registry,
) -> Result<(), String> {
    let Some(theirs) = theirs else {
        // A callout that is attached by name uses no typed argument; its answer is checked when it runs.
        if !callout.arguments.is_empty() {
            return Err(
                "the library lacks its own record of the hook point; rebuild it, its file is damaged".to_owned()
            );
        }
        return match registry.find(&callout.hook) {
            None if host.is_complete && brought.find(&callout.hook).is_none() => Err(registry.unknown(&callout.hook)),
            _ => Ok(()),
        };
    };
    // A hook point that the host does not know is one of the library's own, or of a library that comes later.
    match registry.shape_for_callout(&callout.hook).or_else(|| brought.shape_for_callout(&callout.hook)) {
        Some(ours) => compare::callout(callout, theirs, ours, host.name),
        None => Ok(()),
    }
}

/// The name of the hook point whose shape a callout at `hook` has.
pub(crate) fn shape(hook: &str) -> &str {
    if is_command(hook) { COMMAND_CALLOUT } else { hook }
}
