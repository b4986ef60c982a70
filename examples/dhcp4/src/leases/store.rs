//! The leases in memory and in the lease file.

use std::{collections::BTreeSet, net::Ipv4Addr};

use dhcp4_api::{Lease, LeaseState};

use super::{
    ByAddress,
    clients::{Client, ClientIndex},
    file::{FileError, LeaseFile},
    record::Record,
};
use crate::config::LeaseDatabase;

/// The file is compacted when it has this many records more than twice the number of leases.
const SLACK: usize = 1000;

/// All leases, found by address, by client and by the time at which something must be done about them.
#[derive(Debug, Default)]
pub struct LeaseStore {
    leases: ByAddress<Lease>,
    clients: ClientIndex,
    deadlines: BTreeSet<(u64, Ipv4Addr)>,
    /// A time later than that which follows from the lease, where the server has put a decision off.
    postponed: ByAddress<u64>,
    hold_reclaimed_time: u32,
    file: Option<LeaseFile>,
    /// A compaction that has failed is not tried again before the file has this many records.
    compact_at: usize,
    /// After a failed sync the system may have dropped records that it had not written: only a new file is trusted.
    suspect: bool,
}

impl LeaseStore {
    /// The leases of the file, or no leases if they are kept in memory only.
    pub fn open(database: &LeaseDatabase) -> Result<Self, FileError> {
        let mut store = Self::default();
        if let Some(path) = &database.file {
            let file = LeaseFile::open(path, database.fsync, |record| store.apply(record))?;
            store.file = Some(file);
            store.compact_if_grown()?;
        }
        Ok(store)
    }

    /// How many leases there are.
    pub fn len(&self) -> usize {
        self.leases.len()
    }

    /// Whether there are no leases.
    pub fn is_empty(&self) -> bool {
        self.leases.is_empty()
    }

    /// All leases, in no order.
    pub fn iter(&self) -> impl Iterator<Item = &Lease> {
        self.leases.values()
    }

    /// The lease of the address.
    pub fn get(&self, address: Ipv4Addr) -> Option<&Lease> {
        self.leases.get(&address)
    }

    /// The lease of the client in the subnet.
    pub fn find(&self, subnet_id: u32, client: &Client) -> Option<&Lease> {
        self.leases.get(&self.clients.find(subnet_id, client)?)
    }

    /// The lease about which something must be done first, and when.
    pub(super) fn first_deadline(&self) -> Option<(u64, Ipv4Addr)> {
        self.deadlines.first().copied()
    }

    /// Records the changes and then makes them; on an error nothing has changed.
    pub(super) fn change(&mut self, put: &[Lease], remove: &[Ipv4Addr]) -> Result<(), FileError> {
        let records: Vec<Record> =
            remove.iter().map(|address| Record::Remove(*address)).chain(put.iter().cloned().map(Record::Put)).collect();
        if let Some(file) = &mut self.file {
            file.append(&records)?;
        }
        records.into_iter().for_each(|record| self.apply(record));
        // The changes are recorded; a compaction that fails loses nothing and is tried again later.
        if let Err(error) = self.compact_if_grown() {
            tracing::error!("{error}");
        }
        Ok(())
    }

    /// Puts the deadline of a lease off until `time`.
    pub(super) fn postpone(&mut self, address: Ipv4Addr, time: u64) {
        if let Some(before) = self.leases.get(&address).map(|lease| self.deadline(lease)) {
            self.deadlines.remove(&(before, address));
            self.postponed.insert(address, time);
            self.deadlines.insert((time, address));
        }
    }

    /// Keeps reclaimed leases for another number of seconds from now on.
    pub(super) fn set_hold_reclaimed_time(&mut self, seconds: u32) {
        self.hold_reclaimed_time = seconds;
        self.deadlines = self.leases.values().map(|lease| (self.deadline(lease), lease.address)).collect();
    }

    /// Makes what was recorded durable, as far as the policy asks for it.
    pub fn sync(&mut self) -> Result<(), FileError> {
        if self.suspect {
            self.compact()?;
            self.suspect = false;
        }
        let synced = self.file.as_mut().map_or(Ok(()), LeaseFile::sync);
        self.suspect = synced.is_err();
        synced
    }

