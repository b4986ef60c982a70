//! Which shared libraries a configuration may name, and where they are.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
};

use hooks::LibraryPolicy;

/// The directories of the hook libraries, whether a configuration may name libraries elsewhere, and whether it matters who may
/// write them.
///
/// A library is code that runs with the rights of the server. Whoever may change the configuration, such as by the
/// control socket, is not to choose any file of the machine; so neither the configuration chooses the directory.
///
/// ```
/// use dhcp4::LibraryPaths;
///
/// let paths = LibraryPaths::of_directory("/usr/lib/dhcp4/hooks");
/// assert!(paths.is_enforced());
/// assert!(!paths.without_check().is_enforced());
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LibraryPaths {
    directories: Vec<PathBuf>,
    enforced: bool,
    permissions: bool,
}

impl LibraryPaths {
    /// The environment variable that names the directory of the hook libraries.
    pub const VARIABLE: &'static str = "DHCP4_HOOKS_PATH";

    /// The directory that the environment variable names; without it the directory of the program, after its folder
    /// `deps`, where cargo puts libraries on which the program depends.
    pub fn from_environment() -> Self {
        match env::var_os(Self::VARIABLE).filter(|directory| !directory.is_empty()) {
            Some(directory) => Self::of_directory(PathBuf::from(directory)),
            None => Self { directories: beside_program(), enforced: true, permissions: true },
        }
    }

    /// This directory.
    pub fn of_directory(directory: impl Into<PathBuf>) -> Self {
        let directory = directory.into();
        let directory = std::path::absolute(&directory).unwrap_or(directory);
        Self { directories: vec![directory], enforced: true, permissions: true }
    }

    /// The same, but libraries elsewhere are accepted with a warning, and whoever may write them.
    #[must_use]
    pub fn without_check(self) -> Self {
        Self { enforced: false, permissions: false, ..self }
    }

    /// The same, but libraries that others than the server's user and root may write are accepted, such as those in a folder
    /// where several people build.
    #[must_use]
    pub fn without_permission_check(self) -> Self {
        Self { permissions: false, ..self }
    }

    /// The rules by which `hooks` opens the libraries: those of the paths once more, for what links lead to.
    pub(crate) fn policy(&self) -> LibraryPolicy {
        let policy = LibraryPolicy::new().check_permissions(self.permissions);
        if self.enforced { policy.directories(&self.directories) } else { policy }
    }

    /// Whether libraries elsewhere are refused.
    pub fn is_enforced(&self) -> bool {
        self.enforced
    }

    /// The path of the library that the configuration in the directory `base` names so.
    pub(super) fn resolve(&self, text: &str, base: &Path) -> Result<PathBuf, String> {
        // `Path` takes "x/." for "x".
        let name = text.rsplit('/').next().unwrap_or_default();
        if text.trim().is_empty() || matches!(name, "" | "." | "..") {
            return Err(format!("\"{text}\" has no file name; expected the path of a shared library"));
        }
        if name == text {
            return Ok(self.find(name));
        }
        let path = base.join(text);
        let parent = path.parent().unwrap_or(Path::new("/"));
        if self.directories.iter().any(|directory| is_same(directory, parent)) {
            return Ok(path);
        }
        let directories = self.in_words();
        if self.enforced {
            return Err(format!(
                "\"{text}\" is not in the hooks directory, {directories}; put the library there, start the server with {}, \
                 or with -X (--no-path-check) to allow libraries elsewhere",
                Self::VARIABLE
            ));
        }
        tracing::warn!("the library {text:?} is not in the hooks directory, {directories}; the check of paths is off");
        Ok(path)
    }

    /// Where a library with this name is: in the first directory that has it.
    fn find(&self, name: &str) -> PathBuf {
        let candidates = || self.directories.iter().map(|directory| directory.join(name));
        let found = candidates().find(|path| path.exists()).or_else(|| candidates().next_back());
        found.unwrap_or_else(|| PathBuf::from(name))
    }

    fn in_words(&self) -> String {
        let directories: Vec<String> = self.directories.iter().map(|path| path.display().to_string()).collect();
        directories.join(" or ")
    }
}

fn beside_program() -> Vec<PathBuf> {
    let program = env::current_exe().ok();
    let directory = program.as_deref().and_then(Path::parent);
    directory.map_or_else(Vec::new, |directory| vec![directory.join("deps"), directory.to_owned()])
}

/// Whether two paths name one directory, whatever links lead there.
fn is_same(one: &Path, other: &Path) -> bool {
    let real = |path: &Path| -> io::Result<PathBuf> { fs::canonicalize(path).or_else(|_| std::path::absolute(path)) };
    real(one).ok().zip(real(other).ok()).is_some_and(|(one, other)| one == other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bare_name_is_in_the_hooks_directory() {
        let paths = LibraryPaths::of_directory("/nowhere/hooks");
        assert_eq!(paths.resolve("libx.so", Path::new("/etc")).unwrap(), Path::new("/nowhere/hooks/libx.so"));
        // The program of the test stands for a library beside the program.
        let program = env::current_exe().unwrap();
        let beside = LibraryPaths { directories: beside_program(), enforced: true, permissions: true };
        let found = |name: &str| beside.resolve(name, Path::new("/etc")).unwrap();
        assert_eq!(found(program.file_name().unwrap().to_str().unwrap()), program);
        assert_eq!(found("libthat_is_nowhere.so"), program.with_file_name("libthat_is_nowhere.so"));
    }

    #[test]
    fn only_the_hooks_directory_is_allowed() {
        let directory = tempfile::tempdir().unwrap();
        let (hooks, other) = (directory.path().join("hooks"), directory.path().join("other"));
        fs::create_dir(&hooks).unwrap();
        fs::create_dir(&other).unwrap();
        std::os::unix::fs::symlink(&hooks, directory.path().join("link")).unwrap();
        let paths = LibraryPaths::of_directory(&hooks);
        let base = directory.path();
        for good in ["hooks/x.so", "link/x.so", "other/../hooks/x.so", "./hooks//x.so"] {
            assert!(paths.resolve(good, base).is_ok(), "{good}");
        }
        assert_eq!(paths.resolve(hooks.join("x.so").to_str().unwrap(), Path::new("/")), Ok(hooks.join("x.so")));
        for bad in
            ["other/x.so", "./x.so", "hooks/../x.so", "hooks/deeper/x.so", "/x.so", "hooks/../nowhere/../hooks/x.so"]
        {
            let error = paths.resolve(bad, base).unwrap_err();
            assert!(error.contains(bad) && error.contains(hooks.to_str().unwrap()) && error.contains("-X"), "{error}");
            let path = paths.clone().without_check().resolve(bad, base).unwrap();
            assert_eq!(path, base.join(bad));
        }
    }

    #[test]
    fn a_path_needs_a_file_name() {
        let paths = LibraryPaths::of_directory("/hooks").without_check();
        for text in ["", " ", "/", "/hooks/", "/hooks/.", "/hooks/..", ".", ".."] {
            let error = paths.resolve(text, Path::new("/etc")).unwrap_err();
            assert!(error.contains(&format!("\"{text}\" has no file name")), "{error}");
        }
    }
}
