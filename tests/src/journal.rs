//! A file in which plugins write down when they are loaded, unloaded and dropped.

use std::fs;
use std::path::PathBuf;

use tempfile::TempDir;

/// A journal of its own for each test.
#[derive(Debug)]
pub struct Journal {
    directory: TempDir,
}

impl Journal {
    /// An empty journal.
    ///
    /// # Panics
    ///
    /// If no directory can be made for it.
    #[expect(clippy::new_without_default, reason = "it makes a directory")]
    pub fn new() -> Journal {
        Journal { directory: tempfile::tempdir().expect("a temporary directory") }
    }

    /// Where plugins write.
    pub fn path(&self) -> PathBuf {
        self.directory.path().join("journal")
    }

    /// A path beside the journal, for files that go with it.
    pub fn beside(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// What has been written since the last time.
    pub fn take(&self) -> Vec<String> {
        let text = fs::read_to_string(self.path()).unwrap_or_default();
        let _ = fs::remove_file(self.path());
        text.lines().map(str::to_owned).collect()
    }
}
