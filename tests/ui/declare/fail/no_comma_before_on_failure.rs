// Without a separator the list of statuses would have no end.

hooks::declare_hooks! {
    pub hook received(count: u32) -> [Continue, Skip] on_failure = Skip;
}

fn main() {}
