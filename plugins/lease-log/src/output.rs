//! The file of the log.

use std::{
    fs::{self, File, Metadata, OpenOptions},
    io::{self, Read, Seek, SeekFrom, Write},
    os::unix::fs::{MetadataExt, OpenOptionsExt},
    path::PathBuf,
};

use crate::rotation::Rotation;

/// Who may read the log: it says who was where when.
const MODE: u32 = 0o640;

/// Where lines go.
pub(crate) trait Output: Send + 'static {
    /// Gets ready for a line of this many octets; gives back what went wrong if the line can be written all the same.
    fn begin(&mut self, length: u64) -> io::Result<Option<io::Error>>;

    /// Goes on with a new file, if there is something in this one; gives back what went wrong if the file stays in use.
    fn rotate(&mut self) -> io::Result<Option<io::Error>>;

    /// Writes some of the octets and tells how many.
    fn write(&mut self, octets: &[u8]) -> io::Result<usize>;

    /// Makes what was written durable.
    fn sync(&mut self) -> io::Result<()>;
}

/// The file of the log, to which only is appended.
#[derive(Debug)]
pub(crate) struct LogFile {
    path: PathBuf,
    rotation: Option<Rotation>,
    file: File,
    length: u64,
}

impl LogFile {
    /// Opens the file, and makes it if it is not there.
    pub(crate) fn open(path: PathBuf, rotation: Option<Rotation>) -> io::Result<Self> {
        let file = open(&path)?;
        let length = file.metadata()?.len();
        Ok(Self { path, rotation, file, length })
    }

    /// Goes on with the file that the path now leads to, if somebody has moved or removed the one that is open.
    fn follow(&mut self) -> io::Result<()> {
        let identity = |metadata: Metadata| (metadata.dev(), metadata.ino());
        let open = identity(self.file.metadata()?);
        match fs::metadata(&self.path).map(identity) {
            Ok(there) if there == open => Ok(()),
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => self.reopen(),
        }
    }

    fn shift(&mut self, rotation: Rotation) -> io::Result<Option<io::Error>> {
        match self.file.sync_data().and_then(|()| rotation.shift(&self.path)) {
            Ok(()) => self.reopen().map(|()| None),
            Err(error) => Ok(Some(error)),
        }
    }

    fn reopen(&mut self) -> io::Result<()> {
        let file = open(&self.path)?;
        self.length = file.metadata()?.len();
        self.file = file;
        Ok(())
    }
}

impl Output for LogFile {
    fn begin(&mut self, length: u64) -> io::Result<Option<io::Error>> {
        self.follow()?;
        match self.rotation {
            Some(rotation) if self.length > 0 && self.length + length > rotation.max_bytes => self.shift(rotation),
            _ => Ok(None),
        }
    }

    fn rotate(&mut self) -> io::Result<Option<io::Error>> {
        self.follow()?;
        match self.rotation {
            Some(rotation) if self.length > 0 => self.shift(rotation),
            _ => Ok(None),
        }
    }

    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        let written = self.file.write(octets)?;
        self.length += written as u64;
        Ok(written)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.file.sync_data()
    }
}

