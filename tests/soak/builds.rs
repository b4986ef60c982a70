//! Builds of the library, each with other bytes that say which one it is, and files that cannot be loaded.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use hooks_tests::library_path;
use tempfile::TempDir;

/// The libraries of a set.
pub(crate) const LIBRARIES: usize = 3;
/// The builds of each of them.
const EACH: usize = 8;
/// What stands before the number of a build.
const MARK: &[u8] = b"stamping build ";

/// The files of the soak.
pub(crate) struct Builds {
    folder: TempDir,
    /// The content of each build by its number; those of one library have the same remainder.
    contents: Vec<Vec<u8>>,
}

impl Builds {
    /// Writes them all.
    pub(crate) fn new() -> Builds {
        let folder = tempfile::tempdir().expect("a temporary directory");
        let bytes = without_debug_information(&library_path("stamping"), &folder.path().join("stripped.so"));
        let found = bytes.windows(MARK.len()).position(|window| window == MARK).expect("a library with its number");
        let digits = found + MARK.len()..found + MARK.len() + 3;
        let build = |number: usize| {
            let mut bytes = bytes.clone();
            bytes.splice(digits.clone(), format!("{number:03}").into_bytes());
            bytes
        };
        let builds = Builds { contents: (0..LIBRARIES * EACH).map(build).collect(), folder };
        for (number, content) in builds.contents.iter().enumerate() {
            fs::write(builds.path(number), content).expect("the build can be written");
        }
        fs::write(builds.truncated(), &bytes[..bytes.len() / 2]).expect("the file can be written");
        fs::write(builds.text(), "no library").expect("the file can be written");
        fs::create_dir(builds.staging()).expect("a folder can be made");
        builds
    }

    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        self.contents.len()
    }

    /// Another build of the same library.
    pub(crate) fn other(&self, build: usize, random: &mut fastrand::Rng) -> usize {
        (build + LIBRARIES * random.usize(1..EACH)) % self.count()
    }

    /// The file with this build.
    pub(crate) fn path(&self, build: usize) -> PathBuf {
        self.folder.path().join(format!("libsoak_{build}.so"))
    }

    /// The file that has the builds of the library one after the other, now this one: another file of the same name.
    pub(crate) fn renamed(&self, build: usize) -> PathBuf {
        let (path, new) = (self.current(build), self.folder.path().join("new.so"));
        fs::write(&new, &self.contents[build]).expect("the file can be written");
        fs::rename(new, &path).expect("the file can be renamed");
        path
    }

    /// The same, but other content in the same file.
    pub(crate) fn overwritten(&self, build: usize) -> PathBuf {
        let path = self.current(build);
        fs::write(&path, &self.contents[build]).expect("the file can be written");
        path
    }

    fn current(&self, build: usize) -> PathBuf {
        self.folder.path().join(format!("libsoak_current_{}.so", build % LIBRARIES))
    }

    /// Where private copies are made, and removed.
    pub(crate) fn staging(&self) -> PathBuf {
        self.folder.path().join("staging")
    }

    pub(crate) fn truncated(&self) -> PathBuf {
        self.folder.path().join("libsoak_truncated.so")
    }

    pub(crate) fn text(&self) -> PathBuf {
        self.folder.path().join("libsoak_text.so")
    }

    pub(crate) fn missing(&self) -> PathBuf {
        self.folder.path().join("libsoak_missing.so")
    }
}

/// The library, if `strip` is there without what is only for debuggers: ten times smaller, and so are the times to read it.
fn without_debug_information(library: &Path, copy: &Path) -> Vec<u8> {
    let stripped = Command::new("strip").arg("--strip-debug").arg("-o").arg(copy).arg(library).status();
    let path = if stripped.is_ok_and(|status| status.success()) { copy } else { library };
    fs::read(path).expect("the library is there")
}
