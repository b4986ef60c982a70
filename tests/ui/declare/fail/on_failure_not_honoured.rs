// The component would be given a status that it does not handle.

hooks::declare_hooks! {
    pub hook received(count: u32) -> [Continue, Drop], on_failure = Skip;
}

fn main() {}
