//! One heap for host and libraries under the system's allocator; see `src/heap.rs`.

#[test]
fn what_one_side_allocates_the_other_grows_and_frees() {
    hooks_tests::heap::exchange(3);
}
