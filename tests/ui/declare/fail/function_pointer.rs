// The function may lie in a library that is unloaded before it is called.

hooks::declare_hooks! {
    pub hook received(then: fn(u32)) -> [Continue, Drop];
}

fn main() {}
