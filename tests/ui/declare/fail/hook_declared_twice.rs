// Callouts of the one would be called with the arguments of the other.

hooks::declare_hooks! {
    pub hook received(count: u32) -> [Continue, Drop];
    pub hook received(length: u64) -> [Continue, Drop];
}

fn main() {}
