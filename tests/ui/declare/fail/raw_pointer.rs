// Nobody could tell how long the pointer is valid, nor who may write through it.

hooks::declare_hooks! {
    pub hook received(query: *const u8) -> [Continue, Drop];
}

fn main() {}
