// A library is built before the type is known.

hooks::declare_hooks! {
    pub hook received(query: impl Copy) -> [Continue, Drop];
}

fn main() {}
