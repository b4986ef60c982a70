//! What a hook point is, for people: lists, pages of documentation, tools.

use crate::abi::info::PointInfo;
use crate::abi::record::{Mode, PointRecord};
use crate::status::{NextStep, Statuses};

/// A hook point with its documentation; see [`Hooks::hook_point_info`](crate::Hooks::hook_point_info).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct HookPointInfo {
    /// The name.
    pub name: String,
    /// What the declaration says of it, in Markdown; empty if a library declares it, or if it was registered at run time.
    pub documentation: String,
    /// The declared arguments, in their order.
    pub arguments: Vec<ArgumentInfo>,
    /// The statuses that it honours.
    pub statuses: Vec<NextStep>,
    /// What a callout that fails counts as.
    pub on_failure: NextStep,
    /// The file that declares or registers it, as its compiler saw it.
    pub file: String,
    /// The line there.
    pub line: u32,
}

/// A declared argument of a hook point.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ArgumentInfo {
    /// The name.
    pub name: String,
    /// How it is lent.
    pub mode: ArgumentMode,
    /// Its type without the reference, as `Option<Subnet>`: without the paths of modules.
    pub type_name: String,
}

/// How a hook point lends an argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ArgumentMode {
    /// By value: a number, `bool` or `char`.
    Value,
    /// To be read: `&T`.
    Ref,
    /// To be read and changed: `&mut T`.
    Mut,
}

impl From<Mode> for ArgumentMode {
    fn from(mode: Mode) -> ArgumentMode {
        match mode {
            Mode::Value => ArgumentMode::Value,
            Mode::Ref => ArgumentMode::Ref,
            Mode::Mut => ArgumentMode::Mut,
        }
    }
}

impl ArgumentMode {
    /// What stands before the type: nothing, `&` or `&mut `.
    pub(crate) fn prefix(self) -> &'static str {
        match self {
            ArgumentMode::Value => "",
            ArgumentMode::Ref => "&",
            ArgumentMode::Mut => "&mut ",
        }
    }
}

impl std::fmt::Display for ArgumentInfo {
    /// As a callout in Rust declares it: `query4: &mut Packet`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let ArgumentInfo { name, mode, type_name } = self;
        write!(f, "{name}: {}{type_name}", mode.prefix())
    }
}

impl HookPointInfo {
    /// What is known of the hook point `point`: all if this binary declares it.
    pub(crate) fn new(point: &PointInfo, details: Option<&PointRecord>) -> HookPointInfo {
        let honoured = Statuses::from_bits(point.statuses);
        let arguments = point.arguments.iter().enumerate().map(|(place, argument)| {
            let own = details.and_then(|details| details.arguments.get(place));
            let mode = argument.mode.into();
            let type_name = own.map_or_else(|| argument.layout.spell(), |own| own.layout.spell());
            ArgumentInfo { name: argument.name.clone(), mode, type_name }
        });
        let lines = details.map_or("", |details| details.documentation).lines();
        let documentation: Vec<_> = lines.map(|line| line.strip_prefix(' ').unwrap_or(line).trim_end()).collect();
        HookPointInfo {
            name: point.name.clone(),
            documentation: documentation.join("\n"),
            arguments: arguments.collect(),
            statuses: NextStep::ALL.into_iter().filter(|&status| honoured.contains(status)).collect(),
            on_failure: NextStep::from_raw(point.on_failure.into()).unwrap_or(NextStep::Drop),
            file: point.file.clone(),
            line: point.line,
        }
    }
}
