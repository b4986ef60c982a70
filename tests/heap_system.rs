//! One heap for host and libraries under the system's allocator; see `heap/mod.rs`.

mod heap;

#[test]
fn what_one_side_allocates_the_other_grows_and_frees() {
    heap::exchange();
}
