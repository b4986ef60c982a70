// A closure answers with the statuses of the hook point that makes it a callout.

hooks::declare_hooks! {
    /// A text has been received.
    pub hook received(query: &mut String, peer: &String, count: u32) -> [Continue, Skip, Drop];
}

hooks::declare_hooks! {
    /// A text is about to be sent.
    pub hook sent() -> [Continue, Drop];
}

fn length() -> hooks::Callout {
    received::callout(|_, _| sent::NextStep::Drop)
}

fn main() {}
