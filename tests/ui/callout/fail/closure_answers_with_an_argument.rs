// The text of an error is needed when the call has given its arguments back.

hooks::declare_hooks! {
    /// A text has been received.
    pub hook received(query: &mut String, peer: &String, count: u32) -> [Continue, Skip, Drop];
}

fn length() -> hooks::Callout {
    received::callout(|_, args| if args.count == 0 { Err(args.peer) } else { Ok(()) })
}

fn main() {}
