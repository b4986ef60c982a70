// The table of methods belongs to one binary, and may be gone when the other one calls through it.

hooks::declare_hooks! {
    pub hook received(query: &dyn std::fmt::Debug) -> [Continue, Drop];
}

fn main() {}
