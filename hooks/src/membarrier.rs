//! A fence that costs one side everything and the other side nothing: the rare side asks the kernel to have all running threads of
//! the process pass a memory barrier; the hot side only keeps the compiler from moving its accesses.
//!
//! Where the kernel does not offer it, both sides use a fence. Models and sanitizers know fences only.
#![expect(unsafe_code, reason = "a system call that libc has no function for")]

use crate::sync::{Ordering, fence};

/// Whether the two sides of a protocol have the asymmetric fence. Both must have the same.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Membarrier(bool);

impl Membarrier {
    /// Asks the kernel, which wants to be told beforehand that it will be used.
    pub(crate) fn register() -> Membarrier {
        #[cfg(all(target_os = "linux", not(any(loom, miri, tsan))))]
        {
            use std::sync::OnceLock;
            static REGISTERED: OnceLock<bool> = OnceLock::new();
            Membarrier(*REGISTERED.get_or_init(|| call(libc::MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED)))
        }
        #[cfg(not(all(target_os = "linux", not(any(loom, miri, tsan)))))]
        Membarrier(false)
    }

    /// The fence of the hot side.
    #[inline(always)]
    pub(crate) fn light(self) {
        if self.0 {
            // SeqCst: stays between the store before and the load after it; the other side does the rest.
            std::sync::atomic::compiler_fence(std::sync::atomic::Ordering::SeqCst);
        } else {
            // SeqCst: no weaker fence orders a store before a later load.
            fence(Ordering::SeqCst);
        }
    }

    /// The fence of the rare side; false if the kernel refused it, so that nothing is certain.
    #[must_use]
    pub(crate) fn heavy(self) -> bool {
        // SeqCst: as in `light`. With the kernel's barrier it orders this thread's own accesses in any case.
        fence(Ordering::SeqCst);
        #[cfg(all(target_os = "linux", not(any(loom, miri, tsan))))]
        if self.0 {
            return call(libc::MEMBARRIER_CMD_PRIVATE_EXPEDITED);
        }
        true
    }
}

/// Whether the kernel did it.
#[cfg(all(target_os = "linux", not(any(loom, miri, tsan))))]
fn call(command: libc::c_int) -> bool {
    // SAFETY: the call takes numbers and touches no memory of the process.
    unsafe { libc::syscall(libc::SYS_membarrier, command, 0, 0) == 0 }
}

#[cfg(all(test, loom))]
mod model {
    use super::*;
    use crate::sync::AtomicUsize;
    use std::sync::Arc;

    #[test]
    fn of_two_who_write_and_then_read_one_sees_the_other() {
        loom::model(|| {
            let (hot, rare) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
            let membarrier = Membarrier::register();
            let thread = {
                let (hot, rare) = (Arc::clone(&hot), Arc::clone(&rare));
                loom::thread::spawn(move || {
                    hot.store(1, Ordering::Relaxed);
                    membarrier.light();
                    rare.load(Ordering::Relaxed)
                })
            };
            rare.store(1, Ordering::Relaxed);
            assert!(membarrier.heavy());
            let seen = hot.load(Ordering::Relaxed);
            assert!(seen + thread.join().unwrap() > 0);
        });
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn what_is_registered_can_be_used() {
        let membarrier = Membarrier::register();
        membarrier.light();
        assert!(membarrier.heavy());
    }
}
