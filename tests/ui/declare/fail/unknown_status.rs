// A callout could ask for something that no component knows.

hooks::declare_hooks! {
    pub hook received(count: u32) -> [Continue, Stop];
}

fn main() {}
