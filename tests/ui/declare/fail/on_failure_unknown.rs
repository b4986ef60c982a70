// The component would be given a status that nobody knows.

hooks::declare_hooks! {
    pub hook received(count: u32) -> [Continue, Skip], on_failure = Stop;
}

fn main() {}
