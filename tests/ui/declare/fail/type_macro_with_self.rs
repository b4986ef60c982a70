//! As `type_with_self.rs`, where no macro sees it.

trait Named {
    type Type;
}

macro_rules! ty {
    () => {
        <Self as Named>::Type
    };
}

impl Named for seen::Args<'_> {
    type Type = u64;
}

impl Named for seen::OfferedArguments {
    type Type = String;
}

impl Named for seen::Hook {
    type Type = String;
}

hooks::declare_hooks! {
    pub hook seen(value: &ty!()) -> [Continue, Drop];
}

fn main() {}
