//! What a thread keeps for its requests: its counters of each instance, and insides of handles that it uses again, so that a
//! request need not ask for memory.
//!
//! What is needed for the instance that the thread used last lies in `LAST`, which has no destructor, so that it can be looked at
//! without asking whether the thread is ending. `KEPT` owns all of it, and empties `LAST` before it goes.
#![expect(unsafe_code, reason = "caches counters by address, and frees what it keeps as pointers")]

use std::cell::{Cell, RefCell};
use std::ptr;
use std::sync::Arc;

use super::inner::Inner;
use crate::abi::HostApi;
use crate::instance::Instance;
use crate::quiesce::Slot;

/// So many insides are kept for each thread, besides the one that is used next.
const KEPT_INSIDES: usize = 64;

thread_local! {
    static LAST: Last = const {
        Last { ready: Cell::new(0), spare: Cell::new(ptr::null_mut()), slot: Cell::new(ptr::null()) }
    };
    static KEPT: Kept = const { Kept { slots: RefCell::new(Vec::new()), insides: RefCell::new(Vec::new()) } };
}

/// What the thread used last.
struct Last {
    /// The number of the instance that `spare` belongs to; 0, which is no instance's, while there is no spare.
    ready: Cell<u64>,
    /// An inside that holds nothing: most requests end before the next one begins. It came from a box, is of `slot` or of one that
    /// this thread used before, and of a generation that may be gone.
    spare: Cell<*mut Inner>,
    /// The thread's slot of the instance that it used last, kept by `KEPT`; or null, also where readers need a fence.
    slot: Cell<*const Slot>,
}

/// What ends with the thread.
struct Kept {
    /// All slots of this thread, given back when it ends.
    slots: RefCell<Vec<(u64, Arc<Slot>)>>,
    /// As `spare`, when several requests are at it.
    insides: RefCell<Vec<*mut Inner>>,
}

/// An inside that pins the current generation of `instance`, if that is the one that the thread's spare inside had.
#[inline(always)]
pub(super) fn begin_again(instance: &Instance) -> Option<*mut Inner> {
    LAST.with(|last| {
        if last.ready.get() != instance.id() {
            return None;
        }
        let inner = last.spare.get();
        // SAFETY: a spare inside is this thread's own. Its counters are those of the thread's slot of this instance, who is alive and
        // keeps them.
        let (counters, number) = unsafe { (&*(*inner).counters, (*inner).number) };
        // There is a spare inside only where readers need no fence.
        if !instance.readers().try_pin(counters, number) {
            return None;
        }
        last.ready.set(0);
        Some(inner)
    })
}

/// An inside that pins the current generation of `instance`.
pub(super) fn begin(api: &'static HostApi, instance: &Instance) -> *mut Inner {
    let (number, slot) = with_slot(instance, |slot| (instance.readers().pin(slot), ptr::from_ref(slot)));
    let spare = LAST.with(Last::take);
    // Where the thread is ending nothing is spare.
    let other = || KEPT.try_with(|kept| kept.insides.borrow_mut().pop()).ok().flatten();
    let inner = spare.or_else(other).unwrap_or_else(|| Box::into_raw(Box::new(Inner::new(api))));
    // SAFETY: it has just been made, or was the thread's own, and holds nothing; the generation has just been pinned, and the
    // instance keeps all slots.
    unsafe {
        (*inner).instance = instance;
        (*inner).id = instance.id();
        (*inner).number = number;
        (*inner).slot = slot;
        (*inner).counters = (*slot).counters(number);
        (*inner).chains = Arc::as_ptr(&(*instance.generation(number)).chains);
        (*inner).choose_table();
    }
    inner
}

/// Gives up an inside and its pin, which is the last that is done: then its instance may be gone. False if [`end`] has to do it.
///
/// # Safety
///
/// `inner` must have come from here, is given up, and holds nothing.
#[inline(always)]
pub(super) unsafe fn end_here(inner: *mut Inner) -> bool {
    LAST.with(|last| {
        // SAFETY: the caller's promise.
        let (slot, id) = unsafe { ((*inner).slot, (*inner).id) };
        // With that slot it has begun on this thread, or on one that has ended and whose slot this one has taken over.
        if last.ready.get() != 0 || slot != last.slot.get() {
            return false;
        }
        last.spare.set(inner);
        last.ready.set(id);
        // SAFETY: they are those of the slot, which `KEPT` keeps as long as it is named here.
        unsafe { &*(*inner).counters }.unpin();
        true
    })
}

/// Gives up an inside and its pin, as [`end_here`].
///
/// # Safety
///
/// As there.
pub(super) unsafe fn end(inner: *mut Inner) {
    // SAFETY: the caller's promise. An instance outlives its pins: it is leaked if it is dropped while there are any.
    let (instance, number) = unsafe { (&*(*inner).instance, (*inner).number) };
    with_slot(instance, |slot| {
        let kept = KEPT.try_with(|kept| {
            let mut insides = kept.insides.borrow_mut();
            let has_room = insides.len() < KEPT_INSIDES;
            if has_room {
                insides.push(inner);
            }
            has_room
        });
        if kept != Ok(true) {
            // SAFETY: it came from a box, and is given up here.
            drop(unsafe { Box::from_raw(inner) });
        }
        slot.counters(number).unpin();
    });
}

/// Calls `use_slot` with this thread's slot of `instance`, from now on the one that it used last.
fn with_slot<R>(instance: &Instance, use_slot: impl FnOnce(&Slot) -> R) -> R {
    match KEPT.try_with(|kept| kept.slot(instance)) {
        // SAFETY: the slot is kept alive until the thread ends.
        Ok(slot) => use_slot(unsafe { &*slot }),
        // The thread is ending and has given its slots back: one is borrowed for this moment.
        Err(_) => {
            let slot = instance.readers().register();
            let result = use_slot(&slot);
            slot.release();
            result
        }
    }
}

impl Last {
    /// The spare inside, which is the caller's from now on.
    fn take(&self) -> Option<*mut Inner> {
        (self.ready.replace(0) != 0).then(|| self.spare.get())
    }
}

impl Kept {
    fn slot(&self, instance: &Instance) -> *const Slot {
        let mut slots = self.slots.borrow_mut();
        let id = instance.id();
        let found = slots.iter().find(|(other, _)| *other == id).map(|(_, slot)| Arc::as_ptr(slot));
        let slot = found.unwrap_or_else(|| {
            // The slots of instances that are gone are only held here.
            slots.retain(|(_, slot)| Arc::strong_count(slot) > 1);
            let slot = instance.readers().register();
            let pointer = Arc::as_ptr(&slot);
            slots.push((id, slot));
            pointer
        });
        let named = if instance.readers().is_light() { slot } else { ptr::null() };
        LAST.with(|last| last.slot.set(named));
        slot
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        LAST.with(|last| {
            last.slot.set(ptr::null());
            for inner in self.insides.get_mut().drain(..).chain(last.take()) {
                // SAFETY: it came from a box, and was given to this thread, which ends.
                drop(unsafe { Box::from_raw(inner) });
            }
        });
        for (_, slot) in self.slots.get_mut().drain(..) {
            slot.release();
        }
    }
}
