// Two threads may call a hook point at the same time.

hooks::declare_hooks! {
    /// A text has been received.
    pub hook received(query: &mut String, peer: &String, count: u32) -> [Continue, Skip, Drop];
}

fn length() -> hooks::Callout {
    let total = std::cell::Cell::new(0);
    received::callout(move |_, args| total.set(total.get() + args.count))
}

fn main() {}
