//! The chains of callouts that a generation's requests see. They are replaced one by one while the generation is in use:
//! a running call finishes on the chain that it began with.
#![expect(unsafe_code, reason = "reads snapshots, and keeps the addresses of plugins' states")]

use std::ffi::c_void;
use std::fmt;
use std::iter;
use std::ptr;
use std::sync::atomic::AtomicPtr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Instant;

use crate::abi::callout::Thunk;
use crate::abi::calls::{CallEntry, CallTable};
use crate::abi::counted::Counted;
use crate::abi::info::PointInfo;
use crate::callout_info::CalloutInfo;
use crate::failure::{Attached, CalloutStatistics};
use crate::host;
use crate::registrations::Registrations;
use crate::registry;
use crate::snapshot::{Replaced, Snapshot};

/// The callouts of all hook points, in the order of their owners: the component's first ones, the libraries, its last ones.
pub(crate) struct Chains {
    table: Snapshot<Table>,
    owners: Vec<Arc<Registrations>>,
    writer: Mutex<Writer>,
    renew: Weak<dyn Renew>,
}

/// What only writers touch: tables that requests may still read.
#[derive(Debug, Default)]
struct Writer {
    /// Those that were replaced since the generation has its number.
    fresh: Vec<Replaced<Table>>,
    /// Those that requests with this number or an older one may read.
    waiting: Vec<(usize, Vec<Replaced<Table>>)>,
}

/// So many replaced tables are kept before the generation gets another number, by which its older requests can be told.
const FRESH_LIMIT: usize = 64;

/// Gives a generation another number; what a `Hooks` does.
pub(crate) trait Renew: Send + Sync {
    /// Replaced tables of `chains` have piled up.
    fn renew(&self, chains: &Chains);
}

impl fmt::Debug for Chains {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Chains").field("owners", &self.owners).finish_non_exhaustive()
    }
}

/// The chains by the indexes of their hook points; shorter than the registry if hook points came later.
///
/// It begins with what calls look into. Both vectors stay as they are, since the first part points into them.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct Table {
    calls: CallTable,
    _entries: Vec<CallEntry>,
    chains: Vec<Option<Chain>>,
}

// SAFETY: the entries point to what the chains keep, and take it by shared reference.
unsafe impl Send for Table {}
// SAFETY: as for `Send`.
unsafe impl Sync for Table {}

/// The callouts of one hook point, in the order in which they are called; never empty.
#[derive(Clone, Debug)]
pub(crate) struct Chain {
    pub(crate) index: u32,
    pub(crate) point: Arc<PointInfo>,
    pub(crate) links: Arc<[Link]>,
    /// Whether none of them can reach the handle of the call.
    pub(crate) is_plain: bool,
    /// What is called of each link, close together.
    pub(crate) calls: Arc<[CallEntry]>,
}

/// What an owner has at one hook point from now on.
#[derive(Debug)]
pub(crate) struct Change<'a> {
    pub(crate) index: u32,
    pub(crate) point: &'a Arc<PointInfo>,
    pub(crate) links: Vec<Link>,
}

/// One attached callout.
#[derive(Clone, Debug)]
pub(crate) struct Link {
    pub(crate) thunk: Thunk,
    /// Whether it cannot reach the handle of the call.
    pub(crate) is_plain: bool,
    /// What the thunk takes: the state of the plugin, or the closure.
    pub(crate) state: *const c_void,
    /// Its names, and what has been seen of it.
    pub(crate) attached: Arc<Attached>,
    /// Keeps the closure; nothing reads it. It goes before the owner, who keeps its code.
    pub(crate) _closure: Option<Counted>,
    /// Who registered it.
    pub(crate) owner: Arc<Registrations>,
}

impl Link {
    pub(crate) fn info(&self) -> &CalloutInfo {
        &self.attached.info
    }
}

// SAFETY: the state is that of a `Plugin`, which is `Send + Sync`, or a closure that is; the thunk takes it by shared reference.
unsafe impl Send for Link {}
// SAFETY: as for `Send`.
unsafe impl Sync for Link {}
// SAFETY: its links have what its calls have.
unsafe impl Send for Chain {}
// SAFETY: as for `Send`.
unsafe impl Sync for Chain {}

