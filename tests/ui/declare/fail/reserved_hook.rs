// The framework calls `context_create` itself; a second one would be called by nobody.

hooks::declare_hooks! {
    pub hook context_create(count: u32) -> [Continue, Drop];
}

fn main() {}
