// A callout takes an argument by its name; a pattern has none.

hooks::declare_hooks! {
    pub hook received((a, b): &String) -> [Continue, Drop];
}

fn main() {}
