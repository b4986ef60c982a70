// The hook point lends `peer` for reading.

hooks::declare_hooks! {
    /// A text has been received.
    pub hook received(query: &mut String, peer: &String, count: u32) -> [Continue, Skip, Drop];
}

fn length() -> hooks::Callout {
    received::callout(|_, args| args.peer.clear())
}

fn main() {}
