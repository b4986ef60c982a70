// Each callout would get its own bitwise copy of the text, and each would free it.

hooks::declare_hooks! {
    pub hook received(query: String) -> [Continue, Drop];
}

fn main() {}
