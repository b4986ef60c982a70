//! The lease file: one line per change, appended.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, BufRead, BufReader, Write},
    path::{Path, PathBuf},
};

use thiserror::Error;

use super::record::Record;
use crate::config::Fsync;

/// Why leases cannot be read or recorded.
#[derive(Debug, Error)]
#[error("{}: {action}: {cause}", .path.display())]
pub struct FileError {
    path: PathBuf,
    action: &'static str,
    cause: io::Error,
}

/// The lease file, open for appending and locked against other servers.
#[derive(Debug)]
pub(super) struct LeaseFile {
    path: PathBuf,
    file: File,
    fsync: Fsync,
    /// Up to here the file holds whole records; what a failed write has left behind it is cut off.
    length: u64,
    records: usize,
    unsynced: bool,
    damaged: bool,
}

impl LeaseFile {
    /// Opens the file, creates it if there is none, and gives every change in it to `apply`.
    ///
    /// A line that is no record is reported and skipped. A last line without its end was never acknowledged to a client:
    /// it is cut off.
    pub(super) fn open(path: &Path, fsync: Fsync, mut apply: impl FnMut(Record)) -> Result<Self, FileError> {
        let fail = |action| move |cause| FileError { path: path.to_owned(), action, cause };
        let file = OpenOptions::new()
            .read(true)
            .append(true)
            .create(true)
            .open(path)
            .map_err(fail("cannot open the lease file; its directory must exist and be writable"))?;
        file.try_lock().map_err(|error| {
            fail("cannot lock the lease file; is another server using it?")(match error {
                fs::TryLockError::Error(cause) => cause,
                fs::TryLockError::WouldBlock => io::ErrorKind::WouldBlock.into(),
            })
        })?;
        let (mut length, mut records, mut number) = (0, 0, 0_u64);
        let mut reader = BufReader::new(&file);
        let mut line = Vec::new();
        loop {
            line.clear();
            let read = reader.read_until(b'\n', &mut line).map_err(fail("cannot read the lease file"))?;
            number += 1;
            if read == 0 {
                break;
            }
            if line.pop_if(|byte| *byte == b'\n').is_none() {
                tracing::warn!(file = %path.display(), line = number, "the last record is incomplete: cut off");
                break;
            }
            length += read as u64;
            records += 1;
            match Record::read(&line) {
                Ok(record) => apply(record),
                Err(error) => {
                    tracing::error!(file = %path.display(), line = number, "corrupt record skipped: {error}");
                }
            }
        }
        let action = "cannot cut off the incomplete last record";
        file.set_len(length).map_err(fail(action))?;
        sync_directory(path).map_err(fail("cannot make the lease file durable"))?;
        Ok(Self { path: path.to_owned(), file, fsync, length, records, unsynced: false, damaged: false })
    }

    /// How many records the file has.
    pub(super) fn records(&self) -> usize {
        self.records
    }

    /// Appends the records, all or none.
    pub(super) fn append(&mut self, records: &[Record]) -> Result<(), FileError> {
        let mut lines = Vec::with_capacity(256 * records.len());
        let written = records
            .iter()
            .try_for_each(|record| record.write(&mut lines).map_err(io::Error::from))
            .and_then(|()| self.cut_if_damaged())
            .and_then(|()| {
                self.damaged = true;
                self.file.write_all(&lines)
            })
            .and_then(|()| if self.fsync == Fsync::Always { self.file.sync_data() } else { Ok(()) });
        match written {
            Ok(()) => {
                self.damaged = false;
                self.length += lines.len() as u64;
                self.records += records.len();
                self.unsynced |= self.fsync == Fsync::Batch;
                Ok(())
            }
            Err(cause) => {
                // If this fails too, the next append tries again before it writes.
                let _ = self.cut_if_damaged();
                Err(self.error("cannot write to the lease file", cause))
            }
        }
    }

    /// Makes the records durable that were appended since the last time, if the policy is to do it in batches.
    pub(super) fn sync(&mut self) -> Result<(), FileError> {
        if self.unsynced {
            self.file.sync_data().map_err(|cause| self.error("cannot make the lease file durable", cause))?;
            self.unsynced = false;
        }
        Ok(())
    }

    /// Replaces the file by one that holds only these records.
    pub(super) fn compact(&mut self, records: impl Iterator<Item = Record>) -> Result<(), FileError> {
        let replace = || -> io::Result<(File, u64, usize)> {
            let mut temporary = self.path.clone().into_os_string();
            temporary.push(".compacting");
            let mut file = OpenOptions::new().append(true).create(true).open(&temporary)?;
            // The lock is taken before the file gets its name, so that no other server can come in between.
            file.try_lock()?;
            file.set_len(0)?;
            let (mut length, mut count, mut lines) = (0, 0, Vec::new());
            for record in records {
                record.write(&mut lines)?;
                count += 1;
                if lines.len() > 1 << 16 {
                    file.write_all(&lines)?;
                    length += lines.len() as u64;
                    lines.clear();
                }
            }
            file.write_all(&lines)?;
            length += lines.len() as u64;
            file.sync_all()?;
            fs::rename(&temporary, &self.path)?;
            sync_directory(&self.path)?;
            Ok((file, length, count))
        };
        let (file, length, records) = replace().map_err(|cause| self.error("cannot compact the lease file", cause))?;
        (self.file, self.length, self.records) = (file, length, records);
        (self.unsynced, self.damaged) = (false, false);
        Ok(())
    }

