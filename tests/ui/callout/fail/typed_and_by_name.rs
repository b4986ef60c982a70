// The same argument could be lent twice for writing.

hooks::declare_hooks! {
    /// A text has been received.
    pub hook received(query: &mut String, peer: &String, count: u32) -> [Continue, Skip, Drop];
}

#[hooks::callout(received)]
fn length(query: &mut String, arguments: &mut hooks::Arguments<'_>) {
    let _ = (query, arguments);
}

fn main() {}
