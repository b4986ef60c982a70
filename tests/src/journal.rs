//! A file in which plugins write down when they are loaded, unloaded and dropped.

use std::fs;
use std::path::PathBuf;
use std::sync::Mutex;

use tempfile::TempDir;

/// A journal of its own for each test.
#[derive(Debug)]
pub struct Journal {
    directory: TempDir,
    /// How many bytes have been taken. They stay in the file: what is removed could take along what was just written.
    taken: Mutex<usize>,
}

impl Journal {
    /// An empty journal.
    ///
    /// # Panics
    ///
    /// If no directory can be made for it.
    #[expect(clippy::new_without_default, reason = "it makes a directory")]
    pub fn new() -> Journal {
        Journal { directory: tempfile::tempdir().expect("a temporary directory"), taken: Mutex::new(0) }
    }

    /// Where plugins write.
    pub fn path(&self) -> PathBuf {
        self.directory.path().join("journal")
    }

    /// A path beside the journal, for files that go with it.
    pub fn beside(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// The lines that have been written since the last time.
    ///
    /// # Panics
    ///
    /// If another thread panicked while it was here.
    pub fn take(&self) -> Vec<String> {
        let mut taken = self.taken.lock().expect("nothing here panics");
        let text = fs::read_to_string(self.path()).unwrap_or_default();
        let new = &text[*taken..];
        let whole = new.rfind('\n').map_or(0, |end| end + 1);
        *taken += whole;
        new[..whole].lines().map(str::to_owned).collect()
    }
}
