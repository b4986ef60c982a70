//! What is told of a file, ready to be written as JSON.

use serde::{Serialize, Serializer};

use crate::abi::decode::Protocol;
use crate::abi::info::{ArgumentInfo, BuildInfo, PluginInfo, PointInfo};
use crate::hook_point_info::ArgumentMode;
use crate::status::{NextStep, Statuses};

/// What a file says of itself; see [`inspect`](super::inspect). As JSON its keys are stable: only new ones are added.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub struct LibraryFile {
    /// What kind of file it is.
    pub kind: FileKind,
    /// Why no host can load it, if that is so.
    pub problem: Option<String>,
    /// The plugin that it is, if it is one.
    pub plugin: Option<PluginRecord>,
    /// How it was built; of a plain C library that is not known.
    pub build: Option<BuildRecord>,
    /// From where it takes memory, if it is a library.
    pub heap: Option<Heap>,
    /// Its callouts in no particular order; those of a plain C library follow from its exported symbols.
    pub callouts: Vec<CalloutRecord>,
    /// The hook points that it knows, as its compiler saw them.
    pub hook_points: Vec<HookPointRecord>,
    /// The plugins that are compiled in; of a library, those besides its own.
    pub built_in: Vec<PluginRecord>,
    /// Its length in bytes.
    pub size: u64,
    /// The SHA-256 of its bytes: 64 hexadecimal digits, as `sha256` in a configuration expects them.
    pub sha256: String,
    /// The libraries that the system loads with it (`DT_NEEDED`).
    pub needed: Vec<String>,
    /// The symbols that it defines for others, sorted.
    pub exported: Vec<String>,
}

/// What kind of file it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum FileKind {
    /// A library with `hooks::library!`.
    Plugin,
    /// A plain C library: it defines the function `version`.
    CLibrary,
    /// A program, or what else has hook points or callouts but is no library.
    Program,
    /// An ELF file that has nothing to do with hooks.
    Other,
}

/// From where a library takes memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Heap {
    /// From the host's allocator.
    Host,
    /// From an allocator of its own, such as the C library's.
    Own,
}

/// What a panic does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum PanicStrategy {
    /// It unwinds, so it can be caught.
    Unwind,
    /// It ends the process.
    Abort,
}

/// Name and version of a plugin.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub struct PluginRecord {
    /// The name of its package.
    pub name: String,
    /// The version of its package.
    pub version: String,
    /// The crate in which its root is.
    #[serde(rename = "crate")]
    pub crate_name: String,
    /// Whether its callouts may run on several threads at once.
    pub multi_threading_compatible: bool,
}

/// How a file was built.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub struct BuildRecord {
    /// The number of the layout of all that crosses between host and library; both must have the same.
    pub protocol: u32,
    /// The version of this crate.
    pub hooks_version: String,
    /// Release and commit of the compiler; nothing if the file is of another protocol.
    pub rustc: Option<String>,
    /// The target triple; nothing if the file is of another protocol.
    pub target: Option<String>,
    /// What a panic does; nothing if the file is of another protocol.
    pub panic: Option<PanicStrategy>,
}

/// A hook point, as the file's compiler saw it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub struct HookPointRecord {
    /// The name.
    pub name: String,
    /// The file that declares it.
    pub file: String,
    /// The line there.
    pub line: u32,
    /// The statuses that it honours.
    #[serde(serialize_with = "all_in_words")]
    pub statuses: Vec<NextStep>,
    /// What a callout that fails counts as.
    #[serde(serialize_with = "in_words")]
    pub on_failure: NextStep,
    /// The arguments in their order.
    pub arguments: Vec<ArgumentRecord>,
}

/// An argument of a hook point.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub struct ArgumentRecord {
    /// The name.
    pub name: String,
    /// How it is lent.
    pub mode: ArgumentMode,
    /// Its type without the reference, as `Option<Subnet>`: without the paths of modules.
    #[serde(rename = "type")]
    pub type_name: String,
    /// The size of the type in bytes.
    pub size: u64,
    /// The alignment of the type in bytes.
    pub align: u64,
    /// Where its word is among the arguments, in bytes.
    pub offset: u64,
    /// The hash of the type's layout, 32 hexadecimal digits: equal in two files if they agree on every byte of it.
    pub layout: String,
}

/// A callout.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub struct CalloutRecord {
    /// The hook point to which it is attached.
    pub hook: String,
    /// The command that it answers, if the hook point is that of a command.
    pub command: Option<String>,
    /// The name of the function.
    pub name: String,
    /// The crate in which it is.
    #[serde(rename = "crate")]
    pub crate_name: String,
    /// The file in which it is.
    pub file: String,
    /// The line there.
    pub line: u32,
    /// Whether it is attached only when the plugin registers it.
    pub manual: bool,
    /// The arguments that it takes.
    pub arguments: Vec<CalloutArgument>,
}

/// An argument that a callout takes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub struct CalloutArgument {
    /// The name.
    pub name: String,
    /// How the hook point lends it; nothing if the file lacks its record of the hook point.
    pub mode: Option<ArgumentMode>,
    /// Its type; nothing if the file lacks its record of the hook point.
    #[serde(rename = "type")]
    pub type_name: Option<String>,
}

impl PluginRecord {
    pub(super) fn new(plugin: &PluginInfo) -> PluginRecord {
        PluginRecord {
            name: plugin.name.clone(),
            version: plugin.version.clone(),
            crate_name: plugin.crate_name.clone(),
            multi_threading_compatible: plugin.multi_threading_compatible,
        }
    }
}

impl BuildRecord {
    pub(super) fn new(build: &BuildInfo) -> BuildRecord {
        BuildRecord {
            protocol: build.protocol,
            hooks_version: build.framework_version.clone(),
            rustc: Some(build.rustc.clone()),
            target: Some(build.target.clone()),
            panic: Some(if build.unwinds { PanicStrategy::Unwind } else { PanicStrategy::Abort }),
        }
    }

    /// Of another protocol no more can be read.
    pub(super) fn of_protocol(protocol: Protocol) -> BuildRecord {
        let Protocol { number: protocol, framework_version: hooks_version, .. } = protocol;
        BuildRecord { protocol, hooks_version, rustc: None, target: None, panic: None }
    }
}

impl HookPointRecord {
    pub(super) fn new(point: &PointInfo) -> HookPointRecord {
        let honoured = Statuses::from_bits(point.statuses);
        HookPointRecord {
            name: point.name.clone(),
            file: point.file.clone(),
            line: point.line,
            statuses: NextStep::ALL.into_iter().filter(|&status| honoured.contains(status)).collect(),
            on_failure: NextStep::from_raw(point.on_failure.into()).unwrap_or(NextStep::Drop),
            arguments: point.arguments.iter().map(ArgumentRecord::new).collect(),
        }
    }
}

impl ArgumentRecord {
    fn new(argument: &ArgumentInfo) -> ArgumentRecord {
        ArgumentRecord {
            name: argument.name.clone(),
            mode: argument.mode.into(),
            type_name: argument.layout.spell(),
            size: argument.layout.size,
            align: argument.layout.align,
            offset: argument.offset,
            layout: format!("{:032x}", argument.hash),
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes fields by reference")]
fn in_words<S: Serializer>(status: &NextStep, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(status)
}

fn all_in_words<S: Serializer>(statuses: &[NextStep], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(statuses.iter().map(NextStep::to_string))
}
