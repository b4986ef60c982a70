//! Shows that the gate would notice: puts something slow into a copy of the sources, and requires that the gate fails over it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize;

use crate::Problem;
use crate::check::check;

/// A change of one function: a file in `mutations/`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Mutation {
    /// What it is.
    what: String,
    /// The function, by the beginning of its signature, wherever it stands in `hooks/src`.
    function: String,
    /// What is put at the beginning of its body.
    insert: String,
    /// The workloads that must fail, each with what must be said of it.
    caught: Vec<Caught>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Caught {
    workload: String,
    says: String,
}

/// Tries all mutations; whether each was caught for its reason.
pub(crate) fn run(benches: &Path) -> Result<bool, Problem> {
    let root = benches.parent().and_then(Path::parent).ok_or("`tests/benches` is in no repository")?;
    // Kept, so that only what has changed is built the next time.
    let kept =
        std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| benches.join("target"), PathBuf::from).join("mutations");
    let (copy, target) = (kept.join("sources"), kept.join("target"));
    copy_sources(root, &copy)?;
    let copied = copy.join("tests/benches");
    let mutations = read(&benches.join("mutations"))?;
    let names: Vec<String> =
        mutations.iter().flat_map(|(_, mutation)| &mutation.caught).map(|caught| caught.workload.clone()).collect();
    println!("== the copy as it is");
    let failures = check(&copied, Some(&target), false, &names)?;
    if !failures.is_empty() {
        return Err(format!("the gate fails already without a change:\n{}", failures.join("\n")).into());
    }
    let mut survivors = 0;
    for (name, mutation) in &mutations {
        println!("== {name}: {}", mutation.what);
        let changed =
            apply(mutation, &copy.join("hooks/src")).map_err(|problem| format!("mutation `{name}`: {problem}"))?;
        let names: Vec<String> = mutation.caught.iter().map(|caught| caught.workload.clone()).collect();
        let failures = check(&copied, Some(&target), false, &names)?;
        for Caught { workload, says } in &mutation.caught {
            let reason = failures.iter().find(|line| line.starts_with(&format!("{workload}:")) && line.contains(says));
            match reason {
                Some(reason) => println!("caught: {reason}"),
                None => {
                    survivors += 1;
                    eprintln!(
                        "mutation `{name}` is not caught: of `{workload}` the gate should say `{says}`; it says:\n{}",
                        failures.join("\n")
                    );
                }
            }
        }
        fs::write(&changed.path, changed.original)?;
    }
    println!("{} mutations, {survivors} expectations not met", mutations.len());
    Ok(survivors == 0)
}

fn read(folder: &Path) -> Result<Vec<(String, Mutation)>, Problem> {
    let mut mutations = Vec::new();
    for entry in fs::read_dir(folder).map_err(|error| format!("`{}`: {error}", folder.display()))? {
        let path = entry?.path();
        let mutation =
            toml::from_str(&fs::read_to_string(&path)?).map_err(|error| format!("`{}`: {error}", path.display()))?;
        mutations.push((path.file_stem().unwrap_or_default().display().to_string(), mutation));
    }
    if mutations.is_empty() {
        return Err(format!("`{}` has no mutations", folder.display()).into());
    }
    mutations.sort_by(|(one, _), (other, _)| one.cmp(other));
    Ok(mutations)
}

/// A file that was changed.
#[derive(Debug)]
struct Changed {
    path: PathBuf,
    original: String,
}

fn apply(mutation: &Mutation, sources: &Path) -> Result<Changed, Problem> {
    let mut places = Vec::new();
    for path in files(sources)? {
        if path.extension().is_none_or(|extension| extension != "rs") {
            continue;
        }
        let text = fs::read_to_string(&path)?;
        places.extend(text.match_indices(&mutation.function).map(|(at, _)| (path.clone(), at)));
    }
    let [(path, at)] = &places[..] else {
        let places: Vec<_> = places.iter().map(|(path, _)| path.display().to_string()).collect();
        let found = if places.is_empty() { "nowhere".to_owned() } else { places.join(", ") };
        return Err(format!(
            "`{}` must stand in `hooks/src` once; found: {found}. If the function is called differently now, say so in the file of the mutation",
            mutation.function
        )
        .into());
    };
    let original = fs::read_to_string(path)?;
    let body = original[*at..].find("{\n").ok_or_else(|| format!("`{}` has no body", mutation.function))?;
    let (before, after) = original.split_at(at + body + 2);
    fs::write(path, format!("{before}{}\n{after}", mutation.insert))?;
    Ok(Changed { path: path.clone(), original })
}

fn files(folder: &Path) -> Result<Vec<PathBuf>, Problem> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(files(&path)?);
        } else {
            found.push(path);
        }
    }
    Ok(found)
}

/// Copies what git knows of, as it is in the work tree; what is there already and the same keeps its time.
fn copy_sources(root: &Path, copy: &Path) -> Result<(), Problem> {
    let git = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(root)
        .output()
        .map_err(|error| format!("git, which says what belongs to the sources: {error}"))?;
    if !git.status.success() {
        return Err(format!("git ls-files: {}", String::from_utf8_lossy(&git.stderr)).into());
    }
    fs::create_dir_all(copy)?;
    let mut leftover: BTreeSet<PathBuf> = files(copy)?.into_iter().collect();
    for name in String::from_utf8(git.stdout)?.split_terminator('\0') {
        let (from, to) = (root.join(name), copy.join(name));
        // A file that was removed and is not committed yet, or a link.
        if !from.symlink_metadata().is_ok_and(|metadata| metadata.is_file()) {
            continue;
        }
        leftover.remove(&to);
        let bytes = fs::read(&from).map_err(|error| format!("`{}`: {error}", from.display()))?;
        if fs::read(&to).is_ok_and(|copied| copied == bytes) {
            continue;
        }
        fs::create_dir_all(to.parent().unwrap_or(copy))?;
        fs::write(&to, bytes).map_err(|error| format!("`{}`: {error}", to.display()))?;
    }
    for file in leftover {
        fs::remove_file(file)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mutation(function: &str) -> Mutation {
        Mutation {
            what: String::new(),
            function: function.to_owned(),
            insert: "    slow();".to_owned(),
            caught: Vec::new(),
        }
    }

    #[test]
    fn a_change_goes_to_the_beginning_of_the_body() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.rs");
        fs::write(&path, "fn one() {\n}\n\nfn two(\n    a: u32,\n) {\n    fast();\n}\n").expect("a file");
        let changed = apply(&mutation("fn two("), folder.path()).expect("it stands there once");
        let text = fs::read_to_string(&changed.path).expect("a file");
        assert_eq!(text, "fn one() {\n}\n\nfn two(\n    a: u32,\n) {\n    slow();\n    fast();\n}\n");
    }

    #[test]
    fn a_function_that_is_not_there_is_an_error_in_words() {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("a.rs"), "fn one() {\n}\n").expect("a file");
        let problem = apply(&mutation("fn two("), folder.path()).expect_err("there is none").to_string();
        assert!(problem.contains("`fn two(` must stand in `hooks/src` once; found: nowhere"), "{problem}");
    }
}
