// A callout that asks for `this` would get the plugin root and never the argument.

hooks::declare_hooks! {
    pub hook received(this: &String) -> [Continue, Drop];
}

fn main() {}
