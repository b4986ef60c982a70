//! What a type looks like in memory, as a constant that can be compared across binaries.
#![expect(unsafe_code, reason = "HookType is an unsafe trait, because other binaries rely on what it says")]

use super::access::{Access, Empty, Variants};

/// The layout of one type: its name, its size and what it is made of.
///
/// Made by `#[derive(HookType)]`, never by hand.
#[derive(Debug)]
pub struct TypeLayout {
    pub(crate) name: &'static str,
    pub(crate) size: usize,
    pub(crate) align: usize,
    pub(crate) parts: Parts,
    /// The hash of all of this, and how it stands in a record, with its hash before it: the compiler takes long to find that out, so
    /// it does so once for each type. `length` counts all bytes, and they are here unless they are too many.
    pub(crate) hash: u128,
    pub(crate) length: usize,
    pub(crate) encoded: [u8; 256],
    /// How this binary's own code looks inside; it crosses no boundary and is no part of the hash.
    pub(crate) access: Access,
    /// How this binary makes an empty value of it, if it has one.
    pub(crate) empty: Option<Empty>,
}

/// What a type is made of.
#[derive(Debug)]
pub enum Parts {
    /// A number, `bool` or `char`: the name says all.
    Primitive,
    /// A type whose inside is not described; the same compiler is demanded, and the same detail text.
    Opaque(&'static str),
    /// A struct with the offset of each field.
    Struct {
        /// Whether the layout is fixed by `repr(C)` or `repr(transparent)`.
        fixed: bool,
        /// What `repr` says.
        repr: &'static str,
        /// The fields in the order of their declaration.
        fields: &'static [Field],
    },
    /// An enum: the names, the order and the fields of its variants.
    Enum {
        /// Whether the layout is fixed by `repr(C)` or `repr(u8)` and the like.
        fixed: bool,
        /// What `repr` says; the places of the fields follow from it.
        repr: &'static str,
        /// The variants in the order of their declaration.
        variants: &'static [Variant],
    },
    /// A type of the standard library with parameters; the same compiler is demanded.
    Generic(&'static [&'static TypeLayout]),
    /// An array, whose layout follows from its element.
    Array(&'static TypeLayout),
    /// The end of a cycle: a type that contains itself (`#[hook(recursive)]`).
    Recursive,
}

/// One field of a struct or of an enum's variant.
#[derive(Debug)]
pub struct Field {
    pub(crate) name: &'static str,
    pub(crate) offset: usize,
    pub(crate) layout: &'static TypeLayout,
    /// Whether everybody may write it in Rust; it crosses no boundary and is no part of the hash.
    pub(crate) public: bool,
}

/// One variant of an enum.
#[derive(Debug)]
pub struct Variant {
    pub(crate) name: &'static str,
    /// The number by which it is told from the others.
    pub(crate) discriminant: i128,
    pub(crate) fields: &'static [Field],
}

impl Field {
    /// A field `name` at `offset` that is `pub`.
    pub const fn new(name: &'static str, offset: usize, layout: &'static TypeLayout) -> Field {
        Field { name, offset, layout, public: true }
    }

    /// The same, but not `pub`: what its type keeps true of it, nobody else may break.
    #[must_use]
    pub const fn private(mut self) -> Field {
        self.public = false;
        self
    }
}

impl Variant {
    /// A variant `name` with its `discriminant` and its `fields`.
    pub const fn new(name: &'static str, discriminant: i128, fields: &'static [Field]) -> Variant {
        Variant { name, discriminant, fields }
    }
}

impl TypeLayout {
    /// The layout of `T`, made of `parts`.
    pub const fn of<T>(name: &'static str, parts: Parts) -> TypeLayout {
        TypeLayout {
            name,
            size: size_of::<T>(),
            align: align_of::<T>(),
            parts,
            hash: 0,
            length: 0,
            encoded: [0; 256],
            access: Access::None,
            empty: None,
        }
        .measured()
    }

    /// As [`Self::of`], for an enum that tells its variants.
    pub const fn of_enum<T: Variants>(name: &'static str, parts: Parts) -> TypeLayout {
        TypeLayout::of::<T>(name, parts).with_access(Access::variants::<T>())
    }

    /// The type as Rust spells it, without the paths of its modules.
    pub(crate) fn spell(&self) -> String {
        let name = self.name.rsplit("::").next().unwrap_or(self.name);
        let all = |parts: &[&TypeLayout]| parts.iter().map(|part| part.spell()).collect::<Vec<_>>().join(", ");
        match &self.parts {
            Parts::Generic(parts) if name == "tuple" => format!("({})", all(parts)),
            Parts::Generic(parts) => format!("{name}<{}>", all(parts)),
            Parts::Array(element) => {
                format!("[{}; {}]", element.spell(), self.size.checked_div(element.size).unwrap_or_default())
            }
            _ => name.to_owned(),
        }
    }

    /// Whether it names a type that contains itself: in its place stands another type, which nothing may be read or written as.
    pub(crate) const fn has_stand_in(&self) -> bool {
        match self.parts {
            Parts::Recursive => true,
            Parts::Array(element) => element.has_stand_in(),
            Parts::Generic(parameters) => {
                let mut rest = parameters;
                while let [first, others @ ..] = rest {
                    if first.has_stand_in() {
                        return true;
                    }
                    rest = others;
                }
                false
            }
            _ => false,
        }
    }

    /// The same with a way to look inside.
    pub(crate) const fn with_access(mut self, access: Access) -> TypeLayout {
        self.access = access;
        self
    }

    /// The same with a way to make an empty value.
    pub(crate) const fn with_empty(mut self, empty: Empty) -> TypeLayout {
        self.empty = Some(empty);
        self
    }
}

/// A type that may be an argument of a hook point: its layout is known and is compared when a library is loaded.
///
/// Derived, never written by hand:
///
/// ```
/// #[derive(hooks::HookType)]
/// pub struct Lease {
///     pub address: std::net::Ipv4Addr,
///     pub hostname: Option<String>,
/// }
/// ```
///
/// # Safety
///
/// `LAYOUT` must describe `Self` completely: two binaries in which `LAYOUT` is equal, built by the same compiler unless all
/// parts have a fixed layout, must agree on the meaning of every byte of `Self`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the type of a hook point's argument, nor part of one",
    label = "not a hook type",
    note = "derive it where the type is declared: `#[derive(hooks::HookType)]`",
    note = "a type of another crate: copy its data into a type of your own, or mark the field `#[hook(opaque = \"crate 1.2, features\")]`",
    note = "texts and lists are `String` and `Vec<T>`, and hook points lend them as `&String` and `&Vec<T>`"
)]
pub unsafe trait HookType: Sized + 'static {
    /// What `Self` looks like in memory.
    const LAYOUT: &'static TypeLayout;
}
