// A `&str` is two words whose target is not one value of a known size, and could never be changed.

hooks::declare_hooks! {
    pub hook received(query: &str) -> [Continue, Drop];
}

fn main() {}
