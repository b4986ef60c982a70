// Two threads may call a hook point at the same time.

hooks::declare_hooks! {
    /// A text has been received.
    pub hook received(query: &mut String, peer: &String, count: u32) -> [Continue, Skip, Drop];
}

fn length() -> hooks::Callout {
    let mut seen = Vec::new();
    seen.push(0);
    received::callout(move |_, args| seen.push(args.count))
}

fn main() {}
