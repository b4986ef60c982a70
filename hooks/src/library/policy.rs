//! Which shared libraries may be loaded, and where their private copies go.

use std::path::{Path, PathBuf};

/// Which shared libraries a [`Hooks`](crate::Hooks) loads. A library is code that runs with the rights of the process, so this
/// decides whom the process trusts.
///
/// Plugins that are compiled in are not concerned, nor are the libraries that a library depends on: the dynamic linker finds
/// those.
///
/// ```
/// use hooks::{Hooks, LibraryPolicy};
///
/// let hooks = Hooks::new();
/// hooks.set_library_policy(LibraryPolicy::new().directories(["/usr/lib/server/hooks"]).max_images(64));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LibraryPolicy {
    pub(crate) directories: Option<Vec<PathBuf>>,
    pub(crate) check_permissions: bool,
    pub(crate) staging_directory: Option<PathBuf>,
    pub(crate) max_images: usize,
}

impl LibraryPolicy {
    /// Libraries from any directory, whose permissions are checked, and at most 1024 of them.
    pub fn new() -> LibraryPolicy {
        LibraryPolicy { directories: None, check_permissions: true, staging_directory: None, max_images: 1024 }
    }

    /// Only libraries in these directories and what is below them, wherever links lead; none at all if there are no directories.
    ///
    /// What counts is where a library's file is after all links have been followed, so a link out of a directory does not help.
    #[must_use]
    pub fn directories(mut self, directories: impl IntoIterator<Item: Into<PathBuf>>) -> LibraryPolicy {
        self.directories = Some(directories.into_iter().map(Into::into).collect());
        self
    }

    /// Whether a library is refused that somebody else could have changed, as it is by default.
    ///
    /// Its file and each folder and link on the way there must belong to root or to the user of the process, and may not be
    /// writable by the group or by others. A folder with the sticky bit, such as `/tmp`, may be writable: there each file is safe
    /// from all but its owner. The same holds for the folder of the private copies. Turn it off for folders that several users
    /// build in, such as where the umask is 002.
    #[must_use]
    pub fn check_permissions(mut self, check: bool) -> LibraryPolicy {
        self.check_permissions = check;
        self
    }

    /// Where the private copies are made from which libraries run, instead of in the system's directory for temporary files.
    ///
    /// It has to be on a file system from which code may run (not mounted `noexec`). A copy is removed as soon as it is mapped.
    #[must_use]
    pub fn staging_directory(mut self, directory: impl Into<PathBuf>) -> LibraryPolicy {
        self.staging_directory = Some(directory.into());
        self
    }

    /// How many different library files the process may have mapped when another is to be mapped; 1024 by default.
    ///
    /// What was mapped stays mapped, also after its unload, and the system limits how much can be. The same bytes are mapped once,
    /// so this is how many *different* files can be loaded in the life of the process, by all its [`Hooks`](crate::Hooks).
    #[must_use]
    pub fn max_images(mut self, number: usize) -> LibraryPolicy {
        self.max_images = number;
        self
    }

    /// The folder in which private copies are made.
    pub(crate) fn staging(&self) -> PathBuf {
        self.staging_directory.clone().unwrap_or_else(std::env::temp_dir)
    }

    /// Whether the library whose real path is `path` may be loaded from there.
    pub(crate) fn admit(&self, path: &Path) -> Result<(), String> {
        let Some(directories) = &self.directories else { return Ok(()) };
        // What cannot be resolved is not there, and nothing is in it.
        let real = directories.iter().filter_map(|directory| directory.canonicalize().ok());
        if real.into_iter().any(|directory| path.starts_with(directory)) {
            return Ok(());
        }
        let allowed: Vec<_> = directories.iter().map(|directory| format!("`{}`", directory.display())).collect();
        let allowed = if allowed.is_empty() { "no directory".to_owned() } else { allowed.join(" or ") };
        Err(format!(
            "is really `{}`, and libraries may be loaded from {allowed} only; put it there, or add its directory to \
             `LibraryPolicy::directories`",
            path.display()
        ))
    }
}

impl Default for LibraryPolicy {
    fn default() -> LibraryPolicy {
        LibraryPolicy::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_inside_of_a_directory_is_admitted() {
        let folder = tempfile::tempdir().unwrap();
        let real = folder.path().canonicalize().unwrap();
        std::fs::create_dir(real.join("lib")).unwrap();
        std::os::unix::fs::symlink(real.join("lib"), real.join("link")).unwrap();
        let policy = LibraryPolicy::new().directories([real.join("link"), real.join("missing")]);
        assert_eq!(policy.admit(&real.join("lib/libx.so")), Ok(()));
        assert_eq!(policy.admit(&real.join("lib/deeper/libx.so")), Ok(()));
        // Whole names are compared, not texts.
        for outside in ["libx.so", "library/libx.so", "missing/libx.so"] {
            let error = policy.admit(&real.join(outside)).unwrap_err();
            assert!(
                error.contains(outside) && error.contains("link` or `") && error.contains("directories"),
                "{error}"
            );
        }
    }

    #[test]
    fn no_directories_at_all_admit_nothing() {
        let policy = LibraryPolicy::new().directories(Vec::<PathBuf>::new());
        assert!(policy.admit(Path::new("/libx.so")).unwrap_err().contains("from no directory only"));
        assert_eq!(LibraryPolicy::default().admit(Path::new("/libx.so")), Ok(()));
    }
}
