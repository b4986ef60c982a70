//! One heap for host and libraries: what one side allocates, the other may grow and free.
#![expect(unsafe_code, reason = "a global allocator is unsafe code by nature")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::UnsafeCell;
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicUsize, Ordering};

/// The host's allocator as functions.
#[derive(Debug)]
#[repr(C)]
pub struct Heap {
    /// As `GlobalAlloc::alloc`: size, alignment.
    pub alloc: unsafe extern "C" fn(usize, usize) -> *mut u8,
    /// As `GlobalAlloc::alloc_zeroed`: size, alignment.
    pub alloc_zeroed: unsafe extern "C" fn(usize, usize) -> *mut u8,
    /// As `GlobalAlloc::realloc`: pointer, old size, alignment, new size.
    pub realloc: unsafe extern "C" fn(*mut u8, usize, usize, usize) -> *mut u8,
    /// As `GlobalAlloc::dealloc`: pointer, size, alignment.
    pub dealloc: unsafe extern "C" fn(*mut u8, usize, usize),
}

impl Heap {
    /// The allocator of the binary that this is compiled into.
    pub(crate) const OWN: Heap = Heap { alloc, alloc_zeroed, realloc, dealloc };
}

/// # Safety
///
/// `size` and `align` must come from a `Layout`.
unsafe fn layout(size: usize, align: usize) -> Layout {
    // SAFETY: the caller took both from a valid layout.
    unsafe { Layout::from_size_align_unchecked(size, align) }
}

unsafe extern "C" fn alloc(size: usize, align: usize) -> *mut u8 {
    // SAFETY: the caller is a `GlobalAlloc`, which was given a layout with a size that is not zero.
    unsafe { std::alloc::alloc(layout(size, align)) }
}

unsafe extern "C" fn alloc_zeroed(size: usize, align: usize) -> *mut u8 {
    // SAFETY: as in `alloc`.
    unsafe { std::alloc::alloc_zeroed(layout(size, align)) }
}

unsafe extern "C" fn realloc(pointer: *mut u8, old: usize, align: usize, new: usize) -> *mut u8 {
    // SAFETY: the pointer was allocated by this allocator with `old` and `align`; the caller is a `GlobalAlloc`.
    unsafe { std::alloc::realloc(pointer, layout(old, align), new) }
}

unsafe extern "C" fn dealloc(pointer: *mut u8, size: usize, align: usize) {
    // SAFETY: the pointer was allocated by this allocator with this layout.
    unsafe { std::alloc::dealloc(pointer, layout(size, align)) }
}

/// What a library may allocate before it is bound to its host (static constructors).
const ARENA: usize = 64 * 1024;

/// The allocator of a shared library: it forwards to the host's. [`crate::library!`] installs it.
#[derive(Debug)]
pub struct ForwardingAllocator {
    host: AtomicPtr<Heap>,
    used: AtomicUsize,
    /// Whether the arena was too small, so that the system's allocator serves until the binding, which then fails.
    overflowed: AtomicBool,
    arena: Arena,
}

#[derive(Debug)]
#[repr(align(64))]
struct Arena(UnsafeCell<[u8; ARENA]>);

// SAFETY: the arena is handed out in disjoint pieces by an atomic counter and is never read here.
unsafe impl Sync for Arena {}

impl ForwardingAllocator {
    /// An allocator that is not bound yet.
    #[expect(clippy::new_without_default, reason = "only used in a static, where Default cannot be called")]
    pub const fn new() -> ForwardingAllocator {
        ForwardingAllocator {
            host: AtomicPtr::new(std::ptr::null_mut()),
            used: AtomicUsize::new(0),
            overflowed: AtomicBool::new(false),
            arena: Arena(UnsafeCell::new([0; ARENA])),
        }
    }

    /// From now on the host's heap serves; false if the library has allocated too much before, which nobody could free now.
    ///
    /// # Safety
    ///
    /// `heap` must keep the contract of `GlobalAlloc`.
    pub unsafe fn bind(&self, heap: &'static Heap) -> bool {
        // Relaxed: what was allocated before the binding was allocated on this thread, or before it was told of the library.
        if self.overflowed.load(Ordering::Relaxed) {
            return false;
        }
        // Release: whoever loads the pointer reads the functions behind it.
        self.host.store(std::ptr::from_ref(heap).cast_mut(), Ordering::Release);
        true
    }

    fn host(&self) -> Option<&'static Heap> {
        // Acquire: pairs with `bind`.
        let heap = self.host.load(Ordering::Acquire);
        // SAFETY: it is null or the `&'static Heap` of `bind`.
        unsafe { heap.as_ref() }
    }

    /// A block from before the binding: a piece of the arena that is given to nobody else.
    fn early(&self, layout: Layout) -> *mut u8 {
        let base = self.arena.0.get().addr();
        let mut used = self.used.load(Ordering::Relaxed);
        loop {
            let start = (base + used).checked_next_multiple_of(layout.align()).map(|start| start - base);
            let end = start.and_then(|start| start.checked_add(layout.size())).filter(|&end| end <= ARENA);
            let (Some(start), Some(end)) = (start, end) else {
                // A program into which `library!` is linked by mistake, which `Hooks` will say.
                self.overflowed.store(true, Ordering::Relaxed);
                // SAFETY: the caller's contract is the system's.
                return unsafe { System.alloc_zeroed(layout) };
            };
            // Relaxed: the counter alone decides who owns which piece.
            match self.used.compare_exchange_weak(used, end, Ordering::Relaxed, Ordering::Relaxed) {
                Ok(_) => return self.arena.0.get().cast::<u8>().wrapping_add(start),
                Err(now) => used = now,
            }
        }
    }

    fn is_early(&self, pointer: *mut u8) -> bool {
        pointer.addr().wrapping_sub(self.arena.0.get().addr()) < ARENA
    }
}

