//! One heap for host and libraries under jemalloc; see `src/heap.rs`.

use tikv_jemallocator::Jemalloc;

#[global_allocator]
static HEAP: Jemalloc = Jemalloc;

#[test]
fn what_one_side_allocates_the_other_grows_and_frees() {
    hooks_tests::heap::exchange(3);
}
