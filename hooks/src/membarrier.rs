//! A fence that costs one side everything and the other side nothing: the rare side asks the kernel to have all running threads of
//! the process pass a memory barrier; the hot side only keeps the compiler from moving its accesses.
//!
//! Where the kernel does not offer it, both sides use a fence. Models and sanitizers know fences only.
#![cfg_attr(
    all(target_os = "linux", not(loom), any(test, not(any(miri, tsan)))),
    expect(unsafe_code, reason = "a system call that libc has no function for")
)]

use std::sync::atomic::AtomicBool;

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
        if self.0 { Membarrier::light_alone() } else { full() }
    }

    /// Whether [`Self::light_alone`] is enough.
    pub(crate) fn is_light(self) -> bool {
        self.0
    }

    /// The fence of the hot side where [`Self::is_light`].
    #[inline(always)]
    pub(crate) fn light_alone() {
        // SeqCst: stays between the store before and the load after it; the other side does the rest.
        std::sync::atomic::compiler_fence(std::sync::atomic::Ordering::SeqCst);
    }

    /// The fence of the rare side; false if the kernel refused it, so that nothing is certain.
    #[must_use]
    pub(crate) fn heavy(self) -> bool {
        // SeqCst: as in `light`. With the kernel's barrier it orders this thread's own accesses in any case.
        fence(Ordering::SeqCst);
        #[cfg(all(target_os = "linux", not(any(loom, miri, tsan))))]
        if self.0 {
            let done = call(libc::MEMBARRIER_CMD_PRIVATE_EXPEDITED);
            if !done {
                // Relaxed: for a text only.
                REFUSED.store(true, std::sync::atomic::Ordering::Relaxed);
            }
            return done;
        }
        true
    }
}

#[cold]
fn full() {
    // SeqCst: no weaker fence orders a store before a later load.
    fence(Ordering::SeqCst);
}

/// Whether the kernel has refused what it had offered, as a filter has it do that was installed since.
static REFUSED: AtomicBool = AtomicBool::new(false);

/// Whether what is no longer in use has stayed because of that.
pub(crate) fn is_refused() -> bool {
    // Relaxed: for a text only.
    REFUSED.load(std::sync::atomic::Ordering::Relaxed)
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
    #[cfg(all(target_os = "linux", target_arch = "x86_64"))]
    use crate::quiesce::PLACES;

    #[test]
    fn what_is_registered_can_be_used() {
        let membarrier = Membarrier::register();
        membarrier.light();
        assert!(membarrier.heavy());
    }

    /// Has the kernel refuse the barrier to this thread from now on, as a filter does that a server installs after its start.
    #[cfg(all(target_os = "linux", target_arch = "x86_64"))]
    fn forbid() {
        let filter = |code, jt, jf, k| libc::sock_filter { code, jt, jf, k };
        let mut filters = [
            filter(0x20, 0, 0, 0),
            filter(0x15, 0, 1, libc::SYS_membarrier as u32),
            filter(0x06, 0, 0, libc::SECCOMP_RET_ERRNO | libc::EPERM as u32),
            filter(0x06, 0, 0, libc::SECCOMP_RET_ALLOW),
        ];
        let program = libc::sock_fprog { len: 4, filter: filters.as_mut_ptr() };
        // SAFETY: both calls take numbers and a program that lives as long as the call.
        let done = unsafe {
            (
                libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0),
                libc::prctl(libc::PR_SET_SECCOMP, libc::SECCOMP_MODE_FILTER, &raw const program),
            )
        };
        assert_eq!(done, (0, 0));
    }

    #[test]
    #[cfg(all(target_os = "linux", target_arch = "x86_64"))]
    fn where_the_barrier_is_forbidden_later_sets_stay_and_the_error_says_why() {
        // The filter is the thread's own.
        std::thread::spawn(|| {
            let hooks = crate::Hooks::new();
            hooks.reload(Vec::new()).unwrap();
            forbid();
            let refused = (0..PLACES).find_map(|_| hooks.reload(Vec::new()).err()).unwrap().to_string();
            assert!(refused.contains("`membarrier`") && refused.contains("seccomp filter"), "{refused}");
            assert!(!hooks.unload_libraries());
        })
        .join()
        .unwrap();
    }
}
