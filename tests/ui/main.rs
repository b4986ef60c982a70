//! What the macros accept and what they refuse, with the messages that users see.
//!
//! A folder for each macro, and `handle` for what a handle stores: `fail` has one mistake a file and the messages about it, `pass`
//! has programs that are run.

mod messages;

// The texts are rustc's in part, and differ between its versions.
#[rustversion::attr(not(stable(1.95)), ignore = "the expected messages are those of rustc 1.95")]
#[test]
fn cases() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("*/fail/*.rs");
    cases.pass("*/pass/*.rs");
}