impl Chain {
    fn new(index: u32, point: &Arc<PointInfo>, links: Vec<Link>) -> Chain {
        let calls = links.iter().map(|link| CallEntry { thunk: link.thunk, state: link.state }).collect();
        let is_plain = links.iter().all(|link| link.is_plain);
        Chain { index, point: Arc::clone(point), links: links.into(), is_plain, calls }
    }

    /// What calls of this hook point call: the only callout itself if it needs nothing but its arguments.
    fn entry(&self) -> CallEntry {
        let whole = |thunk| CallEntry { thunk, state: ptr::from_ref(self).cast() };
        match &*self.links {
            [link] if link.is_plain => CallEntry { thunk: link.thunk, state: link.state },
            links if self.is_plain => whole(host::call_plain(links.len())),
            _ => whole(host::call_all),
        }
    }
}

impl Table {
    fn new(chains: Vec<Option<Chain>>) -> Table {
        let none = CallEntry { thunk: host::call_none, state: ptr::null() };
        let entries = chains.iter().map(|chain| chain.as_ref().map_or(none, Chain::entry));
        let entries: Vec<_> = iter::once(none).chain(entries).collect();
        let calls = CallTable { length: entries.len(), entries: entries.as_ptr() };
        Table { calls, _entries: entries, chains }
    }

    /// The table whose beginning `calls` is.
    ///
    /// # Safety
    ///
    /// `calls` must have come from [`Chains::calls`], and the table must not have been reclaimed.
    pub(crate) unsafe fn of<'a>(calls: *const CallTable) -> &'a Table {
        // SAFETY: the caller's promise; a table begins with this field.
        unsafe { &*calls.cast() }
    }

    /// The chain of the hook point `index`, if it has callouts.
    #[inline(always)]
    pub(crate) fn chain(&self, index: u32) -> Option<&Chain> {
        self.chains.get(index as usize)?.as_ref()
    }

    fn attached(&self) -> impl Iterator<Item = u32> + '_ {
        self.chains.iter().enumerate().filter(|(_, chain)| chain.is_some()).map(|(index, _)| index as u32)
    }
}

impl Chains {
    /// The chains of what `owners` have registered, in this order; what they register later is added.
    pub(crate) fn new(owners: Vec<Arc<Registrations>>, renew: Weak<dyn Renew>) -> Arc<Chains> {
        let (table, writer) = (Snapshot::new(Table::new(Vec::new())), Mutex::new(Writer::default()));
        let chains = Arc::new(Chains { table, owners, writer, renew });
        for owner in &chains.owners {
            owner.join(&chains);
        }
        chains
    }

    /// The chains as they are now; of use until the generation ends.
    #[inline(always)]
    pub(crate) fn table(&self) -> &Table {
        // SAFETY: replaced tables are kept as long as `self`, or until all requests that may have found them are gone.
        unsafe { self.table.load() }
    }

    /// Where calls find the table, as it is then.
    pub(crate) fn calls(&self) -> *const AtomicPtr<CallTable> {
        // A table begins with what calls look into, and loom's atomics are in no handle.
        ptr::from_ref(self.table.current()).cast()
    }

    /// Puts the links of `changes` in the place of what `owner` has at their hook points. The owner's lock is held, so that its
    /// changes arrive in order.
    pub(crate) fn replace(&self, owner: &Arc<Registrations>, changes: Vec<Change<'_>>) {
        let Some(rank) = self.rank(owner).filter(|_| !changes.is_empty()) else { return };
        let mut writer = self.lock();
        let old = self.table();
        let mut new = old.chains.clone();
        for Change { index, point, links } in changes {
            let others = old.chain(index).map_or(&[][..], |chain| &chain.links);
            let is_before = |link: &&Link| self.rank(&link.owner).is_some_and(|other| other < rank);
            let is_after = |link: &&Link| self.rank(&link.owner).is_some_and(|other| other > rank);
            let before = others.iter().filter(is_before).cloned();
            let after = others.iter().filter(is_after).cloned();
            let links: Vec<_> = before.chain(links).chain(after).collect();
            if new.len() <= index as usize {
                new.resize(index as usize + 1, None);
            }
            new[index as usize] = (!links.is_empty()).then(|| Chain::new(index, point, links));
        }
        let new = Table::new(new);
        let begun: Vec<_> = new.attached().filter(|index| old.chain(*index).is_none()).collect();
        let ended: Vec<_> = old.attached().filter(|index| new.chain(*index).is_none()).collect();
        // Before they are there: whoever finds a callout must not find its hook point idle.
        registry::lock().attach(begun.into_iter());
        writer.fresh.push(self.table.replace(new));
        registry::lock().detach(ended.into_iter());
    }

