// The next declaration would be taken for a part of this one.

hooks::declare_hooks! {
    pub hook received(count: u32) -> [Continue, Drop]
}

fn main() {}
