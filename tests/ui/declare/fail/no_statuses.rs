// Nobody could tell what the component does when a callout asks for SKIP.

hooks::declare_hooks! {
    pub hook received(count: u32);
}

fn main() {}
