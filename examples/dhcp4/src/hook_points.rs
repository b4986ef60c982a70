//! The hook points of the server for those who write libraries: a list for the terminal, and a page for each.

use std::{fmt::Write, fs, io, path::Path};

use hooks::{ArgumentMode, HookPointInfo, Hooks};

/// The hook points that the program declares, by name; the framework's own come last.
///
/// # Errors
///
/// If a hook point is not known any more, which cannot be while the program runs.
pub fn all(hooks: &Hooks) -> Result<Vec<HookPointInfo>, hooks::Error> {
    let names = hooks.hook_names().into_iter().filter(|name| !name.starts_with('$'));
    let mut points: Vec<_> = names.map(|name| hooks.hook_point_info(&name)).collect::<Result<_, _>>()?;
    let key = |point: &HookPointInfo| (is_framework(point), point.name.clone());
    points.sort_by_key(key);
    Ok(points)
}

fn is_framework(point: &HookPointInfo) -> bool {
    ["context_create", "context_destroy"].contains(&point.name.as_str())
}

/// The hook points for the terminal: each with its arguments, its statuses and its first sentence.
pub fn list(points: &[HookPointInfo]) -> String {
    let mut text = String::new();
    for point in points {
        let (arguments, statuses) = (arguments(point), statuses(point));
        line(&mut text, &format!("{}({arguments})", point.name));
        line(&mut text, &format!("    {}", summary(point)));
        line(&mut text, &format!("    {statuses}; a callout that fails counts as {}", point.on_failure));
    }
    text
}

/// Writes a page for each hook point into `directory`, with an index.
///
/// # Errors
///
/// If the directory cannot be made or a page cannot be written.
pub fn write(points: &[HookPointInfo], directory: &Path) -> io::Result<()> {
    fs::create_dir_all(directory)?;
    for (name, text) in pages(points) {
        fs::write(directory.join(name), text)?;
    }
    Ok(())
}

/// The pages, each with the name of its file.
pub fn pages(points: &[HookPointInfo]) -> Vec<(String, String)> {
    let page_of = |point: &HookPointInfo| (format!("{}.md", point.name), page(point));
    std::iter::once(("README.md".to_owned(), index(points))).chain(points.iter().map(page_of)).collect()
}

fn index(points: &[HookPointInfo]) -> String {
    let mut text = "# Hook points of the DHCPv4 server\n\n\
                    A page for each, made of its declaration by `cargo run -- hook-points --markdown docs/hook-points`.\n\n\
                    | hook point | when | statuses |\n|---|---|---|\n"
        .to_owned();
    for point in points {
        line(&mut text, &format!("| [`{0}`]({0}.md) | {1} | {2} |", point.name, summary(point), statuses(point)));
    }
    text
}

fn page(point: &HookPointInfo) -> String {
    let HookPointInfo { name, file, on_failure, .. } = point;
    let mut text = format!("# `{name}`\n\n");
    line(&mut text, &documentation(point));
    if !point.arguments.is_empty() {
        line(&mut text, "\n| argument | type | a callout may |\n|---|---|---|");
        for argument in &point.arguments {
            let may = if argument.mode == ArgumentMode::Mut { "change it" } else { "read it" };
            line(&mut text, &format!("| `{}` | `{}` | {may} |", argument.name, argument.type_name));
        }
    }
    let statuses = statuses(point);
    line(&mut text, &format!("\nStatuses: {statuses}. A callout that fails counts as {on_failure}.\n"));
    // The framework's own are called around each request, and take its handle.
    let own = name.starts_with("context_");
    let (path, arguments) = match own {
        true => (format!("hooks::{name}"), "handle: &mut hooks::CalloutHandle".to_owned()),
        false => (name.clone(), arguments(point)),
    };
    let also =
        "In Rust, with any of the arguments, and if you like with `this: &Root` and `handle: &mut CalloutHandle`:\n";
    line(&mut text, also);
    line(&mut text, &format!("```rust,ignore\n#[hooks::callout({path})]"));
    line(&mut text, &format!("fn my_callout({arguments}) -> {path}::NextStep {{ … }}\n```\n"));
    line(&mut text, &format!("In C, with the arguments by name:\n\n```c\nint {name}(hooks_handle *handle);\n```\n"));
    line(&mut text, &format!("Declared in `{file}`."));
    text
}

/// The documentation as Markdown elsewhere than in rustdoc: its examples are Rust, and hidden lines are left out.
fn documentation(point: &HookPointInfo) -> String {
    let mut in_example = false;
    let shown = point.documentation.lines().filter_map(|line| {
        if line.starts_with("```") {
            in_example = !in_example;
            return Some(if in_example { "```rust" } else { "```" });
        }
        let hidden = in_example && (line == "#" || line.starts_with("# "));
        (!hidden).then_some(line)
    });
    shown.collect::<Vec<_>>().join("\n")
}

/// The first paragraph in one line.
fn summary(point: &HookPointInfo) -> String {
    let lines = point.documentation.lines().take_while(|line| !line.is_empty());
    lines.collect::<Vec<_>>().join(" ")
}

fn arguments(point: &HookPointInfo) -> String {
    point.arguments.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

fn statuses(point: &HookPointInfo) -> String {
    point.statuses.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

fn line(text: &mut String, line: &str) {
    // Writing to a `String` cannot fail.
    let _ = writeln!(text, "{line}");
}
