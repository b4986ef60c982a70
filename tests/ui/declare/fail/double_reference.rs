// The inner reference could be changed to point at something that does not live long enough.

hooks::declare_hooks! {
    pub hook received(query: &mut &String) -> [Continue, Drop];
}

fn main() {}
