//! Makes room for a new file: the log becomes `log.1`, `log.1` becomes `log.2`, and so on.

use std::{
    ffi::OsString,
    fs, io,
    path::{Path, PathBuf},
};

/// When a new file begins and how many old ones are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rotation {
    /// No file gets longer.
    pub(crate) max_bytes: u64,
    /// How many old files are kept.
    pub(crate) keep: u32,
}

impl Rotation {
    /// Moves the log and the old files on; the oldest one goes if there are as many as are kept.
    ///
    /// Each step is a rename, so that a crash between two of them loses nothing: the gap is filled the next time.
    pub(crate) fn shift(&self, path: &Path) -> io::Result<()> {
        let gap = (1..self.keep).find(|number| !numbered(path, *number).exists()).unwrap_or(self.keep);
        for number in (1..gap).rev() {
            fs::rename(numbered(path, number), numbered(path, number + 1))?;
        }
        fs::rename(path, numbered(path, 1))
    }
}

/// The path of the old file with this number; 1 is the newest.
fn numbered(path: &Path, number: u32) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(format!(".{number}"));
    PathBuf::from(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contents(path: &Path) -> Vec<Option<String>> {
        (1..=4).map(|number| fs::read_to_string(numbered(path, number)).ok()).collect()
    }

    #[test]
    fn the_oldest_file_goes_and_gaps_are_filled() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("log");
        let rotation = Rotation { max_bytes: 4096, keep: 3 };
        let shift = |text: &str| {
            fs::write(&path, text).unwrap();
            rotation.shift(&path).unwrap();
            assert!(!path.exists());
            contents(&path)
        };
        let files = |texts: [Option<&str>; 4]| texts.map(|text| text.map(str::to_owned)).to_vec();
        assert_eq!(shift("a"), files([Some("a"), None, None, None]));
        assert_eq!(shift("b"), files([Some("b"), Some("a"), None, None]));
        assert_eq!(shift("c"), files([Some("c"), Some("b"), Some("a"), None]));
        assert_eq!(shift("d"), files([Some("d"), Some("c"), Some("b"), None]));
        fs::remove_file(numbered(&path, 1)).unwrap();
        assert_eq!(shift("e"), files([Some("e"), Some("c"), Some("b"), None]));
    }

    #[test]
    fn one_file_can_be_kept() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("log");
        for text in ["a", "b"] {
            fs::write(&path, text).unwrap();
            Rotation { max_bytes: 4096, keep: 1 }.shift(&path).unwrap();
        }
        assert_eq!(contents(&path), [Some("b".to_owned()), None, None, None]);
    }
}