    fn cut_if_damaged(&mut self) -> io::Result<()> {
        if self.damaged {
            self.file.set_len(self.length)?;
            self.damaged = false;
        }
        Ok(())
    }

    fn error(&self, action: &'static str, cause: io::Error) -> FileError {
        FileError { path: self.path.clone(), action, cause }
    }
}

#[cfg(test)]
impl LeaseFile {
    /// A file to which nothing can be written, where the system has such a device.
    pub(super) fn on_a_full_disk() -> Option<Self> {
        Self::on_device("/dev/full", Path::new("/dev/full"), Fsync::Never)
    }

    /// A file of this name that really is a device that cannot be made durable, where the system has one.
    pub(super) fn that_cannot_be_synced(path: &Path) -> Option<Self> {
        Self::on_device("/dev/null", path, Fsync::Batch)
    }

    fn on_device(device: &str, path: &Path, fsync: Fsync) -> Option<Self> {
        let file = OpenOptions::new().append(true).open(device).ok()?;
        let path = path.to_owned();
        Some(Self { path, file, fsync, length: 0, records: 0, unsynced: false, damaged: false })
    }
}

/// Makes the name of the file durable.
fn sync_directory(path: &Path) -> io::Result<()> {
    let directory = path.parent().filter(|directory| !directory.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(directory)?.sync_all()
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    fn remove(last: u8) -> Record {
        Record::Remove(Ipv4Addr::new(192, 0, 2, last))
    }

    fn read(path: &Path) -> Vec<Record> {
        let mut records = Vec::new();
        LeaseFile::open(path, Fsync::Never, |record| records.push(record)).unwrap();
        records
    }

    #[test]
    fn records_come_back_and_a_torn_one_is_cut_off() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("leases");
        let mut file = LeaseFile::open(&path, Fsync::Always, |_| panic!("a new file has no records")).unwrap();
        file.append(&[remove(1), remove(2)]).unwrap();
        file.append(&[remove(3)]).unwrap();
        assert_eq!(file.records(), 3);
        drop(file);
        let whole = fs::read(&path).unwrap();
        let last = whole.len() / 3 * 2;
        for cut in last..whole.len() {
            fs::write(&path, &whole[..cut]).unwrap();
            assert_eq!(read(&path), [remove(1), remove(2)]);
            assert_eq!(fs::read(&path).unwrap(), whole[..last], "cut at {cut}");
        }
    }

    #[test]
    fn a_corrupt_record_in_the_middle_is_skipped_and_kept() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("leases");
        let mut file = LeaseFile::open(&path, Fsync::Batch, |_| {}).unwrap();
        file.append(&[remove(1), remove(2), remove(3)]).unwrap();
        file.sync().unwrap();
        drop(file);
        let mut bytes = fs::read(&path).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] = b'?';
        fs::write(&path, &bytes).unwrap();
        assert_eq!(read(&path), [remove(1), remove(3)]);
        assert_eq!(fs::read(&path).unwrap(), bytes);
    }

    #[test]
    fn compaction_replaces_the_file_and_appending_goes_on() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("leases");
        let mut file = LeaseFile::open(&path, Fsync::Batch, |_| {}).unwrap();
        file.append(&vec![remove(1); 5000]).unwrap();
        file.compact((0..200).map(|_| remove(2))).unwrap();
        file.append(&[remove(3)]).unwrap();
        assert_eq!(file.records(), 201);
        drop(file);
        let records = read(&path);
        assert_eq!((records.len(), &records[0], &records[200]), (201, &remove(2), &remove(3)));
    }

    #[test]
    fn two_servers_cannot_use_one_file() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("leases");
        let mut first = LeaseFile::open(&path, Fsync::Never, |_| {}).unwrap();
        let second = || LeaseFile::open(&path, Fsync::Never, |_| {}).unwrap_err().to_string();
        assert!(second().contains("another server"));
        first.compact(std::iter::empty()).unwrap();
        assert!(second().contains("another server"));
    }

    #[test]
    fn a_failed_write_leaves_no_half_record() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("leases");
        let mut file = LeaseFile::open(&path, Fsync::Never, |_| {}).unwrap();
        file.append(&[remove(1)]).unwrap();
        // Stands for a write that stopped in the middle: part of a line is there, and the file knows of the failure.
        file.file.write_all(b"0123").unwrap();
        file.damaged = true;
        file.append(&[remove(2)]).unwrap();
        drop(file);
        assert_eq!(read(&path), [remove(1), remove(2)]);
        if let Some(mut file) = LeaseFile::on_a_full_disk() {
            assert!(file.append(&[remove(1)]).unwrap_err().to_string().contains("cannot write"));
            assert_eq!(file.records(), 0);
        }
    }
}
