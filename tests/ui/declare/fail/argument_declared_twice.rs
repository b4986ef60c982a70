// A callout takes an argument by its name, which would not say which one.

hooks::declare_hooks! {
    pub hook received(count: u32, count: u32) -> [Continue, Drop];
}

fn main() {}