/// Opens the file for appending, and ends a last line that a crash has cut.
fn open(path: &PathBuf) -> io::Result<File> {
    // Opening a pipe would wait for its reader.
    if fs::metadata(path).is_ok_and(|metadata| !metadata.is_file()) {
        return Err(io::Error::other("there is something else than a file"));
    }
    let mut file = OpenOptions::new().read(true).append(true).create(true).mode(MODE).open(path)?;
    let mut last = [b'\n'];
    if file.metadata()?.len() > 0 {
        file.seek(SeekFrom::End(-1))?;
        file.read_exact(&mut last)?;
    }
    if last != [b'\n'] {
        file.write_all(b"\n")?;
    }
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn append(file: &mut LogFile, line: &str) {
        assert!(file.begin(line.len() as u64).unwrap().is_none());
        assert_eq!(file.write(line.as_bytes()).unwrap(), line.len());
    }

    #[test]
    fn lines_are_appended_and_a_cut_one_is_ended() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("log");
        append(&mut LogFile::open(path.clone(), None).unwrap(), "a\n");
        append(&mut LogFile::open(path.clone(), None).unwrap(), "b\ncut");
        append(&mut LogFile::open(path.clone(), None).unwrap(), "c\n");
        assert_eq!(fs::read_to_string(&path).unwrap(), "a\nb\ncut\nc\n");
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o007, 0);
    }

    #[test]
    fn no_file_gets_too_long() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("log");
        let rotation = Some(Rotation { max_bytes: 4, keep: 2 });
        let mut file = LogFile::open(path.clone(), rotation).unwrap();
        for line in ["a\n", "b\n", "c\n", "longer\n", "d\n"] {
            append(&mut file, line);
        }
        let old = |number: u32| fs::read_to_string(directory.path().join(format!("log.{number}"))).ok();
        assert_eq!(fs::read_to_string(&path).unwrap(), "d\n");
        assert_eq!((old(1).as_deref(), old(2).as_deref(), old(3)), (Some("longer\n"), Some("c\n"), None));
        // The length of a file that was there before counts.
        let mut file = LogFile::open(path.clone(), rotation).unwrap();
        append(&mut file, "efg\n");
        assert_eq!(old(1).as_deref(), Some("d\n"));
    }

    #[test]
    fn a_new_file_begins_on_demand() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("log");
        let mut file = LogFile::open(path.clone(), Some(Rotation { max_bytes: 100, keep: 2 })).unwrap();
        append(&mut file, "a\n");
        for _ in 0..3 {
            assert!(file.rotate().unwrap().is_none());
        }
        append(&mut file, "b\n");
        let old = |number: u32| fs::read_to_string(directory.path().join(format!("log.{number}"))).ok();
        assert_eq!(fs::read_to_string(&path).unwrap(), "b\n");
        assert_eq!((old(1).as_deref(), old(2)), (Some("a\n"), None), "an empty file is no old one");
    }

    #[test]
    fn a_file_that_was_moved_away_is_followed_by_a_new_one() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("log");
        let mut file = LogFile::open(path.clone(), None).unwrap();
        append(&mut file, "a\n");
        fs::rename(&path, directory.path().join("moved")).unwrap();
        append(&mut file, "b\n");
        fs::remove_file(&path).unwrap();
        append(&mut file, "c\n");
        assert_eq!(fs::read_to_string(directory.path().join("moved")).unwrap(), "a\n");
        assert_eq!(fs::read_to_string(&path).unwrap(), "c\n");
    }

    #[test]
    fn a_failed_rotation_leaves_the_open_file_in_use() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("log");
        let mut file = LogFile::open(path.clone(), Some(Rotation { max_bytes: 4, keep: 1 })).unwrap();
        append(&mut file, "abc\n");
        // A directory with something in it cannot be replaced by a file.
        fs::create_dir_all(directory.path().join("log.1/x")).unwrap();
        assert!(file.begin(2).unwrap().is_some());
        assert_eq!(file.write(b"d\n").unwrap(), 2);
        assert_eq!(fs::read_to_string(&path).unwrap(), "abc\nd\n");
    }

    #[test]
    fn nothing_is_written_to_a_file_that_is_gone() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("sub/log");
        fs::create_dir(directory.path().join("sub")).unwrap();
        let mut file = LogFile::open(path.clone(), None).unwrap();
        fs::remove_dir_all(directory.path().join("sub")).unwrap();
        assert!(file.begin(2).is_err());
        fs::create_dir(directory.path().join("sub")).unwrap();
        append(&mut file, "a\n");
        assert_eq!(fs::read_to_string(&path).unwrap(), "a\n");
    }

    #[test]
    fn what_is_no_file_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        assert!(LogFile::open(directory.path().to_owned(), None).is_err());
        assert!(LogFile::open("/dev/null".into(), None).is_err());
        assert!(LogFile::open(directory.path().join("missing/log"), None).is_err());
    }
}
