//! What one library, or the component, has registered: its callouts in order, and the chains in which they are.
#![expect(unsafe_code, reason = "keeps the address of a plugin's state")]

mod failures;

use std::ffi::c_void;
use std::ptr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use crate::abi::counted::Counted;
use crate::abi::guard::guard;
use crate::abi::info::PointInfo;
use crate::callout_info::CalloutInfo;
use crate::chains::{Chains, Change, Link};
use crate::failure::{Attached, FailurePolicy, LibraryHealth};
use crate::library::code::{Attachment, Code};
use crate::park::Holder;

/// The callouts of one owner, which a library handle changes.
#[derive(Debug)]
pub(crate) struct Registrations {
    name: Arc<str>,
    /// The tickets that its callouts take.
    holder: Arc<Holder>,
    inner: Mutex<Inner>,
    /// The functions that a library may register; the component may register any without `this`. Dropped last: the closures are
    /// the library's.
    code: Option<Arc<Code>>,
}

#[derive(Debug)]
struct Inner {
    closed: bool,
    /// The plugin's state; null while its `load` runs, and for the component.
    state: *const c_void,
    list: Vec<Registered>,
    /// Those that are in use, and perhaps some that are gone.
    chains: Vec<Weak<Chains>>,
    /// What is done when one of them fails; the component's count as their hook points say.
    policy: Arc<FailurePolicy>,
    health: LibraryHealth,
    /// How many requests went on without it.
    skipped: u64,
}

// SAFETY: the state is that of a `Plugin`, which is `Send + Sync`; it is handed on, never followed here.
unsafe impl Send for Inner {}

/// One registration of a callout.
#[derive(Clone, Debug)]
pub(crate) struct Registered {
    pub(crate) attachment: Attachment,
    /// The closure, or nothing for a function of the library.
    pub(crate) closure: Option<Counted>,
    /// Whether it is carried over to the next set of libraries.
    pub(crate) across_loads: bool,
    attached: Arc<Attached>,
}

impl Registered {
    pub(crate) fn new(attachment: Attachment, closure: Option<Counted>, across_loads: bool) -> Registered {
        let attached = Arc::new(Attached::new(attachment.info.clone()));
        Registered { attachment, closure, across_loads, attached }
    }

    fn point(&self) -> (u32, &Arc<PointInfo>) {
        (self.attachment.index, &self.attachment.point)
    }
}

impl Registrations {
    /// Those of the component: `name` says which.
    pub(crate) fn of_component(name: &str, list: Vec<Registered>) -> Arc<Registrations> {
        Registrations::new(name.into(), None, list, FailurePolicy::default())
    }

    /// Those of a library that is being loaded: its callouts are attached, in their order.
    pub(crate) fn of_library(code: &Arc<Code>, policy: FailurePolicy) -> Arc<Registrations> {
        let list = code.callouts.iter().filter(|callout| !callout.manual);
        let list = list.map(|attachment| Registered::new(attachment.clone(), None, false)).collect();
        Registrations::new(Arc::clone(&code.name), Some(Arc::clone(code)), list, policy)
    }

    fn new(
        name: Arc<str>,
        code: Option<Arc<Code>>,
        list: Vec<Registered>,
        policy: FailurePolicy,
    ) -> Arc<Registrations> {
        let inner = Inner {
            closed: false,
            state: ptr::null(),
            list,
            chains: Vec::new(),
            policy: Arc::new(policy),
            health: LibraryHealth::default(),
            skipped: 0,
        };
        Arc::new(Registrations { name, code, holder: Arc::new(Holder::new()), inner: Mutex::new(inner) })
    }

