//! The declared arguments as C reads and writes them, by path.

use std::net::Ipv4Addr;

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
    pub label: String,
    pub size: u16,
}

/// A struct whose fields have no names.
#[derive(Clone, Debug, PartialEq, hooks::HookType)]
pub(crate) struct Pair(pub u8, pub i16);

/// Keeps something true of its fields: they are in order.
#[derive(Clone, Debug, PartialEq, hooks::HookType)]
pub(crate) struct Seal {
    first: u8,
    pub(crate) second: Option<u8>,
    names: Vec<String>,
}

/// Contains itself.
#[derive(Clone, Debug, Default, PartialEq, hooks::HookType)]
pub(crate) struct Tree {
    pub label: String,
    #[hook(recursive)]
    pub branches: Vec<Tree>,
    #[hook(recursive)]
    pub gaps: Vec<Option<Tree>>,
    #[hook(recursive)]
    pub parent: Option<Box<Tree>>,
}

/// Its fields lie where a reference to them cannot point.
#[derive(Clone, Copy, Debug, PartialEq, hooks::HookType)]
#[repr(C, packed)]
pub(crate) struct Packed {
    pub small: u8,
    pub wide: u32,
}

/// Has a field of each kind.
#[derive(Clone, Debug, PartialEq, hooks::HookType)]
pub(crate) struct Shape {
    pub tiny: i8,
    pub huge: u64,
    pub narrow: f32,
    pub name: String,
    pub address: Ipv4Addr,
    pub kind: Kind,
    pub bytes: Vec<u8>,
    pub mac: [u8; 6],
    pub parts: Vec<Part>,
    pub pair: Pair,
    pub done: bool,
    pub sign: char,
    pub perhaps: Option<u32>,
    pub seal: Seal,
    pub tree: Tree,
    pub packed: Packed,
    hidden: Vec<Part>,
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
        seal: Seal { first: 1, second: Some(2), names: vec!["ann".to_owned()] },
        tree: Tree {
            branches: vec![Tree::default()],
            gaps: vec![Some(Tree { label: "leaf".to_owned(), ..Tree::default() }), None],
            parent: Some(Box::default()),
            ..Tree::default()
        },
        packed: Packed { small: 1, wide: 2 },
        hidden: vec![part("inside", 3)],
    }
}

/// Calls one of the three hook points with a shape; what it becomes, and what was logged.
macro_rules! call {
    ($hook:ident) => {{
        let journal = Journal::new();
        let hooks = hooks_tests::hooks();
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
        tree: Tree { label: "root".to_owned(), ..shape().tree },
        packed: Packed { small: 7, wide: 2 },
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
