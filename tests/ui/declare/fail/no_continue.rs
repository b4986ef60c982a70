// Nothing could be said by a callout that has no opinion.

hooks::declare_hooks! {
    pub hook received(count: u32) -> [Skip, Drop];
}

fn main() {}
