// Nobody could tell what the component does after a callout has panicked.

hooks::declare_hooks! {
    pub hook received(count: u32) -> [Continue, Skip];
}

fn main() {}
