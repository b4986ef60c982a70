//! A program into which the line `hooks::library!` is linked by mistake says so, instead of running out of memory.

#![forbid(unsafe_code)]

hooks::library!();

#[test]
fn a_library_line_in_a_program_is_named() {
    // More than a library may allocate before it is bound: it must not matter here.
    let block = vec![7u8; 1 << 20];
    assert_eq!(block.iter().map(|&byte| usize::from(byte)).sum::<usize>(), 7 << 20);
    let error = hooks::Hooks::try_new().unwrap_err().to_string();
    assert!(
        error.contains("the line `hooks::library!` for the crate `misplaced` is linked into this program"),
        "{error}"
    );
}
