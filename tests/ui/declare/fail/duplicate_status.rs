// One of the two is most likely meant to be another status.

hooks::declare_hooks! {
    pub hook received(count: u32) -> [Continue, Drop, Drop];
}

fn main() {}
