//! One heap for host and libraries under jemalloc; see `heap/mod.rs`.

use tikv_jemallocator::Jemalloc;

mod heap;

#[global_allocator]
static HEAP: Jemalloc = Jemalloc;

#[test]
fn what_one_side_allocates_the_other_grows_and_frees() {
    heap::exchange();
}
