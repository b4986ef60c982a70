//! `Self` would be another type in each of the structs that are made for a hook point.

trait Named {
    type Type;
}

hooks::declare_hooks! {
    pub hook seen(value: &<Self as Named>::Type) -> [Continue, Drop];
}

fn main() {}
