// A callout that asks for `handle` would get the request's handle and never the argument.

hooks::declare_hooks! {
    pub hook received(handle: u32) -> [Continue, Drop];
}

fn main() {}