// SAFETY: each request goes to the host's allocator or, before the binding, to the system's, which keep the contract, or to a
// piece of the arena that is given to nobody else and is never reused. The address tells the arena from the others, and a block
// of the system prevents the binding.
unsafe impl GlobalAlloc for ForwardingAllocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        match self.host() {
            // SAFETY: the caller's contract is the host's.
            Some(heap) => unsafe { (heap.alloc)(layout.size(), layout.align()) },
            None => self.early(layout),
        }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        match self.host() {
            // SAFETY: the caller's contract is the host's.
            Some(heap) => unsafe { (heap.alloc_zeroed)(layout.size(), layout.align()) },
            // The arena begins as zeros and no piece is given out twice; the system is asked for zeros.
            None => self.early(layout),
        }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        if self.is_early(pointer) {
            return;
        }
        match self.host() {
            // SAFETY: what is not of the arena came from the host's heap: nothing else did before the binding.
            Some(heap) => unsafe { (heap.dealloc)(pointer, layout.size(), layout.align()) },
            // SAFETY: what is not of the arena came from the system's allocator.
            None => unsafe { System.dealloc(pointer, layout) },
        }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        match self.host() {
            // SAFETY: what is not of the arena came from the host's heap; the rest is the caller's contract.
            Some(heap) if !self.is_early(pointer) => unsafe {
                (heap.realloc)(pointer, layout.size(), layout.align(), new_size)
            },
            _ => {
                // SAFETY: the caller promises that `new_size` with this alignment is a valid layout.
                let new_layout = unsafe { self::layout(new_size, layout.align()) };
                // SAFETY: the caller promises that `new_size` is not zero.
                let new = unsafe { self.alloc(new_layout) };
                if !new.is_null() {
                    // SAFETY: both are valid for the smaller of the two sizes and distinct: `new` has just been allocated.
                    unsafe { std::ptr::copy_nonoverlapping(pointer, new, layout.size().min(new_size)) };
                    // SAFETY: the old block is the caller's to give up.
                    unsafe { self.dealloc(pointer, layout) };
                }
                new
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_from_before_the_binding_survive_it() {
        static HEAP: Heap = Heap::OWN;
        let allocator = Box::new(ForwardingAllocator::new());
        let layout = Layout::from_size_align(100, 32).unwrap();
        // SAFETY: the layouts are valid, the pointers come from the same allocator, and each is freed once.
        unsafe {
            let early = allocator.alloc(layout);
            assert!(allocator.is_early(early) && early.addr().is_multiple_of(32));
            early.write_bytes(7, 100);
            assert!(allocator.bind(&HEAP));
            let grown = allocator.realloc(early, layout, 4096);
            assert!(!allocator.is_early(grown));
            assert_eq!(grown.add(99).read(), 7);
            allocator.dealloc(early, layout);
            allocator.dealloc(grown, Layout::from_size_align(4096, 32).unwrap());
        }
    }

    #[test]
    fn blocks_of_several_threads_are_disjoint_before_and_after_the_binding() {
        static HEAP: Heap = Heap::OWN;
        let allocator = &*Box::leak(Box::new(ForwardingAllocator::new()));
        let layout = Layout::from_size_align(24, 8).unwrap();
        let rounds = if cfg!(miri) { 20 } else { 500 };
        let work = |mark: u8| {
            // SAFETY: the layout is valid, and each block is written within its size and freed once.
            let allocate = |_| unsafe {
                let block = allocator.alloc(layout);
                block.write_bytes(mark, 24);
                block
            };
            // SAFETY: as above.
            let check = |block: *mut u8| unsafe {
                assert_eq!(std::slice::from_raw_parts(block, 24), [mark; 24]);
                allocator.dealloc(block, layout);
            };
            (0..rounds).map(allocate).collect::<Vec<_>>().into_iter().for_each(check);
        };
        std::thread::scope(|scope| {
            (1..4).for_each(|mark| drop(scope.spawn(move || work(mark))));
            // SAFETY: the heap is this binary's.
            assert!(unsafe { allocator.bind(&HEAP) });
        });
    }

    #[test]
    fn an_exhausted_arena_is_followed_by_the_system_and_refuses_to_be_bound() {
        static HEAP: Heap = Heap::OWN;
        let allocator = Box::new(ForwardingAllocator::new());
        let layout = Layout::from_size_align(ARENA, 1).unwrap();
        // SAFETY: the layouts are valid, and each block is freed once.
        unsafe {
            assert!(allocator.is_early(allocator.alloc(layout)));
            let late = allocator.alloc(layout);
            assert!(!late.is_null() && !allocator.is_early(late));
            assert!(!allocator.bind(&HEAP));
            allocator.dealloc(late, layout);
        }
    }
}
