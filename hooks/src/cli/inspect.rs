//! `hooks inspect`: what a file says of itself, for people.

use std::path::Path;

use serde::Serialize;

use super::output::Output;
use super::{FINE, Inspect, PROBLEMS, UNREADABLE, plain};
use crate::inspect::{
    self, BuildRecord, CalloutArgument, CalloutRecord, FileKind, Heap, HookPointRecord, LibraryFile, PanicStrategy,
    PluginRecord,
};
use crate::library::read;

/// What JSON says of a file, also if it is no library.
#[derive(Serialize)]
struct Told<'a> {
    file: String,
    #[serde(flatten)]
    library: Option<&'a LibraryFile>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

pub(super) fn run(arguments: &Inspect, output: &mut Output) -> u8 {
    let mut code = FINE;
    for (i, path) in arguments.files.iter().enumerate() {
        if i > 0 && !arguments.json {
            output.line("");
        }
        code = code.max(one(path, arguments.json, output));
    }
    code
}

fn one(path: &Path, json: bool, output: &mut Output) -> u8 {
    let (code, error) = match read::read_only(path) {
        Err(error) => (UNREADABLE, error.to_string()),
        Ok(content) => match inspect::read(&content.bytes, &content.hash) {
            Err(error) => (PROBLEMS, format!("`{}`: {error}", path.display())),
            Ok((library, _)) => {
                if json {
                    let file = path.display().to_string();
                    output.json(&Told { file, library: Some(&library), error: None });
                } else {
                    print(path, &library, output);
                }
                return if library.kind == FileKind::Other { PROBLEMS } else { FINE };
            }
        },
    };
    if json {
        output.json(&Told { file: path.display().to_string(), library: None, error: Some(error) });
    } else {
        output.error(plain(&error));
    }
    code
}

fn print(path: &Path, library: &LibraryFile, output: &mut Output) {
    let what = match (&library.plugin, library.kind) {
        (Some(plugin), _) => format!("plugin {} {}", plugin.name, plugin.version),
        (None, FileKind::CLibrary) => "C library".to_owned(),
        (None, FileKind::Program) => "program with hook points".to_owned(),
        (None, FileKind::Plugin) => "library".to_owned(),
        (None, FileKind::Other) => "no hook library".to_owned(),
    };
    output.line(plain(&format!("{}: {what}", path.display())));
    let mut row = |name: &str, text: String| output.line(plain(&format!("  {name:<12} {text}")));
    if let Some(problem) = library.problem.as_ref().filter(|_| library.kind != FileKind::Program) {
        row("refused", format!("it {problem}"));
    }
    row("size", format!("{} bytes", library.size));
    row("sha256", library.sha256.clone());
    if let Some(plugin) = &library.plugin {
        row("crate", plugin.crate_name.clone());
        row("threads", threads(plugin).to_owned());
    }
    if let Some(build) = &library.build {
        row("built with", built(build));
    }
    match library.heap {
        Some(Heap::Host) => row("heap", "the host's".to_owned()),
        Some(Heap::Own) => row("heap", "its own".to_owned()),
        None => {}
    }
    if !library.needed.is_empty() {
        row("needs", library.needed.join(" "));
    }
    if !library.built_in.is_empty() {
        let names = library.built_in.iter().map(|plugin| format!("{} {}", plugin.name, plugin.version));
        row("built in", names.collect::<Vec<_>>().join(", "));
    }
    list("callouts", &library.callouts, callout, output);
    list("hook points", &library.hook_points, hook_point, output);
    list("exports", &library.exported, |symbol, lines| lines.push(symbol.clone()), output);
}

fn list<T>(title: &str, items: &[T], describe: impl Fn(&T, &mut Vec<String>), output: &mut Output) {
    if items.is_empty() {
        return;
    }
    output.line(format!("  {title}"));
    let mut lines = Vec::new();
    items.iter().for_each(|item| describe(item, &mut lines));
    for line in lines {
        output.line(plain(&format!("    {line}")));
    }
}

fn threads(plugin: &PluginRecord) -> &'static str {
    if plugin.multi_threading_compatible {
        "several at a time"
    } else {
        "one at a time: not multi-threading compatible"
    }
}

fn built(build: &BuildRecord) -> String {
    let mut text = format!("hooks {} (protocol {})", build.hooks_version, build.protocol);
    if let Some(rustc) = &build.rustc {
        text.push_str(&format!(", rustc {rustc}"));
    }
    if let Some(target) = &build.target {
        text.push_str(&format!(", {target}"));
    }
    match build.panic {
        Some(PanicStrategy::Unwind) => text.push_str(", panic = \"unwind\""),
        Some(PanicStrategy::Abort) => text.push_str(", panic = \"abort\""),
        None => {}
    }
    text
}

fn callout(callout: &CalloutRecord, lines: &mut Vec<String>) {
    let CalloutRecord { hook, name, file, line, .. } = callout;
    let place = match &callout.command {
        Some(command) => format!("command {command}"),
        None => hook.clone(),
    };
    let arguments: Vec<_> = callout.arguments.iter().map(spell).collect();
    let manual = if callout.manual { ", manual" } else { "" };
    lines.push(format!("{place}: {name}({}){manual}  at {file}:{line}", arguments.join(", ")));
}

fn spell(argument: &CalloutArgument) -> String {
    let CalloutArgument { name, mode, type_name } = argument;
    match (mode, type_name) {
        (Some(mode), Some(type_name)) => format!("{name}: {}{type_name}", mode.prefix()),
        _ => format!("{name}: ?"),
    }
}

fn hook_point(point: &HookPointRecord, lines: &mut Vec<String>) {
    let HookPointRecord { name, file, line, on_failure, .. } = point;
    let statuses: Vec<_> = point.statuses.iter().map(ToString::to_string).collect();
    lines.push(format!("{name} [{}], on failure {on_failure}  at {file}:{line}", statuses.join(" ")));
    for argument in &point.arguments {
        let (name, mode, type_name) = (&argument.name, argument.mode.prefix(), &argument.type_name);
        let (size, layout) = (argument.size, &argument.layout);
        lines.push(format!("  {name}: {mode}{type_name}  {size} bytes, layout {layout}"));
    }
}
