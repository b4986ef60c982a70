//! The hash of a layout: equal in two binaries if, and only if, they agree on every byte of the type.

use super::RUSTC;
use super::encode::Writer;
use super::layout::{Field, Parts, TypeLayout};

impl TypeLayout {
    /// A hash over everything that the layout says; and over the compiler, where the layout depends on it.
    ///
    /// Equal hashes mean that two binaries agree on every byte of the type.
    pub const fn hash(&self) -> u128 {
        self.hash
    }

    /// The same with its hash and its length.
    pub(super) const fn measured(mut self) -> TypeLayout {
        let mut writer = Writer::hashing();
        writer.layout(&self);
        if !self.is_fixed() {
            writer.text(RUSTC);
        }
        self.hash = writer.hash();
        let mut encoded = self.encoded;
        let mut writer = Writer::new(&mut encoded);
        writer.raw(&self.hash.to_le_bytes());
        writer.layout(&self);
        self.length = writer.written();
        self.encoded = encoded;
        self
    }

    /// Whether the layout is the same under every compiler.
    const fn is_fixed(&self) -> bool {
        match &self.parts {
            Parts::Primitive => true,
            Parts::Opaque(_) | Parts::Generic(_) | Parts::Recursive => false,
            Parts::Array(element) => element.is_fixed(),
            Parts::Struct { fixed, fields, .. } => *fixed && all_fixed(fields),
            Parts::Enum { fixed, variants, .. } => {
                let mut all = *fixed;
                let mut i = 0;
                while i < variants.len() {
                    all = all && all_fixed(variants[i].fields);
                    i += 1;
                }
                all
            }
        }
    }
}

const fn all_fixed(fields: &[Field]) -> bool {
    let mut i = 0;
    while i < fields.len() {
        if !fields[i].layout.is_fixed() {
            return false;
        }
        i += 1;
    }
    true
}

#[cfg(test)]
mod tests {
    use crate::abi::layout::HookType;

    // Names with a bar in front are not reported as unused.
    macro_rules! layout {
        ($($item:tt)*) => {{
            #[derive(hooks::HookType)]
            $($item)*
            <_Kind as HookType>::LAYOUT.hash()
        }};
    }

    #[test]
    fn numbers_and_repr_of_enums_matter() {
        let base = layout!(
            #[repr(u8)]
            enum _Kind {
                _A(u32) = 1,
                _B(u64),
            }
        );
        assert_eq!(
            base,
            layout!(
                #[repr(u8)]
                enum _Kind {
                    _A(u32) = 1,
                    _B(u64) = 2,
                }
            )
        );
        assert_ne!(
            base,
            layout!(
                #[repr(u8)]
                enum _Kind {
                    _A(u32) = 2,
                    _B(u64),
                }
            )
        );
        assert_ne!(
            base,
            layout!(
                #[repr(u8)]
                enum _Kind {
                    _A(u32) = 1,
                    _B(u64) = 3,
                }
            )
        );
        assert_ne!(
            base,
            layout!(
                #[repr(C, u8)]
                enum _Kind {
                    _A(u32) = 1,
                    _B(u64),
                }
            )
        );
        assert_ne!(
            base,
            layout!(
                #[repr(u8)]
                enum _Kind {
                    _A(u32) = 1,
                    _C(u64),
                }
            )
        );
    }

    #[test]
    fn fields_of_structs_matter() {
        let base = layout!(
            struct _Kind {
                _one: u32,
                _two: u16,
            }
        );
        assert_ne!(
            base,
            layout!(
                struct _Kind {
                    _one: u32,
                    _two: i16,
                }
            )
        );
        assert_ne!(
            base,
            layout!(
                struct _Kind {
                    _one: u32,
                    _three: u16,
                }
            )
        );
        assert_ne!(
            base,
            layout!(
                #[repr(C)]
                struct _Kind {
                    _one: u32,
                    _two: u16,
                }
            )
        );
    }
}
