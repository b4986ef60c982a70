//! Finds the hook libraries of a configuration.

use std::{
    env,
    path::{Path, PathBuf},
};

use hooks::{LibraryConfig, Source};

use crate::config::{Config, Library};

/// The prefix of a library that is compiled into the program.
const BUILTIN: &str = "builtin:";

/// The libraries of the configuration as `hooks` loads them.
pub(crate) fn of(config: &Config) -> Vec<LibraryConfig> {
    let library = |library: &Library| {
        let loaded = LibraryConfig::new(source(&library.library));
        if library.parameters.is_null() { loaded } else { loaded.parameters(library.parameters.clone()) }
    };
    config.libraries.iter().map(library).collect()
}

fn source(library: &str) -> Source {
    match library.strip_prefix(BUILTIN) {
        Some(name) => Source::Builtin(name.to_owned()),
        None => Source::File(find(library)),
    }
}

/// The path of the library: a name without a directory is looked for beside the program, first in `deps`, where cargo
/// puts libraries on which the program depends.
pub(crate) fn find(library: &str) -> PathBuf {
    let name = Path::new(library);
    let beside = env::current_exe().ok().and_then(|program| Some(program.parent()?.to_owned()));
    match beside {
        Some(directory) if name.components().count() == 1 => {
            let (in_deps, beside) = (directory.join("deps").join(name), directory.join(name));
            if in_deps.exists() { in_deps } else { beside }
        }
        _ => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_with_a_directory_stay_as_they_are() {
        assert_eq!(find("/usr/lib/libx.so"), Path::new("/usr/lib/libx.so"));
        assert_eq!(find("lib/libx.so"), Path::new("lib/libx.so"));
    }

    #[test]
    fn names_without_one_are_beside_the_program() {
        // The program of the test stands for a library beside it.
        let program = env::current_exe().unwrap();
        assert_eq!(find(program.file_name().unwrap().to_str().unwrap()), program);
        assert_eq!(find("libthat_is_nowhere.so"), program.with_file_name("libthat_is_nowhere.so"));
    }
}
