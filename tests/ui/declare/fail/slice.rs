// A slice is two words whose target is not one value of a known size, and could never grow.

hooks::declare_hooks! {
    pub hook received(data: &[u8]) -> [Continue, Drop];
}

fn main() {}
