// A failed callout has taken no ticket, so the request would wait for ever.

hooks::declare_hooks! {
    pub hook received(count: u32) -> [Continue, Park], on_failure = Park;
}

fn main() {}
