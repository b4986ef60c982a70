// `received` cannot park.

hooks::declare_hooks! {
    /// A text has been received.
    pub hook received(query: &mut String, peer: &String, count: u32) -> [Continue, Skip, Drop];
}

fn length() -> hooks::Callout {
    received::callout(|_, _| hooks::NextStep::Park)
}

fn main() {}
