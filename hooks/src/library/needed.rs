//! The libraries that a library depends on: which cannot be found from its private copy, and what it means that one is missing.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use rustix::fs::StatVfsMountFlags;

use super::elf::Dynamic;

/// Refuses a library that wants a dependency looked for beside its own file: the private copy is elsewhere, so that the linker
/// would find nothing there, or something else.
pub(super) fn check(original: &Path, dynamic: &Dynamic<'_>) -> Result<(), String> {
    const WAY_OUT: &str = "install the dependency where the dynamic linker looks (see `ldconfig`), or link it with an absolute path or \
        statically";
    for needed in &dynamic.needed {
        let name = String::from_utf8_lossy(needed);
        if needed.contains(&b'/') && !needed.starts_with(b"/") {
            return Err(format!(
                "depends on `{name}` by a relative path, but it runs from a private copy, in another folder; {WAY_OUT}"
            ));
        }
    }
    for folder in dynamic.folders() {
        let text = String::from_utf8_lossy(folder);
        let origin = [&b"$ORIGIN"[..], b"${ORIGIN}"].into_iter().find(|origin| folder.starts_with(origin));
        if let Some(origin) = origin {
            for needed in &dynamic.needed {
                let beside =
                    beside(original, folder.get(origin.len()..).unwrap_or_default()).join(OsStr::from_bytes(needed));
                if beside.exists() {
                    return Err(format!(
                        "depends on `{}`, which it wants looked for in `{text}`, beside its own file, but it runs from a private \
                         copy, in another folder; {WAY_OUT}",
                        beside.display()
                    ));
                }
            }
        } else if !folder.starts_with(b"/") && !folder.starts_with(b"$") {
            return Err(format!(
                "wants its dependencies looked for in `{text}`, relative to whatever folder this process is in; {WAY_OUT}"
            ));
        }
    }
    Ok(())
}

/// The folder `rest` from that of the library, where its links lead in the end.
fn beside(original: &Path, rest: &[u8]) -> PathBuf {
    let real = original.canonicalize().unwrap_or_else(|_| original.to_owned());
    let folder = real.parent().unwrap_or(Path::new("/"));
    let rest = rest.strip_prefix(b"/").unwrap_or(rest);
    folder.join(OsStr::from_bytes(rest))
}

/// What the dynamic linker's `error` for the private `copy` means, and the way out.
pub(super) fn in_words(error: &str, copy: &Path, needed: &[String]) -> String {
    let folder = copy.parent().unwrap_or(copy);
    let error = error.replace(&format!("{}: ", copy.display()), "");
    let missing = needed.iter().find(|name| error.starts_with(&format!("{name}: cannot open")));
    let meaning = if let Some(name) = missing {
        format!(
            "it depends on the library `{name}`, which is not installed where the dynamic linker looks (see `ldconfig`)"
        )
    } else if is_noexec(folder) {
        format!(
            "private copies are made in `{}`, from which no code may run (it is mounted `noexec`): set another folder with \
             `LibraryPolicy::staging_directory`",
            folder.parent().unwrap_or(folder).display()
        )
    } else if error.contains("failed to map segment") || error.contains("Permission denied") {
        format!(
            "the system does not map it; if no code may run from `{}`, where private copies are made, set another folder with \
             `LibraryPolicy::staging_directory`",
            folder.parent().unwrap_or(folder).display()
        )
    } else if error.contains("undefined symbol") {
        "it uses a symbol that nothing defines: link it with the library that does".to_owned()
    } else if error.contains("' not found") {
        "it was built for another version of that library than the one here: build it on a system as old as this one"
            .to_owned()
    } else if error.contains("static TLS block") {
        "it has data of threads that must be there when the process starts: build it without `initial-exec`, as of an allocator"
            .to_owned()
    } else {
        return format!("cannot be opened: {error}");
    };
    format!("cannot be opened: {meaning} ({error})")
}

fn is_noexec(folder: &Path) -> bool {
    // The name is that of Linux.
    rustix::fs::statvfs(folder).is_ok_and(|found| found.f_flag.contains(StatVfsMountFlags::from_bits_retain(8)))
}