    fn deadline(&self, lease: &Lease) -> u64 {
        if let Some(time) = self.postponed.get(&lease.address) {
            return *time;
        }
        match lease.state {
            LeaseState::Default | LeaseState::Declined => lease.expires(),
            LeaseState::ExpiredReclaimed => lease.expires().saturating_add(u64::from(self.hold_reclaimed_time)),
        }
    }

    fn apply(&mut self, record: Record) {
        let (address, lease) = match record {
            Record::Put(lease) => (lease.address, Some(lease)),
            Record::Remove(address) => (address, None),
        };
        if let Some(old) = self.leases.remove(&address) {
            self.deadlines.remove(&(self.deadline(&old), address));
            self.clients.remove(&old);
            self.postponed.remove(&address);
        }
        if let Some(lease) = lease {
            self.deadlines.insert((self.deadline(&lease), address));
            self.clients.insert(&lease);
            self.leases.insert(address, lease);
        }
    }

    fn compact_if_grown(&mut self) -> Result<(), FileError> {
        let records = self.file.as_ref().map_or(0, LeaseFile::records);
        if records <= self.compact_at.max(2 * self.leases.len() + SLACK) {
            return Ok(());
        }
        let compacted = self.compact();
        self.compact_at = if compacted.is_ok() { 0 } else { records + SLACK };
        compacted
    }

    fn compact(&mut self) -> Result<(), FileError> {
        let records = self.leases.values().cloned().map(Record::Put);
        self.file.as_mut().map_or(Ok(()), |file| file.compact(records))
    }
}

#[cfg(test)]
impl LeaseStore {
    /// No leases, and a file to which nothing can be written, where the system has such a device.
    pub(crate) fn on_a_full_disk() -> Option<Self> {
        Some(Self { file: Some(LeaseFile::on_a_full_disk()?), ..Self::default() })
    }
}

#[cfg(test)]
mod tests {
    use dhcp4_api::MacAddr;

    use super::*;
    use crate::config::Fsync;

    fn lease(number: u8) -> Lease {
        Lease {
            address: Ipv4Addr::new(192, 0, 2, number),
            hwaddr: MacAddr::from([2, 0, 0, 0, 0, number]),
            client_id: Some(vec![number % 5]),
            valid_lifetime: 10,
            cltt: u64::from(number),
            subnet_id: 1,
            state: LeaseState::Default,
            hostname: String::new(),
        }
    }

    fn sorted(store: &LeaseStore) -> Vec<Lease> {
        let mut leases: Vec<Lease> = store.iter().cloned().collect();
        leases.sort_by_key(|lease| lease.address);
        leases
    }

    #[test]
    fn what_was_changed_is_there_after_the_next_start_and_the_file_stays_small() {
        let directory = tempfile::tempdir().unwrap();
        let database = LeaseDatabase { file: Some(directory.path().join("leases")), fsync: Fsync::Never };
        let mut store = LeaseStore::open(&database).unwrap();
        for round in 0..3000_u32 {
            let number = (round % 200) as u8;
            store.change(&[lease(number)], &[Ipv4Addr::new(192, 0, 2, number.wrapping_sub(9) % 200)]).unwrap();
        }
        assert!(store.file.as_ref().unwrap().records() <= 2 * store.len() + SLACK);
        let (before, deadlines) = (sorted(&store), store.deadlines.clone());
        assert_eq!(deadlines.len(), before.len());
        drop(store);
        let store = LeaseStore::open(&database).unwrap();
        assert_eq!((sorted(&store), &store.deadlines), (before, &deadlines));
    }

    #[test]
    fn after_a_failed_sync_the_file_is_written_anew() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("leases");
        // Writing to this device succeeds and making it durable does not.
        let Some(file) = LeaseFile::that_cannot_be_synced(&path) else { return };
        let mut store = LeaseStore { file: Some(file), ..LeaseStore::default() };
        store.change(&[lease(1)], &[]).unwrap();
        assert!(store.sync().is_err());
        assert!(!path.exists());
        store.sync().unwrap();
        drop(store);
        let store = LeaseStore::open(&LeaseDatabase { file: Some(path), fsync: Fsync::Batch }).unwrap();
        assert_eq!(sorted(&store), [lease(1)]);
    }
}
