//! Reads the lease file while the server writes it, on its own: nothing here is the server's code.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{Read, Seek, SeekFrom},
    net::Ipv4Addr,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

use dhcp4_api::Lease;
use serde::Deserialize;

/// The leases by their addresses.
pub(crate) type Leases = BTreeMap<Ipv4Addr, Lease>;

/// One line of the lease file.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) enum Record {
    Put(Lease),
    Remove(Ipv4Addr),
}

impl Record {
    pub(crate) fn apply(&self, leases: &mut Leases) {
        match self {
            Self::Put(lease) => leases.insert(lease.address, lease.clone()),
            Self::Remove(address) => leases.remove(address),
        };
    }

    pub(crate) fn address(&self) -> Ipv4Addr {
        match self {
            Self::Put(lease) => lease.address,
            Self::Remove(address) => *address,
        }
    }
}

/// The lease file, and how far it has been read.
pub(crate) struct Journal {
    path: PathBuf,
    file: File,
    inode: u64,
    at: u64,
    /// How many times the server has put another file in its place.
    pub(crate) compactions: u64,
}

impl Journal {
    pub(crate) fn open(path: &Path) -> Self {
        let file = File::open(path).unwrap();
        let inode = file.metadata().unwrap().ino();
        Self { path: path.to_owned(), file, inode, at: 0, compactions: 0 }
    }

    /// What has been recorded since the last time, when the leases were these ones.
    pub(crate) fn read(&mut self, leases: &Leases) -> Result<Vec<Record>, String> {
        let mut records = self.read_on()?;
        let newest = std::fs::metadata(&self.path).map_err(|error| error.to_string())?.ino();
        if newest == self.inode {
            return Ok(records);
        }
        *self = Self { compactions: self.compactions + 1, ..Self::open(&self.path) };
        // The old file was complete when it was replaced: the new one begins with all its leases, and then goes on.
        let mut expected = leases.clone();
        records.iter().for_each(|record| record.apply(&mut expected));
        let mut written = self.read_on()?;
        let later = written.split_off(expected.len().min(written.len()));
        let mut compacted = Leases::new();
        written.iter().for_each(|record| record.apply(&mut compacted));
        if compacted != expected {
            return Err("the compacted file does not begin with the leases that the old one had".into());
        }
        records.extend(later);
        Ok(records)
    }

    fn read_on(&mut self) -> Result<Vec<Record>, String> {
        let mut lines = String::new();
        self.file.seek(SeekFrom::Start(self.at)).map_err(|error| error.to_string())?;
        self.at += self.file.read_to_string(&mut lines).map_err(|error| error.to_string())? as u64;
        if !lines.is_empty() && !lines.ends_with('\n') {
            return Err(format!("the last record is not complete: {lines}"));
        }
        lines.lines().map(parse).collect()
    }
}

fn parse(line: &str) -> Result<Record, String> {
    let (checksum, json) = line.split_once(' ').ok_or_else(|| format!("no record: {line}"))?;
    if u32::from_str_radix(checksum, 16) != Ok(crc32fast::hash(json.as_bytes())) {
        return Err(format!("wrong checksum: {line}"));
    }
    serde_json::from_str(json).map_err(|error| format!("{error}: {line}"))
}
