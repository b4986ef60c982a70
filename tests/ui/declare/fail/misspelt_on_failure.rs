// The failure status would be missing without a word.

hooks::declare_hooks! {
    pub hook received(count: u32) -> [Continue, Skip], on_error = Skip;
}

fn main() {}