    /// Asks for another number if replaced tables have piled up. No lock is held.
    pub(crate) fn tidy(&self) {
        let piled_up = self.lock().fresh.len() > FRESH_LIMIT;
        if piled_up && let Some(hooks) = self.renew.upgrade() {
            hooks.renew(self);
        }
    }

    /// Whether there are replaced tables.
    pub(crate) fn has_replaced(&self) -> bool {
        let writer = self.lock();
        !writer.fresh.is_empty() || !writer.waiting.is_empty()
    }

    /// From now on the tables that have been replaced wait for the requests with `number` and older ones. The caller publishes
    /// another number afterwards: whoever gets that finds none of them.
    pub(crate) fn wait_for(&self, number: usize) {
        let mut writer = self.lock();
        let fresh = std::mem::take(&mut writer.fresh);
        writer.waiting.push((number, fresh));
    }

    /// Drops the tables that only requests with a number below `oldest` could read.
    ///
    /// # Safety
    ///
    /// All requests with such numbers must be gone, and what they did must have happened before.
    pub(crate) unsafe fn reclaim(&self, oldest: usize) {
        let free: Vec<_> = self.lock().waiting.extract_if(.., |(number, _)| *number < oldest).collect();
        for table in free.into_iter().flat_map(|(_, tables)| tables) {
            // SAFETY: the caller's promise. No lock is held: with a table closures may go.
            unsafe { table.reclaim() };
        }
    }

    fn rank(&self, owner: &Arc<Registrations>) -> Option<usize> {
        self.owners.iter().position(|other| Arc::ptr_eq(other, owner))
    }

    /// Whether the hook point `index` has callouts.
    pub(crate) fn has_callouts(&self, index: u32) -> bool {
        self.table().chain(index).is_some()
    }

    /// All attached callouts, by hook point and in the order of calls.
    pub(crate) fn callouts(&self) -> Vec<CalloutInfo> {
        let _writer = self.lock();
        let chains = self.table().chains.iter().flatten();
        chains.flat_map(|chain| chain.links.iter().map(|link| link.info().clone())).collect()
    }

    /// What has been counted of all callouts, by hook point and in the order of calls; also of those that are disabled.
    pub(crate) fn statistics(&self, now: Instant) -> Vec<CalloutStatistics> {
        let mut all: Vec<_> = self.owners.iter().flat_map(|owner| owner.statistics(now)).collect();
        // The sort is stable.
        all.sort_by_key(|(index, _)| *index);
        all.into_iter().map(|(_, statistics)| statistics).collect()
    }

    /// The names of the hook points that have callouts.
    pub(crate) fn attached_points(&self) -> Vec<String> {
        let _writer = self.lock();
        self.table().chains.iter().flatten().map(|chain| chain.point.name.clone()).collect()
    }

    fn lock(&self) -> MutexGuard<'_, Writer> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Chains {
    fn drop(&mut self) {
        registry::lock().detach(self.table().attached());
        let writer = self.writer.get_mut().unwrap_or_else(PoisonError::into_inner);
        let waiting = writer.waiting.drain(..).flat_map(|(_, tables)| tables);
        for table in writer.fresh.drain(..).chain(waiting) {
            // SAFETY: chains are dropped with their last generation, when no request uses it any more.
            unsafe { table.reclaim() };
        }
    }
}
