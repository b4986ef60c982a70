// There would be nothing to call.

hooks::declare_hooks! {
    /// A text has been received.
    pub hook received(query: &mut String, peer: &String, count: u32) -> [Continue, Skip, Drop];
}

trait Length {
    #[hooks::callout(received)]
    fn length(count: u32);
}

fn main() {}
