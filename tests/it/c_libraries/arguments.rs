//! The declared arguments as C reads and writes them, by path.

use std::net::Ipv4Addr;

use hooks::Hooks;
use hooks_tests::{Journal, c_library, has_c_compilers, logged};

use super::config;

/// What a shape is like.
#[derive(Clone, Copy, Debug, PartialEq, hooks::HookType)]
pub(crate) enum Kind {
    /// Has a number of its own.
    Round = 7,
    /// Another one.
    Square,
}

/// A part of a shape.
#[derive(Clone, Debug, PartialEq, hooks::HookType)]
pub(crate) struct Part {
    label: String,
    size: u16,
}

/// A struct whose fields have no names.
#[derive(Clone, Debug, PartialEq, hooks::HookType)]
pub(crate) struct Pair(u8, i16);

/// Has a field of each kind.
#[derive(Clone, Debug, PartialEq, hooks::HookType)]
pub(crate) struct Shape {
    tiny: i8,
    huge: u64,
    narrow: f32,
    name: String,
    address: Ipv4Addr,
    kind: Kind,
    bytes: Vec<u8>,
    mac: [u8; 6],
    parts: Vec<Part>,
    pair: Pair,
    done: bool,
    sign: char,
    perhaps: Option<u32>,
}

hooks::declare_hooks! {
    /// C reads.
    pub(crate) hook shape_read(shape: &mut Shape, kept: &Shape, flag: bool, letter: char, ratio: f64, maybe: &mut Option<String>)
        -> [Continue, Drop];

    /// C writes.
    pub(crate) hook shape_write(shape: &mut Shape, kept: &Shape, flag: bool, letter: char, ratio: f64, maybe: &mut Option<String>)
        -> [Continue, Drop];

    /// C makes mistakes.
    pub(crate) hook shape_wrong(shape: &mut Shape, kept: &Shape, flag: bool, letter: char, ratio: f64, maybe: &mut Option<String>)
        -> [Continue, Drop];
}

fn shape() -> Shape {
    let part = |label: &str, size| Part { label: label.to_owned(), size };
    Shape {
        tiny: -7,
        huge: u64::MAX,
        narrow: 0.25,
        name: "café".to_owned(),
        address: Ipv4Addr::new(192, 0, 2, 1),
        kind: Kind::Round,
        bytes: vec![1, 2, 3],
        mac: [2, 0, 0, 0, 0, 0x66],
        parts: vec![part("one", 1), part("two", 2)],
        pair: Pair(8, 9),
        done: false,
        sign: 'x',
        perhaps: None,
    }
}

/// Calls one of the three hook points with a shape; what it becomes, and what was logged.
macro_rules! call {
    ($hook:ident) => {{
        let journal = Journal::new();
        let hooks = Hooks::new();
        hooks.load_libraries(vec![config(&c_library(&journal.beside("."), "arguments", "arguments.c", &[]))]).unwrap();
        let (mut changed, kept, mut maybe) = (shape(), shape(), None);
        let (step, log) = logged(|| {
            $hook::call(&mut hooks.handle(), || $hook::Args {
                shape: &mut changed,
                kept: &kept,
                flag: true,
                letter: 'é',
                ratio: 0.5,
                maybe: &mut maybe,
            })
        });
        // The log names the line of the check that has failed.
        assert!(step.is_continue(), "{log}");
        assert_eq!(kept, shape());
        (changed, maybe)
    }};
}

#[test]
fn each_kind_is_read() {
    if has_c_compilers() {
        assert_eq!(call!(shape_read), (shape(), None));
    }
}

#[test]
fn each_kind_is_written() {
    if !has_c_compilers() {
        return;
    }
    let (changed, maybe) = call!(shape_write);
    let part = |label: &str, size| Part { label: label.to_owned(), size };
    let expected = Shape {
        tiny: -8,
        huge: u64::MAX - 1,
        narrow: 1.5,
        name: "written in C".to_owned(),
        address: Ipv4Addr::new(192, 0, 2, 99),
        bytes: vec![9, 8],
        mac: [9, 8, 7, 6, 5, 4],
        parts: vec![part("uno", 1), part("", 2)],
        done: true,
        sign: '\u{1f980}',
        perhaps: Some(5),
        ..shape()
    };
    assert_eq!((changed, maybe.as_deref()), (expected, Some("now")));
}

#[test]
fn a_mistake_changes_nothing() {
    if has_c_compilers() {
        assert_eq!(call!(shape_wrong), (shape(), None));
        // The other variant is never made by C.
        assert_ne!(Kind::Square, shape().kind);
    }
}
