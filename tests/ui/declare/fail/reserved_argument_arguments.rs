// A callout that asks for `arguments` would get all of them and never this one.

hooks::declare_hooks! {
    pub hook received(arguments: &String) -> [Continue, Drop];
}

fn main() {}
