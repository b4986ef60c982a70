//! The header `hooks.h`, made of the same declarations as the host's own table.

use std::fmt::Write;

use super::constants::{Constant, GROUPS, HOOKS_VERSION};
use super::table::{Entry, SECTIONS, Section};

const WIDTH: usize = 110;

/// The text of the C header `hooks.h`, for plain C libraries.
///
/// It is made of the declarations of this host's functions, so it always fits. `hooks/include/hooks.h` has the same text.
///
/// ```
/// assert!(hooks::c_header().contains("static inline int hooks_set_status(hooks_handle *handle, int status)"));
/// ```
pub fn c_header() -> String {
    let mut text = include_str!("header_begin.h").replace("@VERSION@", &HOOKS_VERSION.to_string());
    for group in GROUPS {
        comment(&mut text, "", group.documentation);
        text.push_str("enum {\n");
        for Constant { name, value, documentation } in group.constants {
            comment(&mut text, "    ", documentation);
            line(&mut text, &format!("    {name} = {value},"));
        }
        // C99 allows the comma behind the last one, C++98 does not.
        text.truncate(text.trim_end_matches(",\n").len());
        text.push_str("\n};\n\n");
    }
    text.push_str("/* What the functions below go through; not for direct use. */\nstruct hooks_api {\n");
    for entry in SECTIONS.iter().flat_map(|section| section.entries) {
        line(&mut text, &format!("    {}(*{})({});", result(entry), entry.name, parameters(entry)));
    }
    text.push_str("};\n\n");
    for Section { title, entries } in SECTIONS {
        line(&mut text, &format!("/* ---- {title} ---- */\n"));
        for entry in *entries {
            comment(&mut text, "", entry.documentation);
            function(&mut text, entry);
        }
    }
    text + include_str!("header_end.h")
}

/// The result's type, with a space where the name follows it directly.
fn result(entry: &Entry) -> String {
    spaced(entry.result)
}

fn spaced(ty: &str) -> String {
    if ty.ends_with(['*', ' ']) { ty.to_owned() } else { format!("{ty} ") }
}

fn parameters(entry: &Entry) -> String {
    let spelled = entry.parameters.iter().map(|(ty, name)| format!("{}{name}", spaced(ty)));
    spelled.collect::<Vec<_>>().join(", ")
}

fn function(text: &mut String, entry: &Entry) {
    let names: Vec<_> = entry.parameters.iter().map(|(_, name)| *name).collect();
    let object = names.first().copied().unwrap_or_default();
    let returned = if entry.result == "void" { "" } else { "return " };
    // Of two functions of one name the one that callouts use has the short one. (In the table it has not: <tgmath.h> makes `log` a macro.)
    let name = match entry.name {
        "handle_last_error" => "last_error",
        "handle_log" => "log",
        name => name,
    };
    line(text, &format!("static inline {}hooks_{name}({})", result(entry), parameters(entry)));
    line(text, "{");
    // Without a ticket there is nothing to resolve.
    if object == "ticket" {
        line(text, "    if (ticket == NULL) {\n        return;\n    }");
    }
    line(text, &format!("    {returned}{object}->api->{}({});", entry.name, names.join(", ")));
    line(text, "}\n");
}

/// A comment of these lines; what documentation calls `text` is plain text here.
fn comment(text: &mut String, indent: &str, lines: &[&str]) {
    let words = lines.iter().flat_map(|line| line.split_whitespace());
    let mut row = format!("{indent}/*");
    for word in words {
        if row.len() + 1 + word.len() > WIDTH {
            line(text, &row);
            row = format!("{indent}  ");
        }
        row.push(' ');
        row.push_str(word);
    }
    line(text, &format!("{row} */"));
}

fn line(text: &mut String, line: &str) {
    // Writing to a `String` cannot fail.
    let _ = writeln!(text, "{line}");
}