    /// The library's name.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn holder(&self) -> &Arc<Holder> {
        &self.holder
    }

    /// Whether anything is registered.
    pub(crate) fn has_any(&self) -> bool {
        !self.lock().list.is_empty()
    }

    pub(crate) fn code(&self) -> Option<&Arc<Code>> {
        self.code.as_ref()
    }

    /// The plugin has been made: its callouts take this state.
    pub(crate) fn set_state(&self, state: *const c_void) {
        self.lock().state = state;
    }

    /// Attaches what has been registered to `chains`, now and from now on.
    pub(crate) fn join(self: &Arc<Self>, chains: &Arc<Chains>) {
        let mut inner = self.lock();
        inner.chains.retain(|chains| chains.strong_count() > 0);
        inner.chains.push(Arc::downgrade(chains));
        chains.replace(self, self.changes(&inner, points(&inner.list)));
    }

    /// Adds all of `new`; they are called from the next call of their hook points on.
    pub(crate) fn register(self: &Arc<Self>, new: Vec<Registered>) -> Result<(), String> {
        let mut inner = self.lock();
        if inner.closed {
            return Err(match self.code {
                Some(_) => format!("the library `{}` is not loaded any more", self.name),
                None => format!(
                    "this handle for {} has ended: libraries were loaded or unloaded since, or the `Hooks` is gone; ask for a \
                     new one, and use `across_loads` for callouts that are to stay",
                    self.name
                ),
            });
        }
        let infos: Vec<_> = new.iter().map(|registered| registered.attachment.info.clone()).collect();
        let added = inner.list.len()..inner.list.len() + new.len();
        inner.list.extend(new);
        let in_use = self.update(&inner, points(&inner.list[added]));
        drop(inner);
        in_use.iter().for_each(|chains| chains.tidy());
        drop(in_use);
        for info in &infos {
            self.log("callout registered", info);
        }
        Ok(())
    }

    /// Removes all for which `is_meant` says so from the hook point `index`; whether there were any.
    pub(crate) fn deregister(self: &Arc<Self>, index: u32, is_meant: impl Fn(&Registered) -> bool) -> bool {
        let mut inner = self.lock();
        let is_meant = |registered: &mut Registered| registered.attachment.index == index && is_meant(registered);
        let removed: Vec<_> = inner.list.extract_if(.., is_meant).collect();
        let Some(first) = removed.first() else { return false };
        let in_use = self.update(&inner, vec![(index, &first.attachment.point)]);
        drop(inner);
        in_use.iter().for_each(|chains| chains.tidy());
        let infos: Vec<_> = removed.iter().map(|registered| registered.attachment.info.clone()).collect();
        // Here no lock is held: the last count of chains or of a closure runs code of their owners.
        drop((in_use, removed));
        for info in &infos {
            self.log("callout deregistered", info);
        }
        true
    }

    /// Whether any of them ends with the set of libraries.
    pub(crate) fn has_passing(&self) -> bool {
        self.lock().list.iter().any(|registered| !registered.across_loads)
    }

    /// A line about one callout. The lock is not held: a subscriber may do what it likes.
    fn log(&self, event: &str, info: &CalloutInfo) {
        let _ = guard(|| {
            tracing::debug!(library = &*self.name, hook = info.hook(), callout = info.callout(), "{event}");
        });
    }

    /// Ends all registrations; those that outlive the set of libraries come back.
    pub(crate) fn close(&self) -> Vec<Registered> {
        let mut inner = self.lock();
        inner.closed = true;
        let list = std::mem::take(&mut inner.list);
        drop(inner);
        list.into_iter().filter(|registered| registered.across_loads).collect()
    }

    /// Brings the chains of these hook points up to date; they come back, to be dropped when the lock is not held any more.
    fn update(self: &Arc<Self>, inner: &Inner, points: Vec<(u32, &Arc<PointInfo>)>) -> Vec<Arc<Chains>> {
        let in_use: Vec<_> = inner.chains.iter().filter_map(Weak::upgrade).collect();
        for chains in &in_use {
            chains.replace(self, self.changes(inner, points.clone()));
        }
        in_use
    }

    fn changes<'a>(self: &Arc<Self>, inner: &Inner, points: Vec<(u32, &'a Arc<PointInfo>)>) -> Vec<Change<'a>> {
        let change = |(index, point)| Change { index, point, links: self.links(inner, index) };
        points.into_iter().map(change).collect()
    }

    /// What is called at the hook point `index`: nothing that is disabled.
    fn links(self: &Arc<Self>, inner: &Inner, index: u32) -> Vec<Link> {
        if inner.health.is_disabled() {
            return Vec::new();
        }
        let mine = inner.list.iter().filter(|registered| registered.attachment.index == index);
        let active = mine.filter(|registered| !registered.attached.record().health.is_disabled());
        let link = |registered: &Registered| Link {
            thunk: registered.attachment.thunk,
            is_plain: registered.attachment.is_plain,
            state: registered.closure.as_ref().map_or(inner.state, |closure| closure.pointer()),
            attached: Arc::clone(&registered.attached),
            _closure: registered.closure.clone(),
            owner: Arc::clone(self),
        };
        active.map(link).collect()
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The hook points of these registrations, each once.
fn points(list: &[Registered]) -> Vec<(u32, &Arc<PointInfo>)> {
    let mut points: Vec<_> = list.iter().map(Registered::point).collect();
    points.sort_unstable_by_key(|(index, _)| *index);
    points.dedup_by_key(|(index, _)| *index);
    points
}
