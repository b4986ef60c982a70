//! The header is what the host's table says.

use std::{env, fs};

use hooks_tests::include;

#[test]
fn the_header_is_the_one_of_this_host() {
    let file = include().join("hooks.h");
    if env::var("UPDATE").as_deref() == Ok("1") {
        fs::create_dir_all(include()).unwrap();
        fs::write(&file, hooks::c_header()).unwrap();
    }
    let found = fs::read_to_string(&file).unwrap_or_default();
    assert!(found == hooks::c_header(), "{} differs; write it anew with UPDATE=1", file.display());
}
